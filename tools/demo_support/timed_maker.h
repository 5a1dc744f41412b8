// Makes the records for the jobs with windows: out of order, some of them late, and most of them in one of two partitions,
// so that the other one's event time would run away from it.
#pragma once

#include <cstdint>
#include <string>

#include "tools/demo_support/record_maker.h"
#include "tools/demo_support/window_jobs.h"

namespace demo {

class TimedMaker final : public RecordMaker {
 public:
  /// One record of so many comes behind its time; some of these still find their window open.
  static constexpr uint64_t kOneLateOf = 200;
  /// One of so many is for the second partition.
  static constexpr uint64_t kOneSecondOf = 8;

  TimedMaker(const WindowJob& job, uint64_t seed) : job_(job), seed_(seed) {}
  /// Returns 0 or 1, the partition.
  uint64_t Make(uint64_t n, std::string* json) const override;

 private:
  const WindowJob& job_;
  const uint64_t seed_;
};

}  // namespace demo
