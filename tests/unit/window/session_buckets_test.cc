// The list of keys by when their sessions may be over: every key has its turn, and memory is that of the keys.
#include "operators/window/session_buckets.h"

#include <gtest/gtest.h>

#include <map>

#include "runtime/base/random.h"

namespace weir::internal {
namespace {

constexpr int64_t kGap = 80;

/// Visits all that is due, of keys whose sessions end as `ends` says; those that are over are forgotten.
void VisitAll(SessionBuckets<int64_t>& buckets, int64_t watermark, std::map<int64_t, int64_t>& ends) {
  for (bool done = false; !done;) {
    FiringBudget budget(kRowsPerStep);
    const auto visited = buckets.Visit(watermark, budget, [&](int64_t key) -> Result<std::optional<int64_t>> {
      budget.SpendRow();
      const auto found = ends.find(key);
      if (found == ends.end()) return std::optional<int64_t>();
      if (found->second > watermark) return std::optional(found->second);
      ends.erase(found);
      return std::optional<int64_t>();
    });
    ASSERT_TRUE(visited.ok());
    done = *visited;
  }
}

TEST(SessionBuckets, HoldAKeyThatStaysOpenForEverAFewTimesAtMost) {
  SessionBuckets<int64_t> buckets(kGap);
  std::map<int64_t, int64_t> ends;
  for (int64_t now = 0; now < 200'000; now += 10) {
    // A row out of order begins a session before the one that goes on: the key is to be visited sooner.
    ends[7] = now + kGap;
    buckets.Add(now - 20, 7);
    VisitAll(buckets, now - 40, ends);
    ASSERT_LE(buckets.entries(), 70u);
  }
}

TEST(SessionBuckets, VisitEveryKeyWhenItsTimeHasComeHoweverOftenItWasAdded) {
  SeededRandom random(3);
  SessionBuckets<int64_t> buckets(kGap);
  std::map<int64_t, int64_t> ends;
  for (int64_t now = 0; now < 50'000; now += 10) {
    const auto key = static_cast<int64_t>(random.Below(100));
    const int64_t end = now + static_cast<int64_t>(random.Below(500));
    const auto [at, fresh] = ends.try_emplace(key, end);
    // A session that grows is not added again, one that begins or ends sooner is.
    if (fresh || end < at->second) buckets.Add(end, key);
    at->second = end;
    VisitAll(buckets, now, ends);
    for (const auto& [open, over] : ends) ASSERT_GT(over, now) << "key " << open;
  }
  EXPECT_LE(buckets.entries(), 2 * 100u + 64);
  VisitAll(buckets, 100'000, ends);
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(buckets.entries(), 0u);
}

}  // namespace
}  // namespace weir::internal
