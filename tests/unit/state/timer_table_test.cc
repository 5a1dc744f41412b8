// Timers against an ordered set, through random lives, checkpoints and restores.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "runtime/base/random.h"
#include "tests/support/run_scale.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

using Timers = TimerTable<std::string>;
using Set = std::set<std::pair<std::string, int64_t>>;

class Clockwork {
 public:
  Clockwork(FileSystem& files, BaseStoreFactory& base, const std::string& attempt, const RestoredState* from = nullptr)
      : instance(files, base, "job", attempt) {
    instance.options.roll_after_deltas = 2;
    instance.store = std::make_unique<StateStore>(instance.options);
    timers = &instance.store->AddTimers<std::string>("timers");
    const Status status = instance.store->Restore(from);
    WEIR_CHECK(status.ok(), status.ToString());
  }
  bool Set(const std::string& key, int64_t time) { return timers->Set(key, HashKey(key), EventTime{time}); }
  bool Delete(const std::string& key, int64_t time) { return timers->Delete(key, HashKey(key), EventTime{time}); }
  test::Set All() const {
    test::Set all;
    timers->ForEach([&](const std::string& key, EventTime time) { all.emplace(key, time.millis); });
    return all;
  }
  /// Takes what is due, `most` of it; each key's in order, group by group.
  test::Set Fire(int64_t until, size_t most = 1'000'000) {
    test::Set fired;
    std::map<std::string, int64_t> last;
    Timers::Due due;
    while (fired.size() < most && timers->TakeDue(EventTime{until}, &due)) {
      EXPECT_LE(due.time.millis, until);
      const auto [found, first] = last.try_emplace(due.key, due.time.millis);
      EXPECT_LE(found->second, due.time.millis);
      found->second = due.time.millis;
      EXPECT_TRUE(fired.emplace(due.key, due.time.millis).second);
    }
    return fired;
  }

  Instance instance;
  Timers* timers = nullptr;
};

TEST(TimerTable, FiresWhatIsSetOnceInOrderThroughDeletesAndRestores) {
  for (uint64_t seed = 1; seed <= ModelSeeds(40); ++seed) {
    SimulatedDisk disk;
    const auto files = disk.NewProcess();
    SimulatedBaseStoreFactory base;
    SeededRandom random(seed);
    auto clockwork = std::make_unique<Clockwork>(*files, base, "0");
    Set model;
    int64_t now = 0;
    uint64_t n = 0;
    for (int step = 0; step < 3000; ++step) {
      const std::string key = "k" + std::to_string(random.Below(20));
      const auto time = static_cast<int64_t>(now + 1 + static_cast<int64_t>(random.Below(300)));
      const uint64_t dice = random.Below(100);
      if (dice < 60) {
        ASSERT_EQ(clockwork->Set(key, time), model.emplace(key, time).second);
      } else if (dice < 85 && !model.empty()) {
        const auto any = std::next(model.begin(), static_cast<ptrdiff_t>(random.Below(model.size())));
        ASSERT_TRUE(clockwork->Delete(any->first, any->second));
        model.erase(any);
        ASSERT_EQ(clockwork->Delete(key, time), model.erase({key, time}) == 1);
      } else if (dice < 97) {
        now += static_cast<int64_t>(random.Below(20));
        Set due;
        std::copy_if(model.begin(), model.end(), std::inserter(due, due.end()), [&](const auto& t) { return t.second <= now; });
        ASSERT_EQ(clockwork->Fire(now), due) << "seed " << seed;
        std::erase_if(model, [&](const auto& timer) { return timer.second <= now; });
        for (const auto& [left, at] : model) ASSERT_LE(clockwork->timers->next().millis, at);
      } else if (dice < 99) {
        clockwork->instance.Checkpoint(++n);
        if (random.OneIn(3)) clockwork->Set("a", now + 1), model.emplace("a", now + 1);
      } else if (n > 0) {
        clockwork->instance.Checkpoint(++n);
        const RestoredState from{CheckpointId{n}, clockwork->instance.DirectoryOf(n), {clockwork->instance.snapshots.at(n)}};
        clockwork = std::make_unique<Clockwork>(*files, base, std::to_string(step), &from);
      }
    }
    ASSERT_EQ(clockwork->All(), model);
    ASSERT_EQ(clockwork->Fire(now + 1000), model);
    ASSERT_EQ(clockwork->timers->keys(), 0u);
    ASSERT_EQ(clockwork->timers->next(), kMaxEventTime);
  }
}

/// A life in which checkpoints are frozen and saved at any point, between two timers of one firing too, and rows set
/// timers that are already due, as those of processing time do.
class InterruptedLife {
 public:
  explicit InterruptedLife(uint64_t seed) : files_(disk_.NewProcess()), random_(seed) { Begin(nullptr); }

