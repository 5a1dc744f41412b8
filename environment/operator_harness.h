// Testing one operator of a pipeline by its contract: the production code of its tasks, exchange and state, without an engine.
//
//   weir::test::OperatorHarness visits(pipeline, "visits");                // the id that the pipeline gives the operator
//   visits.Add(Click{7, "/"}, weir::EventTime{1'000});                     // hashed by the operator's own key, sent to its task
//   visits.Watermark(weir::EventTime{60'000});
//   EXPECT_THAT(visits.Take<Visit>(), ElementsAre(...));
//   const auto saved = visits.Barrier();                                   // a checkpoint, in files of a simulated disk
//   visits.Restore(saved, 4);                                              // new instances, here four of them
//
// More in docs/testing.md. Whatever is used wrongly ends the process with a message that says what to do instead.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "environment/operator_harness_options.h"
#include "environment/timed_row.h"
#include "operators/poison_record.h"
#include "operators/process/side_output.h"
#include "runtime/base/clock.h"
#include "runtime/base/status.h"
#include "runtime/channel/batch.h"
#include "runtime/task/operator.h"

namespace weir {

class Pipeline;
namespace internal {
class FedInput;
class OperatorRun;
struct OperatorCheckpoint;
}  // namespace internal

namespace test {

class OperatorHarness;

/// One split of one input. Valid as long as the harness.
class OperatorInput {
 public:
  /// A batch of one row, with its time or, where rows have no event time, without.
  template <class T>
  OperatorInput& Add(const T& row, EventTime time) { return AddBatch(std::vector<TimedRow<T>>{{row, time}}); }
  template <class T>
  OperatorInput& Add(const T& row);
  /// One batch of these rows. What their string_views point to must outlive the harness.
  template <class T>
  OperatorInput& AddBatch(const std::vector<TimedRow<T>>& rows);
  /// No row on time that is earlier follows in this split. The operator's own watermark is that of the slowest split.
  OperatorInput& Watermark(EventTime watermark);
  /// The split holds event time back no more, until its next row.
  OperatorInput& Idle();

 private:
  friend class OperatorHarness;
  OperatorInput(OperatorHarness& harness, uint32_t input, uint32_t split) : harness_(harness), input_(input), split_(split) {}
  OperatorHarness& harness_;
  uint32_t input_;
  uint32_t split_;
};

/// A checkpoint of the operator, for as long as the harness lives. Copies are the same one.
class OperatorSnapshot {
 private:
  friend class OperatorHarness;
  std::shared_ptr<const internal::OperatorCheckpoint> checkpoint_;
};

class OperatorHarness {   // One thread.
 public:
  /// `id`: of any operator but sources and sinks; those that were given none are called as `plan` shows them ("map-1"). What
  /// belongs to it (key-by, pre-aggregation, gates for late rows) comes along; what is before and behind it does not run.
  OperatorHarness(const Pipeline& pipeline, const std::string& id, OperatorHarnessOptions options = {});
  ~OperatorHarness();
  OperatorHarness(const OperatorHarness&) = delete;

  /// Inputs count in the order in which the pipeline names them: left 0, right 1; keyed 0, broadcast 1.
  OperatorInput Input(uint32_t input, uint32_t split = 0);
  /// To the first split of the first input.
  template <class T, class... Time>
  OperatorHarness& Add(const T& row, Time... time) {
    Input(0).Add(row, time...);
    return *this;
  }
  /// Of all splits of all inputs.
  OperatorHarness& Watermark(EventTime watermark);

  /// Rows that came out and were not taken yet: per key in the order in which they left.
  template <class Out>
  std::vector<Out> Take() {
    return RowsOf<Out>(TakePort(kMainPort));
  }
  template <class Out>
  std::vector<TimedRow<Out>> TakeWithTimes() {
    return TimedRowsOf<Out>(TakePort(kMainPort));
  }
  /// Of a side output that the pipeline takes.
  template <class U>
  std::vector<U> Take(const SideOutput<U>& side) {
    return RowsOf<U>(TakeSide(side.name));
  }
  template <class U>
  std::vector<TimedRow<U>> TakeWithTimes(const SideOutput<U>& side) {
    return TimedRowsOf<U>(TakeSide(side.name));
  }
  /// Left rows without a partner, of a join with InnerAndUnmatched.
  template <class L>
  std::vector<TimedRow<L>> TakeUnmatched() {
    return TimedRowsOf<L>(TakeSide("unmatched"));
  }
  /// Rows that came too late. Those of other types (a join has two) stay.
  template <class T>
  std::vector<TimedRow<T>> TakeLate() {
    return TimedRowsOf<T>(TakeLateOf(HoldsRows<T>));
  }
  /// Rows at which the function threw.
  std::vector<PoisonRecord> TakePoison() { return RowsOf<PoisonRecord>(TakePort(kPoisonPort)); }

