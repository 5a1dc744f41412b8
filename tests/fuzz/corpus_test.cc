// The seeds of the fuzzers through the functions that the fuzzers call; and each seed with each of its bits flipped, and cut
// to each of its sizes.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "runtime/base/posix_file_system.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/run_scale.h"

namespace weir::fuzz {
namespace {

/// Of a larger seed only some bits and sizes are tried.
constexpr size_t kBitsMax = 4000;

std::vector<std::string> SeedsOf(std::string_view target) {
  std::vector<std::string> seeds;
  PosixFileSystem files;
  const std::string folder = JoinPath(WEIR_FUZZ_CORPUS, target);
  const Result<std::vector<std::string>> names = files.List(folder);
  if (!names.ok()) return seeds;
  for (const std::string& name : *names) seeds.push_back(ReadWholeFile(files, JoinPath(folder, name)).value());
  return seeds;
}

class Corpus : public testing::TestWithParam<FuzzTarget> {};

TEST_P(Corpus, HasSeedsThatAreAcceptedAndOnesThatAreRefused) {
  uint64_t accepted = 0;
  uint64_t refused = 0;
  for (const std::string& seed : SeedsOf(GetParam().name)) ++(GetParam().run(seed) ? accepted : refused);
  EXPECT_GT(accepted, 0u);
  EXPECT_GT(refused, 0u);
}

TEST_P(Corpus, IsReadWithoutACrashHoweverItIsDamaged) {
  uint64_t runs = 0;
  for (const std::string& seed : SeedsOf(GetParam().name)) {
    const size_t bits = seed.size() * 8;
    const size_t step = std::max<size_t>(1, bits / test::ModelSeeds(kBitsMax));
    for (size_t bit = 0; bit < bits; bit += step, runs += 2) {
      std::string damaged = seed;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      (void)GetParam().run(damaged);
      (void)GetParam().run(std::string_view(seed).substr(0, bit / 8));
    }
  }
  EXPECT_GT(runs, 0u);
  std::cout << runs << " damaged seeds\n";
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(kFuzzTargets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace weir::fuzz
