// What every test of the broker contract has at hand. The same cases run on the memory broker and on a real one.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/io/log_broker.h"

namespace weir::test {

class ConditionWaker : public Waker {
 public:
  void Wake() override {
    const std::lock_guard lock(mutex_);
    ++wakes_;
    changed_.notify_all();
  }
  void WakeAt(Instant) override {}
  int wakes() const {
    const std::lock_guard lock(mutex_);
    return wakes_;
  }
  /// Returns early when woken.
  void Wait(Duration at_most) {
    std::unique_lock lock(mutex_);
    const int before = wakes_;
    changed_.wait_for(lock, at_most, [&] { return wakes_ != before; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int wakes_ = 0;
};

/// A broker and its time.
class BrokerWorld {
 public:
  virtual ~BrokerWorld() = default;
  virtual LogBroker& broker() = 0;
  /// Lets at most this much of the broker's time pass.
  virtual void Pass(Duration duration) = 0;
  /// What anybody can read of a consumer group; -1 where nothing was committed for the partition.
  virtual int64_t GroupOffset(const std::string& group, const TopicPartition& partition) = 0;
};
struct BrokerKind {
  const char* name;
  std::unique_ptr<BrokerWorld> (*make)();
  /// So that a test's name does not hold an address.
  friend void PrintTo(const BrokerKind& kind, std::ostream* out) { *out << kind.name; }
};

struct ReadRecord {
  int64_t offset;
  std::string key;
  std::string value;
  int64_t timestamp_ms;
};

class BrokerContract : public testing::TestWithParam<BrokerKind> {
 protected:
  static constexpr Duration kSlice = std::chrono::seconds(1);
  static constexpr Duration kLong = std::chrono::seconds(30);

  void SetUp() override {
    world_ = GetParam().make();
    ASSERT_NE(world_, nullptr) << "no broker: see the message above";
  }
  LogBroker& broker() { return world_->broker(); }

  /// True as soon as `condition` holds, false after a long wait.
  bool Eventually(const std::function<bool()>& condition) {
    const SystemClock clock;
    const Instant deadline = clock.Now() + kLong;
    while (!condition()) {
      if (clock.Now() >= deadline) return false;
      world_->Pass(std::chrono::milliseconds(20));
    }
    return true;
  }

  static std::string UniqueName() {
    static std::atomic<int> count{0};
    return "contract-" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "-" +
           std::to_string(++count);
  }
  std::string Topic(int32_t partitions = 1, std::map<std::string, std::string> config = {}) {
    const std::string name = UniqueName();
    const Status made = broker().CreateTopic({.name = name, .partitions = partitions, .config = std::move(config)});
    EXPECT_TRUE(made.ok()) << made.ToString();
    return name;
  }

  std::unique_ptr<LogProducer> Producer(const std::string& id, Duration timeout = std::chrono::seconds(60)) {
    Result<std::unique_ptr<LogProducer>> made = broker().NewProducer({id, timeout});
    if (!made.ok()) throw std::runtime_error(made.status().ToString());
    std::unique_ptr<LogProducer> producer = std::move(made).value();
    TxnOutcome outcome;
    EXPECT_TRUE(Eventually([&] { return (outcome = producer->Init(kSlice)).result != TxnResult::kRetriable; }));
    EXPECT_TRUE(outcome.ok()) << outcome.error;
    return producer;
  }
  static OutgoingRecord Value(std::string_view value) { return {.key = {}, .value = value, .partition = 0}; }
  static void Send(LogProducer& producer, const std::string& topic, std::vector<std::string> values) {
    for (const std::string& value : values) {
      const OutgoingRecord record = Value(value);
      const Result<size_t> taken = producer.Produce(topic, {&record, 1});
      ASSERT_TRUE(taken.ok()) << taken.status().ToString();
      ASSERT_EQ(*taken, 1u);
    }
  }
  TxnOutcome Commit(LogProducer& producer) {
    TxnOutcome outcome;
    Eventually([&] { return (outcome = producer.CommitSlice(kSlice)).result != TxnResult::kRetriable; });
    return outcome;
  }
  void SendCommitted(LogProducer& producer, const std::string& topic, std::vector<std::string> values) {
    ASSERT_TRUE(producer.Begin().ok());
    Send(producer, topic, std::move(values));
    ASSERT_TRUE(producer.Flush(kLong).ok());
    const int64_t end = Offsets(topic).end;
    const TxnOutcome committed = Commit(producer);
    ASSERT_TRUE(committed.ok()) << committed.error;
    AwaitControlRecord(topic, end);
  }
  void SendAborted(LogProducer& producer, const std::string& topic, std::vector<std::string> values) {
    ASSERT_TRUE(producer.Begin().ok());
    Send(producer, topic, std::move(values));
    ASSERT_TRUE(producer.Flush(kLong).ok());
    const int64_t end = Offsets(topic).end;
    ASSERT_TRUE(producer.Abort(kLong).ok());
    AwaitControlRecord(topic, end);
  }
  /// A partition learns how a transaction ended after its producer did; a reader in between sees nothing of it.
  void AwaitControlRecord(const std::string& topic, int64_t end_of_data) {
    ASSERT_TRUE(Eventually([&] { return Offsets(topic).end > end_of_data; })) << topic;
  }

  /// Reads until the end is reported; where the answers differ from the last one, `last` has that one.
  std::vector<ReadRecord> ReadToEnd(LogConsumer& consumer, size_t index, PollResult* last = nullptr) {
    std::vector<ReadRecord> records;
    PollResult result;
    EXPECT_TRUE(Eventually([&] {
      const Result<PollResult> polled = consumer.Poll(index, 1000, [&](const RawRecord& record) {
        records.push_back({record.offset.value(), std::string(record.key), std::string(record.value),
                           record.timestamp_ms});
      });
      EXPECT_TRUE(polled.ok()) << polled.status().ToString();
      if (polled.ok()) result = *polled;
      return !polled.ok() || result.at_end;
    }));
    if (last != nullptr) *last = result;
    return records;
  }
  std::vector<ReadRecord> Read(const std::string& topic, int32_t partition = 0, int64_t offset = 0,
                               PollResult* last = nullptr) {
    std::unique_ptr<LogConsumer> consumer = broker().NewConsumer().value();
    const Status assigned = consumer->Assign({topic, partition}, offset);
    EXPECT_TRUE(assigned.ok()) << assigned.ToString();
    return assigned.ok() ? ReadToEnd(*consumer, 0, last) : std::vector<ReadRecord>{};
  }
  std::vector<std::string> Values(const std::string& topic) {
    std::vector<std::string> values;
    for (const ReadRecord& record : Read(topic)) values.push_back(record.value);
    return values;
  }
  OffsetRange Offsets(const std::string& topic) {
    const Result<OffsetRange> range = broker().Offsets({topic, 0});
    EXPECT_TRUE(range.ok()) << range.status().ToString();
    return range.ok() ? *range : OffsetRange{-1, -1};
  }

  std::unique_ptr<BrokerWorld> world_;
};

}  // namespace weir::test
