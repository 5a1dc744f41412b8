#include "runtime/engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/engine/on_queue.h"

namespace weir {
namespace {

/// While nothing else is due the coordinator looks at its facts this often.
constexpr Duration kTick = std::chrono::milliseconds(20);

bool NeedsPerson(Code code) {
  return code == Code::kInvalidArgument || code == Code::kNotFound || code == Code::kCorruption ||
         code == Code::kUserError || code == Code::kInternal;
}

}  // namespace

Engine::Engine(const JobGraph& graph, EngineOptions options, EngineSeams seams, Logger logger)
    : graph_(graph), options_(std::move(options)), seams_(seams), logger_(std::move(logger)),
      transactional_(options_.exactly_once && graph.has_transactional_sink()),
      plan_(MakePhysicalPlan(graph, options_.parallelism)), attempt_(seams.random->NewId()),
      paths_(options_.checkpoint_directory, graph.job, options_.defences), store_(*seams.files, paths_),
      collector_(*seams.files, paths_),
      poison_(*seams.clock, options_.poison_fails, options_.poison_per_minute_max),
      state_limit_(options_.state_bytes_max),
      status_line_(options_.status_interval, seams.clock->Now()), broker_(logger_, BrokerDuty::kAnswer),
      committing_(logger_, BrokerDuty::kCommit) {}

Engine::~Engine() = default;

void Engine::Start(std::function<void()> on_outcome) {
  on_outcome_ = std::move(on_outcome);
  waker_ = &seams_.executor->Add(*this, 0);
  mailbox_.SetWaker(waker_);
  disk_ = &seams_.executor->NewQueue("checkpoints");
  housekeeping_ = &seams_.executor->NewQueue("housekeeping");
  watchers_ = &seams_.executor->NewQueue("progress");
  brokers_ = &seams_.executor->NewQueue("metadata");
  Post([this] { OpenStore(); });
}

void Engine::RequestStop(RunEnd end) {
  Post([this, end] {
    stop_requested_ = end;
    if (!running_) return End(EngineOutcome::Kind::kFinished, {});
    // Rows that came in since the last look call for a last checkpoint, too.
    AdvanceCheckpoints();
    if (!over_) Perform(coordinator_->OnStopRequested(end, Now()));
  });
}

std::optional<EngineOutcome> Engine::outcome() const {
  const std::lock_guard lock(outcome_mutex_);
  return outcome_;
}

uint64_t Engine::RowsRead() const {
  uint64_t rows = 0;
  for (const BuiltTasks::SourceTask& source : built_.sources) {
    rows += built_.tasks[source.task]->counters().rows_in.load(std::memory_order_relaxed);
  }
  return rows;
}

uint64_t Engine::TimersFired() const {
  uint64_t timers = 0;
  for (const auto& task : built_.tasks) timers += task->counters().timers.load(std::memory_order_relaxed);
  return timers;
}

EngineCounters Engine::counters() const {
  EngineCounters counters;
  if (!running_) return counters;
  counters.rows_read = RowsRead();
  counters.commits = commits_.load();
  counters.entries_max = entries_max_.load();
  counters.stalled = gate_.stalled();
  for (const auto& task : built_.tasks) {
    counters.poison += task->counters().poison.load(std::memory_order_relaxed);
    counters.late += task->counters().late.load(std::memory_order_relaxed);
    for (const ChainNode& node : task->spec().nodes) {
      for (const Consumer& consumer : node.consumers) {
        if (consumer.kind != Consumer::Kind::kOutlet) continue;
        counters.rows_through_exchange[node.context.operator_id] += task->spec().outlets[consumer.index]->rows();
      }
    }
  }
  return counters;
}

Steppable::Next Engine::Step() {
  for (std::function<void()>& closure : mailbox_.TakeAll()) {
    if (over_) return Next::kWait;
    closure();
  }
  if (over_) return Next::kWait;
  if (commit_ != nullptr) commit_->Advance();
  if (!over_ && coordinator_.has_value()) AdvanceCheckpoints();
  if (over_) return Next::kWait;

  const Instant now = Now();
  if (retry_at_ <= now) {
    retry_at_ = Instant::max();
    OpenConnectors();
  }
  if (discover_at_ <= now) DiscoverSplits();
  if (ask_broker_at_ <= now) AskBroker(now);
  if (commit_ != nullptr) WatchCommit(now);
  if (status_line_.due() <= now) AdvanceStatus(now);

  Instant next = std::min({retry_at_, discover_at_, ask_broker_at_, status_line_.due()});
  if (commit_ != nullptr) next = std::min(next, commit_->deadline().value_or(Instant::max()));
  if (coordinator_.has_value()) next = std::min({next, coordinator_->deadline().value_or(Instant::max()), now + kTick});
  if (next != Instant::max()) waker_->WakeAt(next);
  return Next::kWait;
}

void Engine::Fail(Status status) {
  if (over_) return;
  // Only the protocol can tell a fault of our own from a successor that took the job over.
  if (commit_ != nullptr) {
    logger_.Warning("failed", status.ToString());
    return running_ ? commit_->EngineFailed(status) : commit_->Restored(status);
  }
  if (NeedsPerson(status.code())) return End(EngineOutcome::Kind::kRefused, std::move(status));
  End(EngineOutcome::Kind::kRebuild, std::move(status));
}

void Engine::End(EngineOutcome::Kind kind, Status status) {
  if (over_) return;
  over_ = true;
  gate_.Close();
  {
    const std::lock_guard lock(outcome_mutex_);
    outcome_ = EngineOutcome{kind, std::move(status), CheckpointId{committed_.load()}};
  }
  if (on_outcome_) on_outcome_();
}

void Engine::OnReady(uint32_t) {
  Post([this] {
    if (++tasks_ready_ == built_.tasks.size()) TasksReady();
  });
}

void Engine::OnSinksSealed(uint32_t task, CheckpointId n) {
  Post([this, task, n] { Perform(coordinator_->OnTaskSealed(n, task, Now())); });
}

void Engine::OnAcknowledged(TaskAcknowledgement acknowledgement) {
  Post([this, acknowledgement = std::move(acknowledgement)] {
    const CheckpointId n = acknowledgement.n;
    const uint32_t task = acknowledgement.task;
    manifest_->Add(acknowledgement);
    Perform(coordinator_->OnTaskAcknowledged(n, task, Now()));
  });
}

void Engine::OnFailed(uint32_t, Status status) {
  Post([this, status = std::move(status)] { Fail(status); });
}

void Engine::OnFirstRows(uint32_t task) {
  // The step that runs this takes the rows into account, too.
  Post([this, task] { logger_.Debug("first_rows", "task " + built_.tasks[task]->spec().name); });
}

void Engine::OnInputEnded(uint32_t task) {
  Post([this, task] {
    input_left_.erase(task);
    if (!input_left_.empty() || sources_ended_) return;
    sources_ended_ = true;
    AdvanceCheckpoints();
    if (!over_) Perform(coordinator_->OnSourcesEnded(Now()));
  });
}

void Engine::OnReport(TaskReport report) {
  Post([this, report = std::move(report)] {
    StatusLine::Facts facts{.now = Now(), .rows_read = RowsRead(), .poison = counters().poison, .late = counters().late,
                            .committed = committed_.load(), .committed_at = committed_at_,
                            .broker_away = broker_.away(), .checkpoint_phase = {}};
    if (coordinator_->phase() != Coordinator::Phase::kIdle) {
      facts.checkpoint_phase = DescribeCheckpoint();
    }
    if (const std::optional<std::string> line = status_line_.Add(report, facts)) logger_.Info("status", *line);
  });
}

std::string Engine::DescribeCheckpoint() const {
  const Coordinator::Phase phase = coordinator_->phase();
  std::string text = std::to_string(coordinator_->current().value()) + " is " + std::string(Coordinator::PhaseName(phase));
  const bool waits = phase == Coordinator::Phase::kSnapshotting || phase == Coordinator::Phase::kPreparing;
  if (waits) text += ", " + coordinator_->WaitingFor();
  if (commit_ != nullptr) text += " (transaction: " + std::string(commit_->protocol().StateName()) + ")";
  return text;
}

std::string Engine::DescribeStart() const {
  if (broker_.away()) return "the broker does not answer";
  if (!built_.tasks.empty()) {
    return "state is read, " + std::to_string(tasks_ready_) + " of " + std::to_string(built_.tasks.size()) +
           " tasks have theirs";
  }
  if (commit_ != nullptr) {
    return "taking the job over (transaction: " + std::string(commit_->protocol().StateName()) + ")";
  }
  return "opening its folder, sources and sinks";
}

void Engine::AdvanceStatus(Instant now) {
  if (!running_) {
    if (const auto line = status_line_.Starting(DescribeStart(), now)) logger_.Info("status", *line);
    return;
  }
  status_line_.Begin(built_.sources.size(), now);
  for (const BuiltTasks::SourceTask& source : built_.sources) built_.tasks[source.task]->RequestReport();
}

void Engine::AskBroker(Instant now) {
  // Rows that came in are an answer, too.
  if (const uint64_t rows = running_ ? RowsRead() : 0; rows != rows_when_asked_) {
    rows_when_asked_ = rows;
    broker_.OnAnswer();
    ask_broker_at_ = broker_.NextQuestion(now);
    return;
  }
  ask_broker_at_ = Instant::max();
  RunOnQueue(
      *brokers_, mailbox_,
      [this]() -> Status {
        if (transactional()) return seams_.log->Offsets({MarkerTopic(graph_.job), 0}).status();
        return seams_.log->ListTopics().status();
      },
      [this, now](Status status) {
        // Any other refusal is an answer; what it means shows where the work is done.
        if (status.code() == Code::kUnavailable) {
          broker_.OnNoAnswer(status, now, Now());
        } else {
          broker_.OnAnswer();
        }
        ask_broker_at_ = broker_.NextQuestion(Now());
      });
}

void Engine::WatchCommit(Instant now) {
  const CommitProtocol& protocol = commit_->protocol();
  if (!protocol.waits_for_broker()) return committing_.OnAnswer();
  if (broker_.away()) return;   // That says it all.
  const std::string broker = seams_.log->Address();
  const std::string what = running_ ? fmt::format("checkpoint {} cannot be committed", protocol.epoch().value())
                                    : std::string("the job cannot be taken over");
  committing_.OnNoAnswer(
      Unavailable(fmt::format(
          "{}: {} does not finish what the job asks of it ({}). Transaction {} needs its coordinator, and of "
          "{} and each topic that is written a leader with min.insync.replicas in sync; kafka-topics.sh "
          "--bootstrap-server {} --describe --under-min-isr-partitions names those without",
          what, broker, protocol.StateName(), TransactionalId(graph_.job), MarkerTopic(graph_.job), broker)),
      now, now);
}

void Engine::DiscoverSplits() {
  discover_at_ = Instant::max();
  struct Look {
    std::vector<std::pair<uint32_t, SplitAssignment>> found;
    std::vector<std::pair<uint32_t, bool>> answers;   // By node.
  };
  RunOnQueue(
      *brokers_, mailbox_,
      [this] {
        Look look;
        for (const auto& [node, source] : sources_) {
          if (source->bounded()) continue;
          auto listed = source->ListSplits({StartPoint::Kind::kEarliest, 0}, {EndPoint::Kind::kNever, 0});
          look.answers.emplace_back(node, listed.status().code() != Code::kUnavailable);
          if (!listed.ok()) continue;   // The broker is away: the next look finds them.
          for (SplitAssignment& split : *listed) look.found.emplace_back(node, std::move(split));
        }
        return look;
      },
      [this](Look look) {
        for (const auto& [node, answers] : look.answers) pacing_->SetAnswers(node, answers);
        for (auto& [node, split] : look.found) {
          std::vector<SplitAssignment>& known = splits_.splits[node];
          const auto same = [&](const SplitAssignment& other) { return other.split == split.split; };
          if (std::any_of(known.begin(), known.end(), same)) continue;
          logger_.Info("split_found", "new split " + split.split.value() + ", read from its beginning");
          known.push_back(split);
          const uint32_t task = built_.SourceTaskFor(node, sources_.at(node)->Placement(split.split));
          // A source is the head of its task.
          built_.tasks[task]->AddSplit(0, split);
        }
        discover_at_ = Now() + options_.discovery_interval;
      });
}

}  // namespace weir
