// Whether the broker answers, and what is said of it: once when it goes away, every ten seconds while it stays away, and
// once when it is back. The engine keeps trying by itself; this is for whoever reads its log.
#pragma once

#include <optional>

#include "runtime/base/clock.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"

namespace weir {

/// One thread, the coordinator's.
class BrokerWatch {
 public:
  explicit BrokerWatch(const Logger& logger) : logger_(logger) {}

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
  std::optional<Instant> failing_since_;
  std::optional<Instant> said_at_;
};

}  // namespace weir
