#include "connectors/kafka/kafka_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "connectors/kafka/kafka_broker.h"
#include "connectors/kafka/kafka_client.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(ClientVersion, IsRefusedWhereItIsKnownToGoWrong) {
  for (const int good : {0x020002ff, 0x020a01ff, 0x020f00ff}) EXPECT_TRUE(CheckClientVersion(good).ok()) << good;
  for (const int bad : {0x010902ff, 0x020100ff, 0x020302ff, 0x020a00ff}) {
    EXPECT_THAT(CheckClientVersion(bad).message(), AllOf(HasSubstr("is loaded"), HasSubstr("Use 2.0.2"))) << bad;
  }
}

TEST(KafkaSettings, TakeWhatAUserMayTune) {
  EXPECT_TRUE(CheckClientSettings({{"compression.type", "zstd"}, {"linger.ms", "5"}, {"client.id", "mine"}}).ok());
}

TEST(KafkaSettings, RefuseWhatTheEngineOwnsAndWhatIsUnsafeAllAtOnce) {
  const Status status = CheckClientSettings(
      {{"transactional.id", "x"}, {"plugin.library.paths", "x"}, {"ssl.engine.location", "x"}, {"group.id", "g"}});
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(std::ranges::count(status.message(), '\n'), 3);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("kafka.transactional.id"), HasSubstr("kafka.plugin.library.paths"),
                                      HasSubstr("kafka.ssl.engine.location"), HasSubstr("kafka.group.id")));
}

TEST(KafkaSettings, SayWhatAMistypedNameMeant) {
  const Status status = CheckClientSettings({{"clientid", "x"}});
  EXPECT_THAT(status.message(), HasSubstr("did you mean client.id"));
}

TEST(KafkaSettings, NeverRepeatASecret) {
  const Status status = CheckClientSettings({{"ssl.key.pem", "hush"}, {"sasl.password", "hush"}, {"linger.ms", "x"}});
  EXPECT_THAT(status.message(), Not(HasSubstr("hush")));
  EXPECT_TRUE(IsSecretSetting("ssl.key.password"));
  EXPECT_FALSE(IsSecretSetting("linger.ms"));
}

TEST(KafkaSettings, NeedAnAddress) {
  EXPECT_EQ(KafkaBroker::Connect({}).status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(KafkaBroker::Connect({.client_settings = {{"bootstrap.servers", "127.0.0.1:1"}}}).ok());
}

TEST(KafkaBroker, SaysWhereNobodyAnswers) {
  const auto broker =
      KafkaBroker::Connect({.bootstrap = "127.0.0.1:1", .request_timeout = std::chrono::milliseconds(50)});
  const Status status = broker.value()->ClusterId().status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("127.0.0.1:1"));
}

}  // namespace
}  // namespace weir
