#include "tools/demo_support/bid_maker.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "tools/demo_support/draw.h"

namespace demo {
namespace {

constexpr uint64_t kFirstAuction = 1000;
constexpr uint64_t kFirstBidder = 1000;
constexpr uint64_t kBidders = 50'000;
constexpr uint64_t kChannels = 10'000;
constexpr int64_t kFirstMillis = 1'436'918'400'000;   // 2015-07-15, as in the Nexmark data.
constexpr uint64_t kBidsPerMilli = 100;
constexpr uint64_t kExtraMin = 54;
constexpr uint64_t kExtraMax = 81;

}  // namespace

uint64_t BidMaker::Make(uint64_t n, std::string* json) const {
  Draw draw = Draw::Of(seed_, n);
  const uint64_t auction = kFirstAuction + draw.Below(draw.Below(2) == 0 ? kHotAuctions : kAuctions);
  const uint64_t bidder = kFirstBidder + draw.Below(kBidders);
  const auto price = static_cast<int64_t>(std::llround(std::pow(10.0, draw.Unit() * 6) * 100));
  const uint64_t channel = draw.Below(kChannels);
  json->clear();
  fmt::format_to(std::back_inserter(*json), R"({{"auction":{},"bidder":{},"price":{},"channel":"channel-{}",)", auction,
                 bidder, price, channel);
  *json += R"("url":"https://www.nexmark.com/)";
  for (int folder = 0; folder < 3; ++folder) {
    draw.AppendLetters(5, json);
    *json += '/';
  }
  fmt::format_to(std::back_inserter(*json), R"(item.htm?query=1&channel_id={}","dateTime":{},"extra":")", channel,
                 kFirstMillis + static_cast<int64_t>(n / kBidsPerMilli));
  draw.AppendLetters(kExtraMin + draw.Below(kExtraMax - kExtraMin + 1), json);
  *json += "\"}";
  return draw.Next();
}

}  // namespace demo
