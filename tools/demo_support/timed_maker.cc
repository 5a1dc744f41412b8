#include "tools/demo_support/timed_maker.h"

#include <fmt/format.h>

#include <iterator>

#include "tools/demo_support/draw.h"

namespace demo {
namespace {

constexpr uint64_t kFirstKey = 1000;
constexpr int64_t kFirstTimedMillis = 1'436'918'400'000;   // 2015-07-15, as in the Nexmark data.
constexpr uint64_t kPrices = 10'000;

}  // namespace

uint64_t TimedMaker::Make(uint64_t n, std::string* json) const {
  Draw draw = Draw::Of(seed_, n);
  const auto disorder = static_cast<uint64_t>(job_.rule.disorder_ms);
  const uint64_t key = kFirstKey + draw.Below(draw.Below(2) == 0 ? job_.hot_keys : job_.keys);
  auto behind = static_cast<int64_t>(draw.Below(disorder));
  if (draw.Below(kOneLateOf) == 0) behind = static_cast<int64_t>(disorder + draw.Below(4 * disorder));
  const int64_t time = kFirstTimedMillis + static_cast<int64_t>(n) * job_.step_ms - behind;
  json->clear();
  fmt::format_to(std::back_inserter(*json), R"({{"{}":{},"price":{},"{}":{}}})", job_.key, key, draw.Below(kPrices),
                 job_.time, time);
  return draw.Below(kOneSecondOf) == 0 ? 1 : 0;
}

}  // namespace demo
