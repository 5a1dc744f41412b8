#include "connectors/kafka/kafka_connector.h"

#include <algorithm>

#include "connectors/log/log_sink.h"
#include "connectors/log/log_source.h"

namespace weir::kafka {
namespace {

constexpr size_t kTopicNameMax = 249;

/// Kafka's own rule for topic names.
std::string TopicProblem(const std::string& topic) {
  const bool fits = !topic.empty() && topic.size() <= kTopicNameMax && topic != "." && topic != ".." &&
                    std::all_of(topic.begin(), topic.end(), [](unsigned char c) {
                      return std::isalnum(c) || c == '.' || c == '_' || c == '-';
                    });
  return fits ? "" : "'" + topic + "' is no name of a topic (1 to 249 of A-Z a-z 0-9 . _ -)";
}

std::string Join(const std::string& a, const std::string& b) { return a.empty() ? b : b.empty() ? a : a + "; " + b; }

class TopicSource final : public SourceConnector {
 public:
  TopicSource(std::string topic, StartPoint start, std::string problem)
      : topic_(std::move(topic)), start_(start), problem_(Join(TopicProblem(topic_), problem)) {}
  std::string Describe() const override { return "topic " + topic_; }
  bool needs_log() const override { return true; }
  std::string Problem() const override { return problem_; }
  StartPoint start() const override { return start_; }
  bool has_record_times() const override { return true; }
  Result<std::unique_ptr<SplitSource>> Open(const Bindings& bindings) const override {
    auto source = std::make_unique<LogSource>(*bindings.log, topic_, bindings.logger);
    WEIR_RETURN_IF_ERROR(source->Open());
    return std::unique_ptr<SplitSource>(std::move(source));
  }

 private:
  const std::string topic_;
  const StartPoint start_;
  const std::string problem_;
};

class TopicSink final : public SinkConnector {
 public:
  TopicSink(std::string topic, int32_t create_partitions, std::string problem)
      : topic_(std::move(topic)), create_partitions_(create_partitions),
        problem_(Join(TopicProblem(topic_), problem)) {}
  std::string Describe() const override { return "topic " + topic_; }
  bool needs_log() const override { return true; }
  bool transactional() const override { return true; }
  std::string Problem() const override { return problem_; }
  Result<std::unique_ptr<RecordSink>> Open(const Bindings& bindings) const override {
    return std::unique_ptr<RecordSink>(
        std::make_unique<LogSink>(*bindings.log, *bindings.clock, LogSinkOptions{topic_, create_partitions_}));
  }

 private:
  const std::string topic_;
  const int32_t create_partitions_;
  const std::string problem_;
};

}  // namespace

std::shared_ptr<const SourceConnector> NewSourceConnector(std::string topic, StartPoint start, std::string problem) {
  return std::make_shared<TopicSource>(std::move(topic), start, std::move(problem));
}

std::shared_ptr<const SinkConnector> NewSinkConnector(std::string topic, int32_t create_partitions,
                                                      std::string problem) {
  return std::make_shared<TopicSink>(std::move(topic), create_partitions, std::move(problem));
}

}  // namespace weir::kafka
