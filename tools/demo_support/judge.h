// Decides whether the output of auction-totals is exactly right: every bid of the input once, with its own auction
// and price, and per auction counts 1..N in output order, sums that grow by each price, and bids of one input
// partition in the order of their offsets. Pure; shares no code with Weir.
//
//   Judge judge;
//   for (each bid) judge.AddBid(bid);
//   for (each total in output order) judge.JudgeTotal(total, place);
//   Verdict verdict = judge.Finish();
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/demo_support/records.h"

namespace demo {

/// Each record of the output has at most one fault; what comes first in this list wins.
enum class Fault {
  kLost,         ///< A bid that no record of the output names.
  kDuplicated,   ///< Its bid was named before.
  /// Unreadable, names no bid, not the bid's auction or price, or a sum that is not the last one + price.
  kWrong,
  /// Its count does not follow the auction's last one, its offset does not rise, or it is in another partition.
  kOutOfOrder,
};
inline constexpr size_t kFaults = 4;

struct Verdict {
  uint64_t in = 0;
  uint64_t out = 0;
  std::array<uint64_t, kFaults> faults{};
  std::array<std::vector<std::string>, kFaults> examples;   ///< The first few of each.

  uint64_t of(Fault fault) const { return faults[static_cast<size_t>(fault)]; }
  /// True if there is no fault and as many records went in and came out as were `expected`.
  bool IsClean(uint64_t expected) const;
};

/// One thread.
class Judge {
 public:
  /// REQUIRES: offsets rise within a partition; all bids come before the first total.
  void AddBid(const Bid& bid);
  /// REQUIRES: totals of one output partition come in its order.
  void JudgeTotal(const Total& total, OutputPlace place);
  /// A record of the output that is no total.
  void JudgeUnreadable(std::string_view text, OutputPlace place);
  Verdict Finish();

 private:
  struct Expected {
    int64_t offset;
    int64_t auction;
    int64_t price;
    bool seen;
  };
  struct InputPartition {
    size_t index = 0;
    std::vector<Expected> bids;
  };
  /// How far the totals of an auction have come.
  struct Progress {
    int64_t count = 0;
    int64_t sum = 0;
    int64_t output_partition = 0;
    std::vector<int64_t> last_offsets;   ///< By index of the input partition, -1 before the first.
  };

  static Expected* Find(InputPartition& partition, int64_t offset);
  void JudgeOrder(const Total& total, const InputPartition& input, const Expected& bid, OutputPlace place);
  void Record(Fault fault, std::string example);

  std::unordered_map<int64_t, InputPartition> input_;
  std::unordered_map<int64_t, Progress> auctions_;
  Verdict verdict_;
};

}  // namespace demo
