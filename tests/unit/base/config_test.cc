#include "runtime/base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/simulated_file_system.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

enum class Mode { kFast, kSafe };
constexpr ConfigChoice<Mode> kModes[] = {{"fast", Mode::kFast}, {"safe", Mode::kSafe}};

constexpr ConfigOption<Duration> kInterval{"execution.checkpointing.interval", seconds(10), "Between two checkpoints."};
constexpr ConfigOption<ByteSize> kMemory{"state.memory", ByteSize{1 << 20}, "Of hot state."};
constexpr ConfigOption<int64_t> kParallelism{"parallelism.default", 2, "Tasks of an operator."};
constexpr ConfigOption<bool> kColour{"log.colour", false, "In colour."};
constexpr ConfigOption<double> kShare{"log.share", 0.5, "Of lines."};
constexpr ConfigOption<std::string_view> kAddress{"rest.address", "127.0.0.1", "Of the REST service."};
constexpr ConfigOption<Mode> kMode{"mode", Mode::kSafe, "How.", kModes};

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    config_.Declare(kInterval);
    config_.Declare(kMemory);
    config_.Declare(kParallelism);
    config_.Declare(kColour);
    config_.Declare(kShare);
    config_.Declare(kAddress);
    config_.Declare(kMode);
    config_.DeclarePrefix("kafka.", "Settings of the Kafka client.");
  }
  Status Load(const std::string& yaml) {
    EXPECT_TRUE(WriteDurably(*files_, "job.yaml", yaml).ok());
    return config_.LoadFile(*files_, "job.yaml");
  }
  void Environment(std::vector<std::string> variables) { config_.LoadEnvironment(variables); }

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  Config config_;
};

TEST_F(ConfigTest, GivesDefaultsWhereNothingIsSet) {
  EXPECT_EQ(*config_.Get(kInterval), seconds(10));
  EXPECT_EQ(*config_.Get(kParallelism), 2);
  EXPECT_EQ(*config_.Get(kAddress), "127.0.0.1");
  EXPECT_EQ(*config_.Get(kMode), Mode::kSafe);
  EXPECT_FALSE(config_.IsGiven("mode"));
  EXPECT_TRUE(config_.Validate().ok());
}

TEST_F(ConfigTest, FlattensNestedMapsAndReadsEveryType) {
  ASSERT_TRUE(Load("execution:\n  checkpointing:\n    interval: 500ms\nstate.memory: 64MB\nparallelism: {default: 8}\n"
                   "log:\n  colour: true\n  share: 0.25\nrest:\n  address: '::1'\nmode: fast\n").ok());
  EXPECT_EQ(*config_.Get(kInterval), milliseconds(500));
  EXPECT_EQ(config_.Get(kMemory)->bytes, 64u << 20);
  EXPECT_EQ(*config_.Get(kParallelism), 8);
  EXPECT_TRUE(*config_.Get(kColour));
  EXPECT_EQ(*config_.Get(kShare), 0.25);
  EXPECT_EQ(*config_.Get(kAddress), "::1");
  EXPECT_EQ(*config_.Get(kMode), Mode::kFast);
  EXPECT_TRUE(config_.Validate().ok());
}

TEST_F(ConfigTest, CommandLineWinsOverEnvironmentOverFileWhateverTheOrder) {
  ASSERT_TRUE(config_.Define("parallelism.default=3").ok());
  Environment({"WEIR_PARALLELISM_DEFAULT=4", "WEIR_STATE_MEMORY=4kb", "HOME=/x"});
  ASSERT_TRUE(Load("parallelism.default: 5\nstate.memory: 5kb\nlog.share: 1\n").ok());
  EXPECT_EQ(*config_.Get(kParallelism), 3);
  EXPECT_EQ(config_.Get(kMemory)->bytes, 4096u);
  EXPECT_EQ(*config_.Get(kShare), 1.0);
}

