#include "connectors/log/log_sink.h"

#include <gmock/gmock.h>

#include "connectors/memory/memory_broker.h"
#include "runtime/io/transaction_gate.h"
#include "runtime/task/simulated_executor.h"

namespace weir {
namespace {

struct NoWaker : Waker {
  void Wake() override {}
  void WakeAt(Instant) override {}
};
struct NoQueue : SerialQueue {
  void Post(std::function<void()>) override {}
};

class LogSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_TRUE(client_->CreateTopic({"out", 1, -1, {}}).ok());
    ProducerConfig config;
    config.transactional_id = "id";
    producer_ = client_->NewProducer(config).value();
    EXPECT_TRUE(producer_->Init(std::chrono::seconds(1)).ok());
    EXPECT_TRUE(producer_->Begin().ok());
    EXPECT_TRUE(sink_.Prepare().ok());
    SinkContext context;
    context.gate = &gate_;
    writer_ = sink_.NewWriter(context, queue_, waker_).value();
  }
  size_t Write(uint64_t epoch, std::string_view value) {
    const OutgoingRecord record{{}, value};
    return *writer_->Write(CheckpointId{epoch}, {&record, 1});
  }
  std::vector<std::string> CommittedOutput() {
    EXPECT_TRUE(producer_->CommitSlice(std::chrono::seconds(1)).ok());
    std::vector<std::string> values;
    const auto committed = broker_.Committed("out");
    for (const StoredRecord& record : *committed) values.push_back(*record.value);
    return values;
  }

  SimulatedClock clock_;
  MemoryBroker broker_{clock_};
  std::unique_ptr<MemoryClient> client_ = broker_.Connect();
  std::shared_ptr<LogProducer> producer_;
  TransactionGate gate_;
  NoWaker waker_;
  NoQueue queue_;
  LogSink sink_{*client_, clock_, LogSinkOptions{"out"}};
  std::unique_ptr<SinkWriter> writer_;
};

TEST_F(LogSinkTest, HoldsOutputUntilItsEpochIsOpen) {
  EXPECT_EQ(Write(1, "early"), 1u);
  gate_.Open(CheckpointId{1}, producer_);
  EXPECT_TRUE(writer_->Write(CheckpointId{1}, {}).ok());
  EXPECT_THAT(CommittedOutput(), testing::ElementsAre("early"));
}

// Found by the demo: 142 records of epoch 13 stood in the transaction of epoch 12, and again in that of 13.
TEST_F(LogSinkTest, NeverSendsHeldOutputOfTheNextEpochWithTheSealedOne) {
  gate_.Open(CheckpointId{1}, producer_);
  EXPECT_EQ(Write(1, "first"), 1u);
  EXPECT_TRUE(writer_->Seal(CheckpointId{1}).ok());
  EXPECT_EQ(Write(2, "second"), 1u);
  SealedEpoch sealed;
  EXPECT_TRUE(*writer_->TakeSealed(CheckpointId{1}, &sealed));
  EXPECT_EQ(sealed.records, 1u);
  EXPECT_THAT(CommittedOutput(), testing::ElementsAre("first"));
}

TEST_F(LogSinkTest, SendsHeldOutputOfASealedEpochBeforeItCallsItSealed) {
  EXPECT_EQ(Write(1, "early"), 1u);
  EXPECT_TRUE(writer_->Seal(CheckpointId{1}).ok());
  SealedEpoch sealed;
  EXPECT_FALSE(*writer_->TakeSealed(CheckpointId{1}, &sealed));
  EXPECT_EQ(Write(2, "next"), 1u);
  gate_.Open(CheckpointId{1}, producer_);
  EXPECT_TRUE(*writer_->TakeSealed(CheckpointId{1}, &sealed));
  EXPECT_THAT(CommittedOutput(), testing::ElementsAre("early"));
}

}  // namespace
}  // namespace weir
