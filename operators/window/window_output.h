// Internal: rows that windows make, on their way out.
#pragma once

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/window/window.h"
#include "runtime/channel/batch.h"
#include "runtime/reflect/key_codec.h"
#include "runtime/task/operator.h"

namespace weir::internal {

/// "window [0, 10) of key 7: what"; of encoded keys that are no number and no text their bytes in hexadecimal digits.
std::string WindowFailure(Window window, const std::string& key, const char* what);
std::string HexOf(std::string_view bytes);

template <class K>
std::string KeyText(const K& key) {
  if constexpr (std::is_same_v<K, std::string>) return "'" + key + "'";
  else if constexpr (std::is_integral_v<K>) return std::to_string(key);
  else {
    std::string bytes;
    EncodeKey(key, bytes);
    return HexOf(bytes);
  }
}

/// `MakeRows` is void(const K&, Window, const A&, Batch<Out>&): what the user's function makes of a window's accumulator.
template <class K, class A, class Out, class MakeRows>
class WindowOutput {
 public:
  /// `timed`: results have the event time of their window's last millisecond, else none.
  WindowOutput(MakeRows finish, bool timed) : finish_(std::move(finish)), timed_(timed) {}

  /// `late`: the watermark that has passed the result already, kMinEventTime for none.
  Status Add(const K& key, Window window, const A& accumulator, EventTime late, Emitter& out) {
    if (made_ == nullptr) {
      made_ = std::make_unique<Batch<Out>>();
      made_->rows.reserve(kRows);
      made_->times.reserve(kRows);
    }
    try {
      finish_(key, window, accumulator, *made_);
    } catch (const std::exception& error) {
      throw std::runtime_error(WindowFailure(window, KeyText(key), error.what()));
    }
    if (timed_) {
      if (late != kMinEventTime) [[unlikely]] made_->late.resize(made_->times.size(), kMinEventTime);
      if (late != kMinEventTime || !made_->late.empty()) made_->late.resize(made_->rows.size(), late);
      made_->times.resize(made_->rows.size(), EventTime{window.end - 1});
    }
    return made_->rows.size() < kRows ? Status::Ok() : Emit(out);
  }

  Status Emit(Emitter& out) {
    return made_ == nullptr || made_->rows.empty() ? Status::Ok() : out.Emit(kMainPort, std::move(made_));
  }

 private:
  static constexpr size_t kRows = 1024;
  MakeRows finish_;
  const bool timed_;
  std::unique_ptr<Batch<Out>> made_;
};

}  // namespace weir::internal
