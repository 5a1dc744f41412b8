#include "connectors/memory/memory_broker.h"
#include "tests/contract/broker/group_cases.h"
#include "tests/contract/broker/producing_cases.h"
#include "tests/contract/broker/reading_cases.h"
#include "tests/contract/broker/transaction_cases.h"
#include "tests/contract/broker/memory/manual_clock.h"

namespace weir::test {
namespace {

class MemoryWorld : public BrokerWorld {
 public:
  LogBroker& broker() override { return *client_; }
  void Pass(Duration duration) override { clock_.Pass(duration); }
  int64_t GroupOffset(const std::string& group, const TopicPartition& partition) override {
    const GroupOffsets offsets = cluster_.OffsetsOfGroup(group);
    const auto found = offsets.find(partition);
    return found == offsets.end() ? -1 : found->second;
  }

 private:
  ManualClock clock_;
  MemoryBroker cluster_{clock_};
  std::unique_ptr<MemoryClient> client_ = cluster_.Connect();
};

std::unique_ptr<BrokerWorld> MakeMemory() { return std::make_unique<MemoryWorld>(); }

INSTANTIATE_TEST_SUITE_P(Memory, BrokerContract, testing::Values(BrokerKind{"memory", MakeMemory}));

}  // namespace
}  // namespace weir::test
