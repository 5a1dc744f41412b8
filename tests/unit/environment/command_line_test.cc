// A job's program as it is called: what it prints, and all that is wrong with a call at once.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/exit_codes.h"
#include "environment/main.h"
#include "runtime/base/config.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};

/// Counts of one topic in another.
Pipeline Counts() {
  Pipeline pipeline{"counts"};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
      .KeyBy(&Bid::auction)
      .Aggregate("counts", Count{}, [](int64_t auction, int64_t count) { return Bid{auction, count}; })
      .Sink("out", kafka::Sink<Bid>{.topic = "counts"});
  return pipeline;
}

struct Ending {
  int code = 0;
  std::string out;
  std::string error;
};

/// A job takes WEIR_... for configuration: what is meant for tests must not reach it.
void ForgetTestSettings() {
  for (const std::string& setting : Config::ProcessEnvironment()) {
    if (setting.starts_with("WEIR_")) unsetenv(setting.substr(0, setting.find('=')).c_str());
  }
}

Ending Call(std::vector<std::string> words, const Pipeline& pipeline = Counts()) {
  ForgetTestSettings();
  words.insert(words.begin(), "counts");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ending ending;
  ending.code = Main(static_cast<int>(argv.size()), argv.data(), pipeline);
  ending.out = testing::internal::GetCapturedStdout();
  ending.error = testing::internal::GetCapturedStderr();
  return ending;
}

TEST(CommandLine, SaysAllThatIsWrongAtOnceBeforeAnythingStarts) {
  const Ending ending = Call({"run", "--bogus", "1", "--restor=latest", "--restore", "maybe", "extra", "-D",
                              "paralelism.default=2", "-D", "kafka.acks=1"});
  EXPECT_EQ(ending.code, kExitUsage);
  EXPECT_THAT(ending.error, AllOf(HasSubstr("nothing was started"), HasSubstr("run has no option --bogus; it has "),
                                  HasSubstr("run has no option --restor; did you mean --restore?"),
                                  HasSubstr("--restore: 'maybe' is none of latest, none"),
                                  HasSubstr("run takes no argument 'extra'")));
  EXPECT_THAT(ending.error, AllOf(HasSubstr("did you mean parallelism.default?"), HasSubstr("kafka.acks cannot be set"),
                                  HasSubstr("-D kafka.bootstrap.servers=host:port"), Not(HasSubstr("argument '1'"))));
}

TEST(CommandLine, OfAReplaySaysWhichOptionsItNeeds) {
  const Ending ending = Call({"replay", "--end", "never", "-D", "paralelism.default=2"});
  EXPECT_EQ(ending.code, kExitUsage);
  EXPECT_THAT(ending.error, AllOf(HasSubstr("replay needs --from: earliest"), HasSubstr("replay needs --to: now"),
                                  HasSubstr("--end: 'never' is none of stop, drain"),
                                  HasSubstr("did you mean parallelism.default?")));
}

TEST(CommandLine, NamesTheCommandsWhereThereIsNoneOrAnUnknownOne) {
  EXPECT_THAT(Call({}).error, HasSubstr("say one of run, replay, plan, info"));
  const Ending ending = Call({"rn"});
  EXPECT_EQ(ending.code, kExitUsage);
  EXPECT_THAT(ending.error, HasSubstr("there is no command rn; did you mean run?"));
}

TEST(CommandLine, NamesTheOptionThatLacksItsValue) {
  const Ending ending = Call({"run", "--config"});
  EXPECT_EQ(ending.code, kExitUsage);
  EXPECT_THAT(ending.error, HasSubstr("--config"));
}

TEST(CommandLine, ExplainsItselfWhenAsked) {
  const Ending ending = Call({"replay", "--help"});
  EXPECT_EQ(ending.code, kExitFinished);
  EXPECT_THAT(ending.out, AllOf(HasSubstr("--from"), HasSubstr("--end"), HasSubstr("-D")));
}

TEST(Info, NamesFolderCommitPointLedgerAndEveryKeyWithItsValueAndWhereItIsFrom) {
  const Ending ending = Call({"info", "-D", "execution.checkpointing.dir=/somewhere", "-D", "parallelism.default=3",
                              "-D", "kafka.sasl.password=hunter2"});
  EXPECT_EQ(ending.code, kExitFinished);
  EXPECT_THAT(ending.out, AllOf(HasSubstr("/somewhere/counts"), HasSubstr("a marker in topic weir.markers.counts"),
                                HasSubstr("weir.counts"), HasSubstr("topic weir.poison.counts"), HasSubstr("topic weir.late.counts")));
  EXPECT_TRUE(std::regex_search(ending.out, std::regex("parallelism\\.default +3 +-D"))) << ending.out;
  EXPECT_TRUE(std::regex_search(ending.out, std::regex("execution\\.guarantee +exactly-once +default"))) << ending.out;
  EXPECT_THAT(ending.out, AllOf(HasSubstr("kafka.sasl.password"), HasSubstr("(secret)"), Not(HasSubstr("hunter2"))));
}

