// When a source task has news of event time for those downstream.
#include <gmock/gmock.h>

#include <deque>

#include "operators/source.h"
#include "runtime/task/simulated_executor.h"

namespace weir::internal {
namespace {

using std::chrono::seconds;

struct Tick {
  int64_t at = 0;
};

/// What was put in can be read, row by row; behind it nothing follows at the moment.
class QueueReader final : public RowReader<Tick> {
 public:
  explicit QueueReader(std::deque<Tick>& ticks) : ticks_(ticks) {}
  Status Add(const SplitAssignment&) override { return {}; }
  Result<ReadResult> Read(size_t, size_t rows_max, Batch<Tick>& rows, Batch<PoisonRecord>&) override {
    for (; rows.size() < rows_max && !ticks_.empty(); ticks_.pop_front()) {
      rows.rows.push_back(ticks_.front());
      WEIR_RETURN_IF_ERROR(AddColumns(rows, kNoTimestamp, 0));
    }
    return ReadResult{rows.size(), rows.size() > 0 ? SplitState::kMore : SplitState::kWaiting};
  }
  Position PositionOf(size_t) const override { return {}; }
  int64_t LagOf(size_t) const override { return static_cast<int64_t>(ticks_.size()); }

 private:
  std::deque<Tick>& ticks_;
};

class OneSplit final : public SplitSource {
 public:
  Result<std::vector<SplitAssignment>> ListSplits(StartPoint, EndPoint) override { return std::vector<SplitAssignment>{}; }
  bool bounded() const override { return false; }
  std::string Identity() const override { return "queue"; }
  uint32_t Placement(const SplitId&) const override { return 0; }
};

class Nowhere final : public Emitter {
 public:
  Status Emit(uint32_t, BatchPtr) override { return {}; }
};
class NobodyWakes final : public Waker {
 public:
  void Wake() override {}
  void WakeAt(Instant) override {}
};

class SourceTime : public testing::Test {
 protected:
  SourceTime()
      : source_([this](SplitSource&, const OperatorContext&) -> Result<std::unique_ptr<RowReader<Tick>>> {
                  return std::unique_ptr<RowReader<Tick>>(std::make_unique<QueueReader>(ticks_));
                },
                std::make_shared<SourceTimes<Tick>>(SourceTimes<Tick>{
                    [](const Tick& tick) { return EventTime{tick.at}; }, {.disorder_ms = 3'600'000, .new_row_policy = nullptr}})) {
    OperatorContext context;
    context.operator_id = "ticks";
    context.splits = &splits_;
    context.time.idle_after = seconds(60);
    context.waker = &waker_;
    context.clock = &clock_;
    EXPECT_TRUE(source_.Open(context).ok());
    EXPECT_TRUE(source_.AddSplit({SplitId("ticks/0"), {}, std::nullopt}).ok());
  }
  void Read(std::deque<Tick> ticks) {
    for (const Tick& tick : ticks) ticks_.push_back(tick);
    EXPECT_TRUE(source_.Poll(1, nowhere_).ok());
  }

  std::deque<Tick> ticks_;
  OneSplit splits_;
  NobodyWakes waker_;
  Nowhere nowhere_;
  SimulatedClock clock_;
  TypedSourceOperator<Tick> source_;
};

TEST_F(SourceTime, IsDueWhenATaskThatWasIdleHasRowsAgainThoughItsWatermarkStays) {
  Read({{1'000'000}});
  Read({});
  clock_.AdvanceTo(clock_.Now() + seconds(60));
  Read({});
  ASSERT_TRUE(source_.Time().idle);
  EXPECT_FALSE(source_.TimeIsDue()) << "that is said";
  Read({{1'000'000}, {1'100'000}});
  EXPECT_TRUE(source_.TimeIsDue()) << "downstream must not go on without it";
  EXPECT_FALSE(source_.Time().idle);
  EXPECT_FALSE(source_.TimeIsDue());
}

}  // namespace
}  // namespace weir::internal
