// Decides whether what a job with windows put out is exactly right: every window that the definition makes of the input
// once, with the right number of rows, no other, and every late row once in the ledger. Pure; shares no code with Weir.
//
//   WindowJudge judge(rule);
//   for (each row, of a partition in its order) judge.AddRow(partition, row);
//   for (each window of the output) judge.JudgeWindow(window, place);
//   for (each record of the ledger) judge.JudgeLate(late);
//   WindowVerdict verdict = judge.Finish();
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/demo_support/records.h"
#include "tools/demo_support/window_jobs.h"

namespace demo {

struct WindowVerdict {
  uint64_t in = 0;
  uint64_t expected = 0;          ///< Windows.
  uint64_t out = 0;
  uint64_t lost = 0;              ///< Windows that are not in the output.
  uint64_t doubled = 0;           ///< Were there before.
  uint64_t wrong = 0;             ///< Unreadable, or another number of rows.
  uint64_t unexpected = 0;        ///< No such window.
  uint64_t late = 0;              ///< Rows in the ledger.
  uint64_t late_expected = 0;
  uint64_t late_wrong = 0;        ///< Late rows that are not there, and what is there and is none.
  std::vector<std::string> examples;   ///< The first few faults.

  uint64_t faults() const { return lost + doubled + wrong + unexpected + late_wrong; }
};

/// One thread. When all input has been read and has fired: nothing is said of windows that are still open.
class WindowJudge {
 public:
  explicit WindowJudge(WindowRule rule) : rule_(rule) {}

  /// REQUIRES: rows of a partition come in its order; all rows come before the first window.
  void AddRow(int64_t partition, const TimedRow& row);
  void JudgeWindow(const FoundWindow& found, OutputPlace place);
  /// A record of the output that is no window.
  void JudgeUnreadable(std::string_view text, OutputPlace place);
  void JudgeLate(const LateRow& late);
  void JudgeUnreadableLate(std::string_view text);
  WindowVerdict Finish();

 private:
  struct Name {
    int64_t key = 0;
    int64_t start = 0;
    int64_t end = 0;
    friend bool operator==(const Name&, const Name&) = default;
  };
  struct HashOfName {
    size_t operator()(const Name& name) const;
  };
  struct Window {
    int64_t rows = 0;
    bool seen = false;
  };

  bool IsLate(int64_t time, int64_t watermark) const;
  void AddToSlidingWindows(const TimedRow& row);
  void MakeSessions();
  void Fault(uint64_t& counter, std::string example);
  static std::string Describe(const Name& name, int64_t rows);

  const WindowRule rule_;
  std::map<int64_t, int64_t> greatest_;                            // time, by partition
  std::unordered_map<Name, Window, HashOfName> windows_;
  std::unordered_map<int64_t, std::vector<int64_t>> times_;        // by key; of sessions, until they are made
  std::map<LateRow, int64_t> late_;                                // how often each is still missing
  WindowVerdict verdict_;
};

}  // namespace demo
