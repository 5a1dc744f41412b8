// Maps and lists against the standard library's, through random lives, checkpoints and restores at any parallelism.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "tests/support/run_scale.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

using Words = MapTable<std::string, int64_t, TextValue>;
using Lines = ListTable<int64_t, std::string>;
using testing::ElementsAre;
using testing::Pair;

constexpr uint16_t kGroups = 8;

struct Model {
  std::map<std::string, std::map<int64_t, TextValue>> words;
  std::map<int64_t, std::vector<std::string>> lines;
  friend bool operator==(const Model&, const Model&) = default;
};

/// Tasks of an operator with a map and a list.
class Team {
 public:
  Team(FileSystem& files, BaseStoreFactory& base, uint32_t parallelism, const std::string& attempt,
       const RestoredState* from = nullptr) {
    for (uint32_t index = 0; index < parallelism; ++index) {
      auto task = std::make_unique<Instance>(files, base, "job", attempt + "-" + std::to_string(index));
      task->options.index = TaskIndex{index};
      task->options.groups = RangeOfTask(kGroups, parallelism, index);
      task->options.roll_after_deltas = 2;
      task->store = std::make_unique<StateStore>(task->options);
      words_.push_back(&task->store->AddMap<std::string, int64_t, TextValue>("words"));
      lines_.push_back(&task->store->AddList<int64_t, std::string>("lines"));
      RestoredState own{CheckpointId{}, "", {}};
      if (from != nullptr) own = {from->n, from->directory, {}};
      for (size_t i = 0; from != nullptr && i < from->parts.size(); ++i) {
        const KeyGroupRange had = from->parts[i].groups;
        if (had.first < task->options.groups.last && task->options.groups.first < had.last) {
          own.parts.push_back(from->parts[i]);
        }
      }
      const Status status = task->store->Restore(from == nullptr ? nullptr : &own);
      WEIR_CHECK(status.ok(), status.ToString());
      tasks_.push_back(std::move(task));
    }
  }

  Words& words(const std::string& key) { return *words_[TaskOf(HashKey(key))]; }
  Lines& lines(int64_t key) { return *lines_[TaskOf(HashKey(key))]; }
  Instance& task(size_t i) { return *tasks_[i]; }
  size_t size() const { return tasks_.size(); }

  Model Holds() const {
    Model model;
    uint64_t sizes = 0;
    for (const Words* words : words_) {
      words->ForEachEntry([&](const std::string& key, int64_t sub, const TextValue& value) { model.words[key][sub] = value; });
      sizes += words->keys();
    }
    for (const auto& [key, subs] : model.words) {
      const Words& table = *words_[TaskOf(HashKey(key))];
      EXPECT_EQ(table.size(key), subs.size());
      std::vector<std::pair<int64_t, TextValue>> in_order;
      table.ForEach(key, HashKey(key), [&](int64_t sub, const TextValue& value) { in_order.emplace_back(sub, value); });
      EXPECT_TRUE(std::equal(in_order.begin(), in_order.end(), subs.begin(), subs.end(), [](const auto& a, const auto& b) {
        return a.first == b.first && a.second == b.second;
      })) << key;
      sizes -= subs.size();
    }
    EXPECT_EQ(sizes, 0u);
    for (const Lines* lines : lines_) {
      lines->ForEachKey([&](int64_t key) {
        lines->ForEach(key, HashKey(key), [&](const std::string& line) { model.lines[key].push_back(line); });
        EXPECT_EQ(lines->size(key), model.lines[key].size());
      });
    }
    return model;
  }

  /// What a checkpoint n of all tasks holds, once its files are written.
  RestoredState Checkpoint(uint64_t n) {
    RestoredState state{CheckpointId{n}, tasks_[0]->DirectoryOf(n), {}};
    for (const auto& task : tasks_) {
      task->Save();
      task->queue.RunAll();
      state.parts.push_back(task->snapshots.at(n));
    }
    return state;
  }

 private:
  size_t TaskOf(uint64_t hash) const {
    return TaskOfGroup(kGroups, static_cast<uint32_t>(tasks_.size()), GroupOfHash(hash, kGroups));
  }

  std::vector<std::unique_ptr<Instance>> tasks_;
  std::vector<Words*> words_;
  std::vector<Lines*> lines_;
};

void TouchWords(Random& random, Team& team, Model& model) {
  std::string key = "k" + std::to_string(random.Below(4));
  if (random.OneIn(4)) key += std::string(1, '\0') + "x";
  const uint64_t hash = HashKey(key);
  Words& words = team.words(key);
  const auto sub = static_cast<int64_t>(random.Below(60)) - 20;
  switch (random.Below(12)) {
    case 0: case 1: case 2:
      EXPECT_EQ(words.Erase(key, hash, sub), model.words[key].erase(sub) == 1);
      break;
    case 3:
      if (!random.OneIn(5)) break;
      words.Clear(key, hash);
      model.words.erase(key);
      break;
    case 4:
      words.EraseIf(key, hash, [](int64_t at, const TextValue&) { return at % 3 == 0; });
      std::erase_if(model.words[key], [](const auto& entry) { return entry.first % 3 == 0; });
      break;
    default:
      words.Mutable(key, hash, sub) = {sub, std::string(random.Below(20), 'x')};
      model.words[key][sub] = *words.Find(key, hash, sub);
  }
  if (model.words[key].empty()) model.words.erase(key);
}

