// What waits to be written to a socket, in order; a piece may be held back, and with it all that is behind it.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <utility>

namespace weir::test {

/// One thread. Never blocks.
class Outbox {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void Put(std::string bytes, Time not_before = {}) { pieces_.push_back({std::move(bytes), not_before}); }
  /// Writes what is due and finds room. False if the connection is gone.
  bool Write(int socket, Time now);
  bool IsDue(Time now) const { return !pieces_.empty() && pieces_.front().not_before <= now; }
  /// When the next piece is due; `otherwise` if that is earlier, or there is none.
  Time NextDue(Time otherwise) const {
    return pieces_.empty() ? otherwise : std::min(otherwise, pieces_.front().not_before);
  }

 private:
  struct Piece {
    std::string bytes;
    Time not_before;
  };
  std::deque<Piece> pieces_;
  size_t written_ = 0;   ///< Of the first.
};

}  // namespace weir::test
