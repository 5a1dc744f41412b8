// Configuration that is wrong: each problem names the key, the value and what would have been accepted, all at once.
#include <gmock/gmock.h>

#include "environment/options.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Result<JobSettings> SettingsOf(const std::vector<std::string>& definitions, RunMode mode) {
  Config config;
  DeclareJobOptions(config);
  for (const std::string& definition : definitions) EXPECT_TRUE(config.Define(definition).ok());
  return ReadJobSettings(config, mode);
}

std::string ProblemsOf(const std::vector<std::string>& definitions, RunMode mode = RunMode::kStream) {
  const Result<JobSettings> settings = SettingsOf(definitions, mode);
  return settings.ok() ? "none" : settings.status().message();
}

TEST(JobSettings, OfNothingAreTheDefaults) { EXPECT_EQ(ProblemsOf({}), "none"); }

TEST(JobSettings, NameAnUnknownKeyAndTheOneThatWasMeant) {
  EXPECT_THAT(ProblemsOf({"paralelism.default=2"}),
              HasSubstr("-D: unknown key paralelism.default; did you mean parallelism.default?"));
}

TEST(JobSettings, SayWhatWouldHaveBeenRead) {
  EXPECT_THAT(ProblemsOf({"parallelism.default=two"}), AllOf(HasSubstr("parallelism.default"), HasSubstr("two")));
  EXPECT_THAT(ProblemsOf({"execution.checkpointing.interval=5"}),
              AllOf(HasSubstr("execution.checkpointing.interval"), HasSubstr("5"), HasSubstr("ms")));
  EXPECT_THAT(ProblemsOf({"pipeline.poison.policy=drop"}), HasSubstr("\"drop\" is none of ledger, fail"));
}

TEST(JobSettings, SayHowSmallAValueMayBe) {
  EXPECT_THAT(ProblemsOf({"parallelism.default=0"}), HasSubstr("parallelism.default: 0 is less than 1"));
  EXPECT_THAT(ProblemsOf({"execution.checkpointing.interval=0"}), HasSubstr("there must be some"));
  EXPECT_THAT(ProblemsOf({"execution.checkpointing.timeout=20min"}), HasSubstr("shorten the interval or the timeout"));
}

TEST(JobSettings, LetATransactionLastForTheBarriersOfTheModeThatRuns) {
  const std::vector<std::string> rare_in_replay = {"execution.replay.barrier-interval=5min"};
  const auto timeout = [&](RunMode mode) {
    return SettingsOf(rare_in_replay, mode).value().runner.engine.transaction_timeout;
  };
  EXPECT_LT(timeout(RunMode::kStream), std::chrono::minutes(5));
  EXPECT_GT(timeout(RunMode::kReplay), std::chrono::minutes(5));
  EXPECT_THAT(ProblemsOf({"execution.replay.barrier-interval=15min"}, RunMode::kReplay), HasSubstr("shorten the interval"));
}

TEST(JobSettings, LetATransactionLastForThePauseBetweenCheckpoints) {
  const auto settings = SettingsOf({"execution.checkpointing.min-pause=2min"}, RunMode::kStream);
  EXPECT_GT(settings.value().runner.engine.transaction_timeout, std::chrono::minutes(2));
}

TEST(JobSettings, RefuseAReplayWithoutATimeAfterWhichABarrierComes) {
  EXPECT_THAT(ProblemsOf({"execution.replay.barrier-interval=0"}, RunMode::kReplay),
              AllOf(HasSubstr("execution.replay.barrier-interval: "), HasSubstr("there must be some")));
}

class OwnedSetting : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(EachByName, OwnedSetting,
                         testing::Values("transactional.id=x", "isolation.level=read_uncommitted", "acks=1",
                                         "enable.idempotence=false", "group.id=g", "auto.offset.reset=earliest",
                                         "enable.auto.commit=true", "plugin.library.paths=x", "test.mock.num.brokers=1",
                                         "retries=1", "check.crcs=false", "transaction.timeout.ms=1", "message.max.bytes=1"));

TEST_P(OwnedSetting, IsRefusedByNameWithTheReason) {
  const std::string setting = GetParam();
  const std::string name = "kafka." + setting.substr(0, setting.find('='));
  EXPECT_THAT(ProblemsOf({"kafka." + setting}), HasSubstr(name + " cannot be set: "));
}

TEST(JobSettings, NameAClientSettingThatIsUnknownOrUnreadable) {
  EXPECT_THAT(ProblemsOf({"kafka.bootstrap.server=x"}),
              AllOf(HasSubstr("kafka.bootstrap.server"), HasSubstr("did you mean bootstrap.servers?")));
  EXPECT_THAT(ProblemsOf({"kafka.socket.timeout.ms=soon"}), HasSubstr("kafka.socket.timeout.ms"));
}

TEST(JobSettings, NeverShowASecret) {
  EXPECT_THAT(ProblemsOf({"kafka.ssl.key.password=hunter2", "kafka.acks=1"}), Not(HasSubstr("hunter2")));
}

TEST(JobSettings, SayAllThatIsWrongAtOnceAndOnce) {
  const std::string problems = ProblemsOf({"paralelism.default=2", "parallelism.default=two", "kafka.acks=1",
                                           "execution.checkpointing.num-retained=0"});
  EXPECT_THAT(problems, AllOf(HasSubstr("unknown key paralelism.default"), HasSubstr("parallelism.default: "),
                              HasSubstr("kafka.acks cannot be set"), HasSubstr("num-retained: 0 is less than 1")));
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 3) << problems;
}

TEST(StartAndEnd, SayWhatTheyCouldBe) {
  EXPECT_THAT(ParseStartPoint("yesterday").status().message(),
              AllOf(HasSubstr("'yesterday' is none of earliest, latest, offset:N"), HasSubstr("2026-01-31T12:00:00Z")));
  EXPECT_THAT(ParseEndPoint("tomorrow").status().message(), HasSubstr("'tomorrow' is none of now, offset:N"));
}

}  // namespace
}  // namespace weir
