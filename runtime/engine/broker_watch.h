// Whether the broker does what is asked of it, and what is said of that: once when it stops, every ten seconds while it
// does not, and once when it does again. The engine keeps trying by itself; this is for whoever reads its log.
#pragma once

#include <optional>

#include "runtime/base/clock.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"

namespace weir {

/// What a broker may do or not. One that is cut off from the others answers, and commits nothing.
enum class BrokerDuty { kAnswer, kCommit };

/// One thread, the coordinator's.
class BrokerWatch {
 public:
  BrokerWatch(const Logger& logger, BrokerDuty duty) : logger_(logger), duty_(duty) {}

  /// A call that was made at `asked` was not answered; `why` names what was asked of whom. One that was merely lost is not
  /// worth a line: it is said once calls have failed for a while.
  void OnNoAnswer(const Status& why, Instant asked, Instant now);
  void OnAnswer();
  /// True from the line that said so until the broker answers again.
  bool away() const { return said_at_.has_value(); }
  /// When to ask next after a question that was decided at `now`.
  Instant NextQuestion(Instant now) const;

 private:
  const Logger logger_;
  const BrokerDuty duty_;
  std::optional<Instant> failing_since_;
  std::optional<Instant> said_at_;
};

}  // namespace weir
