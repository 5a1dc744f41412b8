#include "connectors/file/file_source.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "tests/unit/file/file_test_fakes.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

std::string Gzip(const std::string& text) {
  z_stream zlib{};
  EXPECT_EQ(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&zlib, text.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

class FileSourceTest : public ::testing::Test {
 protected:
  void Put(const std::string& path, const std::string& bytes) { PutFile(*files_, path, bytes); }
  Result<std::vector<SplitAssignment>> List(StartPoint from = {}, EndPoint to = {}) {
    return FileSource(*files_, clock_, config_).ListSplits(from, to);
  }
  std::vector<std::string> Names(const std::string& path) {
    config_.path = path;
    std::vector<std::string> names;
    const auto splits = List();
    if (!splits.ok()) return {splits.status().ToString()};
    for (const SplitAssignment& split : *splits) names.push_back(split.split.value());
    return names;
  }
  std::unique_ptr<RecordReader> Reader() {
    return FileSource(*files_, clock_, config_).NewReader(waker_).value();
  }
  /// A reader of the single split of config_.path, at the start or at `position`.
  std::unique_ptr<RecordReader> Open(const Position* position = nullptr) {
    auto splits = List();
    EXPECT_TRUE(splits.ok()) << splits.status().ToString();
    if (position != nullptr) splits->front().start = *position;
    auto reader = Reader();
    status_ = reader->Add(splits->front());
    return reader;
  }
  Lines ReadFile(const std::string& bytes) {
    config_.path = "f.txt";
    Put("f.txt", bytes);
    return ReadAll(*Open(), 0);
  }
  Position Read(RecordReader& reader, size_t rows) {
    EXPECT_TRUE(reader.Read(0, rows, [](const RawRecord&) {}).ok());
    return reader.PositionOf(0);
  }

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  ManualClock clock_;
  CountingWaker waker_;
  FileSourceConfig config_;
  Status status_;
};

TEST_F(FileSourceTest, NamesFilesFoldersAndPatternsSorted) {
  for (const char* path : {"in/b.json", "in/a.json", "in/_tmp", "in/.hid", "in/sub/c.json", "x/a.csv"}) Put(path, "");
  EXPECT_THAT(Names("in"), ::testing::ElementsAre("in/a.json", "in/b.json"));
  EXPECT_THAT(Names("in/a.json"), ::testing::ElementsAre("in/a.json"));
  EXPECT_THAT(Names("in/*.json"), ::testing::ElementsAre("in/a.json", "in/b.json"));
  EXPECT_THAT(Names("*/[a-b].*"), ::testing::ElementsAre("in/a.json", "in/b.json", "x/a.csv"));
  EXPECT_THAT(Names("/in/*/c.json"), ::testing::ElementsAre("/in/sub/c.json"));
  EXPECT_THAT(Names("in/a.jsn").front(), HasSubstr("did you mean a.json?"));
  EXPECT_THAT(Names("*.none").front(), HasSubstr("NotFound"));
}

TEST_F(FileSourceTest, HandsOutLinesWithTheirOffsets) {
  EXPECT_EQ(ReadFile("one\ntwo\r\n\nthree"), (Lines{{0, "one"}, {4, "two"}, {10, "three"}}));
  config_.skip_blank_lines = false;
  EXPECT_EQ(ReadFile("\n\r\nx\n"), (Lines{{0, ""}, {1, ""}, {3, "x"}}));
  EXPECT_EQ(ReadFile(""), Lines{});
}

TEST_F(FileSourceTest, SkipsTheHeaderAlsoWhenStartedAgain) {
  config_.skip_header = true;
  EXPECT_EQ(ReadFile("h1,h2\na\nb\n"), (Lines{{6, "a"}, {8, "b"}}));
  auto reader = Open();
  const Position position = Read(*reader, 1);
  EXPECT_EQ(ReadAll(*Open(&position), 0), (Lines{{8, "b"}}));
}

TEST_F(FileSourceTest, ResumesAtEveryLineOfAFileLargerThanItsBuffer) {
  std::string text;
  for (int i = 0; i < 9000; ++i) text += std::string(static_cast<size_t>(i % 97), 'x') + std::to_string(i) + "\n";
  const Lines all = ReadFile(text);
  ASSERT_EQ(all.size(), 9000u);
  for (size_t rows = 1; rows < all.size(); rows += 811) {
    auto reader = Open();
    const Position position = Read(*reader, rows);
    const Lines rest = ReadAll(*Open(&position), 0, nullptr, 1000);
    EXPECT_EQ(Lines(all.begin() + static_cast<ptrdiff_t>(rows), all.end()), rest) << rows;
  }
}

TEST_F(FileSourceTest, ReadsALineLongerThanItsBufferUpToTheBound) {
  const std::string line(1'000'000, 'y');
  EXPECT_EQ(ReadFile("a\n" + line + "\nb\n"), (Lines{{0, "a"}, {2, line}, {1'000'003, "b"}}));
  config_.line_bytes_max = 999'999;
  Status status;
  EXPECT_EQ(ReadAll(*Open(), 0, &status), (Lines{{0, "a"}}));
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("f.txt: the line at byte 2 is longer than 999999 bytes"));
}

TEST_F(FileSourceTest, StopsAtTheSizeThatTheFileHadWhenListed) {
  config_.path = "f.txt";
  Put("f.txt", "a\nb\n");
  auto reader = Open();
  AppendFile(*files_, "f.txt", "late\n");
  EXPECT_EQ(ReadAll(*reader, 0), (Lines{{0, "a"}, {2, "b"}}));
  EXPECT_EQ(reader->Read(0, 9, [](const RawRecord&) {})->state, SplitState::kEnded);
  EXPECT_EQ(reader->LagOf(0), 0);
}

TEST_F(FileSourceTest, RefusesAShrunkAChangedAndAMissingFile) {
  ReadFile("first\nsecond\nthird\n");
  auto reader = Open();
  const Position position = Read(*reader, 2);
  const SplitAssignment assignment{SplitId("f.txt"), position, {}};
  for (const char* bytes : {"first\n", "FIRST\nsecond\nthird\n"}) {
    Put("f.txt", bytes);
    EXPECT_EQ(Reader()->Add(assignment).code(), Code::kCorruption) << bytes;
  }
  ASSERT_TRUE(files_->RemoveFile("f.txt").ok());
  EXPECT_THAT(Reader()->Add(assignment).message(),
              testing::AllOf(HasSubstr("f.txt is gone"), HasSubstr("put the file back"), HasSubstr("--restore none"),
                             testing::Not(HasSubstr("forget_removed_files"))));
}

TEST_F(FileSourceTest, NoticesThatAFileShrinksWhileItIsRead) {
  config_.path = "f.txt";
  Put("f.txt", std::string(600'000, 'a') + "\n");
  auto reader = Open();
  Put("f.txt", "a\n");
  Status status;
  ReadAll(*reader, 0, &status);
  EXPECT_EQ(status.code(), Code::kCorruption);
}

TEST_F(FileSourceTest, AFollowedFileGivesWholeLinesOnlyAndIsLookedAtAgain) {
  config_.follow = true;
  EXPECT_EQ(ReadFile("a\npar"), (Lines{{0, "a"}}));
  auto reader = Open();
  ReadAll(*reader, 0);
  EXPECT_EQ(waker_.wake_at, clock_.now + config_.follow_interval);
  EXPECT_EQ(reader->PositionOf(0).next, Offset{2});
  EXPECT_EQ(ReadAll(*reader, 0), Lines{});
  AppendFile(*files_, "f.txt", "tial\nc\n");
  EXPECT_EQ(ReadAll(*reader, 0), (Lines{{2, "partial"}, {10, "c"}}));
  const Position position = reader->PositionOf(0);
  AppendFile(*files_, "f.txt", "d\n");
  EXPECT_EQ(ReadAll(*Open(&position), 0), (Lines{{12, "d"}}));
}

TEST_F(FileSourceTest, RefusesAFollowedFileThatWasCutOrReplaced) {
  config_.follow = true;
  for (const char* bytes : {"a\n", "xxxx\nbbbb\ncccc\n"}) {
    ReadFile("aaaa\nbbbb\n");
    auto reader = Open();
    ReadAll(*reader, 0);
    Put("f.txt", bytes);
    Status status;
    ReadAll(*reader, 0, &status);
    EXPECT_EQ(status.code(), Code::kCorruption) << bytes;
  }
}

TEST_F(FileSourceTest, LatestAndNowOfAFollowedFileAreTheEndOfItsLastWholeLine) {
  config_.follow = true;
  config_.path = "f.txt";
  Put("f.txt", "a\nb\n" + std::string(100'000, 'c'));
  const auto splits = List({StartPoint::Kind::kLatest, 0}, {EndPoint::Kind::kNow, 0});
  ASSERT_TRUE(splits.ok());
  EXPECT_EQ(splits->front().start.next, Offset{4});
  EXPECT_EQ(splits->front().end, Offset{4});
  EXPECT_FALSE(splits->front().start.fingerprint.empty());
  EXPECT_FALSE(List()->front().end.has_value());
}

TEST_F(FileSourceTest, RefusesStartsThatFilesDoNotHave) {
  Put("in/a", "1\n");
  Put("in/b", "2\n");
  config_.path = "in";
  EXPECT_EQ(List({StartPoint::Kind::kTimestamp, 5}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(List({StartPoint::Kind::kOffset, 1}).status().code(), Code::kInvalidArgument);
  config_.path = "in/a";
  EXPECT_TRUE(List({StartPoint::Kind::kOffset, 2}).ok());
  EXPECT_EQ(List({StartPoint::Kind::kOffset, 3}).status().code(), Code::kInvalidArgument);
}

TEST_F(FileSourceTest, ReadsAndResumesGzipOfSeveralMembers) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  const Lines plain = ReadFile(text);
  Put("f.gz", Gzip(text.substr(0, 1000)) + Gzip(text.substr(1000)));
  config_.path = "f.gz";
  EXPECT_EQ(ReadAll(*Open(), 0), plain);
  auto reader = Open();
  const Position position = Read(*reader, 12'345);
  EXPECT_TRUE(position.fingerprint.starts_with("4096:"));
  EXPECT_EQ(ReadAll(*Open(&position), 0), Lines(plain.begin() + 12'345, plain.end()));
}

TEST_F(FileSourceTest, RefusesDamagedCutAndFollowedGzip) {
  config_.path = "f.gz";
  const std::string good = Gzip("some text\nthat is long enough\n");
  for (const std::string& bytes : {good.substr(0, good.size() - 5), std::string("not gzip at all"), good + "tail"}) {
    Put("f.gz", bytes);
    Status status;
    ReadAll(*Open(), 0, &status);
    EXPECT_EQ(status.code(), Code::kCorruption);
    EXPECT_THAT(status.message(), HasSubstr("f.gz"));
  }
  config_.follow = true;
  EXPECT_EQ(List().status().code(), Code::kInvalidArgument);
}

TEST_F(FileSourceTest, PlacementNeverChanges) {
  FileSource source(*files_, clock_, config_);
  EXPECT_EQ(source.Placement(SplitId("")), 2166136261u);
  EXPECT_EQ(source.Placement(SplitId("a")), 0xe40c292cu);
  EXPECT_EQ(source.Placement(SplitId("foobar")), 0xbf9cf968u);
}

TEST_F(FileSourceTest, AnUnreadableFileEndsTheReadWithItsName) {
  ReadFile("a\n");
  auto reader = Open();
  files_->Kill();
  Status status;
  ReadAll(*reader, 0, &status);
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_THAT(status.message(), HasSubstr("f.txt"));
}

}  // namespace
}  // namespace weir