TEST_F(ConfigTest, ReportsAllProblemsAtOnceWithOriginsAndHints) {
  ASSERT_TRUE(Load("execution:\n  checkpointing:\n    intervall: 5s\n").ok());
  Environment({"WEIR_STATE_MEMROY=1mb", "WEIR_STATE_MEMORY=much"});
  ASSERT_TRUE(config_.Define("mode=saef").ok());
  const Status status = config_.Validate();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("job.yaml:3: unknown key execution.checkpointing.intervall; did you mean "
                                          "execution.checkpointing.interval?"));
  EXPECT_THAT(status.message(), HasSubstr("WEIR_STATE_MEMROY; did you mean WEIR_STATE_MEMORY?"));
  EXPECT_THAT(status.message(),
              HasSubstr("environment variable WEIR_STATE_MEMORY: state.memory: \"much\" is not a size"));
  EXPECT_THAT(status.message(), HasSubstr("-D: mode: \"saef\" is none of fast, safe; did you mean safe?"));
  EXPECT_EQ(config_.Get(kMode).status().code(), Code::kInvalidArgument);
}

TEST_F(ConfigTest, TakesAnyKeyBelowADeclaredPrefix) {
  ASSERT_TRUE(Load("kafka:\n  bootstrap.servers: a:1\n  linger.ms: 5\n").ok());
  Environment({"WEIR_KAFKA_BOOTSTRAP_SERVERS=b:2"});
  ASSERT_TRUE(config_.Define("kafka.client.id=me").ok());
  EXPECT_TRUE(config_.Validate().ok());
  EXPECT_THAT(config_.GivenBelow("kafka."),
              ElementsAre(Pair("bootstrap.servers", "b:2"), Pair("client.id", "me"), Pair("linger.ms", "5")));
}

TEST_F(ConfigTest, RefusesListsBrokenYamlAndDoubleKeysNamingTheLine) {
  EXPECT_THAT(Load("mode: fast\nkafka: [1, 2]\n").message(), HasSubstr("job.yaml:2: kafka is a list"));
  EXPECT_THAT(Load("mode: fast\nlog: {colour\n").message(), HasSubstr("job.yaml:"));
  EXPECT_THAT(Load("log.share: 1\nlog:\n  share: 2\n").message(), HasSubstr("job.yaml:3: log.share was set in line 1"));
  EXPECT_THAT(Load("just words\n").message(), HasSubstr("job.yaml:1"));
  EXPECT_EQ(config_.LoadFile(*files_, "none.yaml").code(), Code::kNotFound);
}

TEST_F(ConfigTest, AcceptsAnEmptyFileAndEmptySections) {
  EXPECT_TRUE(Load("").ok());
  EXPECT_TRUE(Load("# nothing\nlog:\n").ok());
  EXPECT_TRUE(config_.Validate().ok());
}

TEST_F(ConfigTest, RefusesADefinitionWithoutValueOrKey) {
  EXPECT_EQ(config_.Define("mode").code(), Code::kInvalidArgument);
  EXPECT_EQ(config_.Define("=fast").code(), Code::kInvalidArgument);
  EXPECT_TRUE(config_.Define("rest.address=a=b").ok());
  EXPECT_EQ(*config_.Get(kAddress), "a=b");
}

TEST_F(ConfigTest, IgnoresVariablesThatAreNoConfiguration) {
  config_.IgnoreEnvironment("WEIR_CRASH_POINT");
  Environment({"WEIR_CRASH_POINT=x:1"});
  EXPECT_TRUE(config_.Validate().ok());
}

TEST_F(ConfigTest, ListsEveryEntryWithItsOrigin) {
  ASSERT_TRUE(config_.Define("mode=fast").ok());
  Environment({"WEIR_KAFKA_CLIENT_ID=me"});
  const auto entries = config_.Entries();
  ASSERT_EQ(entries.size(), 8u);
  EXPECT_EQ(entries[0].key, "execution.checkpointing.interval");
  EXPECT_EQ(entries[0].value, "10s");
  EXPECT_EQ(entries[0].origin, "default");
  EXPECT_EQ(entries[3].origin, "-D");
  EXPECT_EQ(entries[7].key, "kafka.client.id");
  EXPECT_EQ(entries[7].origin, "environment variable WEIR_KAFKA_CLIENT_ID");
}

}  // namespace
}  // namespace weir
