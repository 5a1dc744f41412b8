// The queue of a key group's timers against an ordered multiset.
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "runtime/base/random.h"
#include "state/timer_queue.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using Queue = internal::TimerQueue<int64_t>;

/// The keys are numbers of no meaning; times are compared.
class QueueAndModel {
 public:
  void Push(int64_t time) {
    queue.Push({next_key_++, EventTime{time}});
    model.insert(time);
  }
  void Pop() {
    ASSERT_EQ(queue.first().millis, *model.begin());
    ASSERT_EQ(queue.Pop().time.millis, *model.begin());
    model.erase(model.begin());
    ASSERT_EQ(queue.size(), model.size());
  }
  void EraseOdd() {
    queue.EraseIf([](const Queue::Timer& timer) { return timer.time.millis % 2 != 0; });
    std::erase_if(model, [](int64_t time) { return time % 2 != 0; });
    ASSERT_EQ(queue.size(), model.size());
  }

  Queue queue;
  std::multiset<int64_t> model;

 private:
  int64_t next_key_ = 0;
};

/// Most a little after what was taken last, some far away on either side.
int64_t TimeNear(SeededRandom& random, int64_t now) {
  constexpr int64_t kEdges[] = {std::numeric_limits<int64_t>::min(), -1, 0, std::numeric_limits<int64_t>::max()};
  const uint64_t dice = random.Below(100);
  if (dice < 80) return now + static_cast<int64_t>(random.Below(2000));
  if (dice < 90) return now - static_cast<int64_t>(random.Below(500));
  if (dice < 99) return now + static_cast<int64_t>(random.Below(uint64_t{1} << random.Below(45)));
  return kEdges[random.Below(4)];
}

TEST(TimerQueue, GivesTheEarliestFirstWhateverIsPushedAndErasedBetween) {
  for (uint64_t seed = 1; seed <= ModelSeeds(40); ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    QueueAndModel both;
    int64_t now = static_cast<int64_t>(random.Below(uint64_t{1} << 45));
    for (int step = 0; step < 300; ++step) {
      const uint64_t dice = random.Below(20);
      for (uint64_t i = random.Below(300); dice < 9 && i > 0; --i) both.Push(TimeNear(random, now));
      for (uint64_t i = random.Below(300); dice >= 9 && i > 0 && !both.model.empty(); --i) {
        now = std::clamp(*both.model.begin(), now - 1000, now + 1000);
        ASSERT_NO_FATAL_FAILURE(both.Pop());
      }
      if (dice == 0) {
        ASSERT_NO_FATAL_FAILURE(both.EraseOdd());
      }
    }
    while (!both.model.empty()) ASSERT_NO_FATAL_FAILURE(both.Pop());
    ASSERT_TRUE(both.queue.empty());
  }
}

TEST(TimerQueue, GivesMemoryBackWithItsTimers) {
  Queue queue;
  for (int64_t i = 0; i < 100'000; ++i) queue.Push({i, EventTime{i * 7919 % 100'003}});
  while (!queue.empty()) queue.Pop();
  EXPECT_LT(queue.bytes(), 64u << 10);
}

}  // namespace
}  // namespace weir::test
