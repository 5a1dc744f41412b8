// Kafka's key partitioning, so that what Weir writes is co-partitioned with what Java producers write.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// The 32-bit MurmurHash2 variant of Kafka's Java client (org.apache.kafka.common.utils.Utils.murmur2), with its seed.
uint32_t Murmur2(std::string_view bytes);

/// The partition of a record with this key. REQUIRES: partitions > 0.
int32_t PartitionOfKey(std::string_view key, int32_t partitions);

}  // namespace weir
