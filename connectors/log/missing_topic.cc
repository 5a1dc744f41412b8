#include "connectors/log/missing_topic.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "runtime/base/did_you_mean.h"

namespace weir {
namespace {

constexpr size_t kAlikeMax = 3;

}  // namespace

Status MissingTopic(LogBroker& log, const std::string& topic) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<TopicInfo> topics, log.ListTopics());
  std::vector<std::string> names;
  for (const TopicInfo& info : topics) names.push_back(info.name);
  if (std::ranges::find(names, topic) != names.end()) {
    return Unavailable(fmt::format("topic {} is listed, but not every broker knows it yet", topic));
  }
  std::vector<std::string> alike;
  for (std::string near = Nearest(topic, names); !near.empty() && alike.size() < kAlikeMax; near = Nearest(topic, names)) {
    std::erase(names, near);
    alike.push_back(std::move(near));
  }
  return NotFound(fmt::format(
      "topic {} does not exist{}{}. If the name is right, create it: kafka-topics.sh --bootstrap-server {} --create "
      "--topic {} --partitions 4 (for a broker of tools/kafka: tools/kafka topic create {} --partitions 4)",
      topic, alike.empty() ? "" : "; topics that look alike: ", fmt::join(alike, ", "), log.Address(), topic,
      topic));
}

}  // namespace weir
