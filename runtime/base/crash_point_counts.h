// How often each crash point was met, for tests that choose where to kill by it, or say what they came by.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "runtime/base/crash_point.h"

namespace weir {

/// Counts from its making on. It arms all points of the program, with nothing: none may be armed by anybody else meanwhile.
class CrashPointCounts {
 public:
  CrashPointCounts();
  /// By name; zero for those not met.
  std::map<std::string, uint64_t> Hits() const;

 private:
  std::map<std::string, std::unique_ptr<ArmedCrashPoint>> armed_;
};

}  // namespace weir
