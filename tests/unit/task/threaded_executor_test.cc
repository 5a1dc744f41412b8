#include "runtime/task/threaded_executor.h"

#include <gtest/gtest.h>

#include <future>

namespace weir {
namespace {

/// Counts its steps, asks for more until it was stepped `again` times, and says when it was.
struct Counter : Steppable {
  explicit Counter(int times) : again(times) {}
  Next Step() override {
    if (++steps == again) done.set_value();
    return steps < again ? Next::kAgain : Next::kWait;
  }
  const int again;
  std::atomic<int> steps{0};
  std::promise<void> done;
};

TEST(ThreadedExecutor, StepsAWokenSteppableUntilItHasNothingMore) {
  ThreadedExecutor executor({.workers = 1});
  Counter counter(100);
  Waker& waker = executor.Add(counter, 0);
  executor.Start();
  waker.Wake();
  counter.done.get_future().wait();
  executor.Stop();
  EXPECT_EQ(counter.steps, 100);
}

TEST(ThreadedExecutor, DoesNotStepWhatNobodyWoke) {
  ThreadedExecutor executor({.workers = 1});
  Counter woken(1);
  Counter asleep(1);
  Waker& waker = executor.Add(woken, 0);
  executor.Add(asleep, 0);
  executor.Start();
  waker.Wake();
  woken.done.get_future().wait();
  executor.Stop();
  EXPECT_EQ(asleep.steps, 0);
}

TEST(ThreadedExecutor, StepsAtTheTimeThatWasAskedFor) {
  ThreadedExecutor executor({.workers = 1});
  Counter counter(1);
  Waker& waker = executor.Add(counter, 0);
  executor.Start();
  const Instant due = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  waker.WakeAt(due);
  counter.done.get_future().wait();
  const Instant stepped = std::chrono::steady_clock::now();
  executor.Stop();
  EXPECT_GE(stepped, due);
}

TEST(ThreadedExecutor, RunsTheJobsOfAQueueOneAfterTheOtherInOrder) {
  ThreadedExecutor executor({.workers = 1});
  SerialQueue& queue = executor.NewQueue("jobs");
  executor.Start();
  std::vector<int> order;
  std::promise<void> last;
  for (int i = 0; i < 1000; ++i) queue.Post([&order, i] { order.push_back(i); });
  queue.Post([&last] { last.set_value(); });
  last.get_future().wait();
  executor.Stop();
  ASSERT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(ThreadedExecutor, RunsNothingAfterStop) {
  auto executor = std::make_unique<ThreadedExecutor>(ThreadedExecutorOptions{.workers = 2});
  Counter counter(1);
  Waker& waker = executor->Add(counter, 1);
  SerialQueue& queue = executor->NewQueue("jobs");
  executor->Start();
  executor->Stop();
  std::atomic<bool> ran{false};
  queue.Post([&] { ran = true; });
  waker.Wake();
  executor.reset();
  EXPECT_EQ(counter.steps, 0);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace weir
