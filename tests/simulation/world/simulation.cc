#include "tests/simulation/world/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "environment/ledger.h"
#include "runtime/base/hash.h"
#include "runtime/reflect/key_codec.h"

namespace weir::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kLivesMax = 3;
constexpr uint64_t kStepsInCalmMax = 300'000;
/// Every fault is one of some calls only, so trouble slows a job down and does not hold it up.
constexpr uint64_t kStepsInTroubleMax = 1'000'000;
constexpr uint64_t kStepsBetweenLooks = 400;
constexpr Duration kTimeToRest = seconds(10);
/// A disturbance this soon after another one finds the job in its recovery, a later one at work.
constexpr uint64_t kStepsEarly = 120;
/// Of the year 2023.
constexpr int64_t kFirstEventTime = 1'700'000'000'000;

}  // namespace

Simulation::Simulation(Scenario scenario)
    : scenario_(std::move(scenario)), shape_(ShapeOf(scenario_.kind)), world_(scenario_.seed, scenario_.broker),
      rocksdb_(scenario_.rocksdb ? std::make_unique<RocksDbBaseStoreFactory>(StoreFiles::kThroughSeam) : nullptr),
      graph_(WithLedger(MakePipeline(scenario_.kind, scenario_.output_partitions, scenario_.times).graph(), kCheckpointDirectory)),
      dice_(HashInteger(scenario_.seed + 0x5eed)), faults_(scenario_.faults, dice_.Next()),
      judge_(scenario_, world_, input_) {}

Simulation::~Simulation() { world_.broker().SetFaults({}); }

RunReport Simulation::Run() {
  CreateTopics();
  AppendFirstRows();
  if (scenario_.replay_rows_per_barrier > 0) BeginReplay();
  Trouble();
  if (!failed()) Calm();
  if (scenario_.judge_output_only) judge_.JudgeOutput(report_.problems.empty());
  report_.problems.insert(report_.problems.end(), judge_.problems().begin(), judge_.problems().end());
  EndAllLives();
  report_.counts.operators = graph_.nodes.size();
  report_.counts.rows = input_.rows();
  report_.counts.rocksdb = scenario_.rocksdb ? 1 : 0;
  report_.counts.checkpoints = judge_.checkpoints();
  report_.counts.broker_faults = faults_.injected();
  report_.counts.virtual_time = world_.clock().Now().time_since_epoch();
  report_.counts.trace_hash = HashInteger(report_.counts.trace_hash ^ judge_.digest());
  return std::move(report_);
}

void Simulation::Fail(Damage damage, std::string text) { report_.problems.push_back({damage, std::move(text)}); }

Duration Simulation::AnyDuration(Duration least, Duration most) {
  return least + Duration(static_cast<int64_t>(dice_.Below(static_cast<uint64_t>((most - least).count()) + 1)));
}

void Simulation::CreateTopics() {
  const std::unique_ptr<MemoryClient> admin = world_.broker().Connect();
  for (const std::string& topic : shape_.input_topics) {
    const Status status = admin->CreateTopic({topic, scenario_.input_partitions, -1, {}});
    WEIR_CHECK(status.ok(), status.message());
  }
}

void Simulation::AppendRows(uint32_t count, uint32_t rows_max) {
  for (uint32_t i = 0; i < count && input_.rows() < rows_max; ++i) {
    const auto source = static_cast<int64_t>(dice_.Below(shape_.input_topics.size()));
    const int32_t partition = AnyPartition();
    Append({source, partition}, {.auction = AnyAuction(), .price = static_cast<int64_t>(dice_.Below(1000)),
                                 .poison = scenario_.poison_odds != 0 && dice_.OneIn(scenario_.poison_odds)});
  }
}

void Simulation::AppendFirstRows() {
  if (!shape_.timed || scenario_.empty_at_first) return;
  for (size_t source = 0; source < shape_.input_topics.size(); ++source) {
    for (int32_t partition = 0; partition < scenario_.input_partitions; ++partition) {
      Append({static_cast<int64_t>(source), partition}, {.auction = AnyAuction(), .price = static_cast<int64_t>(dice_.Below(1000))});
    }
  }
}

