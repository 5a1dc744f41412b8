// Named places where a test may end the process, or this engine's simulated life. A point that is not armed
// costs one relaxed load and a branch. Never on a per-record path. Present in release builds, and armed by nothing but
// the test API below: no setting of a job reaches it.
//
// A point is declared where it is used, at namespace scope or as a function-local static, and registers itself:
//   static CrashPoint point{"checkpoint.manifest_written"};
//   point.Hit();
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

class CrashPoint {
 public:
  explicit CrashPoint(const char* name);
  CrashPoint(const CrashPoint&) = delete;

  void Hit() {
    if (armed_.load(std::memory_order_relaxed)) [[unlikely]] Fire();
  }
  const char* name() const { return name_; }
  /// For a point that must first leave damage behind, such as half a file.
  bool armed() const { return armed_.load(std::memory_order_relaxed); }

  /// Names of all points of this program, sorted.
  static std::vector<std::string> Names();

 private:
  friend class ArmedCrashPoint;
  void Fire();

  const char* const name_;
  std::atomic<bool> armed_{false};
};

/// The test API: arms a point for its own lifetime; the `occurrence`-th hit (from 1) calls `action` on the hitting
/// thread. A point is armed once at a time. Names that no point has are a broken test: the constructor aborts.
class ArmedCrashPoint {
 public:
  ArmedCrashPoint(std::string_view name, uint64_t occurrence, std::function<void()> action);
  ~ArmedCrashPoint();
  uint64_t hits() const;

 private:
  friend class CrashPoint;
  CrashPoint* point_ = nullptr;
  const uint64_t occurrence_;
  const std::function<void()> action_;
  std::atomic<uint64_t> hits_{0};
};

}  // namespace weir
