#include "runtime/base/crash_point.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "runtime/base/status.h"

namespace weir {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<CrashPoint*> points;
  ArmedCrashPoint* armed = nullptr;
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
    ArmedCrashPoint* armed = registry.armed;
    if (armed == nullptr || armed->point_ != this) return;
    if (armed->hits_.fetch_add(1) + 1 == armed->occurrence_) action = armed->action_;
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
  WEIR_CHECK(registry.armed == nullptr, "another crash point is armed already");
  registry.armed = this;
  point_->armed_.store(true);
}

ArmedCrashPoint::~ArmedCrashPoint() {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.armed = nullptr;
  point_->armed_.store(false);
}

uint64_t ArmedCrashPoint::hits() const { return hits_.load(); }

void ArmCrashPointFromEnvironment() {
  const char* setting = std::getenv("WEIR_CRASH_POINT");
  if (setting == nullptr) return;
  const std::string text(setting);
  const size_t colon = text.rfind(':');
  const uint64_t occurrence = colon == std::string::npos ? 1 : std::strtoull(text.c_str() + colon + 1, nullptr, 10);
  // Lives as long as the process: it is the process that ends.
  static ArmedCrashPoint armed(text.substr(0, colon), occurrence, [] { kill(getpid(), SIGKILL); });
}

}  // namespace weir
