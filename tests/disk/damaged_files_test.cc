// Bits that flip, files that end too early, files that change places: the next start is exact, or is refused with the name
// of the file. It never crashes, and never goes on from a wrong state.
#include <gtest/gtest.h>

#include <iostream>

#include "runtime/base/random.h"
#include "runtime/checkpoint/manifest.h"
#include "tests/disk/damaged_job.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

/// Files that are cut to each of their sizes.
constexpr size_t kSmallBytes = 4096;
constexpr uint64_t kRandomBits = 10'000;
/// An ordinary run makes one start of so many.
constexpr uint64_t kDraw = 8;
constexpr uint64_t kSanitizerDraw = 20;

std::string Flipped(std::string bytes, uint64_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  return bytes;
}

class DamagedFiles : public testing::TestWithParam<SinkKind> {
 protected:
  void TearDown() override {
    std::cout << job_.refused() << " starts refused with the name of the file, " << job_.restored() << " exact\n";
    EXPECT_GT(job_.refused(), 0u) << "nothing that was damaged mattered";
  }
  /// The newest file whose path has `part` in it.
  std::string Newest(const std::string& part) {
    std::string found;
    for (const auto& [path, bytes] : job_.files()) {
      if (path.find(part) != std::string::npos) found = path;
    }
    EXPECT_NE(found, "") << "no file is called " << part;
    return found;
  }
  /// Whether this run makes one more of the starts that there are.
  bool Drawn() { return random_.Below(one_of_) == 0; }

  SeededRandom random_{TestSeed()};
  const uint64_t one_of_ = FullOrDraw(1, kDraw) * (kSanitizerDraw / ModelSeeds(kSanitizerDraw));
  DamagedJob job_{GetParam()};
};

TEST_P(DamagedFiles, WithAnyBitOfTheManifestFlippedAreRefused) {
  const std::string path = Newest("/MANIFEST");
  const std::string bytes = job_.files().at(path);
  for (uint64_t bit = 0; bit < bytes.size() * 8; ++bit) {
    if (!Drawn()) continue;
    ASSERT_EQ(job_.WrongWith(path, Flipped(bytes, bit)), "") << path << ", bit " << bit;
  }
  EXPECT_EQ(job_.restored(), 0u);
}

TEST_P(DamagedFiles, WithAnyBitFlippedAreExactOrRefused) {
  const std::map<std::string, std::string> files = job_.files();
  for (uint64_t i = kRandomBits; i > 0; --i) {
    // Not by size: a small file matters no less than a large one.
    const auto& [path, bytes] = *std::next(files.begin(), static_cast<ptrdiff_t>(random_.Below(files.size())));
    const uint64_t bit = random_.Below(bytes.size() * 8);
    if (!Drawn()) continue;
    ASSERT_EQ(job_.WrongWith(path, Flipped(bytes, bit)), "") << path << ", bit " << bit;
  }
}

TEST_P(DamagedFiles, CutToAnySizeAreExactOrRefused) {
  const std::map<std::string, std::string> files = job_.files();
  for (const auto& [path, bytes] : files) {
    if (bytes.size() > kSmallBytes) continue;
    for (size_t size = 0; size < bytes.size(); ++size) {
      if (!Drawn()) continue;
      ASSERT_EQ(job_.WrongWith(path, bytes.substr(0, size)), "") << path << " cut to " << size;
    }
  }
}

TEST_P(DamagedFiles, InPlaceOfOneAnotherAreExactOrRefused) {
  const std::map<std::string, std::string> files = job_.files();
  for (const auto& [path, bytes] : files) {
    for (const auto& [other, other_bytes] : files) {
      if (bytes == other_bytes) continue;
      ASSERT_EQ(job_.WrongWith(path, other_bytes), "") << other << " in place of " << path;
      ASSERT_EQ(job_.WrongWith({{path, other_bytes}, {other, bytes}}), "") << other << " and " << path << " swapped";
    }
  }
}

TEST_P(DamagedFiles, OfAnotherJobAreExactOrRefused) {
  const std::map<std::string, std::string> files = job_.files();
  for (const uint64_t seed : {1, 2}) {   // Of the same random numbers, the other's checkpoints are even called the same.
    const DamagedJob other(GetParam(), "ledgers", seed);
    for (const auto& [path, bytes] : files) {
      for (const auto& [other_path, other_bytes] : other.files()) {
        if (bytes == other_bytes) continue;
        ASSERT_EQ(job_.WrongWith(path, other_bytes), "") << other_path << " in place of " << path;
      }
    }
  }
}

TEST_P(DamagedFiles, OfAWholeOlderCheckpointInPlaceOfTheNewestAreRefused) {
  const std::string newest = ParentOf(Newest("/MANIFEST"));
  std::map<std::string, std::string> damage;
  for (const auto& [path, bytes] : job_.files()) {
    if (path.find("/chk-") == std::string::npos || path.starts_with(newest + "/")) continue;
    const std::string target = JoinPath(newest, path.substr(path.rfind('/') + 1));
    if (job_.files().contains(target)) damage[target] = bytes;
  }
  ASSERT_GT(damage.size(), 1u);
  EXPECT_EQ(job_.WrongWith(damage), "");
  EXPECT_EQ(job_.restored(), 0u);
}

TEST_P(DamagedFiles, OfTheManifestReadWithoutAChecksumAreRefusedOrSayWhatIsInThem) {
  const std::string bytes = job_.files().at(Newest("/MANIFEST"));
  uint64_t refused = 0;
  for (uint64_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const Result<Manifest> read = ParseManifest(Flipped(bytes, bit));
    if (!read.ok()) {
      ++refused;
      ASSERT_NE(read.status().message().find("manifest"), std::string::npos) << read.status().ToString();
      continue;
    }
    const Result<std::string> again = ManifestToJson(*read);
    ASSERT_TRUE(again.ok()) << "bit " << bit << ": " << again.status().ToString();
    ASSERT_EQ(ParseManifest(*again).value(), *read) << "bit " << bit;
  }
  EXPECT_GT(refused, bytes.size());
  // Only the start is told of the commit point, and of the checksum in it.
  ASSERT_EQ(job_.WrongWith(Newest("/MANIFEST"), Flipped(bytes, 0)), "");
}

INSTANTIATE_TEST_SUITE_P(Disk, DamagedFiles, testing::Values(SinkKind::kTopic, SinkKind::kFiles),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace weir::test
