#include "runtime/checkpoint/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/random.h"
#include "tests/unit/checkpoint/manifest_samples.h"

namespace weir {
namespace {

using test::SampleManifest;
using testing::HasSubstr;

std::string Json() { return ManifestToJson(SampleManifest()).value(); }

std::string Replaced(const std::string& from, const std::string& to) {
  std::string json = Json();
  const size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from << " is not in " << json;
  return json.replace(at, from.size(), to);
}

TEST(Manifest, ComesBackAsItWas) {
  const Result<Manifest> read = ParseManifest(Json());
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, SampleManifest());
}

TEST(Manifest, ComesBackWithAReplayPlanAndWithNothingInIt) {
  Manifest m = SampleManifest();
  m.mode = RunMode::kReplay;
  m.drained = true;
  m.replay = ReplayPlan{"earliest", "now", 1000, true};
  EXPECT_EQ(ParseManifest(ManifestToJson(m).value()).value(), m);
  Manifest empty;
  empty.job = "j";
  empty.incarnation = empty.attempt = {1, 1};
  empty.n = CheckpointId{1};
  EXPECT_EQ(ParseManifest(ManifestToJson(empty).value()).value(), empty);
}

TEST(Manifest, KeepsQuotesAndControlCharactersOfNames) {
  Manifest m = SampleManifest();
  m.sources[0].splits[0].split = SplitId{"/data/\"a\\b\"\n\x01/\xc3\xa4.json"};
  EXPECT_EQ(ParseManifest(ManifestToJson(m).value()).value(), m);
}

TEST(Manifest, RefusesANameThatIsNotUtf8) {
  Manifest m = SampleManifest();
  m.sources[0].splits[0].split = SplitId{"/data/\xff"};
  EXPECT_EQ(ManifestToJson(m).status().code(), Code::kInvalidArgument);
  EXPECT_THAT(ManifestToJson(m).status().message(), HasSubstr("/data/\\xff"));
}

TEST(Manifest, OfAnotherFormatVersionIsRefused) {
  const Status status = ParseManifest(Replaced("\"format\": 2", "\"format\": 3")).status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("format 3"));
}

struct Hostile {
  std::string from;
  std::string to;
  std::string named;
};

TEST(Manifest, NamesTheFieldThatIsDamagedOrHostile) {
  for (const Hostile& hostile : std::vector<Hostile>{
           {"count-0.delta-7.sst", "../../etc/passwd", "states[0].deltas[0].name"},
           {"count-0.delta-7.sst", "..", "states[0].deltas[0].name"},
           {"count-0.delta-7.sst", "MANIFEST", "states[0].deltas[0].name"},
           {"\"size\": 11", "\"size\": -1", "states[0].base[0].size"},
           {"\"size\": 11", "\"size\": 18446744073709551615", "states[0].base[0].size"},
           {"cccc", "CCCC", "states[0].base[0].checksum"},
           {"\"last\": 128", "\"last\": 129", "states[0].last"},
           {"\"n\": 7", "\"n\": 0", "'n'"},
           {"\"n\": 7", "\"n\": \"7\"", "'n'"},
           {"\"n\": 7", "\"n\": 7, \"extra\": 1", "extra"},
           {"\"n\": 7", "\"n\": 7, \"n\": 8", "'n'"},
           {"  \"drained\": false,\n", "", "drained"},
           {"bids/1", "bids/0", "sources[0].splits[1].split"},
           {"\"mode\": \"stream\"", "\"mode\": \"batch\"", "mode"},
           {"YQD/", "YQD", "staged[0].base64"},
           {"\"job\": \"job\"", "\"job\": \"../job\"", "'job'"}}) {
    const Status status = ParseManifest(Replaced(hostile.from, hostile.to)).status();
    EXPECT_EQ(status.code(), Code::kCorruption) << hostile.to;
    EXPECT_THAT(status.message(), HasSubstr(hostile.named));
  }
}

TEST(Manifest, SurvivesEveryTruncation) {
  const std::string json = Json();
  for (size_t size = 0; size + 1 < json.size(); ++size) {
    EXPECT_FALSE(ParseManifest(json.substr(0, size)).ok()) << size;
  }
}

TEST(Manifest, SurvivesTenThousandFlippedBits) {
  SeededRandom random(21);
  const std::string good = Json();
  for (int i = 0; i < 10'000; ++i) {
    std::string json = good;
    json[random.Below(json.size())] ^= static_cast<char>(1 << random.Below(8));
    const Result<Manifest> read = ParseManifest(json);
    EXPECT_TRUE(read.ok() || !read.status().message().empty());
  }
}

TEST(PositionsDigest, DependsOnPositionsAndNotOnTheirOrder) {
  std::vector<SourceState> sources = SampleManifest().sources;
  const std::string digest = PositionsDigest(sources);
  std::swap(sources[0].splits[0], sources[0].splits[1]);
  EXPECT_EQ(PositionsDigest(sources), digest);
  sources[0].splits[0].position.next = Offset{13};
  EXPECT_NE(PositionsDigest(sources), digest);
  EXPECT_EQ(digest.size(), 32u);
}

}  // namespace
}  // namespace weir