TEST(Info, NamesTheFileThatCommitsWhereNoTransactionDoes) {
  const Ending relaxed = Call({"info", "-D", "execution.guarantee=at-least-once"});
  EXPECT_THAT(relaxed.out, AllOf(HasSubstr("the file CURRENT"), Not(HasSubstr("transactional id")),
                                 HasSubstr("topic weir.poison.counts")));
  Pipeline pipeline{"copy"};
  pipeline.Source("bids", file::Source<Bid>{.path = "bids"}).Sink("out", file::Sink<Bid>{.directory = "out"});
  EXPECT_THAT(Call({"info"}, pipeline).out, AllOf(HasSubstr("the file CURRENT"), HasSubstr("/copy/poison"),
                                                 HasSubstr("/copy/late")));
}

class FileJob : public testing::Test {
 protected:
  FileJob() {
    std::ofstream(folder_ + "/bids/a.json") << "{\"auction\":1,\"price\":5}\n";
    pipeline_.Source("bids", file::Source<Bid>{.path = folder_ + "/bids"})
        .Sink("out", file::Sink<Bid>{.directory = folder_ + "/out"});
  }
  ~FileJob() override { std::filesystem::remove_all(folder_); }

  Ending Run(std::vector<std::string> words) {
    words.insert(words.end(), {"-D", "execution.checkpointing.dir=" + folder_ + "/checkpoints"});
    return Call(std::move(words), pipeline_);
  }

 private:
  static std::string MakeFolder() {
    std::string name = testing::TempDir() + "weir-file-job-XXXXXX";
    WEIR_CHECK(mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
    std::filesystem::create_directory(name + "/bids");
    return name;
  }
  const std::string folder_ = MakeFolder();
  Pipeline pipeline_{"file-job"};
};

TEST_F(FileJob, ThatCameToItsEndSaysHowToRunItOnceMore) {
  EXPECT_EQ(Run({"run"}).code, kExitFinished);
  const Ending again = Run({"run"});
  EXPECT_EQ(again.code, kExitRefused);
  EXPECT_THAT(again.error, AllOf(HasSubstr("it is final"), HasSubstr("--restore none"), HasSubstr(".follow = true")));
  EXPECT_EQ(Run({"run", "--restore", "none"}).code, kExitFinished);
}

TEST_F(FileJob, ReplaysAnewWhenItIsTold) {
  const std::vector<std::string> replay = {"replay", "--from", "earliest", "--to", "now"};
  EXPECT_EQ(Run({"run"}).code, kExitFinished);
  EXPECT_EQ(Run(replay).code, kExitRefused);
  std::vector<std::string> anew = replay;
  anew.insert(anew.end(), {"--restore", "none"});
  EXPECT_EQ(Run(anew).code, kExitFinished);
  EXPECT_EQ(Run({"replay", "--from", "earliest", "--to", "now", "--restore", "perhaps"}).code, kExitUsage);
}

/// All that `pattern` finds in `text`, its first group.
std::vector<std::string> Found(const std::string& text, const std::string& pattern) {
  std::vector<std::string> found;
  const std::regex expression(pattern);
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

TEST(PlanAsDot, DrawsEveryOperatorAndEveryEdgeBetweenThem) {
  const Ending ending = Call({"plan", "--dot", "-D", "parallelism.default=2"});
  EXPECT_EQ(ending.code, kExitFinished);
  EXPECT_TRUE(ending.out.starts_with("digraph \"counts\" {")) << ending.out;
  const auto count = [&](char c) { return std::count(ending.out.begin(), ending.out.end(), c); };
  EXPECT_EQ(count('{'), count('}'));
  const std::vector<std::string> nodes = Found(ending.out, "\n    (n\\d+) \\[label");
  const std::vector<std::string> ids = Found(ending.out, "label=\"([^\"\\\\]+)\\\\n");
  for (const char* id : {"bids", "counts", "out", "weir.poison"}) EXPECT_THAT(ids, testing::Contains(id));
  for (const std::string& end : Found(ending.out, "(n\\d+) ->")) EXPECT_THAT(nodes, testing::Contains(end));
  for (const std::string& end : Found(ending.out, "-> (n\\d+)")) EXPECT_THAT(nodes, testing::Contains(end));
  EXPECT_THAT(Found(ending.out, "-> n\\d+ \\[label=\"([^\"]+)\""), testing::Contains("by key"));
  EXPECT_THAT(ending.out, HasSubstr("style=dashed")) << "the way to the ledger";
}

TEST(PlanAsText, NamesEveryOperatorAndHowOftenItRuns) {
  const Ending ending = Call({"plan", "-D", "parallelism.default=2"});
  EXPECT_THAT(ending.out, AllOf(HasSubstr("source \"bids\""), HasSubstr("aggregate \"counts\""),
                                HasSubstr("sink \"out\""), HasSubstr("x 2 tasks"), HasSubstr("by key")));
}

}  // namespace
}  // namespace weir
