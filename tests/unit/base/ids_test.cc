#include "runtime/base/ids.h"

#include <gtest/gtest.h>

#include "runtime/base/checksum.h"
#include "runtime/base/hash.h"

namespace weir {
namespace {

TEST(Id128, IsReadBackFromItsTextAndFromNothingElse) {
  const Id128 id{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(id.ToString(), "0123456789abcdeffedcba9876543210");
  Id128 parsed;
  ASSERT_TRUE(Id128::Parse(id.ToString(), &parsed));
  EXPECT_EQ(parsed, id);
  for (const char* text : {"", "0", "0123456789ABCDEFfedcba9876543210", "0123456789abcdeffedcba98765432100",
                           "0123456789abcdeffedcba987654321g"}) {
    EXPECT_FALSE(Id128::Parse(text, &parsed)) << text;
    EXPECT_EQ(parsed, id);
  }
}

TEST(KeyGroups, EveryGroupBelongsToTheTaskWhoseRangeHoldsIt) {
  for (uint32_t parallelism = 1; parallelism <= 130; ++parallelism) {
    for (uint16_t group = 0; group < kDefaultKeyGroups; ++group) {
      const uint32_t owner = TaskOfGroup(kDefaultKeyGroups, parallelism, KeyGroup{group});
      ASSERT_LT(owner, parallelism);
      ASSERT_TRUE(RangeOfTask(kDefaultKeyGroups, parallelism, owner).Contains(KeyGroup{group})) << parallelism;
    }
  }
}

TEST(ValidName, TakesTheStrictPatternOnly) {
  for (const char* name : {"a", "0", "job-1.x_Y"}) EXPECT_TRUE(IsValidName(name)) << name;
  for (const char* name : {"", ".a", "-a", "_a", "a/b", "a b", "\xc3\xa4"}) EXPECT_FALSE(IsValidName(name)) << name;
  EXPECT_TRUE(IsValidName(std::string(100, 'x')));
  EXPECT_FALSE(IsValidName(std::string(101, 'x')));
}

// These values are on disk: a test that fails here found a change of format.
TEST(FrozenHashes, NeverChange) {
  EXPECT_EQ(HashBytes(""), 0x2d06800538d394c2u);
  EXPECT_EQ(HashInteger(1), 0xb456bcfc34c2cb2cu);
  EXPECT_EQ(FileChecksum(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(Sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FileChecksummer, GivesTheSameForPiecesAndTheWhole) {
  FileChecksummer pieces;
  pieces.Add("ab");
  pieces.Add("");
  pieces.Add("c");
  EXPECT_EQ(pieces.Finish(), FileChecksum("abc"));
}

}  // namespace
}  // namespace weir