void Simulation::Append(InputPartition partition, InputModel::Row row) {
  if (shape_.timed) row.time = AnyTime(partition);
  const std::string bytes =
      row.poison     ? "{\"auction\": oops"
      : shape_.timed ? TimedBidBytes({row.auction, row.price, partition.first, EventTime{row.time}})
                     : BidBytes(row.auction, row.price, partition.first);
  const OutgoingRecord record{{}, bytes, kNoTimestamp, static_cast<int32_t>(partition.second)};
  const Status status = world_.broker().Append(shape_.input_topics[static_cast<size_t>(partition.first)], {&record, 1});
  WEIR_CHECK(status.ok(), status.message());
  input_.Add(partition, row);
}

int64_t Simulation::AnyTime(InputPartition partition) {
  int64_t& at = times_.try_emplace(partition, kFirstEventTime).first->second;
  at += static_cast<int64_t>(dice_.Below(static_cast<uint64_t>(2 * scenario_.row_step_ms) + 1));
  const int64_t disorder = scenario_.times.disorder_ms;
  const bool late = scenario_.late_odds != 0 && dice_.OneIn(scenario_.late_odds);
  if (late) return at - disorder - 1 - static_cast<int64_t>(dice_.Below(static_cast<uint64_t>(10 * scenario_.row_step_ms)));
  return at - static_cast<int64_t>(dice_.Below(static_cast<uint64_t>(disorder) + 1));
}

int64_t Simulation::AnyAuction() {
  // The first auctions of one key group, so that many keys of a group change in one epoch.
  static const std::vector<int64_t> crowd = [] {
    std::vector<int64_t> auctions;
    for (int64_t auction = 0; auctions.size() < 64; ++auction) {
      if (GroupOfHash(HashKey(auction), kDefaultKeyGroups) == KeyGroup{0}) auctions.push_back(auction);
    }
    return auctions;
  }();
  const uint64_t drawn = dice_.Below(scenario_.auctions);
  return scenario_.crowded ? crowd[drawn % crowd.size()] : static_cast<int64_t>(drawn);
}

int32_t Simulation::AnyPartition() {
  uint64_t partition = dice_.Below(static_cast<uint64_t>(scenario_.input_partitions));
  // Each gets half of what the one before it has, about.
  if (scenario_.skewed) partition = dice_.Below(dice_.Below(partition + 1) + 1);
  return static_cast<int32_t>(partition);
}

void Simulation::BeginReplay() {
  AppendRows(scenario_.rows, replay_only() ? scenario_.rows : scenario_.rows / 2);
  replaying_ = true;
  rows_to_replay_ = input_.rows();
}

void Simulation::EndReplay(CheckpointId committed) {
  replaying_ = false;
  const uint64_t rows_per_barrier = scenario_.replay_rows_per_barrier;
  // A replay of nothing takes one checkpoint, too, to say so.
  const uint64_t expected = std::max<uint64_t>(1, (rows_to_replay_ + rows_per_barrier - 1) / rows_per_barrier);
  if (committed.value() == expected) return;
  Fail(Damage::kProtocol, fmt::format("{} rows were replayed with a barrier every {}, in {} checkpoints, not {}",
                                      rows_to_replay_, rows_per_barrier, committed.value(), expected));
}

void Simulation::Trouble() {
  world_.broker().SetFaults(faults_.Plan());
  disturbances_left_ = scenario_.disturbances;
  const uint64_t steps_late = scenario_.steps_between_disturbances_max;
  steps_to_disturbance_ = dice_.Below(steps_late);
  // Input comes as long as there is trouble. The last rows are kept for the calm.
  const uint32_t rows = scenario_.rows - scenario_.rows / 10;
  const uint64_t steps_expected = (scenario_.disturbances + 1) * (steps_late + kStepsEarly) / 3;
  const uint64_t steps_per_append = std::max<uint64_t>(1, steps_expected * scenario_.rows_per_append_max / 2 / rows);
  while (!failed() && (input_.rows() < rows || disturbances_left_ > 0)) {
    if (replay_only() && !replaying_) return;
    if (lives_.empty()) StartProcess();
    // The end of a replay is set when it starts: what comes later is not part of it.
    if (!replaying_ && input_.rows() < rows && dice_.OneIn(steps_per_append)) {
      AppendRows(1 + static_cast<uint32_t>(dice_.Below(scenario_.rows_per_append_max)), rows);
    }
    if (disturbances_left_ > 0 && steps_to_disturbance_-- == 0) {
      --disturbances_left_;
      Disturb();
      steps_to_disturbance_ = dice_.Below(dice_.OneIn(3) ? kStepsEarly : steps_late);
    }
    Step();
    if (report_.counts.steps > kStepsInTroubleMax) Fail(Damage::kStuck, "the job does not go on, though faults are rare");
  }
}

