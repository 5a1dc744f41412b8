#include "tools/demo_support/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace demo {
namespace {

constexpr size_t kExamplesMax = 5;
constexpr size_t kTextShownMax = 120;

std::string Describe(const Total& total, OutputPlace place) {
  return fmt::format("output {}:{} says auction {}, bid {}:{}, price {}, count {}, sum {}", place.partition,
                     place.offset, total.auction, total.partition, total.offset, total.price, total.count, total.sum);
}

}  // namespace

bool Verdict::IsClean(uint64_t expected) const {
  return in == expected && out == expected &&
         std::all_of(faults.begin(), faults.end(), [](uint64_t number) { return number == 0; });
}

void Judge::AddBid(const Bid& bid) {
  InputPartition& partition = input_.try_emplace(bid.partition, InputPartition{input_.size(), {}}).first->second;
  partition.bids.push_back({bid.offset, bid.auction, bid.price, false});
  ++verdict_.in;
}

Judge::Expected* Judge::Find(InputPartition& partition, int64_t offset) {
  const auto found = std::lower_bound(partition.bids.begin(), partition.bids.end(), offset,
                                      [](const Expected& bid, int64_t wanted) { return bid.offset < wanted; });
  return found != partition.bids.end() && found->offset == offset ? &*found : nullptr;
}

void Judge::JudgeTotal(const Total& total, OutputPlace place) {
  ++verdict_.out;
  const auto input = input_.find(total.partition);
  Expected* bid = input == input_.end() ? nullptr : Find(input->second, total.offset);
  if (bid == nullptr) return Record(Fault::kWrong, Describe(total, place) + "; there is no such bid");
  if (std::exchange(bid->seen, true)) {
    return Record(Fault::kDuplicated, Describe(total, place) + "; this bid was there before");
  }
  if (total.auction != bid->auction) {
    return Record(Fault::kWrong, Describe(total, place) + fmt::format("; the bid is for auction {}", bid->auction));
  }
  JudgeOrder(total, input->second, *bid, place);
}

void Judge::JudgeOrder(const Total& total, const InputPartition& input, const Expected& bid, OutputPlace place) {
  Progress& progress = auctions_[total.auction];
  if (progress.last_offsets.size() < input_.size()) progress.last_offsets.resize(input_.size(), -1);
  if (progress.count == 0) progress.output_partition = place.partition;
  const Progress before{progress.count, progress.sum, progress.output_partition, {}};
  const int64_t last_offset = std::exchange(progress.last_offsets[input.index], total.offset);
  progress.count = total.count;
  progress.sum = total.sum;

  if (total.price != bid.price) {
    return Record(Fault::kWrong, Describe(total, place) + fmt::format("; the bid's price is {}", bid.price));
  }
  if (place.partition != before.output_partition) {
    return Record(Fault::kOutOfOrder, Describe(total, place) +
                                          fmt::format("; the auction was in partition {}", before.output_partition));
  }
  if (total.count != before.count + 1) {
    return Record(Fault::kOutOfOrder, Describe(total, place) + fmt::format("; the count before was {}", before.count));
  }
  if (total.offset <= last_offset) {
    return Record(Fault::kOutOfOrder, Describe(total, place) + fmt::format("; after the bid at {}", last_offset));
  }
  if (total.sum != before.sum + bid.price) {
    return Record(Fault::kWrong, Describe(total, place) + fmt::format("; the sum before was {}", before.sum));
  }
}

void Judge::JudgeUnreadable(std::string_view text, OutputPlace place) {
  ++verdict_.out;
  Record(Fault::kWrong, fmt::format("output {}:{} is no total: {}", place.partition, place.offset,
                                    text.substr(0, kTextShownMax)));
}

Verdict Judge::Finish() {
  for (const auto& [number, partition] : input_) {
    for (const Expected& bid : partition.bids) {
      if (bid.seen) continue;
      Record(Fault::kLost, fmt::format("bid {}:{} (auction {}, price {}) has no total", number, bid.offset, bid.auction,
                                       bid.price));
    }
  }
  return std::exchange(verdict_, {});
}

void Judge::Record(Fault fault, std::string example) {
  const auto index = static_cast<size_t>(fault);
  ++verdict_.faults[index];
  if (verdict_.examples[index].size() < kExamplesMax) verdict_.examples[index].push_back(std::move(example));
}

}  // namespace demo
