// Random lives of ordered tables against plain vectors: what is in the table, and every checkpoint, must be what the
// vectors hold.
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/base/posix_file_system.h"
#include "runtime/base/random.h"
#include "state/rocksdb_base_store.h"
#include "tests/support/run_scale.h"
#include "tests/unit/state/ordered_harness.h"

namespace weir::test {
namespace {

/// A seeded life: rows near a time that moves on, some far from it, half of them of one key; reads of ranges that mark and
/// erase; expiry in pieces; barriers, parts of saving, queue jobs in any order.
class OrderedLife {
 public:
  OrderedLife(uint64_t seed, OrderedInstance& instance, uint64_t first_checkpoint, OrderedImage model = {})
      : random_(seed), instance_(instance), next_(first_checkpoint), keys_(uint64_t{1} << random_.Below(8)),
        time_(-200 + static_cast<int64_t>(first_checkpoint) * 10), model_(std::move(model)) {}

  /// False where the table answered wrongly.
  bool Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 60) {
      Insert();
    } else if (dice < 75) {
      return Scan();
    } else if (dice < 78) {
      return Expire();
    } else if (dice < 82) {
      if (instance_.frame.Freeze(next_)) images[next_++] = model_;
    } else if (dice < 94) {
      instance_.frame.store->Advance(1 + random_.Below(20));
    } else {
      instance_.frame.queue.RunOne();
    }
    return true;
  }
  /// With one more checkpoint, saved in small slices.
  void Finish() {
    instance_.frame.Save();
    if (instance_.frame.Freeze(next_)) images[next_++] = model_;
    while (!instance_.frame.store->Advance(1 + random_.Below(5))) {
    }
    instance_.frame.queue.RunAll();
  }
  const OrderedImage& model() const { return model_; }

  std::map<uint64_t, OrderedImage> images;

 private:
  int64_t RandomKey() { return random_.OneIn(2) ? 0 : static_cast<int64_t>(random_.Below(keys_)); }
  int64_t RandomTime() {
    const auto near = static_cast<int64_t>(random_.Below(40));
    if (random_.OneIn(50)) return time_ - 300 + near;
    return time_ + near / (random_.OneIn(3) ? 10 : 1);
  }
  static std::string Text(int64_t key) { return "key-" + std::to_string(key) + std::string(key % 3 == 0 ? 1 : 0, '\0'); }

  void Add(const std::string& key, OrderedRow row) {
    std::vector<OrderedRow>& rows = model_[key];
    const auto after = std::find_if(rows.begin(), rows.end(), [&](const OrderedRow& r) { return r.time > row.time; });
    rows.insert(after, std::move(row));
  }
  void Insert() {
    const int64_t key = RandomKey();
    const EventTime time{RandomTime()};
    if (random_.OneIn(3)) {
      const std::string text = Text(key);
      const auto value = static_cast<int64_t>(random_.Next());
      instance_.texts->Insert(text, HashKey(text), time, value);
      Add(KeyOf(text, "t"), {time.millis, BinaryOf(value), false});
    } else {
      const TextValue value{key, std::string(random_.Below(50), 'x') + std::to_string(random_.Below(1000))};
      instance_.rows->Insert(key, HashKey(key), time, value);
      Add(KeyOf(key, "r"), {time.millis, BinaryOf(value), false});
    }
    if (random_.OneIn(4)) ++time_;
  }

