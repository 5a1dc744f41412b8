// The output of jobs that emit one row for each they read, which says where that was read and what state made of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "runtime/io/codec.h"
#include "tests/simulation/world/output_model.h"
#include "tests/simulation/world/simulated_jobs.h"

namespace weir::simulation {

class TracedOutput final : public OutputModel {
 public:
  /// `input` outlives it.
  TracedOutput(const InputModel& input, JobShape shape);

  void Take(const std::string& bytes, Problems& problems) override;
  void Clear() override;
  void CheckCovers(const Reached& least, const Reached& most, const std::string& when, Problems& problems) const override;
  /// `other`, of the same job's files, has no row that was not taken here.
  void CheckHasAllOf(const TracedOutput& other, Problems& problems) const;

 private:
  struct Totals {
    int64_t count = 0;
    int64_t sum = 0;
  };
  void TakeRow(const Total& row, Problems& problems);
  void CheckAuction(const Total& row, Problems& problems);
  void CheckGroup(const Total& row, Problems& problems);
  void CheckOrder(const Total& row, Problems& problems);

  const InputModel& input_;
  const JobShape shape_;
  const std::unique_ptr<RowDecoder> decoder_;
  std::map<InputPartition, std::set<int64_t>> seen_;
  std::map<int64_t, std::map<int64_t, Total>> auctions_;   // By auction and count.
  std::map<int64_t, Totals> groups_;
  std::map<std::tuple<int64_t, int64_t, InputPartition>, int64_t> last_offset_;   // By group, auction, partition.
};

}  // namespace weir::simulation
