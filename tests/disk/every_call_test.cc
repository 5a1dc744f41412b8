// Each call that one checkpoint, one recovery and one roll make to the disk fails once in each way it can fail, and each
// of these lives goes on in each way it can go on. Whatever happens, the committed output is exactly right.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <tuple>

#include "runtime/base/crash_point.h"
#include "tests/disk/disk_job.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

enum class Window {
  kCheckpoint,
  kRecovery,   ///< From base and delta, and the first checkpoint after it.
  kRoll,       ///< The checkpoint that makes it due, and the one that is made of its base.
};
constexpr Window kWindows[] = {Window::kCheckpoint, Window::kRecovery, Window::kRoll};

/// What comes after the failed call.
enum class Then {
  kGoesOn,
  kStaysBroken,     ///< All calls of the kind fail, until somebody repairs the disk.
  kLosesUnsynced,   ///< The power is cut in the same instant, and exactly what is durable is left.
  kLosesSome,       ///< The same, and of what is not durable some is left, and some torn.
};
constexpr Then kThens[] = {Then::kGoesOn, Then::kStaysBroken, Then::kLosesUnsynced, Then::kLosesSome};
constexpr const char* kThenNames[] = {"goes on", "stays broken", "loses what is unsynced", "loses some"};

constexpr size_t kRollAfterDeltas = 3;
constexpr uint64_t kForever = 1 << 30;
/// Pieces of work in which a job without faults ends a checkpoint with certainty.
constexpr int kStepsOfCheckpoint = 2000;
constexpr int kCheckpointsMax = 10;

class Life {
 public:
  Life(SinkKind sink, Window window)
      : window_(window), job_(sink, kRollAfterDeltas) {
    const size_t before = window == Window::kCheckpoint ? 1
                          : window == Window::kRecovery ? kRollAfterDeltas + 1 : kRollAfterDeltas - 1;
    for (size_t i = 0; i < before; ++i) job_.RunOneCheckpoint();
    if (window == Window::kRecovery) job_.job().Crash();
  }

  DiskJob& job() { return job_; }

  /// All of the window.
  void Through() {
    job_.RunOneCheckpoint();
    if (window_ == Window::kRoll) job_.RunOneCheckpoint();
  }
  /// The window up to the first call that the fault hits.
  void UpTo(DiskFault fault) {
    for (int step = 0; job_.disk().hits(fault) == 0 && step < kCheckpointsMax * kStepsOfCheckpoint; ++step) {
      if (step % kStepsOfCheckpoint == 0) job_.Add();
      job_.job().RunSteps(1);
    }
  }
  void Suffer(DiskFault fault, uint64_t k, Then then) {
    job_.disk().Fail(fault, k, then == Then::kStaysBroken ? kForever : 1);
    if (then == Then::kGoesOn) return Through();
    UpTo(fault);
    if (then == Then::kStaysBroken) job_.job().RunSteps(kStepsOfCheckpoint);
    if (then == Then::kLosesUnsynced) job_.CutPower();
    if (then == Then::kLosesSome) job_.job().Crash(true);
    job_.disk().Fail(fault, 0);
  }
  /// The disk is well again: the job commits, and what it commits outlives the machine.
  void GoOn() {
    job_.RunOneCheckpoint();
    EXPECT_EQ(job_.Wrong(), "");
    job_.CutPower();
    job_.RunOneCheckpoint();
    EXPECT_EQ(job_.Wrong(), "");
  }
  /// Every checkpoint that failed was reported, with the reason and the path.
  void CheckReports(DiskFault fault) {
    for (const Status& report : job_.job().rebuilt_for()) {
      EXPECT_EQ(report.code(), Code::kIoError) << report.ToString();
      EXPECT_NE(report.message().find(ReasonOf(fault)), std::string::npos) << report.ToString();
      EXPECT_NE(report.message().find(" /"), std::string::npos) << report.ToString();
    }
  }

 private:
  const Window window_;
  DiskJob job_;
};

class EveryCall : public testing::TestWithParam<std::tuple<SinkKind, Window, DiskFault>> {};

/// Calls of the window that the fault can hit.
uint64_t CallsOf(SinkKind sink, Window window, DiskFault fault) {
  Life life(sink, window);
  const ArmedCrashPoint rolled("state.roll_linked", 1, [] {});
  const uint64_t before = life.job().disk().calls(fault);
  life.Through();
  EXPECT_EQ(rolled.hits() > 0, window == Window::kRoll) << "the window is not what it is called";
  const uint64_t calls = life.job().disk().calls(fault) - before;
  EXPECT_EQ(life.job().Wrong(), "");
  return calls;
}

TEST_P(EveryCall, ThatFailsFailsACheckpointAtMostAndTearsNothing) {
  const auto [sink, window, fault] = GetParam();
  const uint64_t calls = CallsOf(sink, window, fault);
  ASSERT_GT(calls, 0u) << "nothing would be tried";
  uint64_t lives = 0;
  uint64_t reports = 0;
  for (const Then then : kThens) {
    for (uint64_t k = 1; k <= calls; k += std::max<uint64_t>(1, calls / ModelSeeds(calls))) {
      SCOPED_TRACE(testing::Message() << "call " << k << " of " << calls << ", then it "
                                     << kThenNames[static_cast<int>(then)]);
      Life life(sink, window);
      life.Suffer(fault, k, then);
      ASSERT_GT(life.job().disk().hits(fault), 0u) << "the call was not made";
      life.CheckReports(fault);
      reports += life.job().job().rebuilt_for().size();
      life.GoOn();
      EXPECT_EQ(life.job().disk().repeated_syncs(), std::vector<std::string>());
      ++lives;
      if (HasFailure()) return;
    }
  }
  std::cout << "each of " << calls << " calls, " << lives << " lives, " << reports << " failed checkpoints reported\n";
  EXPECT_GT(reports, 0u) << "no call of them all mattered";
}

std::string NameOf(const testing::TestParamInfo<EveryCall::ParamType>& info) {
  static constexpr const char* kWindowNames[] = {"Checkpoint", "Recovery", "Roll"};
  static constexpr const char* kFaultNames[] = {"IoError",   "NoSpace",     "ShortWrite",
                                                "SyncError", "RenameError", "RenameDone"};
  const auto [sink, window, fault] = info.param;
  return testing::PrintToString(sink) + kWindowNames[static_cast<int>(window)] + kFaultNames[static_cast<int>(fault)];
}

INSTANTIATE_TEST_SUITE_P(Disk, EveryCall,
                         testing::Combine(testing::Values(SinkKind::kTopic, SinkKind::kFiles),
                                          testing::ValuesIn(kWindows), testing::ValuesIn(kDiskFaults)),
                         NameOf);

}  // namespace
}  // namespace weir::test
