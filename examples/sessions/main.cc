// Clicks become visits: all clicks of a user with less than half an hour between them. README.md says how to run it.
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

struct Click {
  int64_t user = 0;
  weir::EventTime time;
};

struct Visit {
  int64_t user = 0;
  weir::Window window;   // From the first click to half an hour after the last.
  int64_t clicks = 0;
};

Visit VisitOf(int64_t user, weir::Window window, int64_t clicks) { return {user, window, clicks}; }

/// The job, whatever its clicks come from and its visits go to.
template <class ClickSource, class VisitSink>
void AddVisits(weir::Pipeline& pipeline, const ClickSource& clicks, const VisitSink& visits) {
  pipeline.Source("clicks", clicks)
      .Timestamps(&Click::time, weir::BoundedDisorder{1min})
      .KeyBy(&Click::user)
      .Window(weir::Session{.gap = 30min})
      .Aggregate("visits", weir::Count{}, VisitOf)
      .Sink("out", visits);
}

std::string Setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"sessions"};
  const std::string folder = Setting("SESSIONS_FOLDER", "");
  if (folder.empty()) {
    AddVisits(pipeline, weir::kafka::Source<Click>{.topic = Setting("SESSIONS_INPUT", "clicks")},
              weir::kafka::Sink<Visit>{.topic = Setting("SESSIONS_OUTPUT", "visits"),
                                       .key = weir::kafka::KeyOf(&Visit::user),
                                       .create_partitions = 4});
  } else {
    AddVisits(pipeline, weir::file::Source<Click>{.path = folder + "/clicks", .follow = true},
              weir::file::Sink<Visit>{.directory = folder + "/visits"});
  }
  return weir::Main(argc, argv, pipeline);
}
