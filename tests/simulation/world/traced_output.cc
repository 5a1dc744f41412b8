#include "tests/simulation/world/traced_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "connectors/format/row_format.h"

namespace weir::simulation {
namespace {

std::string IdOf(const Total& row) { return fmt::format("{}/{} offset {}", row.source, row.partition, row.offset); }

}  // namespace

TracedOutput::TracedOutput(const InputModel& input, JobShape shape)
    : input_(input), shape_(std::move(shape)), decoder_(NewDecoder(RowTypeOf<Total>(), {})) {}

void TracedOutput::Take(const std::string& bytes, Problems& problems) {
  Total row;
  Arena arena;
  const Status status = decoder_->Decode(bytes, &row, arena);
  if (status.ok()) return TakeRow(row, problems);
  problems.push_back({Damage::kWrong, fmt::format("output row {}: {}", bytes, status.message())});
}

void TracedOutput::TakeRow(const Total& row, Problems& problems) {
  ++rows_;
  const InputPartition partition{row.source, row.partition};
  const InputModel::Row* input = input_.Find(partition, row.offset);
  if (input == nullptr || input->poison || input->auction != row.auction || input->price != row.price) {
    problems.push_back({Damage::kWrong, fmt::format("row {} is not what was read there: auction {} price {}",
                                                    IdOf(row), row.auction, row.price)});
    return;
  }
  if (!seen_[partition].insert(row.offset).second) {
    problems.push_back({Damage::kDuplicated, fmt::format("row {} came out twice", IdOf(row))});
    return;
  }
  if (shape_.counts) CheckAuction(row, problems);
  if (shape_.second_exchange) CheckGroup(row, problems);
  CheckOrder(row, problems);
}

void TracedOutput::CheckAuction(const Total& row, Problems& problems) {
  std::map<int64_t, Total>& counts = auctions_[row.auction];
  const auto [at, added] = counts.emplace(row.count, row);
  if (!added) {
    problems.push_back({Damage::kWrong, fmt::format("rows {} and {} of auction {} both have count {}", IdOf(at->second),
                                                    IdOf(row), row.auction, row.count)});
    return;
  }
  // Behind a second exchange rows of an auction may overtake each other; what they say must still fit together.
  if (!shape_.second_exchange && row.count != static_cast<int64_t>(counts.size())) {
    problems.push_back({Damage::kDisorder, fmt::format("row {} of auction {} has count {}, the rows before it {}",
                                                       IdOf(row), row.auction, row.count, counts.size() - 1)});
  }
  const auto fits = [&](const Total& before, const Total& after) {
    if (after.count != before.count + 1 || after.sum == before.sum + after.price) return;
    problems.push_back({Damage::kWrong, fmt::format("row {} of auction {}: sum {} after {} and a price of {}",
                                                    IdOf(after), row.auction, after.sum, before.sum, after.price)});
  };
  if (row.count == 1) fits(Total{}, row);
  if (at != counts.begin()) fits(std::prev(at)->second, row);
  if (const auto next = std::next(at); next != counts.end()) fits(row, next->second);
}

void TracedOutput::CheckGroup(const Total& row, Problems& problems) {
  Totals& totals = groups_[row.group];
  if (shape_.lap != 0 && totals.count == shape_.lap) totals = {};
  ++totals.count;
  totals.sum += row.price;
  if (row.group == GroupOf(row.price) && row.group_count == totals.count && row.group_sum == totals.sum) return;
  problems.push_back({Damage::kWrong, fmt::format("row {} of group {} has count {} and sum {}, not {} and {}", IdOf(row),
                                                  row.group, row.group_count, row.group_sum, totals.count, totals.sum)});
  totals = {row.group_count, row.group_sum};
}

void TracedOutput::CheckOrder(const Total& row, Problems& problems) {
  const int64_t group = shape_.second_exchange ? row.group : 0;
  const auto [last, first] =
      last_offset_.emplace(std::tuple(group, row.auction, InputPartition{row.source, row.partition}), row.offset);
  if (first) return;
  if (row.offset < last->second) {
    problems.push_back({Damage::kDisorder, fmt::format("row {} came out after offset {}", IdOf(row), last->second)});
  }
  last->second = row.offset;
}

void TracedOutput::CheckCovers(const Reached& least, const Reached& most, const std::string& when,
                               Problems& problems) const {
  const auto in = [](const Positions& positions, InputPartition partition) {
    const auto found = positions.find(partition);
    return found == positions.end() ? int64_t{0} : found->second;
  };
  const auto rows_before = [&](InputPartition partition, int64_t next) {
    return next - input_.PoisonBefore(partition, next);
  };
  static const std::set<int64_t> kNone;
  for (const auto& [partition, rows] : input_.partitions()) {
    const auto found = seen_.find(partition);
    const std::set<int64_t>& seen = found == seen_.end() ? kNone : found->second;
    const auto count = static_cast<int64_t>(seen.size());
    const int64_t next = in(most.positions, partition);
    const std::string where = fmt::format("{}: {}/{} is read up to offset {}", when, partition.first, partition.second, next);
    if (!seen.empty() && *seen.rbegin() >= next) {
      problems.push_back({Damage::kTorn, fmt::format("{}, and offset {} came out", where, *seen.rbegin())});
    } else if (count < rows_before(partition, in(least.positions, partition))) {
      problems.push_back({Damage::kLost, fmt::format("{}: {} rows came out, {} should have", where, count,
                                                     rows_before(partition, in(least.positions, partition)))});
    }
  }
}

void TracedOutput::CheckHasAllOf(const TracedOutput& other, Problems& problems) const {
  for (const auto& [partition, offsets] : other.seen_) {
    const auto mine = seen_.find(partition);
    for (const int64_t offset : offsets) {
      if (mine != seen_.end() && mine->second.contains(offset)) continue;
      problems.push_back({Damage::kLost, fmt::format("row {}/{} offset {} is in the files, and not in the topic",
                                                     partition.first, partition.second, offset)});
    }
  }
}

void TracedOutput::Clear() {
  seen_.clear();
  auctions_.clear();
  groups_.clear();
  last_offset_.clear();
  rows_ = 0;
}

}  // namespace weir::simulation
