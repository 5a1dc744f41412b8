// Checkpoints that cannot be gone on from: refused with what, where, the values and the way out, and nothing changed.
#include "connectors/file/file_connector.h"
#include "environment/ledger.h"
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using test::Bid;
using test::Job;
using test::JobOptions;
using test::Total;
using test::Totals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kFolder[] = "/checkpoints/totals";

/// All files below `path` with their bytes.
void AddFiles(FileSystem& files, const std::string& path, std::map<std::string, std::string>& out) {
  if (!*files.IsDirectory(path)) {
    out[path] = *ReadWholeFile(files, path);
    return;
  }
  const auto names = files.List(path);
  for (const std::string& name : *names) AddFiles(files, JoinPath(path, name), out);
}

class CheckpointRefusal : public testing::Test {
 protected:
  void SetUp() override {
    job_.Topic("bids").Add(Bid{1, 10}).Add(Bid{2, 5}, 1);
    ASSERT_TRUE(job_.Stop().has_value());
    job_.Topic("bids").Add(Bid{1, 1});
    disk_ = job_.world().disk().NewProcess();
  }

  std::map<std::string, std::string> Files() {
    std::map<std::string, std::string> files;
    AddFiles(*disk_, kFolder, files);
    // Each start has a work folder of its own.
    std::erase_if(files, [](const auto& file) { return file.first.find("/work-") != std::string::npos; });
    return files;
  }
  std::string PathOf(const std::string& part) {
    for (const auto& [path, bytes] : Files()) {
      if (path.find(part) != std::string::npos) return path;
    }
    ADD_FAILURE() << "no file is called " << part;
    return "";
  }
  void Write(const std::string& path, const std::string& bytes) { ASSERT_TRUE(WriteDurably(*disk_, path, bytes).ok()); }

  /// What the next start is refused with. Nothing may have changed.
  std::string Refusal() { return RefusalOf(job_); }
  std::string RefusalOf(Job& job) {
    const auto files = Files();
    const auto output = job.CommittedBytes("totals");
    const auto outcome = job.Run();
    if (!outcome.has_value()) return "the job runs";
    EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused) << outcome->status.ToString();
    EXPECT_EQ(Files(), files) << "a file was changed";
    EXPECT_EQ(job.CommittedBytes("totals"), output);
    EXPECT_THAT(job.world().broker().OpenTransactions(), IsEmpty());
    return outcome->status.message();
  }

  Job job_{Totals()};
  std::unique_ptr<SimulatedFileSystem> disk_;
};

TEST_F(CheckpointRefusal, NamesTheManifestThatIsMissing) {
  const std::string path = PathOf("MANIFEST");
  ASSERT_TRUE(disk_->RemoveFile(path).ok());
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(path), HasSubstr("checkpoint 1 is committed"), HasSubstr("bring"),
                               HasSubstr("--restore none")));
}

TEST_F(CheckpointRefusal, NamesTheWholeCheckpointThatIsMissing) {
  const std::string folder = ParentOf(PathOf("MANIFEST"));
  ASSERT_TRUE(disk_->RemoveTree(folder).ok());
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(folder), HasSubstr("checkpoint 1"), HasSubstr("--restore none")));
}

TEST_F(CheckpointRefusal, SaysThatTheManifestIsTruncated) {
  const std::string path = PathOf("MANIFEST");
  const std::string bytes = *ReadWholeFile(*disk_, path);
  Write(path, bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(path), HasSubstr("SHA-256"), HasSubstr("the commit point names"),
                               HasSubstr("--restore none")));
}

TEST_F(CheckpointRefusal, FindsOneFlippedBitAnywhereInTheManifest) {
  const std::string path = PathOf("MANIFEST");
  const std::string bytes = *ReadWholeFile(*disk_, path);
  for (size_t at = 0; at < bytes.size(); at += 97) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    Write(path, flipped);
    ASSERT_THAT(Refusal(), AllOf(HasSubstr(path), HasSubstr("SHA-256"))) << "byte " << at;
  }
}

TEST_F(CheckpointRefusal, FindsOneFlippedBitInAFileOfState) {
  const std::string path = PathOf("sums-0");
  std::string bytes = *ReadWholeFile(*disk_, path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  Write(path, bytes);
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(path), HasSubstr("its checksum is"), HasSubstr("the manifest says"),
                               HasSubstr("--restore none")));
}

