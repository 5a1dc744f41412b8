#include "connectors/log/log_reader.h"

#include <gmock/gmock.h>

#include "connectors/memory/memory_broker.h"
#include "runtime/task/simulated_executor.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(LogReader, TakesAPartitionThatWasListedAndIsUnknownForOneThatWillBeKnown) {
  SimulatedClock clock;
  MemoryBroker broker(clock);
  const auto client = broker.Connect();
  ASSERT_TRUE(client->CreateTopic({"bids", 1, -1, {}}).ok());
  LogReader reader(client->NewConsumer().value(), *client, false, Logger("job"));
  const SplitAssignment added{SplitId{"bids/1"}, Position{}, std::nullopt};
  const Status early = reader.Add(added);
  EXPECT_EQ(early.code(), Code::kUnavailable) << "NotFound would end the job";
  EXPECT_THAT(early.message(),
              AllOf(HasSubstr("'bids' has no partition 1"), HasSubstr("not every broker knows it yet")));
  ASSERT_TRUE(broker.GrowTopic("bids", 2).ok());
  EXPECT_TRUE(LogReader(client->NewConsumer().value(), *client, false, Logger("job")).Add(added).ok());
}

}  // namespace
}  // namespace weir