  void Step() {
    const uint64_t dice = random_.Below(100);
    const std::string key = "k" + std::to_string(random_.Below(30));
    const int64_t time = now_ - 3 + static_cast<int64_t>(random_.Below(20));
    if (dice < 55) {
      ASSERT_EQ(clockwork_->Set(key, time), model_.emplace(key, time).second);
    } else if (dice < 65) {
      ASSERT_EQ(clockwork_->Delete(key, time), model_.erase({key, time}) == 1);
    } else if (dice < 85) {
      for (const auto& timer : clockwork_->Fire(now_, random_.Below(6))) ASSERT_EQ(model_.erase(timer), 1u);
    } else if (dice < 88) {
      ++now_;
    } else if (dice < 92) {
      Freeze();
    } else if (dice < 96) {
      clockwork_->instance.store->Advance(1 + random_.Below(8));
      if (!clockwork_->instance.store->frozen()) clockwork_->instance.queue.RunAll();
    } else if (dice == 96 && !clockwork_->instance.snapshots.empty()) {
      Restore();
    }
  }
  void End() {
    ASSERT_EQ(clockwork_->All(), model_);
    // Also of the groups that the firing which was left had done with.
    ASSERT_EQ(clockwork_->Fire(now_ + 1000), model_);
  }

 private:
  void Freeze() {
    ASSERT_TRUE(clockwork_->instance.Freeze(++n_));
    frozen_[n_] = model_;
  }
  void Restore() {
    const auto& [n, snapshot] = *clockwork_->instance.snapshots.rbegin();
    const RestoredState from{CheckpointId{n}, clockwork_->instance.DirectoryOf(n), {snapshot}};
    model_ = frozen_.at(n);
    Begin(&from);
    ASSERT_EQ(clockwork_->All(), model_);
  }
  void Begin(const RestoredState* from) {
    clockwork_ = std::make_unique<Clockwork>(*files_, base_, std::to_string(lives_++), from);
  }

  SimulatedDisk disk_;
  std::unique_ptr<FileSystem> files_;
  SimulatedBaseStoreFactory base_;
  SeededRandom random_;
  std::unique_ptr<Clockwork> clockwork_;
  Set model_;
  std::map<uint64_t, Set> frozen_;
  int64_t now_ = 1000;
  uint64_t n_ = 0;
  int lives_ = 0;
};

TEST(TimerTable, IsRestoredAsItWasFrozenWhereverACheckpointFellIntoAFiring) {
  for (uint64_t seed = 1; seed <= ModelSeeds(60); ++seed) {
    SCOPED_TRACE(seed);
    InterruptedLife life(seed);
    for (int step = 0; step < 3000; ++step) ASSERT_NO_FATAL_FAILURE(life.Step());
    ASSERT_NO_FATAL_FAILURE(life.End());
  }
}

TEST(TimerTable, SavesOneRangeAGroupOfThoseThatFired) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  Clockwork clockwork(*files, base, "a");
  for (int64_t i = 0; i < 10'000; ++i) clockwork.Set("k" + std::to_string(i), 1 + i % 100);
  clockwork.instance.Checkpoint(1);
  EXPECT_EQ(clockwork.Fire(200).size(), 10'000u);
  clockwork.instance.Checkpoint(2);
  EXPECT_LT(clockwork.instance.snapshots.at(2).deltas.back().size, 1024u);
}

TEST(TimerTable, LeavesNothingOfATimerThatCameAndWentWithinOneCheckpoint) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  Clockwork clockwork(*files, base, "a");
  for (int64_t i = 0; i < 1000; ++i) clockwork.Set("k", i);
  EXPECT_EQ(clockwork.Fire(2000).size(), 1000u);
  clockwork.instance.Checkpoint(1);
  EXPECT_TRUE(clockwork.instance.snapshots.at(1).deltas.empty());
}

TEST(TimerTable, ForgetsDeletedTimersLongBeforeTheirTime) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  Clockwork clockwork(*files, base, "a");
  for (int64_t i = 1; i < 200'000; ++i) {
    clockwork.Set("k", 1'000'000 + i);
    clockwork.Delete("k", 1'000'000 + i - 1);
  }
  EXPECT_LT(clockwork.timers->bytes(), 1u << 20);
  EXPECT_EQ(clockwork.timers->keys(), 1u);
}

TEST(SubKey, IsInTheKeyGroupOfItsKey) {
  SeededRandom random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto key = static_cast<int64_t>(random.Next());
    const KeyGroup group = GroupOfHash(HashKey(key), kDefaultKeyGroups);
    const auto below = static_cast<int64_t>(random.Next());
    EXPECT_EQ(GroupOfHash(HashStateKey(SubKey<int64_t, int64_t>{key, below}), kDefaultKeyGroups), group);
    EXPECT_EQ(GroupOfHash(HashStateKey(TimerKey<int64_t>{EventTime{below}, key}), kDefaultKeyGroups), group);
  }
}

}  // namespace
}  // namespace weir::test
