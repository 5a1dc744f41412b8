// From Start to the first step of the tasks: facts of the folder, connectors, the commit point's word, the manifest it
// names, splits, tasks, state, staged output published again.
#include <algorithm>
#include <utility>

#include "runtime/base/crash_point.h"
#include "runtime/base/hash.h"
#include "runtime/base/mutant.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/on_queue.h"

namespace weir {
namespace {

CrashPoint manifest_read_point{"recovery.manifest_read"};
CrashPoint published_point{"recovery.published"};

/// Long enough for what every task finds in its first fetch, short enough that nobody waits for what a crash delayed.
constexpr Duration kFirstInterval = std::chrono::milliseconds(10);
constexpr Duration kRetryPause = std::chrono::milliseconds(250);

}  // namespace

void Engine::OpenStore() {
  local_.fresh_incarnation = options_.fresh_incarnation.empty() ? seams_.random->NewId() : options_.fresh_incarnation;
  RunOnQueue(
      *disk_, mailbox_,
      [this]() -> Status {
        WEIR_RETURN_IF_ERROR(store_.Open());
        if (!transactional()) {
          WEIR_ASSIGN_OR_RETURN(job_lock_, store_.LockJob());
          if (Planted(Mutant::kFolderLockDropped)) job_lock_.reset();
        }
        WEIR_ASSIGN_OR_RETURN(work_lock_, store_.CreateWork(attempt_));
        WEIR_ASSIGN_OR_RETURN(local_.hint, store_.ReadCommittedHint());
        WEIR_ASSIGN_OR_RETURN(local_.current, store_.ReadCurrent());
        WEIR_ASSIGN_OR_RETURN(local_.checkpoints, store_.ListPrepared());
        return {};
      },
      [this](Status status) {
        // Another process has the folder: only a person can say which of the two should run.
        if (status.code() == Code::kUnavailable) return End(EngineOutcome::Kind::kRefused, std::move(status));
        if (!status.ok()) return Fail(std::move(status));
        logger_.Debug("folder_opened", "facts of the checkpoint folder are read");
        OpenConnectors();
      });
}

void Engine::OpenConnectors() {
  RunOnQueue(*brokers_, mailbox_, [this] { return OpenConnectorsOnQueue(); },
             [this, asked = Now()](Status status) { ConnectorsOpened(status, asked); });
}

Status Engine::OpenConnectorsOnQueue() {
  sources_.clear();
  sinks_.clear();
  committers_.clear();
  const Bindings bindings{seams_.files, seams_.clock, seams_.random, seams_.log, logger_};
  // First all that only looks, then what creates: a job that is refused has changed nothing.
  for (uint32_t i = 0; i < graph_.nodes.size(); ++i) {
    if (graph_.nodes[i].source != nullptr) WEIR_RETURN_IF_ERROR(OpenSource(i, bindings));
  }
  bool marker_topic_missing = false;
  if (transactional() && options_.check_broker) WEIR_RETURN_IF_ERROR(CheckBroker());
  if (transactional()) WEIR_RETURN_IF_ERROR(CheckMarkerTopic(&marker_topic_missing));
  for (uint32_t i = 0; i < graph_.nodes.size(); ++i) {
    if (graph_.nodes[i].sink != nullptr) WEIR_RETURN_IF_ERROR(OpenSink(i, bindings));
  }
  if (marker_topic_missing) {
    WEIR_RETURN_IF_ERROR(CreateMarkerTopic());
    // Another start may have been quicker: whose topic it is does not matter, what it is does.
    WEIR_RETURN_IF_ERROR(CheckMarkerTopic(&marker_topic_missing));
  }
  if (!transactional() && graph_.has_transactional_sink() && plain_producer_ == nullptr) {
    WEIR_ASSIGN_OR_RETURN(plain_producer_, seams_.log->NewProducer({}));
  }
  return {};
}

Status Engine::OpenSource(uint32_t node, const Bindings& bindings) {
  const std::string who = "source " + graph_.nodes[node].id;
  auto opened = graph_.nodes[node].source->Open(bindings);
  if (!opened.ok()) return opened.status().WithContext(who);
  sources_[node] = std::move(opened).value();
  return {};
}

Status Engine::OpenSink(uint32_t node, const Bindings& bindings) {
  const std::string& id = graph_.nodes[node].id;
  auto opened = graph_.nodes[node].sink->Open(bindings);
  if (!opened.ok()) return opened.status().WithContext("sink " + id);
  if (Status status = (*opened)->Prepare(); !status.ok()) return status.WithContext("sink " + id);
  // Before this attempt claims the job: what a committer finds now, no successor has made.
  const SinkContext context{graph_.job, id, {}, attempt_, TaskIndex{0}, plan_.ParallelismOf(node), &gate_};
  if (auto committer = (*opened)->NewCommitter(context)) committers_[id] = std::move(committer);
  sinks_[node] = std::move(opened).value();
  return {};
}

Status Engine::CheckBroker() {
  const Status status = seams_.log->CheckTransactions();
  if (status.code() != Code::kInvalidArgument) return status;
  return InvalidArgument(std::string(status.message()) + ". A record that was delayed could become part of a later "
                         "transaction, and be doubled. If the cluster guards against that in its own way, say "
                         "execution.checkpointing.check-broker=false");
}

Status Engine::CheckMarkerTopic(bool* missing) {
  const std::string name = MarkerTopic(graph_.job);
  const Result<TopicInfo> info = seams_.log->DescribeTopic(name);
  if (info.ok()) {
    if (info->partitions != 1) {
      return InvalidArgument("topic " + name + " has " + std::to_string(info->partitions) + " partitions; a marker topic "
                             "has one. If no job needs it, delete it, and it is created anew");
    }
    const auto policy = info->config.find("cleanup.policy");
    if (policy != info->config.end() && policy->second == "compact") return {};
    return InvalidArgument("topic " + name + " has cleanup.policy=" +
                           (policy == info->config.end() ? "?" : policy->second) + ": retention would remove the marker of a "
                           "job that rests, and with it the proof of what was committed. Set cleanup.policy=compact");
  }
  if (info.status().code() != Code::kNotFound) return info.status();
  *missing = true;
  // In a topic that is not there is no marker: whether that may be can be told before anything is created.
  const RecoveryChoice choice = ChooseByMarker(graph_.job, std::nullopt, local_, options_.restore, options_.defences);
  const auto* refusal = std::get_if<Refusal>(&choice);
  return refusal == nullptr ? Status::Ok() : refusal->status;
}

Status Engine::CreateMarkerTopic() {
  const std::string name = MarkerTopic(graph_.job);
  NewTopic topic{name, 1, 3,
                 {{"cleanup.policy", "compact"}, {"segment.bytes", "1048576"}, {"segment.ms", "3600000"},
                  {"min.insync.replicas", "2"}}};
  Status status = seams_.log->CreateTopic(topic);
  if (status.code() == Code::kInvalidArgument) {
    // Fewer than three brokers: what this cluster can give.
    topic.replication = -1;
    topic.config.erase("min.insync.replicas");
    status = seams_.log->CreateTopic(topic);
  }
  return status;
}

void Engine::ConnectorsOpened(const Status& status, Instant asked) {
  if (status.code() == Code::kUnavailable) {
    broker_.OnNoAnswer(status, asked, Now());
    retry_at_ = Now() + kRetryPause;
    return;
  }
  if (!status.ok()) return Fail(status);
  broker_.OnAnswer();
  if (graph_.needs_log()) ask_broker_at_ = broker_.NextQuestion(Now());
  logger_.Debug("connectors_opened", "topics are there");
  if (!transactional()) return ChooseFromCurrent();
  CommitOptions commit;
  commit.job = graph_.job;
  commit.attempt = attempt_;
  commit.policy = options_.restore;
  commit.local = local_;
  commit.defences = options_.defences;
  commit.commit_deadline = options_.commit_deadline;
  CommitHost& host = *this;
  commit_ = std::make_unique<CommitShell>(commit, seams_, options_.transaction_timeout, gate_, host, *waker_, mailbox_,
                                          logger_);
  commit_->Start();
}

void Engine::ChooseFromCurrent() {
  RecoveryChoice choice = ChooseByCurrent(graph_.job, local_, options_.restore);
  if (const auto* refusal = std::get_if<Refusal>(&choice)) return End(EngineOutcome::Kind::kRefused, refusal->status);
  if (const auto* fresh = std::get_if<FreshChoice>(&choice)) {
    return StartFromNothing({local_.fresh_incarnation, fresh->first, fresh->appends});
  }
  RunOnQueue(*disk_, mailbox_, [this] { return store_.PermitCurrent(*local_.current); },
             [this, sha256 = std::get<RestoreChoice>(choice).manifest_sha256](Result<CommitPermit> permit) {
               if (!permit.ok()) return Fail(permit.status());
               Restore(*permit, sha256);
             });
}

void Engine::RestoreCommitted(const RestoreCheckpoint& action) { Restore(action.permit, action.manifest_sha256); }

void Engine::StartFromNothing(const StartFresh& action) {
  incarnation_ = action.incarnation;
  last_committed_ = CheckpointId{action.first.value() - 1};
  logger_.Info("fresh_start", action.appends ? "new incarnation " + incarnation_.ToString() +
                                                   ": its output is appended to what is there already"
                                             : "nothing was ever committed: starting from the beginning");
  PlanSplits();
}

void Engine::Restore(CommitPermit permit, std::string manifest_sha256) {
  restored_permit_ = permit;
  RunOnQueue(
      *disk_, mailbox_,
      [this, permit, manifest_sha256 = std::move(manifest_sha256)] {
        return store_.ReadManifest({permit.n(), permit.attempt()}, manifest_sha256);
      },
      [this](Result<Manifest> manifest) { ManifestRead(std::move(manifest)); });
}

GraphFacts Engine::Facts() const {
  GraphFacts facts;
  facts.job = graph_.job;
  facts.incarnation = restored_permit_->incarnation();
  facts.hash_version = kHashVersion;
  facts.mode = options_.mode;
  if (options_.mode == RunMode::kReplay) facts.replay = options_.replay;
  facts.drains = options_.end_of_sources == RunEnd::kDrain;
  for (ManifestOperator& shape : OperatorsOf(graph_, plan_)) {
    GraphFacts::Operator op{std::move(shape), ""};
    for (const auto& [node, source] : sources_) {
      if (graph_.nodes[node].id == op.shape.id) op.source_identity = source->Identity();
    }
    facts.operators.push_back(std::move(op));
  }
  return facts;
}

void Engine::ManifestRead(Result<Manifest> manifest) {
  manifest_read_point.Hit();
  if (!manifest.ok()) {
    // Which of the two files is the damaged one cannot be told.
    if (!transactional()) return Fail(manifest.status().WithContext("what " + paths_.current() + " names"));
    return Fail(manifest.status());
  }
  restored_ = std::move(manifest).value();
  incarnation_ = restored_->incarnation;
  last_committed_ = restored_->n;
  committed_ = restored_->n.value();
  const Result<Adoption> adoption = CheckManifest(*restored_, Facts());
  if (adoption.ok() && *adoption == Adoption::kGoOn) return PlanSplits();
  if (!adoption.ok() && !restored_->drained) return Fail(adoption.status());
  PublishLast(adoption.status());
}

void Engine::PublishLast(const Status& verdict) {
  // No checkpoint follows, so nobody else would publish what a crash has left of this one.
  RunOnQueue(*disk_, mailbox_,
             [this] {
               (void)collector_.RemoveForeignWork(attempt_);
               return PublishRestored();
             },
             [this, verdict](Status published) {
               if (!published.ok()) return Fail(published);
               if (!verdict.ok()) return Fail(verdict);
               logger_.Info("already_finished", "this replay is complete: there is nothing left to do",
                            restored_->n.value());
               Collect(*restored_permit_);
               FinishBehindCollection();
             });
}

void Engine::PlanSplits() {
  RunOnQueue(
      *brokers_, mailbox_,
      [this] {
        return PlanSourceSplits(graph_, sources_, restored_.has_value() ? &*restored_ : nullptr, options_);
      },
      [this](Result<PlannedSplits> planned) { SplitsPlanned(std::move(planned)); });
}

void Engine::SplitsPlanned(Result<PlannedSplits> planned) {
  if (!planned.ok()) return Fail(planned.status());
  splits_ = std::move(planned).value();
  logger_.Debug("splits_planned", "ends of the input are known");
  SharePrefetch();
  BuildAndOpenTasks();
}

void Engine::SharePrefetch() {
  uint64_t count = 0;
  for (const auto& [node, splits] : splits_.splits) count += splits.size();
  if (count == 0) return;
  const uint64_t each = std::clamp(options_.prefetch_bytes / count, kPrefetchBytesMin, kPrefetchBytesMax);
  for (const auto& [node, source] : sources_) source->SetPrefetch(each);
  constexpr uint64_t kKib = 1024;
  logger_.Info("prefetch", "each of " + std::to_string(count) + " splits reads at most " + std::to_string(each / kKib) +
                               " KiB ahead: " + std::to_string(options_.prefetch_bytes / kKib) + " KiB / " +
                               std::to_string(count) + ", no less than " + std::to_string(kPrefetchBytesMin / kKib) +
                               " and no more than " + std::to_string(kPrefetchBytesMax / kKib));
}

int64_t Engine::PacingAheadMs() const {
  using std::chrono::milliseconds;
  if (options_.pacing_ahead != Duration::max()) {
    return std::chrono::duration_cast<milliseconds>(options_.pacing_ahead).count();
  }
  int64_t ahead = std::chrono::duration_cast<milliseconds>(kPacingMin).count();
  for (const GraphNode& node : graph_.nodes) ahead = std::max(ahead, node.time.span_ms);
  return ahead;
}

void Engine::BuildAndOpenTasks() {
  const CheckpointId first = weir::Next(last_committed_);
  if (options_.mode == RunMode::kReplay) {
    quota_ = std::make_unique<EpochQuota>(*waker_);
    quota_->StartEpoch(first, options_.replay.rows_per_barrier);
  }
  pacing_ = std::make_unique<PacingBoard>(PacingAheadMs());
  if (graph_.uses_event_time()) {
    logger_.Info("pacing", pacing_->on() ? "a split waits while it is more than " + std::to_string(PacingAheadMs()) +
                                               " ms of event time ahead of the slowest one that has rows to read"
                                         : std::string("off: splits are read as fast as they come"));
  }
  TaskBuildInput input;
  input.graph = &graph_;
  input.plan = &plan_;
  input.options = &options_;
  input.seams = seams_;
  input.paths = &paths_;
  input.incarnation = incarnation_;
  input.attempt = attempt_;
  input.first_epoch = first;
  input.restored = restored_.has_value() ? &*restored_ : nullptr;
  for (const auto& [node, source] : sources_) input.sources[node] = source.get();
  for (const auto& [node, sink] : sinks_) input.sinks[node] = sink.get();
  input.splits = splits_.splits;
  input.gate = &gate_;
  input.quota = quota_.get();
  input.pacing = pacing_.get();
  input.poison = &poison_;
  input.state_budget = &state_limit_;
  input.listener = this;
  input.logger = logger_;
  built_ = BuildTasks(input);
  for (const auto& task : built_.tasks) task->Open();
}

Status Engine::PublishRestored() {
  if (Planted(Mutant::kOrphansRemovedFirst)) {
    for (const auto& [id, committer] : committers_) WEIR_RETURN_IF_ERROR(committer->RemoveOrphans());
  }
  const bool hinted = restored_.has_value() && local_.hint.has_value() &&
                      local_.hint->name == CheckpointName{restored_->n, restored_->attempt};
  const bool publish = restored_.has_value() && !Planted(Mutant::kNotPublishedAtRecovery) &&
                       !(hinted && Planted(Mutant::kHintProvesPublication));
  if (publish) WEIR_RETURN_IF_ERROR(PublishStaged(restored_->staged));
  for (const auto& [id, committer] : committers_) WEIR_RETURN_IF_ERROR(committer->RemoveOrphans());
  published_point.Hit();
  return {};
}

void Engine::TasksReady() {
  logger_.Debug("restored", "state is in the tables", last_committed_.value());
  RunOnQueue(*disk_, mailbox_, [this] { return PublishRestored(); },
             [this](Status status) {
               if (!status.ok()) return Fail(std::move(status));
               RunTasks();
               if (commit_ != nullptr) commit_->Restored({});
             });
}

void Engine::RunTasks() {
  CoordinatorOptions options;
  options.tasks = static_cast<uint32_t>(built_.tasks.size());
  options.transactional_tasks = built_.transactional_tasks;
  options.interval = options_.checkpoint_interval;
  // A replay's barriers are counted by rows: there is nothing to hurry.
  if (options_.mode == RunMode::kStream) options.first_interval = kFirstInterval;
  options.start_counts = splits_.starts_move;
  options.min_pause = options_.checkpoint_min_pause;
  options.timeout = options_.checkpoint_timeout;
  options.end_of_sources = options_.end_of_sources;
  if (options_.mode == RunMode::kReplay) options.rows_per_barrier = options_.replay.rows_per_barrier;
  coordinator_.emplace(options, last_committed_, Now());
  progress_.emplace(graph_, sources_, *watchers_, mailbox_, logger_);
  committed_at_ = Now();
  for (const BuiltTasks::SourceTask& source : built_.sources) input_left_.insert(source.task);
  running_ = true;
  logger_.Info("running", std::to_string(built_.tasks.size()) + " tasks, " +
                              (restored_.has_value() ? "from checkpoint " + std::to_string(restored_->n.value())
                                                     : std::string("from the beginning")) +
                              ", attempt " + attempt_.ToString(),
               last_committed_.value());
  for (const auto& task : built_.tasks) {
    if (splits_.starts_move && task->is_source()) task->Hold();
    else task->Run();
  }
  if (options_.mode == RunMode::kStream) discover_at_ = Now() + options_.discovery_interval;
  housekeeping_->Post([this] { (void)collector_.RemoveForeignWork(attempt_); });
  if (plain_producer_ != nullptr) {
    gate_.Open(weir::Next(last_committed_), plain_producer_);
    Perform(coordinator_->OnEpochOpened(weir::Next(last_committed_), Now()));
  }
  if (stop_requested_.has_value()) Perform(coordinator_->OnStopRequested(*stop_requested_, Now()));
  // A source task without splits in a run that ends has nothing that could end later.
  const bool bounded = options_.end.kind != EndPoint::Kind::kNever;
  for (const BuiltTasks::SourceTask& source : built_.sources) {
    const bool empty = built_.tasks[source.task]->spec().nodes.front().splits.empty();
    if (empty && (bounded || sources_.at(source.node)->bounded())) OnInputEnded(source.task);
  }
}

}  // namespace weir
