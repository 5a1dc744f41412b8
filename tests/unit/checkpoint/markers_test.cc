#include "runtime/checkpoint/markers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/random.h"

namespace weir {
namespace {

using testing::HasSubstr;

MarkerRecord AMarker() {
  return {{1, 2}, CheckpointId{42}, {3, 4}, std::string(64, 'a'), std::string(32, 'b'), 7};
}

TEST(Markers, ComeBackAsTheyWere) {
  EXPECT_EQ(ParseMarker(FormatMarker(AMarker())).value(), AMarker());
  const ClaimRecord claim{{5, 6}, 3};
  EXPECT_EQ(ParseClaim(FormatClaim(claim)).value(), claim);
}

TEST(Markers, AreShortPrintableText) {
  const std::string text = FormatMarker(AMarker());
  EXPECT_LT(text.size(), 1024u);
  for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(Markers, AreToldFromClaimsByTheirKey) {
  EXPECT_TRUE(std::holds_alternative<MarkerRecord>(
      ParseMarkerTopicRecord("job", "job", FormatMarker(AMarker())).value()));
  EXPECT_TRUE(std::holds_alternative<ClaimRecord>(
      ParseMarkerTopicRecord("job", "job/claim", FormatClaim({{5, 6}, 1})).value()));
  const Status other = ParseMarkerTopicRecord("job", "other", "x").status();
  EXPECT_EQ(other.code(), Code::kCorruption);
  EXPECT_THAT(other.message(), HasSubstr("key 'other'"));
}

TEST(Markers, NameTheTopicAndTheTransactionalId) {
  EXPECT_EQ(MarkerTopic("job"), "weir.markers.job");
  EXPECT_EQ(TransactionalId("job"), "weir.job");
}

TEST(Markers, OfAnotherFormatVersionAreRefused) {
  std::string text = FormatMarker(AMarker());
  text.replace(text.find(" 1 "), 3, " 2 ");
  EXPECT_EQ(ParseMarker(text).status().code(), Code::kInvalidArgument);
  EXPECT_THAT(ParseMarker(text).status().message(), HasSubstr("format version 2"));
}

struct Damage {
  std::string from;
  std::string to;
  std::string named;
};

TEST(Markers, NameTheFieldThatIsDamaged) {
  for (const Damage& damage : std::vector<Damage>{{"weir-marker", "weir-", "kind"},
                                                  {"n=42", "n=042", "'n'"},
                                                  {"n=42", "n=0", "'n'"},
                                                  {"n=42 ", "", "'n'"},
                                                  {"attempt=0", "attempt=G", "attempt"},
                                                  {"manifest=a", "manifest=", "manifest"},
                                                  {"records=7", "records=-7", "records"},
                                                  {"records=7", "records=7 x=1", "the end"}}) {
    std::string text = FormatMarker(AMarker());
    text.replace(text.find(damage.from), damage.from.size(), damage.to);
    const Status status = ParseMarker(text).status();
    EXPECT_EQ(status.code(), Code::kCorruption) << text;
    EXPECT_THAT(status.message(), HasSubstr(damage.named));
  }
}

TEST(Markers, NeverReadDamagedBytesAsAnotherMarkerThanTheySay) {
  const uint64_t seed = 20;
  SeededRandom random(seed);
  const std::string good = FormatMarker(AMarker());
  for (int i = 0; i < 10'000; ++i) {
    std::string text = good.substr(0, random.OneIn(2) ? random.Below(good.size()) : good.size());
    if (!text.empty()) text[random.Below(text.size())] = static_cast<char>(random.Next());
    const Result<MarkerRecord> marker = ParseMarker(text);
    EXPECT_TRUE(!marker.ok() || FormatMarker(*marker) == text) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir
