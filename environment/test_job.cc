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
  const OutgoingRecord record{{}, value, kNoTimestamp, partition};
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

bool Job::Advance() {
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
  while (Advance()) {
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

void Job::RunSteps(uint64_t steps) {
  EnsureStarted();
  for (uint64_t i = 0; i < steps && Advance(); ++i) {
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
