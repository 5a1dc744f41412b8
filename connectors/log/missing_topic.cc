#include "connectors/log/missing_topic.h"

#include <vector>

#include "runtime/base/did_you_mean.h"

namespace weir {

Status MissingTopic(LogBroker& log, const std::string& topic) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<TopicInfo> topics, log.ListTopics());
  std::vector<std::string> names;
  for (const TopicInfo& info : topics) names.push_back(info.name);
  return NotFound("topic " + topic + " does not exist." + DidYouMean(topic, names) +
                  " To create it: tools/kafka topic create " + topic + " --partitions 4 (or your cluster's own tool)");
}

}  // namespace weir