void Simulation::Calm() {
  world_.broker().SetFaults({});
  world_.broker().BringUp();
  for (Life& life : lives_) {
    life.paused_until = {};
    life.process->files().FailChange(0);
    life.process->files().FailSync(0);
    life.process->files().KillAtChange(0);
  }
  if (replaying_) RunUntilReplayed();
  if (failed()) return;
  if (replay_only()) {
    // Another start says that all is done, and cleans up after everybody.
    replaying_ = true;
    RunUntilReplayed();
    if (!failed()) judge_.LookAtTheEnd();
    return;
  }
  AppendRows(scenario_.rows, scenario_.rows - scenario_.rows / 20);
  ComeToRest();
  if (failed()) return;
  // A last start finds no rival, and cleans up after everybody.
  EndAllLives();
  ++ended_from_outside_;
  RunFor(seconds(1));
  AppendRows(scenario_.rows, scenario_.rows);
  ComeToRest();
  if (failed()) return;
  RunFor(seconds(1));
  if (!failed()) StopAndJudge();
}

void Simulation::RunUntilReplayed() {
  const uint64_t steps_max = report_.counts.steps + kStepsInCalmMax;
  while (!failed() && replaying_) {
    if (lives_.empty()) StartProcess();
    Step();
    if (report_.counts.steps > steps_max) Fail(Damage::kStuck, "the replay does not end");
  }
}

void Simulation::ComeToRest() {
  // A job whose defences are off may never have all of it out; what is missing when it has had its time is lost.
  return scenario_.judge_output_only ? RunFor(kTimeToRest) : RunUntilAllIsOut();
}

void Simulation::RunUntilAllIsOut() {
  const uint64_t steps_max = report_.counts.steps + kStepsInCalmMax;
  while (!failed() && !judge_.AllIsOut()) {
    if (lives_.empty()) StartProcess();
    Step();
    if (report_.counts.steps > steps_max) {
      Fail(Damage::kStuck, fmt::format("{} of {} rows are out after {} steps without faults", judge_.rows_out(),
                                       input_.rows(), kStepsInCalmMax));
    }
  }
}

void Simulation::RunFor(Duration duration) {
  const Instant until = world_.clock().Now() + duration;
  while (!failed() && world_.clock().Now() < until) {
    if (lives_.empty()) StartProcess();
    Step();
  }
}

void Simulation::StopAndJudge() {
  const uint64_t steps_max = report_.counts.steps + kStepsInCalmMax;
  lives_.front().stopping = true;
  lives_.front().process->engine().RequestStop(shape_.timed ? RunEnd::kDrain : RunEnd::kStop);
  while (!failed() && !lives_.empty() && report_.counts.steps <= steps_max) Step();
  if (!lives_.empty()) return Fail(Damage::kStuck, "the job does not stop");
  judge_.LookAtTheEnd();
  if (!failed() && scenario_.vandal && !scenario_.judge_output_only) Vandalize();
}

void Simulation::Vandalize() {
  const auto disk = world_.disk().NewProcess();
  const std::string path = judge_.manifest_path();
  const std::string markers = MarkerTopic(shape_.job);
  switch (dice_.Below(4)) {
    case 0: WEIR_CHECK(disk->RemoveFile(path).ok(), "a manifest was there"); break;
    case 1: {
      std::string bytes = ReadWholeFile(*disk, path).value();
      bytes[dice_.Below(bytes.size())] ^= static_cast<char>(1 << dice_.Below(8));
      const auto file = disk->Create(path, Replace::kExisting).value();
      WEIR_CHECK(file->Append(bytes).ok() && file->Close().ok(), "it can be written");
      break;
    }
    case 2:
      if (shape_.topic_sink) {
        const int64_t last = world_.broker().Committed(markers).value().back().offset;
        WEIR_CHECK(world_.broker().AdvanceLogStart({markers, 0}, last + 1).ok(), "markers were there");
        break;
      }
      [[fallthrough]];
    default:
      if (shape_.topic_sink) {
        WEIR_CHECK(world_.broker().DeleteTopic(markers).ok(), "markers were there");
      } else {
        WEIR_CHECK(disk->RemoveFile(CheckpointPaths(kCheckpointDirectory, shape_.job).current()).ok(), "CURRENT was there");
      }
  }
  refusal_expected_ = true;
  StartProcess();
  const uint64_t steps_max = report_.counts.steps + kStepsInCalmMax;
  while (!failed() && !lives_.empty() && report_.counts.steps <= steps_max) Step();
  if (!refused_) Fail(Damage::kProtocol, "the job goes on from what was damaged: " + path);
}

