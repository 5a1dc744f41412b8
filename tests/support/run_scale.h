// How much a run of the tests does, and from which seed.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace weir::test {

/// Set, and not to 0.
inline bool IsOn(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' && *value != '0';
}

/// WEIR_TEST_FULL=1: the full lists instead of a draw.
inline bool IsFullRun() { return IsOn("WEIR_TEST_FULL"); }

/// WEIR_TEST_QUICK=1: what takes as long as it is given takes less.
inline bool IsQuickRun() { return IsOn("WEIR_TEST_QUICK"); }

/// WEIR_TEST_ALL=1: every case of the lists that are too long for a full run, too.
inline bool IsWholeRun() { return IsOn("WEIR_TEST_ALL"); }

/// `drawn`; where WEIR_TEST_CASES is set, those of `all` whose name it is a part of.
template <class Case>
std::vector<Case> WantedOr(std::vector<Case> drawn, std::vector<Case> all) {
  const char* wanted = std::getenv("WEIR_TEST_CASES");
  if (wanted == nullptr || *wanted == '\0') return drawn;
  std::erase_if(all, [wanted](const Case& one) { return one.Name().find(wanted) == std::string::npos; });
  return all;
}

/// WEIR_TEST_SEED, else another one each time; printed either way.
inline uint64_t TestSeed() {
  const char* given = std::getenv("WEIR_TEST_SEED");
  const uint64_t seed = given != nullptr && *given != '\0'
                            ? std::strtoull(given, nullptr, 10)
                            : static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count() / 1000);
  std::printf("seed %llu (WEIR_TEST_SEED repeats it)\n", static_cast<unsigned long long>(seed));
  return seed;
}

/// How many seeds of a model that runs on one thread. Under a sanitizer, which makes it ten times slower, a few show what
/// there is to see of memory and threads; the plain build runs all of them for what they say about the model.
constexpr uint64_t ModelSeeds(uint64_t seeds) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return (seeds + 19) / 20;
#else
  return seeds;
#endif
}

/// One of two sizes.
inline uint64_t FullOrDraw(uint64_t full, uint64_t draw) { return IsFullRun() ? full : draw; }

}  // namespace weir::test
