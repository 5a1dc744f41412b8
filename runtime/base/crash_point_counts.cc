#include "runtime/base/crash_point_counts.h"

namespace weir {

CrashPointCounts::CrashPointCounts() {
  for (const std::string& name : CrashPoint::Names()) {
    armed_.emplace(name, std::make_unique<ArmedCrashPoint>(name, 0, [] {}));
  }
}

std::map<std::string, uint64_t> CrashPointCounts::Hits() const {
  std::map<std::string, uint64_t> hits;
  for (const auto& [name, armed] : armed_) hits[name] = armed->hits();
  return hits;
}

}  // namespace weir
