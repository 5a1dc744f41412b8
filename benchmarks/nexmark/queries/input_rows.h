// What queries read of the envelope: rows with the fields that they need and no others, since what no field wants is
// skipped, not parsed. Names are those of the JSON. An event of another kind leaves the defaults.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/ids.h"

namespace nexmark {

/// Values of event_type.
inline constexpr int32_t kPersonEvent = 0;
inline constexpr int32_t kAuctionEvent = 1;
inline constexpr int32_t kBidEvent = 2;

/// q0, q1, q7.
struct ProjectedBid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  weir::EventTime dateTime;
  std::string_view extra;
};
struct ProjectedEvent {
  int32_t event_type = 0;
  ProjectedBid bid;
};

/// q2.
struct PricedBid {
  int64_t auction = 0;
  int64_t price = 0;
};
struct PricedEvent {
  int32_t event_type = 0;
  PricedBid bid;
};

/// All that any windowed query needs of bids: what the plain loop "project" reads.
struct WindowedBid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  weir::EventTime dateTime;
};
struct WindowedEvent {
  int32_t event_type = 0;
  WindowedBid bid;
};

/// q5.
struct AuctionBid {
  int64_t auction = 0;
  weir::EventTime dateTime;
};
struct AuctionBidEvent {
  int32_t event_type = 0;
  AuctionBid bid;
};

/// q11, q12.
struct BidderBid {
  int64_t bidder = 0;
  weir::EventTime dateTime;
};
struct BidderBidEvent {
  int32_t event_type = 0;
  BidderBid bid;
};

/// q8. Rows of a join own their data.
struct ProjectedPerson {
  int64_t id = 0;
  std::string name;
  weir::EventTime dateTime;
};
struct Opening {
  int64_t seller = 0;
  weir::EventTime dateTime;
};
struct PersonOrOpening {
  int32_t event_type = 0;
  ProjectedPerson person;
  Opening auction;
};

}  // namespace nexmark
