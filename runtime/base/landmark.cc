#include "runtime/base/landmark.h"

#include <mutex>
#include <vector>

namespace weir {
namespace {

struct Landmarks {
  std::mutex mutex;
  std::vector<const Landmark*> all;
};

Landmarks& TheLandmarks() {
  static Landmarks landmarks;
  return landmarks;
}

}  // namespace

Landmark::Landmark(const char* name) : name_(name) {
  Landmarks& landmarks = TheLandmarks();
  const std::lock_guard lock(landmarks.mutex);
  landmarks.all.push_back(this);
}

std::map<std::string, uint64_t> Landmark::Hits() {
  Landmarks& landmarks = TheLandmarks();
  const std::lock_guard lock(landmarks.mutex);
  std::map<std::string, uint64_t> hits;
  for (const Landmark* landmark : landmarks.all) hits[landmark->name_] += landmark->hits_.load();
  return hits;
}

}  // namespace weir