void Simulation::RemoveReadInput() {
  for (const auto& [partition, next] : judge_.positions()) {
    const TopicPartition log{shape_.input_topics[static_cast<size_t>(partition.first)],
                             static_cast<int32_t>(partition.second)};
    (void)world_.broker().AdvanceLogStart(log, static_cast<int64_t>(dice_.Below(static_cast<uint64_t>(next) + 1)));
  }
}

void Simulation::StartProcess() {
  for (Life& life : lives_) life.had_rival = true;
  Life life;
  life.number = ++report_.counts.processes;
  life.had_rival = !lives_.empty();
  Note(fmt::format("process {} starts", life.number));
  EngineOptions options = scenario_.engine;
  if (scenario_.any_parallelism) options.parallelism = 1 + static_cast<uint32_t>(dice_.Below(kParallelismMax));
  if (replaying_) {
    options.mode = RunMode::kReplay;
    options.replay = {"earliest", "now", scenario_.replay_rows_per_barrier, false};
    options.end = {EndPoint::Kind::kNow, 0};
    options.end_of_sources = replay_only() ? RunEnd::kDrain : RunEnd::kStop;
    options.checkpoint_interval = Duration::zero();
  }
  life.process = std::make_unique<SimulatedProcess>(world_, graph_, std::move(options),
                                                    rocksdb_.get());
  life.process->executor().SlowQueues(scenario_.slow_queues);
  lives_.push_back(std::move(life));
}

void Simulation::EndLife(size_t index) {
  Note(fmt::format("process {} is gone", lives_[index].number));
  report_.counts.trace_hash = HashInteger(report_.counts.trace_hash ^ lives_[index].process->trace_hash() ^ lives_[index].number);
  lives_[index].process->Kill();
  lives_.erase(lives_.begin() + static_cast<ptrdiff_t>(index));
}

void Simulation::EndAllLives() {
  while (!lives_.empty()) EndLife(lives_.size() - 1);
}

void Simulation::Disturb() {
  const DisturbanceWeights& w = scenario_.weights;
  ++report_.counts.disturbances;
  uint64_t drawn = dice_.Below(w.kill + w.kill_at_change + w.power_cut + w.successor + w.pause + w.pause_with_successor +
                               w.broker_down + w.fail_change + w.fail_sync + w.stop + w.retention);
  const auto is = [&drawn](uint32_t weight) {
    const bool mine = drawn < weight;
    drawn -= mine ? 0 : weight;
    return mine;
  };
  if (lives_.empty()) StartProcess();
  Note(fmt::format("disturbance {} at step {}", report_.counts.disturbances, report_.counts.steps));
  if (is(w.kill)) {
    ++ended_from_outside_;
    return EndLife(dice_.Below(lives_.size()));
  }
  if (is(w.kill_at_change)) return AnyLife().process->files().KillAtChange(1 + dice_.Below(60));
  if (is(w.power_cut)) {
    ++ended_from_outside_;
    Note("power cut");
    EndAllLives();
    world_.disk().Crash(dice_);
    return judge_.OnPowerCut();
  }
  const bool room = lives_.size() < kLivesMax;
  if (is(w.successor)) {
    if (room) return StartProcess();
    ++ended_from_outside_;
    return EndLife(0);
  }
  if (is(w.pause)) {
    AnyLife().paused_until = world_.clock().Now() + AnyDuration(milliseconds(1), seconds(5));
    return;
  }
  if (is(w.pause_with_successor)) {
    for (Life& life : lives_) life.paused_until = world_.clock().Now() + AnyDuration(milliseconds(1), seconds(5));
    if (room) StartProcess();
    return;
  }
  if (is(w.broker_down)) {
    // Longer than a new producer waits for its turn, now and then.
    const bool long_outage = dice_.OneIn(6);
    return world_.broker().TakeDown(long_outage ? AnyDuration(seconds(60), seconds(150))
                                                : AnyDuration(milliseconds(1), seconds(3)));
  }
  // Without a topic that holds the markers, a power cut may take back what was committed and not announced.
  if (is(w.retention)) return shape_.topic_sink ? RemoveReadInput() : void();
  if (is(w.fail_change)) return AnyLife().process->files().FailChange(1 + dice_.Below(60));
  if (is(w.fail_sync)) return AnyLife().process->files().FailSync(1 + dice_.Below(10));
  Life& life = AnyLife();
  Note(fmt::format("process {} is asked to stop", life.number));
  ++ended_from_outside_;
  life.stopping = true;
  life.process->engine().RequestStop(RunEnd::kStop);
}