TEST_F(CheckpointRefusal, SaysThatAFileOfStateIsTruncated) {
  const std::string path = PathOf("sums-0");
  const std::string bytes = *ReadWholeFile(*disk_, path);
  Write(path, bytes.substr(0, bytes.size() - 1));
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(path), HasSubstr(std::to_string(bytes.size() - 1) + " bytes"),
                               HasSubstr("the manifest says " + std::to_string(bytes.size())),
                               HasSubstr("--restore none")));
}

TEST_F(CheckpointRefusal, NamesTheFileOfStateThatIsMissing) {
  const std::string path = PathOf("sums-0");
  ASSERT_TRUE(disk_->RemoveFile(path).ok());
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(path), HasSubstr("--restore none")));
}

TEST_F(CheckpointRefusal, GoesOnOnceTheCheckpointIsBack) {
  const std::string path = PathOf("MANIFEST");
  const std::string bytes = *ReadWholeFile(*disk_, path);
  ASSERT_TRUE(disk_->RemoveFile(path).ok());
  EXPECT_THAT(Refusal(), Not(HasSubstr("the job runs")));
  Write(path, bytes);
  ASSERT_FALSE(job_.Run().has_value());
  EXPECT_EQ(test::Counted(job_), 2);
}

TEST_F(CheckpointRefusal, OfAnotherClusterCreatesNothingThere) {
  Job elsewhere(Totals());
  elsewhere.Topic("bids").Add(Bid{1, 1});
  const auto there = elsewhere.world().disk().NewProcess();
  for (const auto& [path, bytes] : Files()) {
    ASSERT_TRUE(there->CreateDirectories(ParentOf(path)).ok());
    ASSERT_TRUE(WriteDurably(*there, path, bytes).ok());
  }
  const auto outcome = elsewhere.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(),
              AllOf(HasSubstr("weir.markers.totals"), HasSubstr("checkpoint 1"), HasSubstr("another cluster"),
                    HasSubstr("--restore none")));
  const auto topics = elsewhere.world().broker().Connect()->ListTopics();
  EXPECT_THAT(*topics, SizeIs(1)) << "a topic was created";
}

/// Bids of a topic to files: a job whose commit point is in its folder.
Pipeline ToFiles(const std::string& job, const std::string& source = "bids", bool missing_means_published = false) {
  Pipeline pipeline{job};
  pipeline.Source(source, kafka::Source<Bid>{.topic = "bids"})
      .Sink("out", file::Sink<Bid>{.directory = "/out", .missing_means_published = missing_means_published});
  return pipeline;
}

/// Refused by a new job whose folder is a copy of this one's.
std::string RefusalOfCopy(Job& from, const std::string& folder, Job& to, const std::string& copy) {
  std::map<std::string, std::string> files;
  AddFiles(*from.world().disk().NewProcess(), folder, files);
  const auto disk = to.world().disk().NewProcess();
  for (const auto& [path, bytes] : files) {
    const std::string target = copy + path.substr(folder.size());
    EXPECT_TRUE(disk->CreateDirectories(ParentOf(target)).ok() && WriteDurably(*disk, target, bytes).ok());
  }
  const auto outcome = to.Run();
  if (!outcome.has_value()) return "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused) << outcome->status.ToString();
  return outcome->status.message();
}

class FileJobRefusal : public testing::Test {
 protected:
  void SetUp() override {
    job_.Topic("bids").Add(Bid{1, 10});
    ASSERT_TRUE(job_.Stop().has_value());
  }
  Job job_{ToFiles("first")};
};

TEST_F(FileJobRefusal, NamesTheJobThatTheCheckpointBelongsTo) {
  Job other(ToFiles("second"));
  other.Topic("bids").Add(Bid{1, 10});
  EXPECT_THAT(RefusalOfCopy(job_, "/checkpoints/first", other, "/checkpoints/second"),
              AllOf(HasSubstr("/checkpoints/second/chk-"), HasSubstr("belongs to job first, this is job second"),
                    HasSubstr("use that job id, or another folder")));
}

TEST_F(FileJobRefusal, NamesBothClusters) {
  JobOptions options;
  options.broker.cluster_id = "elsewhere";
  Job other(ToFiles("first"), options);
  other.Topic("bids").Add(Bid{1, 10});
  EXPECT_THAT(RefusalOfCopy(job_, "/checkpoints/first", other, "/checkpoints/first"),
              AllOf(HasSubstr("source bids was reading from cluster memory topic bids"),
                    HasSubstr("now from cluster elsewhere topic bids"), HasSubstr("--restore none")));
}

