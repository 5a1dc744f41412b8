// Compares two multisets of rows by hashes of 64 bits: 16 bytes a row, however long rows are.
//
//   Judge judge;
//   judge.Expect(row); ...  judge.Find(row); ...  judge.FindUnreadable();
//   Verdict verdict = judge.Finish();
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "benchmarks/nexmark/oracle/row.h"

namespace oracle {

struct Verdict {
  uint64_t expected = 0;
  uint64_t found = 0;        ///< All that are in the output, unreadable ones too.
  uint64_t missing = 0;      ///< Expected, and no row with its identity is left over.
  uint64_t unexpected = 0;   ///< Not expected, or once too often.
  uint64_t wrong = 0;        ///< The identity of an expected row but another value; or unreadable.
  /// Hashes (HashOf) of rows to show, a few of each side.
  std::unordered_set<uint64_t> examples_expected;
  std::unordered_set<uint64_t> examples_found;

  bool IsClean() const { return missing == 0 && unexpected == 0 && wrong == 0; }
};

uint64_t HashOf(const Row& row);

/// One thread.
class Judge {
 public:
  void Expect(const Row& row) { expected_.push_back(PrintOf(row)); }
  void Find(const Row& row) { found_.push_back(PrintOf(row)); }
  void FindUnreadable() { ++unreadable_; }
  /// Once, at the end.
  Verdict Finish();

 private:
  struct Print {
    uint64_t row;
    uint64_t identity;
  };
  static Print PrintOf(const Row& row);
  /// Keeps those of each side that the other one lacks.
  void CancelEqualRows();

  std::vector<Print> expected_;
  std::vector<Print> found_;
  uint64_t unreadable_ = 0;
};

}  // namespace oracle