  template <class Table, class K>
  bool ScanOf(Table& table, const K& key, const std::string& name) {
    const EventTime from{RandomTime()};
    const EventTime to{from.millis + static_cast<int64_t>(random_.Below(60)) - 5};
    const uint64_t marks = random_.Below(4) == 0 ? 2 : 0;
    const uint64_t erases = random_.Below(4) == 0 ? 3 : 0;
    std::vector<OrderedRow> seen;
    std::vector<RowAct> acts;
    const uint64_t pauses = random_.Below(4) == 0 ? 3 : 0;
    const auto visit = [&](EventTime time, const auto& value, bool marked) {
      if (pauses != 0 && random_.OneIn(pauses)) return RowAct::kPause;
      seen.push_back({time.millis, BinaryOf(value), marked});
      RowAct act = RowAct::kKeep;
      if (marks != 0 && random_.OneIn(marks)) act = RowAct::kMark;
      if (erases != 0 && random_.OneIn(erases)) act = RowAct::kErase;
      if (random_.OneIn(30)) act = RowAct::kStop;
      acts.push_back(act);
      return act;
    };
    auto paused = table.Scan(key, HashKey(key), from, to, visit);
    while (paused.has_value()) {
      if (random_.OneIn(3)) instance_.frame.store->Advance(1 + random_.Below(5));
      paused = table.Scan(key, HashKey(key), *paused, to, visit);
    }
    std::vector<OrderedRow>& rows = model_[name];
    std::vector<OrderedRow> expected;
    std::vector<OrderedRow> left;
    size_t shown = 0;
    bool stopped = false;
    for (OrderedRow& row : rows) {
      const bool in = !stopped && row.time >= from.millis && row.time <= to.millis;
      if (in) expected.push_back(row);
      const RowAct act = in && shown < acts.size() ? acts[shown] : RowAct::kKeep;
      if (in) ++shown;
      stopped = stopped || act == RowAct::kStop;
      if (act == RowAct::kMark) row.marked = true;
      if (act != RowAct::kErase) left.push_back(row);
    }
    rows = left;
    if (rows.empty()) model_.erase(name);
    return seen == expected;
  }
  bool Scan() {
    const int64_t key = RandomKey();
    const std::string text = Text(key);
    return random_.OneIn(3) ? ScanOf(*instance_.texts, text, KeyOf(text, "t"))
                            : ScanOf(*instance_.rows, key, KeyOf(key, "r"));
  }

  template <class Table>
  OrderedImage ExpireOf(Table& table, EventTime cutoff, const char* name) {
    OrderedImage seen;
    const size_t piece = 1 + random_.Below(20);
    const ExpiryEnds ends = random_.OneIn(2) ? ExpiryEnds::kAnywhere : ExpiryEnds::kBetweenTimes;
    while (!table.Expire(cutoff, piece, ends, [&](const auto& key, uint64_t, EventTime time, auto&& value, bool marked) {
      seen[KeyOf(key, name)].push_back({time.millis, BinaryOf(value), marked});
    })) {
      if (random_.OneIn(3)) instance_.frame.store->Advance(1 + random_.Below(5));
    }
    return seen;
  }
  bool Expire() {
    const EventTime cutoff{time_ - static_cast<int64_t>(random_.Below(60))};
    OrderedImage seen = ExpireOf(*instance_.rows, cutoff, "r");
    seen.merge(ExpireOf(*instance_.texts, cutoff, "t"));
    OrderedImage expected;
    for (auto at = model_.begin(); at != model_.end();) {
      auto& [key, rows] = *at;
      const auto kept = std::find_if(rows.begin(), rows.end(), [&](const OrderedRow& r) { return r.time >= cutoff.millis; });
      if (kept != rows.begin()) expected[key].assign(rows.begin(), kept);
      rows.erase(rows.begin(), kept);
      at = rows.empty() ? model_.erase(at) : std::next(at);
    }
    return seen == expected;
  }

  SeededRandom random_;
  OrderedInstance& instance_;
  uint64_t next_;
  const uint64_t keys_;
  int64_t time_;
  OrderedImage model_;
};

::testing::AssertionResult AllRestore(FileSystem& files, BaseStoreFactory& base, const std::string& root,
                                      OrderedInstance& lived, const std::map<uint64_t, OrderedImage>& images) {
  for (const auto& [n, snapshot] : lived.frame.snapshots) {
    OrderedInstance restored(files, base, root, "check-" + std::to_string(n));
    const Status status = restored.Start(&snapshot, lived.frame.DirectoryOf(n));
    if (!status.ok()) return ::testing::AssertionFailure() << "checkpoint " << n << ": " << status.ToString();
    if (restored.Image() != images.at(n)) return ::testing::AssertionFailure() << "checkpoint " << n << " differs";
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult LiveAndRestore(uint64_t seed, bool save_on_first_touch, int steps = 1500) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  OrderedInstance instance(*files, base, "job", "a");
  instance.frame.options.defences.save_on_first_touch = save_on_first_touch;
  if (const Status started = instance.Start(); !started.ok()) return ::testing::AssertionFailure() << started.ToString();
  OrderedLife life(seed, instance, 1);
  for (int i = 0; i < steps; ++i) {
    if (!life.Step()) return ::testing::AssertionFailure() << "a wrong answer at step " << i << " of seed " << seed;
    if (i % 100 == 0 && instance.Image() != life.model()) {
      return ::testing::AssertionFailure() << "the table differs at step " << i << " of seed " << seed;
    }
  }
  life.Finish();
  if (instance.rows->buried() + instance.texts->buried() > 0) return ::testing::AssertionFailure() << "what was erased stays";
  if (instance.frame.snapshots.size() != life.images.size()) return ::testing::AssertionFailure() << "not all were reported";
  return AllRestore(*files, base, "job", instance, life.images) << " (seed " << seed << ")";
}

TEST(OrderedTableModel, RestoresTheFrozenImageFromEveryCheckpoint) {
  for (uint64_t seed = 1; seed <= ModelSeeds(100); ++seed) ASSERT_TRUE(LiveAndRestore(seed, true));
}

TEST(OrderedTableModel, RestoresWrongImagesWithoutSaveOnFirstTouch) {
  int damaged = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) damaged += LiveAndRestore(seed, false) ? 0 : 1;
  EXPECT_GT(damaged, 10);
}

