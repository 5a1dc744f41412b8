#include "runtime/engine/broker_watch.h"

namespace weir {
namespace {

constexpr Duration kPatience = std::chrono::seconds(1);
/// A little less than the ten seconds that it is meant to be: a call that gets no answer takes as long itself.
constexpr Duration kSayAgainAfter = std::chrono::seconds(9);
constexpr Duration kAskInterval = std::chrono::seconds(5);
constexpr Duration kAskAgainAfter = std::chrono::milliseconds(500);

}  // namespace

void BrokerWatch::OnNoAnswer(const Status& why, Instant asked, Instant now) {
  if (!failing_since_.has_value()) failing_since_ = asked;
  if (now - *failing_since_ < kPatience) return;
  if (said_at_.has_value() && now - *said_at_ < kSayAgainAfter) return;
  logger_.Warning("waiting_for_broker", why.message() + "; trying again until it answers");
  said_at_ = now;
}

void BrokerWatch::OnAnswer() {
  if (away()) logger_.Info("broker_is_back", "going on where the job was");
  failing_since_.reset();
  said_at_.reset();
}

Instant BrokerWatch::NextQuestion(Instant now) const {
  return now + (failing_since_.has_value() ? kAskAgainAfter : kAskInterval);
}

}  // namespace weir
