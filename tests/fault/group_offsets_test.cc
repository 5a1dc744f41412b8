// Consumer-group offsets are for lag monitors: whatever becomes of them holds up nothing, the end of the process neither.
#include <gtest/gtest.h>

#include <chrono>

#include "connectors/kafka/kafka_broker.h"
#include "tests/fault/harness/proxied_broker.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kClient = "group-offsets";
/// Of Commit, which waits for an answer, and then of the client's end.
constexpr auto kAtMost = 10s;

class GroupOffsetsTest : public ProxiedBrokerTest {};

TEST_F(GroupOffsetsTest, WhoseCoordinatorIsNotFoundLetTheClientEnd) {
  auto made = KafkaBroker::Connect({.bootstrap = proxy().address(), .client_settings = {{"client.id", kClient}}});
  ASSERT_TRUE(made.ok()) << made.status().message();
  std::unique_ptr<KafkaBroker> broker = std::move(made).value();
  ASSERT_TRUE(broker->CreateTopic({.name = "bids", .config = {}}).ok());
  const auto strike = proxy().Spoil({.client = kClient, .api = Api::kFindCoordinator, .harm = Harm::kDropRequest});
  const auto began = Clock::now();
  EXPECT_EQ(broker->CommitGroupOffsets("weir.totals.bids", {{{"bids", 0}, 1}}).code(), Code::kUnavailable);
  EXPECT_TRUE(strike->struck());
  broker.reset();
  EXPECT_LT(Clock::now() - began, kAtMost);
}

}  // namespace
}  // namespace weir::test