TEST(OrderedTableModel, KeepsLongListsInOrder) {
  for (uint64_t seed = 1; seed <= ModelSeeds(5); ++seed) ASSERT_TRUE(LiveAndRestore(seed * 1000, true, 20'000));
}

TEST(OrderedTableModel, GoesOnFromEachCheckpointAfterTheOther) {
  for (uint64_t seed = 1; seed <= ModelSeeds(60); ++seed) {
    SimulatedDisk disk;
    const auto files = disk.NewProcess();
    SimulatedBaseStoreFactory base;
    std::optional<StateSnapshot> from;
    OrderedImage image;
    uint64_t n = 0;
    for (uint64_t attempt = 0; attempt < 4; ++attempt) {
      OrderedInstance instance(*files, base, "job", std::to_string(attempt));
      const Status started = instance.Start(from ? &*from : nullptr, instance.frame.DirectoryOf(n));
      ASSERT_TRUE(started.ok()) << started.ToString();
      ASSERT_EQ(instance.Image(), image) << "seed " << seed << ", checkpoint " << n;
      OrderedLife life(seed * 100 + attempt, instance, n + 1, image);
      for (int i = 0; i < 400; ++i) ASSERT_TRUE(life.Step()) << "seed " << seed;
      life.Finish();
      ASSERT_FALSE(instance.frame.snapshots.empty());
      n = instance.frame.snapshots.rbegin()->first;
      from = instance.frame.snapshots.rbegin()->second;
      image = life.images.at(n);
    }
  }
}

TEST(OrderedTable, LooksInSlicesAtKeysWhoseRowsAreGoneBeforeTheBarrier) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  OrderedInstance instance(*files, base, "job", "a");
  ASSERT_TRUE(instance.Start().ok());
  constexpr int64_t kKeys = 20'000;
  for (int64_t key = 0; key < kKeys; ++key) instance.rows->Insert(key, HashKey(key), EventTime{5}, {key, ""});
  const auto ignore = [](int64_t, uint64_t, EventTime, TextValue&&, bool) {};
  while (!instance.rows->Expire(EventTime{100}, 1000, ExpiryEnds::kAnywhere, ignore)) {
  }
  ASSERT_TRUE(instance.frame.Freeze(1));
  int slices = 1;
  while (!instance.frame.store->Advance(1000)) ++slices;
  EXPECT_GE(slices, kKeys / 1000);
}

TEST(OrderedTableModel, RestoresFromRocksDb) {
  PosixFileSystem files;
  RocksDbBaseStoreFactory base;
  const std::string root =
      (std::filesystem::temp_directory_path() / ("weir-ordered-" + SystemRandom().NewId().ToString())).string();
  for (uint64_t seed = 1; seed <= ModelSeeds(2); ++seed) {
    const std::string folder = JoinPath(root, std::to_string(seed));
    OrderedInstance instance(files, base, folder, "a");
    ASSERT_TRUE(instance.Start().ok());
    OrderedLife life(seed, instance, 1);
    for (int i = 0; i < 700; ++i) ASSERT_TRUE(life.Step());
    life.Finish();
    ASSERT_EQ(instance.frame.failures.size(), 0u) << instance.frame.failures.begin()->second.ToString();
    EXPECT_TRUE(AllRestore(files, base, folder, instance, life.images)) << "seed " << seed;
  }
  EXPECT_TRUE(files.RemoveTree(root).ok());
}

}  // namespace
}  // namespace weir::test
