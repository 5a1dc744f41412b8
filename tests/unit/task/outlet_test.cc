#include "runtime/task/outlet.h"

#include <gmock/gmock.h>

#include "runtime/base/hash.h"

namespace weir {
namespace {

struct NoWaker : Waker {
  void Wake() override {}
  void WakeAt(Instant) override {}
};

class OutletTest : public testing::Test {
 protected:
  void SetUp() override {
    for (Channel& channel : channels_) channel.SetWakers(&waker_, &waker_);
  }
  static BatchPtr Rows(const std::vector<int64_t>& keys) {
    auto batch = std::make_unique<Batch<int64_t>>();
    for (const int64_t key : keys) {
      batch->rows.push_back(key);
      batch->hashes.push_back(HashInteger(static_cast<uint64_t>(key)));
    }
    return batch;
  }
  /// Everything that stands in a channel: rows, and -n for barrier n.
  std::vector<int64_t> Drain(size_t channel) {
    std::vector<int64_t> seen;
    Message message;
    while (channels_[channel].TryPop(message)) {
      if (message.kind == Message::Kind::kBarrier) {
        seen.push_back(-static_cast<int64_t>(message.barrier.n.value()));
      } else {
        const auto& rows = static_cast<Batch<int64_t>&>(*message.batch).rows;
        seen.insert(seen.end(), rows.begin(), rows.end());
      }
    }
    return seen;
  }

  /// What comes out of channel 0 until everything was pushed, however often it was full.
  std::vector<int64_t> PushAllAndDrain(Outlet& outlet) {
    std::vector<int64_t> seen;
    bool pushed = false;
    for (int turn = 0; turn < kTurnsMax && !pushed; ++turn) {
      pushed = outlet.Push(true);
      const std::vector<int64_t> some = Drain(0);
      seen.insert(seen.end(), some.begin(), some.end());
    }
    EXPECT_TRUE(pushed);
    return seen;
  }

  static constexpr int kTurnsMax = 10;
  NoWaker waker_;
  Channel channels_[2];
};

TEST_F(OutletTest, SendsEachRowToTheOwnerOfItsKeyGroup) {
  Outlet outlet(Partitioning::kKeyGroup, kDefaultKeyGroups, {&channels_[0], &channels_[1]});
  outlet.Take(Rows({1, 2, 3, 4, 5, 6, 7, 8}));
  outlet.Push(true);
  for (size_t i = 0; i < 2; ++i) {
    for (const int64_t key : Drain(i)) {
      const KeyGroup group = GroupOfHash(HashInteger(static_cast<uint64_t>(key)), kDefaultKeyGroups);
      EXPECT_EQ(TaskOfGroup(kDefaultKeyGroups, 2, group), i) << key;
    }
  }
  EXPECT_EQ(outlet.rows(), 8u);
}

TEST_F(OutletTest, PutsABarrierBehindTheRowsThatWereTakenBeforeIt) {
  Outlet outlet(Partitioning::kForward, kDefaultKeyGroups, {&channels_[0]});
  outlet.Take(Rows({1, 2}));
  outlet.Broadcast({CheckpointId{7}});
  outlet.Take(Rows({3}));
  EXPECT_THAT(PushAllAndDrain(outlet), testing::ElementsAre(1, 2, -7, 3));
}

TEST_F(OutletTest, KeepsWhatDoesNotFitAndSendsItLater) {
  Outlet outlet(Partitioning::kForward, kDefaultKeyGroups, {&channels_[0]});
  for (uint64_t n = 1; n <= kChannelMessages + 3; ++n) outlet.Broadcast({CheckpointId{n}});
  EXPECT_FALSE(outlet.Push(true));
  const std::vector<int64_t> seen = PushAllAndDrain(outlet);
  ASSERT_EQ(seen.size(), kChannelMessages + 3);
  EXPECT_EQ(seen.back(), -static_cast<int64_t>(kChannelMessages + 3));
}

BatchPtr RowsAt(const std::vector<int64_t>& keys, bool with_columns) {
  auto batch = std::make_unique<Batch<int64_t>>();
  for (const int64_t key : keys) {
    batch->rows.push_back(key);
    batch->hashes.push_back(HashInteger(static_cast<uint64_t>(key)));
    if (!with_columns) continue;
    batch->times.push_back(EventTime{key});
    batch->late.push_back(EventTime{key + 1});
    batch->origins.push_back({7, key});
  }
  return batch;
}

/// Rows that have no times are at no time; those that have keep theirs.
void ExpectOwnColumns(const Batch<int64_t>& batch) {
  ASSERT_EQ(batch.times.size(), batch.rows.size());
  ASSERT_EQ(batch.late.size(), batch.rows.size());
  ASSERT_EQ(batch.origins.size(), batch.rows.size());
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    const int64_t key = batch.rows[i];
    const bool with_columns = key < 100;
    EXPECT_EQ(batch.times[i], with_columns ? EventTime{key} : kMinEventTime) << key;
    EXPECT_EQ(batch.late[i], with_columns ? EventTime{key + 1} : kMinEventTime) << key;
    EXPECT_EQ(batch.origins[i], with_columns ? (RowOrigin{7, key}) : RowOrigin{}) << key;
  }
}

TEST(BatchColumns, StayWithTheirRowsWhereBatchesWithAndWithoutThemMeet) {
  for (const bool first_has : {true, false}) {
    BatchPtr whole = RowsAt(first_has ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{101, 102}, first_has);
    BatchPtr other = RowsAt(first_has ? std::vector<int64_t>{103} : std::vector<int64_t>{3}, !first_has);
    whole->Append(*other);
    ExpectOwnColumns(static_cast<Batch<int64_t>&>(*whole));

    std::vector<BatchPtr> targets(2);
    const std::vector<uint8_t> both = {0, 1};
    RowsAt(first_has ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{101, 102}, first_has)->Scatter(both, targets);
    RowsAt(first_has ? std::vector<int64_t>{103, 104} : std::vector<int64_t>{3, 4}, !first_has)->Scatter(both, targets);
    for (const BatchPtr& target : targets) ExpectOwnColumns(static_cast<Batch<int64_t>&>(*target));
  }
}

}  // namespace
}  // namespace weir
