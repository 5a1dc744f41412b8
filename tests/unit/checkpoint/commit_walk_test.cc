#include "tests/unit/checkpoint/commit_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/checkpoint/retention.h"
#include "tests/support/run_scale.h"

namespace weir::test {

uint64_t WalkBroker::Init() {
  open_outputs_.clear();
  open_records_.clear();
  return ++producer_;
}

void WalkBroker::Write(uint64_t producer, const Output& output) {
  if (Owns(producer)) open_outputs_.push_back(output);
}

void WalkBroker::Write(uint64_t producer, const MarkerTopicRecord& record) {
  if (Owns(producer)) open_records_.push_back(record);
}

void WalkBroker::EndTransaction(uint64_t producer) {
  if (!Owns(producer)) return;
  outputs_.insert(outputs_.end(), open_outputs_.begin(), open_outputs_.end());
  log_.insert(log_.end(), open_records_.begin(), open_records_.end());
  open_outputs_.clear();
  open_records_.clear();
}

void WalkBroker::TimeOut() { Init(); }

std::vector<MarkerRecord> WalkBroker::Markers() const {
  std::vector<MarkerRecord> markers;
  for (const MarkerTopicRecord& record : log_) {
    if (const MarkerRecord* marker = std::get_if<MarkerRecord>(&record)) markers.push_back(*marker);
  }
  return markers;
}

struct CommitWalk::Process {
  Process(CommitOptions options, Id128 id) : protocol(std::move(options)), attempt(id) {}

