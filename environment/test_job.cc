#include "environment/test_job.h"

#include <algorithm>

#include "environment/ledger.h"
#include "runtime/base/hash.h"

namespace weir::test {
namespace {

/// Without a commit for so many intervals everything there was is committed: an epoch without input is skipped.
constexpr int kQuietIntervals = 5;
/// And never less: an engine that failed first looks for a successor before it is built anew.
constexpr Duration kQuietMin = std::chrono::seconds(1);
/// A job that never comes to rest is a broken one.
constexpr Duration kPatience = std::chrono::minutes(10);

}  // namespace

TopicHandle& TopicHandle::AddBytes(std::string_view value, int32_t partition) {
  const OutgoingRecord record{{}, value, record_time_.has_value() ? record_time_->millis : kNoTimestamp, partition};
  const Status status = broker_.Append(topic_, {&record, 1});
  WEIR_CHECK(status.ok(), status.message());
  return *this;
}

Job::Job(const Pipeline& pipeline, JobOptions options)
    : options_(std::move(options)), world_(options_.seed, options_.broker), admin_(world_.broker().Connect()) {
  const std::vector<std::string> problems = pipeline.graph().Problems();
  WEIR_CHECK(problems.empty(), problems.front());
  options_.engine.checkpoint_directory = "/checkpoints";
  options_.engine.parallelism = options_.parallelism;
  options_.engine.checkpoint_interval = options_.checkpoint_interval;
  graph_ = WithLedger(pipeline.graph(), options_.engine.checkpoint_directory);
}

TopicHandle Job::Topic(const std::string& name) {
  if (admin_->DescribeTopic(name).status().code() == Code::kNotFound) {
    const Status status = admin_->CreateTopic({name, options_.topic_partitions, -1, {}});
    WEIR_CHECK(status.ok(), status.message());
  }
  return {world_.broker(), name};
}

Job::~Job() { EndProcess(); }

bool Job::killed() const { return process_ != nullptr && process_->files().killed(); }

void Job::EnsureStarted() {
  if (killed()) EndProcess();
  if (process_ == nullptr) process_ = std::make_unique<SimulatedProcess>(world_, graph_, options_.engine);
}

void Job::EndProcess() {
  if (process_ == nullptr) return;
  trace_hash_ = HashInteger(trace_hash_ ^ process_->trace_hash());
  process_->Kill();
  process_.reset();
}

bool Job::GoesOnAfter(const EngineOutcome& outcome) {
  EndProcess();
  if (outcome.kind != EngineOutcome::Kind::kRebuild) return false;
  rebuilt_for_.push_back(outcome.status);
  return true;
}

bool Job::DoNext() {
  if (process_->RunOne()) return true;
  const Instant next = process_->NextTimer();
  if (next == Instant::max()) return false;
  world_.clock().AdvanceTo(next);
  return true;
}

std::optional<EngineOutcome> Job::Run() {
  EnsureStarted();
  const Instant patience = world_.clock().Now() + kPatience;
  CheckpointId committed;
  Instant quiet_since = world_.clock().Now();
  while (DoNext()) {
    if (killed()) return std::nullopt;
    if (const auto outcome = process_->engine().outcome()) {
      if (!GoesOnAfter(*outcome)) return outcome;
      EnsureStarted();
      continue;
    }
    const Engine& engine = process_->engine();
    const Instant now = world_.clock().Now();
    if (!engine.running() || engine.committed() != committed) {
      committed = engine.committed();
      quiet_since = now;
    }
    if (now - quiet_since >= std::max(kQuietMin, kQuietIntervals * options_.checkpoint_interval)) break;
    WEIR_CHECK(now < patience, "the job does not come to rest");
  }
  return std::nullopt;
}

std::optional<EngineOutcome> Job::Advance(Duration duration) {
  const Instant until = world_.clock().Now() + duration;
  for (EnsureStarted();;) {
    if (killed()) return std::nullopt;
    if (const auto outcome = process_->engine().outcome()) {
      if (!GoesOnAfter(*outcome)) return outcome;
      EnsureStarted();
    }
    if (process_->RunOne()) continue;
    const Instant next = process_->NextTimer();
    if (next > until) break;
    world_.clock().AdvanceTo(next);
  }
  world_.clock().AdvanceTo(until);
  return std::nullopt;
}

std::optional<EngineOutcome> Job::RunUntilIdle() {
  if (const auto outcome = Run()) return outcome;
  if (const auto outcome = Advance(options_.engine.idle_after)) return outcome;
  return Run();
}

const Engine& Job::Running() const {
  WEIR_CHECK(process_ != nullptr && !killed() && process_->engine().running(),
             "the job does not run: call Run or Advance before you look at it");
  return process_->engine();
}

EventTime Job::Watermark(const std::string& operator_id) const {
  EventTime slowest = kMaxEventTime;
  bool found = false;
  for (const auto& task : Running().tasks().tasks) {
    for (const ChainNode& node : task->spec().nodes) {
      if (node.context.operator_id != operator_id) continue;
      found = true;
      slowest = std::min(slowest, EventTime{task->counters().watermark.load(std::memory_order_relaxed)});
    }
  }
  WEIR_CHECK(found, "no operator of the job has the id '" + operator_id + "': those that were given none are called as `plan` "
                    "shows them");
  return slowest;
}

std::vector<SplitReport> Job::Splits(const std::string& source_id) const {
  std::vector<SplitReport> splits;
  bool found = false;
  for (const auto& task : Running().tasks().tasks) {
    const ChainNode& head = task->spec().nodes.front();
    if (head.source == nullptr || head.context.operator_id != source_id) continue;
    found = true;
    for (SplitReport& split : head.source->Report()) splits.push_back(std::move(split));
  }
  WEIR_CHECK(found, "no source of the job has the id '" + source_id + "'");
  std::sort(splits.begin(), splits.end(), [](const SplitReport& a, const SplitReport& b) { return a.split < b.split; });
  return splits;
}

void Job::RunSteps(uint64_t steps) {
  EnsureStarted();
  for (uint64_t i = 0; i < steps && DoNext(); ++i) {
    if (killed()) return;
    if (const auto outcome = process_->engine().outcome()) {
      if (!GoesOnAfter(*outcome)) return;
      EnsureStarted();
    }
  }
}

void Job::Crash(bool power) {
  EndProcess();
  if (power) world_.disk().Crash(world_.random());
}

std::optional<EngineOutcome> Job::Stop(RunEnd end) {
  if (const auto outcome = Run()) return outcome;
  process_->engine().RequestStop(end);
  return Run();
}

std::vector<std::string> Job::CommittedBytes(const std::string& topic) {
  const auto records = world_.broker().Committed(topic);
  std::vector<std::string> values;
  if (!records.ok()) return values;
  for (const StoredRecord& record : *records) values.push_back(record.value.value_or(""));
  return values;
}

}  // namespace weir::test
