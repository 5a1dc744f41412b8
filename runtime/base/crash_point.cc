#include "runtime/base/crash_point.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "runtime/base/status.h"

namespace weir {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<CrashPoint*> points;
  std::map<const CrashPoint*, ArmedCrashPoint*> armed;
};

Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

}  // namespace

CrashPoint::CrashPoint(const char* name) : name_(name) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.points.push_back(this);
}

std::vector<std::string> CrashPoint::Names() {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  std::vector<std::string> names;
  for (const CrashPoint* point : registry.points) names.emplace_back(point->name());
  std::sort(names.begin(), names.end());
  return names;
}

void CrashPoint::Fire() {
  std::function<void()> action;
  {
    Registry& registry = TheRegistry();
    const std::lock_guard lock(registry.mutex);
    const auto armed = registry.armed.find(this);
    if (armed == registry.armed.end()) return;
    if (armed->second->hits_.fetch_add(1) + 1 == armed->second->occurrence_) action = armed->second->action_;
  }
  if (action) action();
}

ArmedCrashPoint::ArmedCrashPoint(std::string_view name, uint64_t occurrence, std::function<void()> action)
    : occurrence_(occurrence), action_(std::move(action)) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  for (CrashPoint* point : registry.points) {
    if (name == point->name()) point_ = point;
  }
  WEIR_CHECK(point_ != nullptr, "no crash point is called " + std::string(name));
  const bool added = registry.armed.emplace(point_, this).second;
  WEIR_CHECK(added, "crash point " + std::string(name) + " is armed already");
  point_->armed_.store(true);
}

ArmedCrashPoint::~ArmedCrashPoint() {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.armed.erase(point_);
  point_->armed_.store(false);
}

uint64_t ArmedCrashPoint::hits() const { return hits_.load(); }

}  // namespace weir
