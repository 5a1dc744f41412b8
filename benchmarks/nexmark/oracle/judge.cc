#include "benchmarks/nexmark/oracle/judge.h"

#include <xxhash.h>

#include <algorithm>

namespace oracle {
namespace {

constexpr size_t kExamplesMax = 5;

void Note(uint64_t row, std::unordered_set<uint64_t>& examples) {
  if (examples.size() < kExamplesMax) examples.insert(row);
}

}  // namespace

uint64_t HashOf(const Row& row) { return XXH3_64bits(row.bytes().data(), row.bytes().size()); }

Judge::Print Judge::PrintOf(const Row& row) {
  return {HashOf(row), XXH3_64bits(row.identity().data(), row.identity().size())};
}

void Judge::CancelEqualRows() {
  const auto by_row = [](const Print& a, const Print& b) { return a.row < b.row; };
  std::sort(expected_.begin(), expected_.end(), by_row);
  std::sort(found_.begin(), found_.end(), by_row);
  std::vector<Print> missing;
  std::vector<Print> surplus;
  std::set_difference(expected_.begin(), expected_.end(), found_.begin(), found_.end(), std::back_inserter(missing),
                      by_row);
  std::set_difference(found_.begin(), found_.end(), expected_.begin(), expected_.end(), std::back_inserter(surplus),
                      by_row);
  expected_ = std::move(missing);
  found_ = std::move(surplus);
}

Verdict Judge::Finish() {
  Verdict verdict;
  verdict.expected = expected_.size();
  verdict.found = found_.size() + unreadable_;
  verdict.wrong = unreadable_;
  CancelEqualRows();
  const auto by_identity = [](const Print& a, const Print& b) { return a.identity < b.identity; };
  std::sort(expected_.begin(), expected_.end(), by_identity);
  std::sort(found_.begin(), found_.end(), by_identity);
  for (const Print& print : expected_) Note(print.row, verdict.examples_expected);
  for (const Print& print : found_) Note(print.row, verdict.examples_found);
  auto left = expected_.begin();
  auto right = found_.begin();
  while (left != expected_.end() || right != found_.end()) {
    if (right == found_.end() || (left != expected_.end() && left->identity < right->identity)) {
      ++verdict.missing;
      ++left;
    } else if (left == expected_.end() || right->identity < left->identity) {
      ++verdict.unexpected;
      ++right;
    } else {
      ++verdict.wrong;
      ++left;
      ++right;
    }
  }
  return verdict;
}

}  // namespace oracle
