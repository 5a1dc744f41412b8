// What to say when a topic is not there.
#pragma once

#include <string>

#include "runtime/io/log_broker.h"

namespace weir {

/// NotFound: names the topic, topics that look alike, and the command that creates it. Unavailable if the cluster
/// cannot be asked, or lists it: then one broker has heard of it and another has not.
Status MissingTopic(LogBroker& log, const std::string& topic);

}  // namespace weir