  CommitProtocol protocol;
  Id128 attempt;
  uint64_t producer = 0;        // 0: not initialised
  int end_txn_sent = 0;
  size_t read = 0;              // of the marker topic
  bool reading = false;
  bool asleep = false;
  std::deque<std::function<CommitActions(CommitProtocol&, Instant)>> answers;
  bool outcome_known = true;    // of the last transaction begun
  CheckpointId open{};          // sinks may write
  CheckpointId flushed{};
  bool claiming = false;        // the transaction in hand carries a claim
  bool over = false;
};

CommitWalk::CommitWalk(uint64_t seed, Defences defences) : random_(seed), defences_(defences) {}
CommitWalk::~CommitWalk() = default;

std::string CommitWalk::Run(int steps) {
  for (int i = 0; i < steps && violation_.empty(); ++i) Step();
  // Without faults the job must go on, whatever happened before.
  faults_ = false;
  delayed_end_txn_.clear();
  processes_.clear();
  const uint64_t before = committed();
  for (int i = 0; i < 400 && violation_.empty() && committed() < before + 2; ++i) Step();
  if (violation_.empty() && committed() < before + 2) Violation("no progress without faults");
  return violation_;
}

void CommitWalk::StartProcess() {
  CommitOptions options;
  options.job = "walk";
  options.attempt = random_.NewId();
  options.local.fresh_incarnation = random_.NewId();
  options.local.hint = disk_.hint;
  options.local.checkpoints.assign(disk_.prepared.begin(), disk_.prepared.end());
  options.defences = defences_;
  options.retry_pause = std::chrono::milliseconds(1);
  const Id128 attempt = options.attempt;
  processes_.push_back(std::make_unique<Process>(std::move(options), attempt));
  Process& process = *processes_.back();
  Perform(process, process.protocol.Start(now_));
}

void CommitWalk::Step() {
  std::erase_if(processes_, [this](const auto& p) { return p->over || Odds(300); });
  if (processes_.empty() || (processes_.size() < 3 && Odds(250))) StartProcess();
  if (!delayed_end_txn_.empty() && random_.OneIn(3)) {
    broker_.EndTransaction(delayed_end_txn_.back());
    delayed_end_txn_.pop_back();
    CheckLog();
  }
  if (Odds(300)) broker_.TimeOut();
  Process& process = *processes_[random_.Below(processes_.size())];
  if (Odds(60)) process.asleep = true;
  if (!faults_ || Odds(10)) process.asleep = false;
  if (!process.asleep) Deliver(process);
}

void CommitWalk::Deliver(Process& process) {
  const uint64_t draw = random_.Below(4);
  if (draw < 2 && !process.answers.empty()) {
    const auto answer = process.answers.front();
    process.answers.pop_front();
    return Perform(process, answer(process.protocol, now_));
  }
  if (draw < 3 && process.reading && process.read < broker_.log().size()) {
    const size_t offset = process.read++;
    return Perform(process, process.protocol.OnMarkerTopicRecord(broker_.log()[offset],
                                                                 static_cast<int64_t>(offset), now_));
  }
  if (process.open != CheckpointId{}) return Work(process);
  const bool caught_up = process.read == broker_.log().size();
  const std::optional<Instant> deadline = process.protocol.deadline();
  if (process.answers.empty() && caught_up && deadline) {
    now_ = std::max(now_, *deadline);
    Perform(process, process.protocol.OnTimer(now_));
  }
}

void CommitWalk::Work(Process& process) {
  if (process.flushed != process.open) {
    process.flushed = process.open;
    return Perform(process, process.protocol.Flush(process.open, now_));
  }
}

void CommitWalk::Perform(Process& process, CommitActions actions) {
  for (const CommitAction& action : actions) PerformOne(process, action);
}

void CommitWalk::PerformOne(Process& process, const CommitAction& action) {
  if (const auto* read = std::get_if<ReadMarkers>(&action)) {
    process.reading = true;
    process.read = static_cast<size_t>(read->from.value_or(0));
    process.protocol.OnWitnessOpened(now_);
  } else if (const auto* restore = std::get_if<RestoreCheckpoint>(&action)) {
    const CheckpointName name{restore->permit.n(), restore->permit.attempt()};
    CheckRestore(process, &name);
    const Status status = disk_.prepared.contains(name) ? Status() : NotFound("collected");
    process.answers.push_back([status](CommitProtocol& p, Instant now) { return p.OnRestored(status, now); });
  } else if (std::holds_alternative<StartFresh>(action)) {
    CheckRestore(process, nullptr);
    process.answers.push_back([](CommitProtocol& p, Instant now) { return p.OnRestored({}, now); });
  } else if (const auto* open = std::get_if<OpenEpoch>(&action)) {
    process.open = open->n;
    broker_.Write(process.producer, WalkBroker::Output{open->n, process.attempt});
  } else if (const auto* flushed = std::get_if<AnnounceFlushed>(&action)) {
    const CheckpointName name{flushed->n, process.attempt};
    disk_.prepared.insert(name);
    process.answers.push_back([name](CommitProtocol& p, Instant now) {
      return p.Prepared({p.incarnation(), name, std::string(64, 'a'), std::string(32, 'b'), 1}, now);
    });
    process.open = {};
  } else if (const auto* announced = std::get_if<AnnounceCommitted>(&action)) {
    process.outcome_known = true;
    CheckCommitted(announced->permit);
  } else if (std::holds_alternative<RebuildEngine>(action)) {
    process.over = true;
  } else if (const auto* exit = std::get_if<ExitEngine>(&action)) {
    process.over = true;
    if (exit->reason != ExitReason::kFenced) Violation("exit: " + exit->status.ToString());
  } else {
    CallProducer(process, action);
  }
}

void CommitWalk::CallProducer(Process& process, const CommitAction& action) {
  if (std::holds_alternative<DestroyProducer>(action)) {
    process.producer = 0;
    process.open = {};
  } else if (std::holds_alternative<CreateProducer>(action)) {
    const Status status = Odds(20) ? Unavailable("away") : Status();
    process.answers.push_back([status](CommitProtocol& p, Instant now) { return p.OnProducerCreated(status, now); });
  } else if (std::holds_alternative<InitProducer>(action)) {
    const bool lost = Odds(8);
    const bool retriable = lost || Odds(8);
    if (!lost) process.producer = broker_.Init();
    const TxnOutcome outcome{retriable ? TxnResult::kRetriable : TxnResult::kOk, ""};
    process.outcome_known = true;
    process.answers.push_back([outcome](CommitProtocol& p, Instant now) { return p.OnInitReturned(outcome, now); });
  } else if (std::holds_alternative<BeginTransaction>(action)) {
    if (!process.outcome_known && defences_.witness && defences_.marker_inside_transaction) {
      Violation("I7: a transaction began while the outcome of the one before was unknown");
    }
    process.end_txn_sent = 0;
    process.answers.push_back([](CommitProtocol& p, Instant now) { return p.OnBeginReturned({}, now); });
  } else if (const auto* produce = std::get_if<ProduceControl>(&action)) {
    const Result<MarkerTopicRecord> record = ParseMarkerTopicRecord("walk", produce->key, produce->value);
    if (!record.ok()) return Violation(record.status().ToString());
    process.claiming = std::holds_alternative<ClaimRecord>(record.value());
    broker_.Write(process.producer, record.value());
    process.answers.push_back([](CommitProtocol& p, Instant now) { return p.OnProduced({}, now); });
  } else if (std::holds_alternative<FlushProducer>(action)) {
    TxnOutcome outcome;
    if (!broker_.Owns(process.producer)) outcome = {TxnResult::kFenced, "fenced"};
    if (outcome.ok() && Odds(10)) outcome = {TxnResult::kRetriable, "outstanding"};
    process.answers.push_back([outcome](CommitProtocol& p, Instant now) { return p.OnFlushReturned(outcome, now); });
  } else if (std::holds_alternative<CommitSlice>(action)) {
    int sent = 0;
    const TxnOutcome outcome = Commit(process, &sent);
    CheckLog();
    process.outcome_known = process.claiming && outcome.ok();
    process.answers.push_back(
        [outcome, sent](CommitProtocol& p, Instant now) { return p.OnCommitReturned(outcome, sent, now); });
  }
}

TxnOutcome CommitWalk::Commit(Process& process, int* end_txn_sent) {
  *end_txn_sent = ++process.end_txn_sent;
  if (!broker_.Owns(process.producer)) return {TxnResult::kFenced, "fenced"};
  const uint64_t draw = faults_ ? random_.Below(40) : 39;
  if (draw == 0) return {TxnResult::kFailed, "request lost"};
  if (draw == 1) return {TxnResult::kOk, ""};  // the lie
  if (draw == 2) return {TxnResult::kRetriable, "not yet"};
  if (draw == 3) return broker_.TimeOut(), TxnOutcome{TxnResult::kFenced, "timed out"};
  broker_.EndTransaction(process.producer);
  if (draw == 4) return {TxnResult::kFailed, "answer lost"};
  if (draw == 5) return broker_.TimeOut(), TxnOutcome{TxnResult::kFenced, "fenced after it won"};
  if (draw == 6) return {TxnResult::kRetriable, "answer late"};
  if (draw == 7 || draw == 8) {
    *end_txn_sent = ++process.end_txn_sent;
    delayed_end_txn_.push_back(process.producer);
  }
  return {};
}

void CommitWalk::CheckRestore(const Process& process, const CheckpointName* name) {
  // I6: the last marker before the newest claim of this attempt.
  std::optional<CheckpointName> last;
  std::optional<CheckpointName> expected;
  for (size_t i = 0; i < process.read; ++i) {
    if (const MarkerRecord* marker = std::get_if<MarkerRecord>(&broker_.log()[i])) last = {marker->n, marker->attempt};
    const ClaimRecord* claim = std::get_if<ClaimRecord>(&broker_.log()[i]);
    if (claim != nullptr && claim->attempt == process.attempt) expected = last;
  }
  if (name == nullptr ? expected.has_value() : expected != *name) Violation("I6: restored another checkpoint");
  // Only a successor that is further on may have collected it.
  const MarkerRecord newest = name == nullptr ? MarkerRecord{} : broker_.Markers().back();
  const bool overtaken = name != nullptr && newest.n > name->n;
  if (name != nullptr && !overtaken && !disk_.prepared.contains(*name)) {
    Violation("I5: what was to be restored is gone");
  }
}

void CommitWalk::CheckCommitted(const CommitPermit& permit) {
  const CheckpointName name{permit.n(), permit.attempt()};
  const std::vector<MarkerRecord> markers = broker_.Markers();
  const bool visible = std::any_of(markers.begin(), markers.end(), [&](const MarkerRecord& marker) {
    return marker.n == name.n && marker.attempt == name.attempt;
  });
  if (!visible) return Violation("I4: announced without a visible marker");
  disk_.hint = CommittedHint{permit.incarnation(), name, permit.marker_offset()};
  const std::vector<CheckpointName> present(disk_.prepared.begin(), disk_.prepared.end());
  for (const CheckpointName& old : CheckpointsToRemove(present, name, 1)) disk_.prepared.erase(old);
  if (!disk_.prepared.contains({markers.back().n, markers.back().attempt})) Violation("I5: newest checkpoint deleted");
}

void CommitWalk::CheckLog() {
  const std::vector<MarkerRecord> markers = broker_.Markers();
  for (size_t i = 1; i < markers.size(); ++i) {
    if (markers[i].n != Next(markers[i - 1].n)) Violation("I2: marker numbers do not rise by one");
    if (markers[i].incarnation != markers[0].incarnation) Violation("I2: the incarnation changed");
  }
  bool torn = markers.size() != broker_.outputs().size();
  for (size_t i = 0; !torn && i < markers.size(); ++i) {
    torn = broker_.outputs()[i] != WalkBroker::Output{markers[i].n, markers[i].attempt};
  }
  if (torn) Violation("I3: output without its marker, or a marker without its output");
}

void CommitWalk::Violation(const std::string& what) {
  if (violation_.empty()) violation_ = what;
}

namespace {

constexpr int kSteps = 600;

std::string FirstViolation(const Defences& defences, uint64_t seeds) {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::string violation = CommitWalk(seed, defences).Run(kSteps);
    if (!violation.empty()) return violation + " (seed " + std::to_string(seed) + ")";
  }
  return "";
}

TEST(CommitProtocol, HoldsItsInvariantsOnRandomWalks) {
  EXPECT_EQ(FirstViolation({}, ModelSeeds(10'000)), "");
}

TEST(CommitProtocol, CommitsOftenEnoughOnItsRandomWalksForThemToMeanSomething) {
  uint64_t committed = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    CommitWalk walk(seed);
    EXPECT_EQ(walk.Run(kSteps), "") << "seed " << seed;
    committed += walk.committed();
  }
  EXPECT_GT(committed, 1000u);
}

TEST(CommitProtocol, ShowsTheDamageWithoutTheWitness) {
  EXPECT_THAT(FirstViolation({.witness = false}, 500), testing::HasSubstr("I4"));
}

TEST(CommitProtocol, ShowsTheDamageWithoutProducerReplacement) {
  EXPECT_THAT(FirstViolation({.producer_replacement = false}, 500), testing::HasSubstr("I3"));
}

TEST(CommitProtocol, ShowsTheDamageWithTheMarkerOutsideOfTheTransaction) {
  EXPECT_THAT(FirstViolation({.marker_inside_transaction = false}, 500), testing::HasSubstr("I3"));
}

TEST(CommitProtocol, ShowsTheDamageOfTheTextbookOrder) {
  EXPECT_THAT(FirstViolation({.textbook_order = true}, 500), testing::HasSubstr("I6"));
}

}  // namespace
}  // namespace weir::test