void Simulation::Step() {
  ++report_.counts.steps;
  SimulatedClock& clock = world_.clock();
  const Instant now = clock.Now();
  Instant next = Instant::max();
  const size_t first = lives_.empty() ? 0 : dice_.Below(lives_.size());
  for (size_t i = 0; i < lives_.size(); ++i) {
    const size_t index = (first + i) % lives_.size();
    Life& life = lives_[index];
    if (life.paused_until > now) {
      next = std::min(next, life.paused_until);
      continue;
    }
    if (life.process->RunOne()) {
      clock.AdvanceTo(now + AnyDuration(Duration::zero(), scenario_.step_cost_max));
      return LookAfter(index);
    }
    next = std::min(next, life.process->NextTimer());
  }
  clock.AdvanceTo(next == Instant::max() ? now + milliseconds(1) : next);
}

void Simulation::LookAfter(size_t index) {
  Life& life = lives_[index];
  bool look = report_.counts.steps >= look_at_step_;
  if (life.process->engine().committed() != life.committed) {
    life.committed = life.process->engine().committed();
    judge_.OnAnnounced(life.committed);
    look = true;
  }
  if (shape_.topic_sink) {
    const Result<int64_t> end = world_.broker().StableEnd({MarkerTopic(shape_.job), 0});
    look = look || (end.ok() && *end != marker_end_seen_);
    marker_end_seen_ = end.ok() ? *end : -1;
  }
  if (look) {
    judge_.Look();
    look_at_step_ = report_.counts.steps + kStepsBetweenLooks;
  }
  if (life.process->files().killed()) {
    ++ended_from_outside_;
    return EndLife(index);
  }
  if (const std::optional<EngineOutcome> outcome = life.process->engine().outcome()) Ended(index, *outcome);
}

void Simulation::Ended(size_t index, const EngineOutcome& outcome) {
  Life& life = lives_[index];
  Note(fmt::format("process {}: {}", life.number, outcome.status.ToString()));
  switch (outcome.kind) {
    case EngineOutcome::Kind::kRebuild:
      if (life.stopping) return EndLife(index);
      ++report_.counts.rebuilds;
      life.process->Rebuild();
      return life.process->executor().SlowQueues(scenario_.slow_queues);
    case EngineOutcome::Kind::kRestartProcess: return EndLife(index);
    case EngineOutcome::Kind::kFinished:
      if (replaying_) {
        EndReplay(outcome.committed);
      } else if (!life.stopping) {
        Fail(Damage::kProtocol, "the engine finished, and nobody had asked it to");
      }
      return EndLife(index);
    case EngineOutcome::Kind::kFenced:
      ++report_.counts.fenced;
      if (!life.had_rival) Fail(Damage::kProtocol, "fenced without a rival: " + outcome.status.ToString());
      if (lives_.size() == 1 && ended_from_outside_ == 0) Fail(Damage::kStuck, "all processes went, each for another");
      return EndLife(index);
    case EngineOutcome::Kind::kRefused: break;
  }
  if (refusal_expected_) {
    refused_ = true;
    return EndLife(index);
  }
  // Without a broker to fence it the older process keeps the folder. With one, a process that was overtaken while the
  // broker is away cannot know why its files are gone; that it stops is right.
  const bool folder_taken = !shape_.topic_sink && life.had_rival && outcome.status.code() == Code::kUnavailable;
  const bool overtaken = shape_.topic_sink && life.had_rival && judge_.owner() != life.process->engine().attempt();
  if (!folder_taken && !overtaken) Fail(Damage::kRefused, outcome.status.ToString());
  EndLife(index);
}

}  // namespace weir::simulation
