// Makes the bids of the demo: the n-th bid depends on the seed and n alone, so that a run can be repeated.
#pragma once

#include <cstdint>
#include <string>

namespace demo {

/// Half of the bids are for a few hot auctions, the others for any; see kAuctions and kHotAuctions.
class BidMaker {
 public:
  static constexpr uint64_t kAuctions = 100'000;
  static constexpr uint64_t kHotAuctions = 100;

  explicit BidMaker(uint64_t seed) : seed_(seed) {}
  /// Replaces `json` by the n-th bid; returns a number by which to choose its partition, unrelated to its auction.
  uint64_t Make(uint64_t n, std::string* json) const;

 private:
  const uint64_t seed_;
};

}  // namespace demo
