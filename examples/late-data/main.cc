// Where rows go that come too late for their window: of one window to the ledger, of the other to a stream of one's own.
// README.md says how to run it and where to look.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"
#include "operators/window/windowed_stream.h"

namespace {

using namespace std::chrono_literals;

struct Reading {
  int64_t sensor = 0;
  int64_t value = 0;
  weir::EventTime time;
};

struct Level {
  int64_t sensor = 0;
  weir::Window window;
  int64_t value = 0;
};

Level LevelOf(int64_t sensor, weir::Window window, int64_t value) { return {sensor, window, value}; }

/// Highest value a minute, and the number of readings in ten minutes. `SinkOf<Row>(name)` makes a sink.
template <class Readings, class SinkOf>
void AddLevels(weir::Pipeline& pipeline, const Readings& readings, const SinkOf& sink_of) {
  const auto sensors = pipeline.Source("readings", readings)
                           .Timestamps(&Reading::time, weir::BoundedDisorder{10s})
                           .KeyBy(&Reading::sensor);

  // Nobody takes the late rows of these windows: they go to the ledger.
  sensors.Window(weir::Tumbling{.size = 1min})
      .Aggregate("highest", weir::Max(&Reading::value), LevelOf)
      .Sink("highest-out", sink_of.template operator()<Level>("highest"));

  // And here they are a stream like any other. It has fewer: what is too late for its minute may be in time for its ten.
  const auto counted = sensors.Window(weir::Tumbling{.size = 10min}).Aggregate("counted", weir::Count{}, LevelOf);
  counted.Sink("counted-out", sink_of.template operator()<Level>("counted"));
  counted.LateOutput().Sink("late-out", sink_of.template operator()<Reading>("late-readings"));
}

}  // namespace

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"late-data"};
  const char* folder = std::getenv("LATE_DATA_FOLDER");
  if (folder == nullptr) {
    AddLevels(pipeline, weir::kafka::Source<Reading>{.topic = "readings"}, []<class Row>(const char* name) {
      return weir::kafka::Sink<Row>{.topic = name, .create_partitions = 2};
    });
  } else {
    AddLevels(pipeline, weir::file::Source<Reading>{.path = std::string(folder) + "/readings"},
              [folder]<class Row>(const char* name) {
                return weir::file::Sink<Row>{.directory = std::string(folder) + "/" + name};
              });
  }
  return weir::Main(argc, argv, pipeline);
}
