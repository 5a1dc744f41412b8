#include "connectors/file/staged_file.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

const StagedFile kFile{"part-0000000007-1-00000000.json", ".inprogress/job/sink/a1/1-7", 42, std::string(32, 'a')};

TEST(StagedFile, IsReadBackAsItWasWritten) {
  const auto decoded = DecodeStagedFile(EncodeStagedFile(kFile));
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(*decoded, kFile);
}

TEST(StagedFile, RefusesEveryTruncation) {
  const std::string bytes = EncodeStagedFile(kFile);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeStagedFile(bytes.substr(0, size)).status().code(), Code::kCorruption) << size;
  }
  EXPECT_FALSE(DecodeStagedFile(bytes + "x").ok());
}

TEST(StagedFile, RefusesNamesThatLeadOutOfTheFolder) {
  for (const char* name : {"", "..", "../a", "/etc/passwd", "a/b"}) {
    StagedFile file = kFile;
    file.final_name = name;
    EXPECT_FALSE(DecodeStagedFile(EncodeStagedFile(file)).ok()) << name;
  }
  for (const char* name : {"", "a", "/a", ".inprogress", ".inprogress/../a", ".inprogress//a", ".inprogress/a/"}) {
    StagedFile file = kFile;
    file.temporary_name = name;
    EXPECT_FALSE(DecodeStagedFile(EncodeStagedFile(file)).ok()) << name;
  }
}

TEST(StagedFile, NamesCarryEpochIndexAndIncarnation) {
  const SinkContext context{"job", "sink", {0xabcdef0123456789, 1}, {2, 3}, TaskIndex{4}, 8};
  EXPECT_EQ(FinalName(context, CheckpointId{15}, "part", ".csv"), "part-0000000015-4-abcdef01.csv");
  EXPECT_EQ(TemporaryName(context, CheckpointId{15}),
            ".inprogress/job/sink/00000000000000020000000000000003/4-15");
}

}  // namespace
}  // namespace weir
