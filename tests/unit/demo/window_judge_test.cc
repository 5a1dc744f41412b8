#include "tools/demo_support/window_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tools/demo_support/record_text.h"
#include "tools/demo_support/timed_maker.h"

namespace demo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr WindowRule kSliding{.size_ms = 10, .slide_ms = 5, .disorder_ms = 4};
constexpr WindowRule kSessions{.size_ms = 10, .disorder_ms = 4};

/// Rows of one key in one partition, and what a faultless job makes of them.
WindowVerdict Judged(WindowRule rule, const std::vector<int64_t>& times, const std::vector<FoundWindow>& windows,
                     const std::vector<LateRow>& late = {}) {
  WindowJudge judge(rule);
  for (const int64_t time : times) judge.AddRow(0, {7, time});
  int64_t offset = 0;
  for (const FoundWindow& window : windows) judge.JudgeWindow(window, {0, offset++});
  for (const LateRow& row : late) judge.JudgeLate(row);
  return judge.Finish();
}

TEST(WindowJudge, PutsARowIntoAllWindowsThatHoldIt) {
  const WindowVerdict verdict = Judged(kSliding, {12, 15}, {{7, 5, 15, 1}, {7, 10, 20, 2}, {7, 15, 25, 1}});
  EXPECT_EQ(verdict.faults(), 0u) << testing::PrintToString(verdict.examples);
  EXPECT_EQ(verdict.expected, 3u);
  EXPECT_EQ(verdict.in, 2u);
}

TEST(WindowJudge, PutsTimesBeforeZeroIntoTheirWindows) {
  EXPECT_EQ(Judged(kSliding, {-1}, {{7, -10, 0, 1}, {7, -5, 5, 1}}).faults(), 0u);
}

TEST(WindowJudge, RefusesARowWhoseFirstWindowIsOverInItsPartition) {
  // Watermark 16: the window [5, 15) is over, [10, 20) is not.
  EXPECT_EQ(Judged(kSliding, {20, 14}, {{7, 15, 25, 1}, {7, 20, 30, 1}}, {{14, 16}}).faults(), 0u);
  EXPECT_EQ(Judged(kSliding, {20, 15}, {{7, 10, 20, 1}, {7, 15, 25, 2}, {7, 20, 30, 1}}).faults(), 0u);
}

TEST(WindowJudge, DecidesLatenessByPartition) {
  WindowJudge judge(kSessions);
  judge.AddRow(0, {7, 100});
  judge.AddRow(1, {7, 50});
  judge.JudgeWindow({7, 100, 110, 1}, {0, 0});
  judge.JudgeWindow({7, 50, 60, 1}, {0, 1});
  EXPECT_EQ(judge.Finish().faults(), 0u);
}

TEST(WindowJudge, JoinsRowsLessThanAGapApartIntoOneSession) {
  EXPECT_EQ(Judged(kSessions, {3, 0, 12, 22}, {{7, 0, 22, 3}, {7, 22, 32, 1}}).faults(), 0u);
  const WindowVerdict late = Judged(kSessions, {12, 7}, {{7, 12, 22, 1}}, {{7, 8}});
  EXPECT_EQ(late.faults(), 0u);
  EXPECT_EQ(late.late_expected, 1u);
}

TEST(WindowJudge, FindsEveryDamageOnce) {
  const std::vector<FoundWindow> right{{7, 0, 22, 3}, {7, 22, 32, 1}};
  const std::vector<int64_t> times{3, 0, 12, 22};
  EXPECT_EQ(Judged(kSessions, times, {right[0]}).lost, 1u);
  EXPECT_EQ(Judged(kSessions, times, {right[0], right[1], right[1]}).doubled, 1u);
  EXPECT_EQ(Judged(kSessions, times, {right[0], right[1], {7, 40, 50, 1}}).unexpected, 1u);
  const WindowVerdict wrong = Judged(kSessions, times, {{7, 0, 22, 2}, right[1]});
  EXPECT_EQ(wrong.wrong, 1u);
  EXPECT_EQ(wrong.faults(), 1u);
  EXPECT_THAT(wrong.examples, ElementsAre(HasSubstr("key 7 window [0, 22) 2 rows; it has 3")));
}

TEST(WindowJudge, FindsLateRowsThatAreMissingDoubledOrNoneAtAll) {
  const std::vector<FoundWindow> windows{{7, 12, 22, 1}};
  EXPECT_EQ(Judged(kSessions, {12, 7}, windows).late_wrong, 1u);
  EXPECT_EQ(Judged(kSessions, {12, 7}, windows, {{7, 8}, {7, 8}}).late_wrong, 1u);
  EXPECT_EQ(Judged(kSessions, {12, 7}, windows, {{7, 8}, {6, 8}}).late_wrong, 1u);
}

TEST(TimedMaker, MakesRowsOnTimeAndLateOnesAndMostForTheFirstPartition) {
  for (const char* name : {"hot-auctions", "sessions"}) {
    const WindowJob& job = *FindWindowJob(name);
    const TimedMaker maker(job, 5);
    RecordText text;
    WindowJudge judge(job.rule);
    std::string json;
    uint64_t second = 0;
    for (uint64_t n = 0; n < 20'000; ++n) {
      TimedRow row;
      const uint64_t partition = maker.Make(n, &json);
      ASSERT_TRUE(text.ReadTimed(json, job, &row)) << json;
      judge.AddRow(static_cast<int64_t>(partition), row);
      second += partition;
    }
    const WindowVerdict verdict = judge.Finish();
    EXPECT_GT(verdict.late_expected, 20u) << name;
    EXPECT_LT(verdict.late_expected, 20'000 / TimedMaker::kOneLateOf * 2) << name;
    EXPECT_GT(second, 1000u);
    EXPECT_LT(second, 5000u);
  }
}

TEST(RecordText, ReadsAWindowWhateverTheOrderOfItsFields) {
  FoundWindow found;
  const WindowJob& job = *FindWindowJob("sessions");
  EXPECT_TRUE(RecordText().ReadWindow(R"({"clicks":3,"window":{"end":9,"start":4},"user":7})", job, &found));
  EXPECT_EQ(found.key, 7);
  EXPECT_EQ(found.start, 4);
  EXPECT_EQ(found.end, 9);
  EXPECT_EQ(found.rows, 3);
  EXPECT_FALSE(RecordText().ReadWindow(R"({"clicks":3,"user":7})", job, &found));
}

}  // namespace
}  // namespace demo
