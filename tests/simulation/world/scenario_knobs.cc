#include <fmt/format.h>

#include <chrono>

#include "runtime/base/config_value.h"
#include "runtime/base/did_you_mean.h"
#include "tests/simulation/world/scenario.h"

namespace weir::simulation {
namespace {

/// A member of a scenario, or of one of its parts.
template <class T>
Knob Number(std::string name, uint64_t least, T Scenario::*member) {
  return {std::move(name), least, [=](const Scenario& scenario) { return static_cast<uint64_t>(scenario.*member); },
          [=](Scenario& scenario, uint64_t value) { scenario.*member = static_cast<T>(value); }};
}
template <class Part, class T>
Knob Number(std::string name, uint64_t least, Part Scenario::*part, T Part::*member) {
  return {std::move(name), least, [=](const Scenario& scenario) { return static_cast<uint64_t>(scenario.*part.*member); },
          [=](Scenario& scenario, uint64_t value) { scenario.*part.*member = static_cast<T>(value); }};
}
Knob Micros(std::string name, Duration Scenario::*member) {
  return {std::move(name), 0,
          [=](const Scenario& scenario) {
            return static_cast<uint64_t>(scenario.*member / std::chrono::microseconds(1));
          },
          [=](Scenario& scenario, uint64_t value) { scenario.*member = std::chrono::microseconds(value); }};
}
Knob Millis(std::string name, uint64_t least, Duration EngineOptions::*member) {
  return {std::move(name), least,
          [=](const Scenario& scenario) {
            return static_cast<uint64_t>(scenario.engine.*member / std::chrono::milliseconds(1));
          },
          [=](Scenario& scenario, uint64_t value) { scenario.engine.*member = std::chrono::milliseconds(value); }};
}

/// None is less than a job can live with: else every failure would shrink to a job that gets nowhere for another reason.
std::vector<Knob> AllKnobs() {
  using S = Scenario;
  using F = BrokerFaultOdds;
  using W = DisturbanceWeights;
  using E = EngineOptions;
  return {
      Number("disturbances", 0, &S::disturbances),
      Number("kill", 1, &S::weights, &W::kill),
      Number("kill_at_change", 0, &S::weights, &W::kill_at_change),
      Number("power_cut", 0, &S::weights, &W::power_cut),
      Number("successor", 0, &S::weights, &W::successor),
      Number("pause", 0, &S::weights, &W::pause),
      Number("pause_with_successor", 0, &S::weights, &W::pause_with_successor),
      Number("broker_down", 0, &S::weights, &W::broker_down),
      Number("fail_change", 0, &S::weights, &W::fail_change),
      Number("fail_sync", 0, &S::weights, &W::fail_sync),
      Number("stop", 0, &S::weights, &W::stop),
      Number("retention", 0, &S::weights, &W::retention),
      Number("fault_metadata", 0, &S::faults, &F::metadata),
      Number("fault_init", 0, &S::faults, &F::init),
      Number("fault_produce", 0, &S::faults, &F::produce),
      Number("fault_produce_refused", 0, &S::faults, &F::produce_refused),
      Number("fault_fetch", 0, &S::faults, &F::fetch),
      Number("fault_client", 0, &S::faults, &F::client),
      Number("fault_commit_lost", 0, &S::faults, &F::commit_lost),
      Number("fault_commit_answer_lost", 0, &S::faults, &F::commit_answer_lost),
      Number("fault_commit_false_ok", 0, &S::faults, &F::commit_false_ok),
      Number("fault_commit_slices", 0, &S::faults, &F::commit_slices),
      Number("fault_commit_delayed", 0, &S::faults, &F::commit_delayed),
      Number("fault_commit_late_markers", 0, &S::faults, &F::commit_late_markers),
      Number("replay_rows_per_barrier", 0, &S::replay_rows_per_barrier),
      Number("replay_only", 0, &S::replay_only),
      Number("vandal", 0, &S::vandal),
      Number("rocksdb", 0, &S::rocksdb),
      Number("crowded", 0, &S::crowded),
      Number("skewed", 0, &S::skewed),
      Number("poison_odds", 0, &S::poison_odds),
      Number("late_odds", 0, &S::late_odds),
      Number("empty_at_first", 0, &S::empty_at_first),
      Millis("idle_after_ms", 0, &E::idle_after),
      Millis("pacing_ms", 0, &E::pacing_ahead),
      Number("disorder_ms", 0, &S::times, &EventTimes::disorder_ms),
      Number("slices", 1, &S::times, &EventTimes::slices),
      Number("slice_ms", 1, &S::times, &EventTimes::slice_ms),
      Number("gap_ms", 1, &S::times, &EventTimes::gap_ms),
      Number("row_step_ms", 1, &S::row_step_ms),
      Number("rows_per_step", 8, &S::engine, &E::rows_per_step),
      Number("rows", 1, &S::rows),
      Number("auctions", 1, &S::auctions),
      Number("input_partitions", 1, &S::input_partitions),
      Number("output_partitions", 1, &S::output_partitions),
      Number("any_parallelism", 0, &S::any_parallelism),
      Number("parallelism", 1, &S::engine, &E::parallelism),
      Number("retained", 1, &S::engine, &E::checkpoints_retained),
      Number("roll_after_deltas", 1, &S::engine, &E::roll_after_deltas),
      Number("rows_per_append_max", 1, &S::rows_per_append_max),
      Number("steps_between_disturbances_max", 1, &S::steps_between_disturbances_max),
      Number("producer_queue_records_max", 1, &S::broker, &MemoryOptions::producer_queue_records_max),
      Micros("slow_queues_us", &S::slow_queues),
      Micros("step_cost_us", &S::step_cost_max),
      Millis("interval_ms", 2, &E::checkpoint_interval),
      Millis("min_pause_ms", 0, &E::checkpoint_min_pause),
      Millis("checkpoint_timeout_ms", 1000, &E::checkpoint_timeout),
      Millis("commit_deadline_ms", 200, &E::commit_deadline),
      Millis("transaction_timeout_ms", 1000, &E::transaction_timeout),
  };
}

}  // namespace

const std::vector<Knob>& Knobs() {
  static const std::vector<Knob> knobs = AllKnobs();
  return knobs;
}

Status SetKnob(Scenario& scenario, std::string_view text) {
  const size_t equals = text.find('=');
  const std::string name(text.substr(0, equals));
  std::vector<std::string> names;
  for (const Knob& knob : Knobs()) {
    names.push_back(knob.name);
    if (knob.name != name || equals == std::string_view::npos) continue;
    WEIR_ASSIGN_OR_RETURN(const int64_t value, ParseInteger(text.substr(equals + 1)));
    if (value < static_cast<int64_t>(knob.least)) {
      return InvalidArgument(fmt::format("{}: {} is less than {}", name, value, knob.least));
    }
    knob.set(scenario, static_cast<uint64_t>(value));
    return {};
  }
  return InvalidArgument(fmt::format("'{}' is no knob=value of a scenario; the knobs are {}{}", text,
                                     fmt::join(names, ", "), DidYouMean(name, names)));
}

}  // namespace weir::simulation
