// All records that went into a simulated job.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace weir::simulation {

/// A partition of an input topic: the topic's place among the job's, and the partition's number.
using InputPartition = std::pair<int64_t, int64_t>;
/// Where each partition is read next; a missing one is at zero.
using Positions = std::map<InputPartition, int64_t>;

/// All records of the input topics, by offset. One thread.
class InputModel {
 public:
  struct Row {
    int64_t auction = 0;
    int64_t price = 0;
    int64_t time = 0;      ///< Of jobs that work by event time.
    bool poison = false;
  };
  void Add(InputPartition partition, Row row);
  const std::map<InputPartition, std::vector<Row>>& partitions() const { return partitions_; }
  /// Null where there is none.
  const Row* Find(InputPartition partition, int64_t offset) const;
  int64_t PoisonBefore(InputPartition partition, int64_t offset) const;
  Positions Ends() const;
  uint64_t rows() const { return rows_; }
  uint64_t poison() const { return poison_; }

 private:
  std::map<InputPartition, std::vector<Row>> partitions_;
  std::map<InputPartition, std::vector<int64_t>> poison_offsets_;
  uint64_t rows_ = 0;
  uint64_t poison_ = 0;
};

}  // namespace weir::simulation