void TouchLines(Random& random, Team& team, Model& model) {
  const auto key = static_cast<int64_t>(random.Below(5));
  Lines& lines = team.lines(key);
  const std::string line(random.Below(10), 'l');
  if (random.OneIn(150)) {
    lines.Clear(key, HashKey(key));
    model.lines.erase(key);
  } else if (random.OneIn(150)) {
    model.lines[key] = std::vector<std::string>(random.Below(200), line);
    lines.Assign(key, HashKey(key), model.lines[key]);
    if (model.lines[key].empty()) model.lines.erase(key);
  } else {
    lines.Append(key, HashKey(key), line);
    model.lines[key].push_back(line);
  }
}

void Touch(Random& random, Team& team, Model& model) {
  if (random.OneIn(2)) TouchWords(random, team, model);
  else TouchLines(random, team, model);
}

TEST(MapsAndLists, AreWhatTheyWereAtEachBarrierWhateverFollowsAndWhoeverRestoresThem) {
  for (uint64_t seed = 1; seed <= ModelSeeds(20); ++seed) {
    SimulatedDisk disk;
    const auto files = disk.NewProcess();
    SimulatedBaseStoreFactory base;
    SeededRandom random(seed);
    Model model;
    auto team = std::make_unique<Team>(*files, base, 1, "0");
    uint64_t n = 0;
    for (int round = 1; round < 8 && !testing::Test::HasFailure(); ++round) {
      RestoredState checkpoint;
      Model frozen;
      const uint64_t until = n + 1 + random.Below(4);
      while (n < until) {
        for (uint64_t i = random.Below(200); i > 0; --i) Touch(random, *team, model);
        ++n;
        frozen = model;
        for (size_t i = 0; i < team->size(); ++i) ASSERT_TRUE(team->task(i).Freeze(n));
        for (uint64_t i = random.Below(100); i > 0; --i) {
          Touch(random, *team, model);
          team->task(random.Below(team->size())).store->Advance(1 + random.Below(20));
        }
        checkpoint = team->Checkpoint(n);
      }
      ASSERT_EQ(team->Holds(), model) << "seed " << seed;
      const uint64_t same = team->size();
      const uint32_t parallelism = static_cast<uint32_t>(random.OneIn(2) ? same : 1 + random.Below(4));
      team = std::make_unique<Team>(*files, base, parallelism, std::to_string(round), &checkpoint);
      ASSERT_EQ(team->Holds(), frozen) << "seed " << seed << ", checkpoint " << n;
      model = frozen;
    }
  }
}

class OneTeam : public ::testing::Test {
 protected:
  uint64_t DeltaBytes(uint64_t n) {
    EXPECT_TRUE(team_.task(0).Freeze(n));
    team_.Checkpoint(n);
    const StateSnapshot& snapshot = team_.task(0).snapshots.at(n);
    return snapshot.deltas.empty() ? 0 : snapshot.deltas.back().size;
  }
  static constexpr int64_t kKey = 7;

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  SimulatedBaseStoreFactory base_;
  Team team_{*files_, base_, 1, "a"};
};

TEST_F(OneTeam, WritesOneEntryForOneChangeOfALargeMap) {
  Words& words = team_.words("k");
  for (int64_t sub = 0; sub < 10'000; ++sub) words.Mutable("k", HashKey(std::string("k")), sub).sum = sub;
  EXPECT_GT(DeltaBytes(1), 200'000u);
  words.Mutable("k", HashKey(std::string("k")), 5000).sum = 1;
  EXPECT_LT(DeltaBytes(2), 60u);
}

TEST_F(OneTeam, WritesTheLastChunkForAnAppendToALongList) {
  Lines& lines = team_.lines(kKey);
  for (int i = 0; i < 100'000; ++i) lines.Append(kKey, HashKey(kKey), "line");
  EXPECT_GT(DeltaBytes(1), 500'000u);
  lines.Append(kKey, HashKey(kKey), "line");
  EXPECT_LT(DeltaBytes(2), 500u);
}

TEST_F(OneTeam, ForgetsSubKeysThatComeAndGo) {
  Words& words = team_.words("k");
  const uint64_t hash = HashKey(std::string("k"));
  words.Mutable("k", hash, -1);
  for (int64_t i = 0; i < 100'000; ++i) {
    words.Mutable("k", hash, i % 1000);
    words.Erase("k", hash, i % 1000);
  }
  int64_t visited = 0;
  words.ForEach("k", hash, [&](int64_t sub, const TextValue&) { visited += sub; });
  EXPECT_EQ(visited, -1);
  EXPECT_EQ(words.size("k"), 1u);
}

}  // namespace
}  // namespace weir::test
