#include "environment/operator_harness.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>

#include "environment/operator_run.h"
#include "operators/pipeline.h"

namespace weir::test {
namespace {

using weir::internal::CutOut;
using weir::internal::FedInput;
using weir::internal::OperatorRun;
using weir::internal::TakenOutput;
using weir::internal::Taking;

std::string Readable(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : type.name();
}

bool IsSide(const TakenOutput& output, const std::string& name) {
  return output.port >= kFirstSidePort && output.side == name;
}

std::unique_ptr<OperatorRun> NewRun(const Pipeline& pipeline, const std::string& id, const OperatorHarnessOptions& options) {
  WEIR_CHECK(options.splits > 0, "an input has at least one split");
  const bool narrow = options.output == OperatorHarnessOptions::Output::kOneSlot;
  return std::make_unique<OperatorRun>(CutOut(pipeline.graph(), id, narrow ? Taking::kEverySecondTime : Taking::kAlways),
                                       options.parallelism, options.splits, narrow ? 1 : kChannelMessages, options.seed);
}

}  // namespace

OperatorHarness::OperatorHarness(const Pipeline& pipeline, const std::string& id, OperatorHarnessOptions options)
    : options_(options), run_(NewRun(pipeline, id, options)) {
  RunIfInOrder();
}

void OperatorHarness::RunIfInOrder() {
  if (options_.order == OperatorHarnessOptions::Order::kAsWritten) run_->RunAll();
}

OperatorHarness::~OperatorHarness() = default;

void OperatorHarness::MustGoOn(bool feeds) const {
  const std::string who = "operator '" + run_->id() + "'";
  WEIR_CHECK(run_->failure().ok() || failure_shown_,
             who + " has failed: " + run_->failure().ToString() + "; a test that expects this asks failure() first");
  WEIR_CHECK(!feeds || !run_->drained(),
             who + " was drained: nothing can follow but Take, or Restore of a snapshot from before");
}

internal::FedInput& OperatorHarness::Fed(uint32_t number, uint32_t split) const {
  const auto& inputs = run_->cut().inputs;
  WEIR_CHECK(number < inputs.size(), "operator '" + run_->id() + "' has " + std::to_string(inputs.size()) +
                                         " inputs, counted from 0, and none with the number " + std::to_string(number));
  WEIR_CHECK(split < options_.splits, "an input has " + std::to_string(options_.splits) + " splits, counted from 0, and none with the number " +
                                  std::to_string(split) + ": say more of them in OperatorHarnessOptions");
  return *inputs[number];
}

OperatorInput OperatorHarness::Input(uint32_t input, uint32_t split) {
  Fed(input, split);
  return {*this, input, split};
}

OperatorHarness& OperatorHarness::Watermark(EventTime watermark) {
  for (uint32_t input = 0; input < run_->cut().inputs.size(); ++input) {
    for (uint32_t split = 0; split < options_.splits; ++split) Tell(input, split, watermark, false);
  }
  return *this;
}

OperatorInput& OperatorInput::Watermark(EventTime watermark) {
  harness_.Tell(input_, split_, watermark, false);
  return *this;
}

OperatorInput& OperatorInput::Idle() {
  harness_.Tell(input_, split_, kMinEventTime, true);
  return *this;
}

void OperatorHarness::AddRows(uint32_t number, uint32_t split, const std::type_info& row, BatchPtr batch, bool with_times) {
  MustGoOn(true);
  FedInput& input = Fed(number, split);
  const std::string where = "input " + std::to_string(number) + " of operator '" + run_->id() + "'";
  WEIR_CHECK(input.row() == nullptr || *input.row() == row,
             where + " takes rows of type " + Readable(*input.row()) + ", and was given a " + Readable(row));
  WEIR_CHECK(with_times || !input.has_times(), "rows of " + where + " have event times: say Add(row, weir::EventTime{...})");
  WEIR_CHECK(!with_times || input.has_times(), "rows of " + where + " have no event time: say Add(row), or give them one at "
                                               "the source of the pipeline, by Timestamps");
  if (batch->size() == 0) return;
  input.Add(split, std::move(batch));
  RunIfInOrder();
}

void OperatorHarness::Tell(uint32_t number, uint32_t split, EventTime watermark, bool idle) {
  MustGoOn(true);
  FedInput& input = Fed(number, split);
  const EventTime before = input.told(split).watermark;
  if (idle) watermark = before;
  WEIR_CHECK(watermark >= before, "the watermark of input " + std::to_string(number) + ", split " + std::to_string(split) +
                                      " would go back from " + std::to_string(before.millis) + " to " +
                                      std::to_string(watermark.millis) + ": it has promised that nothing earlier follows. A "
                                      "row added behind it is late; to go back, Restore a snapshot");
  input.Tell(split, {watermark, idle});
  RunIfInOrder();
}

OperatorHarness::Batches OperatorHarness::TakePort(uint32_t port) {
  Run();
  MustGoOn(false);
  return run_->Take([&](const TakenOutput& output, const BatchBase&) { return output.port == port; });
}

OperatorHarness::Batches OperatorHarness::TakeLateOf(bool (*wanted)(const BatchBase&)) {
  Run();
  MustGoOn(false);
  return run_->Take([&](const TakenOutput& output, const BatchBase& batch) { return output.late && wanted(batch); });
}

OperatorHarness::Batches OperatorHarness::TakeSide(const std::string& name) {
  Run();
  MustGoOn(false);
  const bool known = std::ranges::any_of(run_->cut().outputs, [&](const auto& output) { return IsSide(*output, name); });
  WEIR_CHECK(known, "nothing takes the side output '" + name + "' of operator '" + run_->id() + "', so its rows are dropped: "
                    "say .Side() of it in the pipeline");
  return run_->Take([&](const TakenOutput& output, const BatchBase&) { return IsSide(output, name); });
}

void OperatorHarness::CheckType(const BatchBase& batch, const std::type_info& asked) {
  WEIR_CHECK(typeid(batch) == asked, "the output has a " + Readable(typeid(batch)) + ", and was taken as a " + Readable(asked));
}

void OperatorHarness::Keep(Batches batches) {
  for (BatchPtr& batch : batches) {
    if (!batch->arenas.empty()) kept_.push_back(std::move(batch));
  }
}

OperatorSnapshot OperatorHarness::Barrier() {
  MustGoOn(true);
  OperatorSnapshot snapshot;
  snapshot.checkpoint_ = run_->TakeBarrier(BarrierKind::kOrdinary);
  MustGoOn(false);
  return snapshot;
}

void OperatorHarness::Restore(const OperatorSnapshot& snapshot, uint32_t parallelism) {
  WEIR_CHECK(snapshot.checkpoint_ != nullptr && snapshot.checkpoint_->of == run_.get(),
             "Restore takes a snapshot that this harness has made: keep what Barrier() returns");
  WEIR_CHECK(parallelism <= kDefaultKeyGroups, "parallelism " + std::to_string(parallelism) + " is more than the " +
                                                   std::to_string(kDefaultKeyGroups) + " key groups of a job");
  run_->Restart(*snapshot.checkpoint_, parallelism);
  failure_shown_ = false;
  RunIfInOrder();
}

void OperatorHarness::Drain() {
  MustGoOn(true);
  run_->RunAll();
  run_->TakeBarrier(BarrierKind::kDrain);
}

void OperatorHarness::Advance(Duration duration) {
  MustGoOn(false);
  run_->Advance(duration);
}

int64_t OperatorHarness::wall_ms() const { return run_->wall_ms(); }

void OperatorHarness::Run() {
  MustGoOn(false);
  run_->RunAll();
}

uint64_t OperatorHarness::RunSteps(uint64_t steps_max) {
  MustGoOn(false);
  uint64_t steps = 0;
  while (steps < steps_max && run_->RunOne()) ++steps;
  return steps;
}

Status OperatorHarness::failure() {
  run_->RunAll();
  failure_shown_ = true;
  return run_->failure();
}


uint64_t OperatorHarness::state_keys() const {
  uint64_t keys = 0;
  run_->ForEachState([&](const StateStore& state) { keys += state.keys(); });
  return keys;
}

uint64_t OperatorHarness::state_bytes() const {
  uint64_t bytes = 0;
  run_->ForEachState([&](const StateStore& state) { bytes += state.bytes(); });
  return bytes;
}

}  // namespace weir::test
