#include "runtime/engine/broker_watch.h"

namespace weir {
namespace {

constexpr Duration kPatienceForAnAnswer = std::chrono::seconds(1);
/// A machine that is busy enough makes a commit take more than one.
constexpr Duration kPatienceForACommit = std::chrono::seconds(3);
/// A little less than the ten seconds that it is meant to be: a call that gets no answer takes as long itself.
constexpr Duration kSayAgainAfter = std::chrono::seconds(9);
constexpr Duration kAskInterval = std::chrono::seconds(5);
constexpr Duration kAskAgainAfter = std::chrono::milliseconds(500);

}  // namespace

void BrokerWatch::OnNoAnswer(const Status& why, Instant asked, Instant now) {
  if (!failing_since_.has_value()) failing_since_ = asked;
  const bool commits = duty_ == BrokerDuty::kCommit;
  if (now - *failing_since_ < (commits ? kPatienceForACommit : kPatienceForAnAnswer)) return;
  if (said_at_.has_value() && now - *said_at_ < kSayAgainAfter) return;
  logger_.Warning(commits ? "waiting_for_commit" : "waiting_for_broker",
                  why.message() + (commits ? "; nothing is committed until then" : "; trying again until it answers"));
  said_at_ = now;
}

void BrokerWatch::OnAnswer() {
  if (away()) {
    logger_.Info(duty_ == BrokerDuty::kCommit ? "broker_commits_again" : "broker_is_back", "going on where the job was");
  }
  failing_since_.reset();
  said_at_.reset();
}

Instant BrokerWatch::NextQuestion(Instant now) const {
  return now + (failing_since_.has_value() ? kAskAgainAfter : kAskInterval);
}

}  // namespace weir
