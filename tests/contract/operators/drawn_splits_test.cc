#include "tests/contract/operators/drawn_splits.h"

#include <gtest/gtest.h>

#ifdef WEIR_HAS_RAPIDCHECK
#include <rapidcheck.h>
#endif

#include <ostream>
#include <sstream>
#include <unordered_map>

#include "runtime/base/random.h"

namespace weir::test {
namespace {

constexpr int kRowsMax = 100;
constexpr int kKeys = 16;
constexpr int kSteps = 9;
constexpr int kBehind = 60;
constexpr int kValues = 10;
[[maybe_unused]] constexpr int kShrinksMax = 500;

}  // namespace

// Found by rapidcheck, which is why it has no other place.
void showValue(const DrawnRow& row, std::ostream& out) {
  out << "{" << row.key << ", " << row.step << ", " << row.behind << ", " << row.value << "}";
}

#ifdef WEIR_HAS_RAPIDCHECK

namespace {
class Silent final : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};
}  // namespace

std::string WithDrawnSplits(uint64_t seed, size_t splits,
                            const std::function<std::string(const std::vector<DrawnSplit>&)>& check) {
  namespace gen = rc::gen;
  const auto row = gen::construct<DrawnRow>(gen::inRange(0, kKeys), gen::inRange(0, kSteps), gen::inRange(0, kBehind),
                                            gen::inRange(0, kValues));
  // The size is that of splits; what numbers may be must not depend on it.
  const auto split = gen::resize(kRowsMax, gen::container<DrawnSplit>(gen::resize(rc::kNominalSize, row)));
  const auto all = gen::container<std::vector<DrawnSplit>>(splits, split);
  int tried = 0;
  const auto property = [&] {
    const std::vector<DrawnSplit> drawn = *all;
    if (tried > kShrinksMax) return;   // What fails is small enough, or takes too long to be made smaller.
    const std::string found = check(drawn);
    if (found.empty() && tried == 0) return;
    ++tried;
    if (!found.empty()) RC_FAIL(found);
  };
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = 1;
  Silent silent;
  const std::unordered_map<std::string, rc::detail::Reproduce> nothing_to_repeat;   // else it reads its own configuration
  const rc::detail::TestResult result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params, silent,
                                                                   nothing_to_repeat);
  if (result.template is<rc::detail::SuccessResult>()) return {};
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  return text.str();
}

#else

std::string WithDrawnSplits(uint64_t seed, size_t splits,
                            const std::function<std::string(const std::vector<DrawnSplit>&)>& check) {
  SeededRandom random(seed);
  const auto below = [&](int bound) { return static_cast<int>(random.Below(static_cast<uint64_t>(bound))); };
  std::vector<DrawnSplit> drawn(splits);
  for (DrawnSplit& split : drawn) {
    for (int rows = below(kRowsMax + 1); rows > 0; --rows) {
      split.push_back({below(kKeys), below(kSteps), below(kBehind), below(kValues)});
    }
  }
  return check(drawn);
}

#endif

TEST(DrawnSplits, AreTheSameForOneSeed) {
  std::vector<std::vector<DrawnSplit>> seen;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(WithDrawnSplits(7, 5, [&](const std::vector<DrawnSplit>& drawn) {
      seen.push_back(drawn);
      return std::string();
    }), "");
  }
  ASSERT_EQ(seen.size(), 2u);
  const DataShape shape;
  const Data first = ReadAll(seen[0], shape);
  const Data second = ReadAll(seen[1], shape);
  size_t rows = 0;
  size_t late = 0;
  for (size_t split = 0; split < kSplits; ++split) {
    ASSERT_EQ(first[0][split].size(), second[0][split].size());
    for (size_t i = 0; i < first[0][split].size(); ++i) {
      EXPECT_EQ(first[0][split][i].event.time, second[0][split][i].event.time);
      late += first[0][split][i].late();
      ++rows;
    }
  }
  EXPECT_GT(rows, 50u);
  EXPECT_GT(late, 0u);
}

}  // namespace weir::test
