#include "connectors/file/file_sink.h"

#include <gmock/gmock.h>

#include "connectors/file/staged_file.h"
#include "runtime/base/crash_point.h"
#include "tests/unit/file/file_test_fakes.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Id128 kIncarnation{0x1122334455667788, 9};

class FileSinkTest : public ::testing::Test {
 protected:
  FileSinkTest() { config_.directory = "out"; }

  SinkContext Context(uint64_t attempt) const { return {"job", "sink", kIncarnation, {7, attempt}, TaskIndex{0}, 1}; }
  std::unique_ptr<SinkWriter> Writer(uint64_t attempt) {
    FileSink sink(*files_, config_);
    if (!sink.Prepare().ok()) return nullptr;
    auto writer = sink.NewWriter(Context(attempt), queue_, waker_);
    return writer.ok() ? std::move(*writer) : nullptr;
  }
  std::unique_ptr<StagedCommitter> Committer(uint64_t attempt) {
    return FileSink(*files_, config_).NewCommitter(Context(attempt));
  }
  static Status WriteLine(SinkWriter& writer, uint64_t epoch, std::string_view value) {
    OutgoingRecord record;
    record.value = value;
    return writer.Write(CheckpointId{epoch}, {&record, 1}).status();
  }
  Result<SealedEpoch> SealNow(SinkWriter& writer, uint64_t epoch) {
    WEIR_RETURN_IF_ERROR(writer.Seal(CheckpointId{epoch}));
    queue_.RunAll();
    SealedEpoch sealed;
    WEIR_ASSIGN_OR_RETURN(const bool done, writer.TakeSealed(CheckpointId{epoch}, &sealed));
    EXPECT_TRUE(done);
    return sealed;
  }
  Result<SealedEpoch> Stage(SinkWriter& writer, uint64_t epoch, const std::string& text) {
    WEIR_RETURN_IF_ERROR(WriteLine(writer, epoch, text));
    return SealNow(writer, epoch);
  }
  std::vector<std::string> Published() {
    std::vector<std::string> names = *files_->List("out");
    std::erase(names, ".inprogress");
    return names;
  }
  std::string Read(const std::string& name) { return *ReadWholeFile(*files_, "out/" + name); }
  std::vector<std::string> Attempts() { return *files_->List("out/.inprogress/job/sink"); }

  const std::string first_ = "part-0000000001-0-11223344.json";
  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  ManualQueue queue_;
  CountingWaker waker_;
  FileSinkConfig config_;
};

TEST_F(FileSinkTest, PublishesAnEpochOnlyWhenCommitted) {
  auto writer = Writer(1);
  const auto sealed = Stage(*writer, 1, "{\"a\":1}");
  ASSERT_TRUE(sealed.ok()) << sealed.status().ToString();
  EXPECT_EQ(sealed->records, 1u);
  EXPECT_EQ(waker_.wakes, 1);
  EXPECT_THAT(Published(), IsEmpty());
  ASSERT_TRUE(Committer(1)->Commit(sealed->staged).ok());
  EXPECT_THAT(Published(), ::testing::ElementsAre(first_));
  EXPECT_EQ(Read(first_), "{\"a\":1}\n");
}

TEST_F(FileSinkTest, SealWaitsForTheQueueWhileTheNextEpochIsWritten) {
  auto writer = Writer(1);
  ASSERT_TRUE(WriteLine(*writer, 1, "one").ok());
  ASSERT_TRUE(writer->Seal(CheckpointId{1}).ok());
  SealedEpoch sealed;
  EXPECT_FALSE(*writer->TakeSealed(CheckpointId{1}, &sealed));
  ASSERT_TRUE(WriteLine(*writer, 2, "two").ok());
  ASSERT_TRUE(writer->Seal(CheckpointId{2}).ok());
  queue_.RunAll();
  for (uint64_t n : {1, 2}) {
    ASSERT_TRUE(*writer->TakeSealed(CheckpointId{n}, &sealed));
    ASSERT_TRUE(Committer(1)->Commit(sealed.staged).ok());
  }
  EXPECT_EQ(Read("part-0000000002-0-11223344.json"), "two\n");
}

TEST_F(FileSinkTest, AnEpochWithoutRecordsLeavesNoFile) {
  auto writer = Writer(1);
  const auto sealed = SealNow(*writer, 1);
  ASSERT_TRUE(sealed.ok());
  EXPECT_TRUE(sealed->staged.bytes.empty());
  EXPECT_TRUE(Committer(1)->Commit(sealed->staged).ok());
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(FileSinkTest, WritesMoreThanItsBufferWithTheHeaderFirst) {
  config_.buffer_bytes = 64;
  config_.header = "number";
  auto writer = Writer(1);
  std::string expected = "number\n";
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(WriteLine(*writer, 1, std::to_string(i)).ok());
    expected += std::to_string(i) + "\n";
  }
  const auto sealed = SealNow(*writer, 1);
  EXPECT_EQ(sealed->records, 100u);
  ASSERT_TRUE(Committer(1)->Commit(sealed->staged).ok());
  EXPECT_EQ(Read(first_), expected);
}

