// Reads a topic as any careful consumer would see it: committed records only, from its beginning to the end it had when
// the reading began. Plain librdkafka.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace demo {

using TopicVisitor = std::function<void(int32_t partition, int64_t offset, std::string_view value)>;

/// Calls `visit` for every committed record, in order within a partition, and returns how many there were. Waits for a
/// transaction that is being ended, for a bounded time, and for the broker likewise; dies if either takes longer.
uint64_t ReadTopic(const std::string& bootstrap, const std::string& topic, const TopicVisitor& visit);

}  // namespace demo
