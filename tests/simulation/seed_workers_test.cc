// A seed that ends its process is a seed that failed, however it does that; the others run on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <map>
#include <string>

#include "tests/simulation/world/seed_runs.h"
#include "tests/simulation/world/seed_workers.h"

namespace weir::simulation {
namespace {

constexpr rlim_t kProcessorSecondsMax = 5;

/// As a pointer gone wrong does: the instruction is made again whenever a handler comes back.
void TouchWhatIsNotThere() {
  const rlimit limit{kProcessorSecondsMax, kProcessorSecondsMax};
  WEIR_CHECK(setrlimit(RLIMIT_CPU, &limit) == 0, "a hang must end");
  void* nothing = mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *static_cast<volatile char*>(nothing) = 1;
}

TEST(SeedWorkers, SayOfASeedThatEndsItsProcessWhichOneItWasAndGoOnWithTheNext) {
  std::map<uint64_t, std::string> died;
  SeedWork work;
  work.workers = 1;
  work.count = 3;
  work.until_failure = false;
  work.scenario_of = [](uint64_t index) {
    if (index == 1) TouchWhatIsNotThere();   // Where a run has been before, and asked to be told of such signals.
    return DrawScenario(JobKind::kAuctionTotals, 1 + index);
  };
  work.on_result = [&](const SeedResult& result) { died[result.index] = result.died; };
  RunInWorkers(work);
  const std::string signal = fmt::format("signal {}: ", SIGSEGV);
  EXPECT_THAT(died, testing::ElementsAre(testing::Pair(0, ""), testing::Pair(1, testing::StartsWith(signal)),
                                         testing::Pair(2, "")));
}

}  // namespace
}  // namespace weir::simulation