TEST_F(FileSinkTest, RefusesALineEndWithinAValueAndATombstoneNamingThem) {
  auto writer = Writer(1);
  ASSERT_TRUE(WriteLine(*writer, 1, "fine").ok());
  const Status broken = WriteLine(*writer, 1, "a\nb");
  EXPECT_EQ(broken.code(), Code::kUserError);
  EXPECT_THAT(broken.message(), HasSubstr("record 1 of epoch 1 has a line end in it: \"a?b\""));
  EXPECT_EQ(WriteLine(*writer, 1, std::string_view()).code(), Code::kUserError);
  EXPECT_TRUE(WriteLine(*writer, 1, std::string_view("")).ok());
}

TEST_F(FileSinkTest, CommittingAgainChangesNothing) {
  auto writer = Writer(1);
  const auto sealed = Stage(*writer, 1, "x");
  ASSERT_TRUE(Committer(1)->Commit(sealed->staged).ok());
  EXPECT_TRUE(Committer(2)->Commit(sealed->staged).ok());
  EXPECT_EQ(Read(first_), "x\n");
}

TEST_F(FileSinkTest, NeverReplacesAnotherFile) {
  auto writer = Writer(1);
  const auto sealed = Stage(*writer, 1, "mine");
  PutFile(*files_, "out/" + first_, "other\n");
  const Status status = Committer(1)->Commit(sealed->staged);
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_THAT(status.message(), HasSubstr("different prefixes"));
  EXPECT_EQ(Read(first_), "other\n");
}

TEST_F(FileSinkTest, RefusesAnEpochOfWhichNothingIsThereUnlessReadersTakeFilesAway) {
  auto writer = Writer(1);
  const auto sealed = Stage(*writer, 1, "x");
  ASSERT_TRUE(Committer(1)->Commit(sealed->staged).ok());
  ASSERT_TRUE(files_->RemoveFile("out/" + first_).ok());
  const Status status = Committer(1)->Commit(sealed->staged);
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_THAT(status.message(), HasSubstr("missing_means_published"));
  config_.missing_means_published = true;
  EXPECT_TRUE(Committer(1)->Commit(sealed->staged).ok());
}

TEST_F(FileSinkTest, RemovesWhatDeadAttemptsLeftAndNothingElse) {
  ASSERT_TRUE(Stage(*Writer(1), 1, "dead").ok());
  auto own = Writer(2);
  auto committer = Committer(2);
  auto successor = Writer(3);
  const auto sealed = Stage(*own, 1, "own");
  ASSERT_TRUE(committer->RemoveOrphans().ok());
  EXPECT_THAT(Attempts(), ::testing::ElementsAre(Context(2).attempt.ToString(), Context(3).attempt.ToString()));
  EXPECT_TRUE(Committer(2)->Commit(sealed->staged).ok());
}

TEST_F(FileSinkTest, LeavesAnAttemptAloneWhoseWriterLives) {
  auto stalled = Writer(1);
  const auto sealed = Stage(*stalled, 1, "x");
  ASSERT_TRUE(Committer(2)->RemoveOrphans().ok());
  EXPECT_TRUE(Committer(1)->Commit(sealed->staged).ok());
}

TEST_F(FileSinkTest, RefusesSettingsThatCannotWork) {
  for (const char* prefix : {"", ".part", "a/b"}) {
    config_.prefix = prefix;
    EXPECT_EQ(FileSink(*files_, config_).Prepare().code(), Code::kInvalidArgument) << prefix;
  }
  config_ = {};
  EXPECT_EQ(FileSink(*files_, config_).Prepare().code(), Code::kInvalidArgument);
}

TEST_F(FileSinkTest, AFailedSyncFailsTheSealAndAFullDiskTheWrite) {
  auto writer = Writer(1);
  ASSERT_TRUE(WriteLine(*writer, 1, "x").ok());
  files_->FailSync(1);
  EXPECT_EQ(SealNow(*writer, 1).status().code(), Code::kIoError);
  config_.buffer_bytes = 1;
  auto second = Writer(2);
  files_->FailChange(2);
  EXPECT_EQ(WriteLine(*second, 1, "x").code(), Code::kIoError);
}

}  // namespace
}  // namespace weir
