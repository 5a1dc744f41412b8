// Keys with very many rows: a step looks at a bounded number of partners and expires a bounded number of rows.
#include <gtest/gtest.h>

#include <set>

#include "connectors/generator/generator.h"
#include "operators/join/interval_join.h"
#include "operators/join/window_join.h"
#include "tests/unit/join/join_harness.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

struct Pair {
  int64_t left = 0;
  int64_t right = 0;   ///< -1: none.
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

constexpr int64_t kRows = 20'000;
/// More than this at once takes longer than a step may.
constexpr size_t kBoundOfStep = 3000;

class HotKeys : public testing::Test {
 protected:
  template <class Join>
  void Build(Join join) {
    const auto source = [&](const char* id) {
      return pipeline_.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
          .Timestamps(&Event::time, Ascending{}).KeyBy(&Event::key);
    };
    generator::Discard(join(source("l"), source("r"), [](const Event& left, const Event* right) {
      return Pair{left.id, right == nullptr ? -1 : right->id};
    }));
    node_ = std::make_unique<NodeUnderTest>(pipeline_, "node");
  }
  void BuildInterval() {
    Build([](const auto& left, const auto& right, auto pair) {
      return left.IntervalJoin(right, Between{-1s, 1s}).Left("node", pair);
    });
  }
  void BuildWindow() {
    Build([](const auto& left, const auto& right, auto pair) {
      return left.WindowJoin(right, Tumbling{1s}).Left("node", pair);
    });
  }

  /// Rows of one key and `times` times from 100 on.
  void Rows(uint32_t input, int64_t count, int64_t key, int64_t first_id, int64_t times, int64_t from = 100) {
    for (int64_t i = 0; i < count;) {
      auto batch = std::make_unique<Batch<Event>>();
      for (; i < count && batch->size() < 1000; ++i) {
        batch->rows.push_back({key, from + i % times, first_id + i, ""});
        batch->times.push_back(EventTime{batch->rows.back().time});
        batch->hashes.push_back(HashKey(key));
      }
      ASSERT_TRUE(node_->op().Process(input, std::move(batch), node_->out).ok());
      EXPECT_LT(TakePairs(), kBoundOfStep);
      while (node_->op().keeps_rows()) {
        node_->Advance(7);
        ASSERT_TRUE(node_->op().GoOn(node_->out).ok());
        EXPECT_LT(TakePairs(), kBoundOfStep);
      }
    }
  }
  size_t Expire(EventTime watermark) {
    for (size_t steps = 1;; ++steps) {
      const Result<bool> done = node_->op().OnWatermark(watermark, node_->out);
      EXPECT_TRUE(done.ok());
      EXPECT_LT(TakePairs(), kBoundOfStep);
      if (!done.ok() || *done) return steps;
      node_->Advance(7);
    }
  }
  NodeUnderTest& node() { return *node_; }

  std::multiset<Pair> pairs;

 private:
  size_t TakePairs() {
    size_t taken = 0;
    for (const auto& [port, batch] : node_->out.batches) {
      EXPECT_EQ(port, kMainPort);
      const auto& rows = static_cast<const Batch<Pair>&>(*batch).rows;
      pairs.insert(rows.begin(), rows.end());
      taken += rows.size();
    }
    node_->out.batches.clear();
    return taken;
  }

  Pipeline pipeline_{"hot"};
  std::unique_ptr<NodeUnderTest> node_;
};

TEST_F(HotKeys, GiveTheMatchesOfARowInSteps) {
  for (const bool window : {false, true}) {
    for (const uint32_t many : {0u, 1u}) {
      pairs.clear();
      if (window) BuildWindow();
      else BuildInterval();
      Rows(many, kRows, 7, 0, 500);
      Rows(1 - many, 3, 7, 100'000, 3);
      EXPECT_EQ(pairs.size(), 3u * kRows);
      EXPECT_EQ(std::set<Pair>(pairs.begin(), pairs.end()).size(), 3u * kRows);
      Expire(kMaxEventTime);
      EXPECT_EQ(pairs.size(), 3u * kRows) << "all were matched";
      EXPECT_EQ(node().state().keys(), 0u);
    }
  }
}

TEST_F(HotKeys, ExpireInStepsThoughAllTheirRowsAreOfOneTime) {
  BuildWindow();
  Rows(0, kRows, 7, 0, 500);
  node().Save();
  Expire(EventTime{5000});
  EXPECT_EQ(pairs.size(), size_t{kRows});
  EXPECT_EQ(node().state().keys(), 0u);
}

TEST_F(HotKeys, DoNotMakeTheOtherSideExpireAgainWithEveryPiece) {
  BuildInterval();
  // Many keys of the left side have a row in the bucket that the watermark is in, and are looked at but stay.
  constexpr int64_t kMany = 50'000;
  for (int64_t key = 100; key < 100 + kMany; ++key) Rows(0, 1, key, key, 1, 103);
  Rows(1, kMany, 7, 0, 50, 50);
  const size_t steps = Expire(EventTime{1102});
  EXPECT_EQ(node().state().keys(), uint64_t{kMany});
  EXPECT_LT(steps, 4 * kMany / kRowsPerStep + 10);
}

}  // namespace
}  // namespace weir::test