  /// Takes a checkpoint. What was added and not read yet (Order::kDrawn) is read after a Restore of it.
  OperatorSnapshot Barrier();
  /// New instances that go on from `snapshot`, any of this harness; parallelism 0: as many as there are. What was added since
  /// is forgotten, and so is output since that was not taken.
  void Restore(const OperatorSnapshot& snapshot, uint32_t parallelism = 0);
  /// The end of the input: all that is left fires. Only Take and Restore may follow.
  void Drain();

  /// Processing time goes on; timers on the way fire at their times.
  void Advance(Duration duration);
  /// Processing time, milliseconds since 1970.
  int64_t wall_ms() const;

  /// Does all there is to do at this instant.
  void Run();
  /// A part of it, so that a Barrier or a Restore comes anywhere. Returns how many steps there were.
  uint64_t RunSteps(uint64_t steps_max);

  /// Why the operator failed. Any other call after a failure ends the process unless this one has shown it before.
  Status failure();
  /// Entries in the states of all instances, and the memory of their tables.
  uint64_t state_keys() const;
  uint64_t state_bytes() const;

 private:
  friend class OperatorInput;
  using Batches = std::vector<BatchPtr>;
  /// Ends the process after a failure that nobody has looked at; `feeds`: and after Drain.
  void MustGoOn(bool feeds) const;

  void AddRows(uint32_t input, uint32_t split, const std::type_info& row, BatchPtr batch, bool with_times);
  void Tell(uint32_t input, uint32_t split, EventTime watermark, bool idle);
  void RunIfInOrder();
  internal::FedInput& Fed(uint32_t input, uint32_t split) const;
  template <class T>
  static bool HoldsRows(const BatchBase& batch) {
    return dynamic_cast<const Batch<T>*>(&batch) != nullptr;
  }
  Batches TakePort(uint32_t port);
  Batches TakeLateOf(bool (*wanted)(const BatchBase&));
  Batches TakeSide(const std::string& name);
  /// Ends the process where they are not the same.
  static void CheckType(const BatchBase& batch, const std::type_info& asked);
  template <class T>
  std::vector<T> RowsOf(Batches batches) {
    std::vector<T> rows;
    for (const BatchPtr& batch : batches) {
      CheckType(*batch, typeid(Batch<T>));
      const std::vector<T>& more = static_cast<const Batch<T>&>(*batch).rows;
      rows.insert(rows.end(), more.begin(), more.end());
    }
    Keep(std::move(batches));
    return rows;
  }
  template <class T>
  std::vector<TimedRow<T>> TimedRowsOf(Batches batches) {
    std::vector<TimedRow<T>> rows;
    for (const BatchPtr& batch : batches) {
      CheckType(*batch, typeid(Batch<T>));
      const auto& typed = static_cast<const Batch<T>&>(*batch);
      for (size_t i = 0; i < typed.size(); ++i) {
        rows.push_back({typed.rows[i], typed.times.empty() ? kMinEventTime : typed.times[i],
                        typed.late.empty() ? kMinEventTime : typed.late[i]});
      }
    }
    Keep(std::move(batches));
    return rows;
  }
  void Keep(Batches batches);   // Views in rows that were taken point into them.

  const OperatorHarnessOptions options_;
  bool failure_shown_ = false;
  std::unique_ptr<internal::OperatorRun> run_;
  Batches kept_;
};

template <class T>
OperatorInput& OperatorInput::Add(const T& row) {
  auto batch = std::make_unique<Batch<T>>();
  batch->rows.push_back(row);
  harness_.AddRows(input_, split_, typeid(T), std::move(batch), false);
  return *this;
}

template <class T>
OperatorInput& OperatorInput::AddBatch(const std::vector<TimedRow<T>>& rows) {
  auto batch = std::make_unique<Batch<T>>();
  for (const TimedRow<T>& each : rows) {
    batch->rows.push_back(each.row);
    batch->times.push_back(each.time);
    batch->late.push_back(each.late);
  }
  harness_.AddRows(input_, split_, typeid(T), std::move(batch), true);
  return *this;
}

}  // namespace test
}  // namespace weir
