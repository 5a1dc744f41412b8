// What went into a job, and whether one output of it can be what came out.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/simulation/world/problem.h"
#include "tests/simulation/world/simulated_jobs.h"

namespace weir::simulation {

/// A partition of an input topic: Bid::source and the partition's number.
using InputPartition = std::pair<int64_t, int64_t>;
/// Where each partition is read next; a missing one is at zero.
using Positions = std::map<InputPartition, int64_t>;

/// All records of the input topics, by offset. One thread.
class InputModel {
 public:
  struct Row {
    int64_t auction = 0;
    int64_t price = 0;
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

/// Takes the rows of one output in the order in which its readers see those of a key. One thread.
class OutputModel {
 public:
  /// `input` outlives it.
  OutputModel(const InputModel& input, JobShape shape) : input_(input), shape_(std::move(shape)) {}

  void Take(const Total& row, Problems& problems);
  void Clear();
  /// All rows before `least` were taken and none behind `most`, poison left out.
  void CheckCovers(const Positions& least, const Positions& most, const std::string& when, Problems& problems) const;
  /// `other`, of the same job's files, has no row that was not taken here.
  void CheckHasAllOf(const OutputModel& other, Problems& problems) const;
  uint64_t rows() const { return rows_; }

 private:
  struct Totals {
    int64_t count = 0;
    int64_t sum = 0;
  };
  void CheckAuction(const Total& row, Problems& problems);
  void CheckGroup(const Total& row, Problems& problems);
  void CheckOrder(const Total& row, Problems& problems);

  const InputModel& input_;
  const JobShape shape_;
  std::map<InputPartition, std::set<int64_t>> seen_;
  std::map<int64_t, std::map<int64_t, Total>> auctions_;   // By auction and count.
  std::map<int64_t, Totals> groups_;
  std::map<std::tuple<int64_t, int64_t, InputPartition>, int64_t> last_offset_;   // By group, auction, partition.
  uint64_t rows_ = 0;
};

}  // namespace weir::simulation
