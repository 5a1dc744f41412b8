#include "tools/demo_support/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

namespace demo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Placed {
  Total total;
  OutputPlace place;
};

/// Bids of a few auctions over three partitions and the output that a faultless job makes of them.
class JudgeTest : public testing::Test {
 protected:
  static constexpr int64_t kBids = 300;

  JudgeTest() {
    std::map<int64_t, std::pair<int64_t, int64_t>> totals;
    for (int64_t n = 0; n < kBids; ++n) {
      const Bid bid{n % 3, n / 3 * 2, n % 7, 100 + n};
      auto& [count, sum] = totals[bid.auction];
      bids_.push_back(bid);
      output_.push_back({{bid.auction, bid.partition, bid.offset, bid.price, ++count, sum += bid.price},
                         {bid.auction % 2, n}});
    }
  }

  Verdict Judged() const {
    Judge judge;
    for (const Bid& bid : bids_) judge.AddBid(bid);
    for (const Placed& placed : output_) judge.JudgeTotal(placed.total, placed.place);
    return judge.Finish();
  }

  std::vector<Bid> bids_;
  std::vector<Placed> output_;
};

uint64_t Faults(const Verdict& verdict) {
  uint64_t all = 0;
  for (const uint64_t number : verdict.faults) all += number;
  return all;
}

TEST_F(JudgeTest, PassesWhatIsExactlyRight) {
  const Verdict verdict = Judged();
  EXPECT_EQ(verdict.in, 300u);
  EXPECT_EQ(verdict.out, 300u);
  EXPECT_EQ(Faults(verdict), 0u);
  EXPECT_TRUE(verdict.IsClean(kBids));
}

TEST_F(JudgeTest, FailsARightOutputOfTooFewBids) { EXPECT_FALSE(Judged().IsClean(kBids + 1)); }

TEST_F(JudgeTest, FindsEveryRecordThatIsRemoved) {
  for (size_t victim = 0; victim < bids_.size(); ++victim) {
    Placed removed = output_[victim];
    output_.erase(output_.begin() + static_cast<std::ptrdiff_t>(victim));
    const Verdict verdict = Judged();
    EXPECT_EQ(verdict.of(Fault::kLost), 1u) << victim;
    EXPECT_FALSE(verdict.IsClean(kBids));
    EXPECT_FALSE(verdict.IsClean(kBids - 1));
    output_.insert(output_.begin() + static_cast<std::ptrdiff_t>(victim), removed);
  }
}

TEST_F(JudgeTest, FindsEveryRecordThatIsDoubled) {
  for (size_t victim = 0; victim < bids_.size(); ++victim) {
    output_.push_back(output_[victim]);
    const Verdict verdict = Judged();
    EXPECT_EQ(verdict.of(Fault::kDuplicated), 1u) << victim;
    EXPECT_FALSE(verdict.IsClean(kBids));
    EXPECT_FALSE(verdict.IsClean(kBids + 1));
    output_.pop_back();
  }
}

TEST_F(JudgeTest, FindsEveryFieldOfEveryRecordThatIsChanged) {
  const std::vector<int64_t Total::*> fields = {&Total::auction, &Total::partition, &Total::offset,
                                                &Total::price,   &Total::count,     &Total::sum};
  for (size_t victim = 0; victim < output_.size(); ++victim) {
    for (const auto field : fields) {
      ++(output_[victim].total.*field);
      EXPECT_GE(Faults(Judged()), 1u) << victim;
      --(output_[victim].total.*field);
    }
  }
}

TEST_F(JudgeTest, FindsAnyTwoRecordsOfAnAuctionThatAreSwapped) {
  for (size_t first = 0; first + 7 < output_.size(); ++first) {
    for (size_t second = first + 7; second < output_.size(); second += 7) {
      std::swap(output_[first].total, output_[second].total);
      EXPECT_GE(Judged().of(Fault::kOutOfOrder), 1u) << first << " and " << second;
      std::swap(output_[first].total, output_[second].total);
    }
  }
}

TEST_F(JudgeTest, FindsAnEmptyOutput) {
  output_.clear();
  const Verdict verdict = Judged();
  EXPECT_EQ(verdict.of(Fault::kLost), 300u);
  EXPECT_FALSE(verdict.IsClean(kBids));
  EXPECT_FALSE(verdict.IsClean(0));
}

TEST_F(JudgeTest, FindsABidThatWasCountedTwice) {
  Total counted_again = output_.back().total;
  counted_again.count += 1;
  counted_again.sum += counted_again.price;
  output_.push_back({counted_again, {output_.back().place.partition, kBids}});
  EXPECT_EQ(Judged().of(Fault::kDuplicated), 1u);
}

TEST_F(JudgeTest, FindsTotalsThatAreConsistentButForgotTheState) {
  // A restart from nothing: from the 200th bid on, counts begin again.
  std::map<int64_t, std::pair<int64_t, int64_t>> totals;
  for (size_t n = 200; n < output_.size(); ++n) {
    Total& total = output_[n].total;
    auto& [count, sum] = totals[total.auction];
    total.count = ++count;
    total.sum = sum += total.price;
  }
  EXPECT_EQ(Judged().of(Fault::kOutOfOrder), 7u);
}

TEST_F(JudgeTest, FindsABidThatOvertookAnotherOfItsPartition) {
  // Counts and sums are right, but the auction's bids of one partition were counted in the wrong order.
  bids_ = {{0, 1, 5, 10}, {0, 2, 5, 10}};
  output_ = {{{5, 0, 2, 10, 1, 10}, {0, 0}}, {{5, 0, 1, 10, 2, 20}, {0, 1}}};
  const Verdict verdict = Judged();
  EXPECT_EQ(verdict.of(Fault::kOutOfOrder), 1u);
  EXPECT_EQ(Faults(verdict), 1u);
}

TEST_F(JudgeTest, FindsAnAuctionInTwoPartitions) {
  output_.back().place.partition += 1;
  EXPECT_EQ(Judged().of(Fault::kOutOfOrder), 1u);
}

TEST_F(JudgeTest, CountsARecordThatIsNoTotalAsWrong) {
  Judge judge;
  judge.JudgeUnreadable("{}", {3, 17});
  const Verdict verdict = judge.Finish();
  EXPECT_EQ(verdict.out, 1u);
  EXPECT_THAT(verdict.examples[static_cast<size_t>(Fault::kWrong)], ElementsAre(HasSubstr("3:17")));
}

TEST_F(JudgeTest, ShowsTheFirstFewExamplesOnly) {
  output_.clear();
  EXPECT_EQ(Judged().examples[static_cast<size_t>(Fault::kLost)].size(), 5u);
}

}  // namespace
}  // namespace demo
