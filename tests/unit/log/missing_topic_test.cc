#include "connectors/log/missing_topic.h"

#include <gmock/gmock.h>

#include "connectors/memory/memory_broker.h"
#include "runtime/task/simulated_executor.h"

namespace weir {
namespace {

using testing::HasSubstr;

TEST(MissingTopic, ThatIsListedIsToBeWaitedForAndNotToBeCreated) {
  SimulatedClock clock;
  MemoryBroker broker(clock);
  const auto client = broker.Connect();
  ASSERT_TRUE(client->CreateTopic({"bids", 1, -1, {}}).ok());
  const Status listed = MissingTopic(*client, "bids");
  EXPECT_EQ(listed.code(), Code::kUnavailable) << "NotFound would end the job";
  EXPECT_THAT(listed.message(), HasSubstr("not every broker knows it yet"));
  EXPECT_EQ(MissingTopic(*client, "bid").code(), Code::kNotFound);
}

}  // namespace
}  // namespace weir