TEST_F(FileJobRefusal, NamesEveryOperatorThatIsGoneOrNew) {
  Job other(ToFiles("first", "offers"));
  other.Topic("bids").Add(Bid{1, 10});
  EXPECT_THAT(RefusalOfCopy(job_, "/checkpoints/first", other, "/checkpoints/first"),
              AllOf(HasSubstr("checkpoint 1 of job first"), HasSubstr("operator bids has state or positions in it"),
                    HasSubstr("operator offers has nothing in it"), HasSubstr("--restore none")));
}

TEST_F(FileJobRefusal, SaysThatCurrentIsMissingOrDamaged) {
  const auto disk = job_.world().disk().NewProcess();
  const std::string path = "/checkpoints/first/CURRENT";
  std::string bytes = *ReadWholeFile(*disk, path);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  ASSERT_TRUE(WriteDurably(*disk, path, bytes).ok());
  const auto outcome = job_.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(), AllOf(HasSubstr(path + " is damaged"), HasSubstr("--restore none")));
}

/// What the next start comes to after a reader has taken every file away that `job` has published.
std::optional<EngineOutcome> StartAfterAReader(Job& job) {
  job.Topic("bids").Add(Bid{1, 10});
  EXPECT_TRUE(job.Stop().has_value());
  const auto disk = job.world().disk().NewProcess();
  const std::vector<std::string> names = disk->List("/out").value();
  for (const std::string& name : names) {
    if (!name.starts_with("part-")) continue;
    EXPECT_TRUE(disk->RemoveFile("/out/" + name).ok());
  }
  return job.Run();
}

TEST(TakenOutput, IsRefusedWithTheOptionForReadersThatTakeFilesAway) {
  Job job(ToFiles("first"));
  const auto outcome = StartAfterAReader(job);
  ASSERT_TRUE(outcome.has_value()) << "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(),
              AllOf(HasSubstr("sink out: the committed output /out/part-"), HasSubstr("neither published nor staged"),
                    HasSubstr("missing_means_published of the file::Sink"), HasSubstr("--restore none")));
}

TEST(TakenOutput, IsNoReasonToRefuseWhereTheSinkSaysSo) {
  Job job(ToFiles("first", "bids", true));
  const auto outcome = StartAfterAReader(job);
  EXPECT_FALSE(outcome.has_value()) << outcome->status.ToString();
}

TEST_F(FileJobRefusal, OfASecondStartNamesTheProcessThatRuns) {
  job_.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job_.Run().has_value());
  const JobGraph graph = WithLedger(ToFiles("first").graph(), "/checkpoints");
  EngineOptions options;
  options.checkpoint_directory = "/checkpoints";
  SimulatedProcess second(job_.world(), graph, options);
  while (!second.engine().outcome().has_value() && second.RunOne()) {
  }
  ASSERT_TRUE(second.engine().outcome().has_value());
  EXPECT_EQ(second.engine().outcome()->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(second.engine().outcome()->status.message(),
              AllOf(HasSubstr("job first is running already"), HasSubstr("/checkpoints/first"),
                    HasSubstr("locked by process"), HasSubstr("stop that process first, or use another job id")));
}

TEST(StateSchema, ThatChangedIsRefusedFieldByField) {
  struct Narrow {
    int64_t count = 0;
  };
  const auto counting = [](auto kept) {
    using Kept = decltype(kept);
    Pipeline pipeline{"totals"};
    pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
        .KeyBy(&Bid::auction)
        .template Process<Total>("sums", ValueState<Kept>{}, [](int64_t, const Bid&, Value<Kept>&, Collector<Total>& out) {
          out.Emit(Total{});
        })
        .Sink("out", file::Sink<Total>{.directory = "/out"});
    return pipeline;
  };
  Job job(counting(Narrow{}));
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_TRUE(job.Stop().has_value());
  Job changed(counting(Total{}));
  changed.Topic("bids").Add(Bid{1, 10});
  EXPECT_THAT(RefusalOfCopy(job, "/checkpoints/totals", changed, "/checkpoints/totals"),
              AllOf(HasSubstr("sums"), HasSubstr("count"), HasSubstr("--restore none")));
}

TEST(RestoreLatest, IsRefusedWhereNothingWasCommittedAndCreatesNothing) {
  JobOptions options;
  options.engine.restore = RestorePolicy::kLatest;
  Job job(Totals(), options);
  job.Topic("bids").Add(Bid{1, 1});
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(), AllOf(HasSubstr("--restore latest"), HasSubstr("job totals has no committed"),
                                               HasSubstr("leave the option out")));
  EXPECT_THAT(*job.world().broker().Connect()->ListTopics(), SizeIs(1)) << "a topic was created";
}

}  // namespace
}  // namespace weir
