// Reads a topic as any careful consumer would see it: committed records only. Plain librdkafka.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/fault/harness/kafka_feed.h"

namespace weir::test {

struct ReadRecord {
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::string key;
  std::string value;
};

/// One thread.
class CommittedReader {
 public:
  /// Waits for the topic to exist, and reads it from its beginning.
  static Result<CommittedReader> Open(const std::string& bootstrap, const std::string& topic, Millis longest);

  /// Adds what came within `longest`, in order within a partition.
  Status Read(Millis longest);
  /// Reads until it has all that was committed before the call, whatever transactions are open.
  Status ReadCommitted(Millis longest);
  /// Reads until it has all that is in the topic now. Aborted if a transaction is still open by then: the last stable
  /// offset of a partition is not its end.
  Status ReadToEnd(Millis longest);
  const std::vector<ReadRecord>& records() const { return records_; }
  /// Hands out what was read since the last call.
  std::vector<ReadRecord> Take() { return std::exchange(records_, {}); }

 private:
  CommittedReader() = default;
  Result<std::vector<int64_t>> StableEnds(Millis longest);
  Status ReadUpTo(const std::vector<int64_t>& ends, Millis longest);

  std::string topic_;
  KafkaClientPtr committed_;
  KafkaClientPtr uncommitted_;   ///< For the ends of the partitions.
  std::vector<int64_t> positions_;
  std::vector<ReadRecord> records_;
};

}  // namespace weir::test
