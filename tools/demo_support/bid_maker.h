// Makes the bids for auction-totals.
#pragma once

#include <cstdint>
#include <string>

#include "tools/demo_support/record_maker.h"

namespace demo {

/// Half of the bids are for a few hot auctions, the others for any; see kAuctions and kHotAuctions.
class BidMaker final : public RecordMaker {
 public:
  static constexpr uint64_t kAuctions = 100'000;
  static constexpr uint64_t kHotAuctions = 100;

  explicit BidMaker(uint64_t seed) : seed_(seed) {}
  uint64_t Make(uint64_t n, std::string* json) const override;

 private:
  const uint64_t seed_;
};

}  // namespace demo
