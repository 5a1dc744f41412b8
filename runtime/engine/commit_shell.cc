#include "runtime/engine/commit_shell.h"

#include <utility>
#include <vector>

#include "runtime/base/crash_point.h"
#include "runtime/base/landmark.h"
#include "runtime/base/mutant.h"
#include "runtime/base/overloaded.h"
#include "runtime/engine/on_queue.h"

namespace weir {
namespace {

CrashPoint initialised_point{"recovery.producer_initialised"};
CrashPoint claimed_point{"recovery.claim_committed"};
CrashPoint flushed_point{"commit.output_flushed"};
CrashPoint marker_produced_point{"commit.marker_produced"};
CrashPoint commit_begun_point{"commit.begun"};
CrashPoint commit_returned_point{"commit.returned"};
CrashPoint witnessed_point{"commit.witnessed"};
CrashPoint producer_replaced_point{"commit.producer_replaced"};
Landmark bad_hint{"recovery.hint_outside_of_the_log"};

constexpr size_t kMarkersPerPoll = 256;

}  // namespace

CommitShell::CommitShell(CommitOptions options, const EngineSeams& seams, Duration transaction_timeout,
                         TransactionGate& gate, CommitHost& host, Waker& waker,
                         Mailbox<std::function<void()>>& mailbox, Logger logger)
    : protocol_(options), job_(options.job), seams_(seams),
      producer_config_{TransactionalId(options.job) +
                           (Planted(Mutant::kIdOfEachAttempt) ? "." + options.attempt.ToString() : std::string()),
                       transaction_timeout}, logger_(std::move(logger)), gate_(gate),
      host_(host), waker_(waker), mailbox_(mailbox), transactions_(seams.executor->NewQueue("transactions")) {}

template <class Call, class Done>
void CommitShell::OnQueue(Call call, Done done) {
  RunOnQueue(transactions_, mailbox_, std::move(call), std::move(done));
}

void CommitShell::Commit(const PreparedCheckpoint& prepared) { Perform(protocol_.Prepared(prepared, Now())); }

void CommitShell::Perform(CommitActions actions) {
  for (const CommitAction& action : actions) Perform(action);
}

void CommitShell::Perform(const CommitAction& action) {
  std::visit(
      Overloaded{
          [&](const CreateProducer&) { CreateNewProducer(); },
          [&](const DestroyProducer&) {
            gate_.Close();
            // Destroyed on its queue, after the calls that still use it.
            transactions_.Post([producer = std::move(producer_)]() mutable { producer.reset(); });
            producer_ = nullptr;
          },
          [&](const InitProducer& init) {
            OnQueue([producer = producer_, init] { return producer->Init(init.timeout); },
                    [this](TxnOutcome outcome) {
                      if (outcome.ok()) initialised_point.Hit();
                      logger_.Debug("producer_initialised", outcome.ok() ? "fenced" : outcome.error);
                      Perform(protocol_.OnInitReturned(outcome, Now()));
                    });
          },
          [&](const BeginTransaction&) {
            OnQueue([producer = producer_] { return producer->Begin(); },
                    [this](TxnOutcome outcome) { Perform(protocol_.OnBeginReturned(outcome, Now())); });
          },
          [&](const ProduceControl& control) {
            OnQueue(
                [producer = producer_, control, topic = MarkerTopic(job_)]() -> Status {
                  const OutgoingRecord record{control.key, control.value, kNoTimestamp, 0};
                  WEIR_ASSIGN_OR_RETURN(const size_t taken, producer->Produce(topic, {&record, 1}));
                  return taken == 1 ? Status::Ok() : Unavailable("the producer's queue is full");
                },
                [this](Status status) {
                  if (status.ok()) marker_produced_point.Hit();
                  Perform(protocol_.OnProduced(status, Now()));
                });
          },
          [&](const FlushProducer& flush) {
            OnQueue([producer = producer_, flush] { return producer->Flush(flush.timeout); },
                    [this](TxnOutcome outcome) {
                      if (outcome.ok()) flushed_point.Hit();
                      Perform(protocol_.OnFlushReturned(outcome, Now()));
                    });
          },
          [&](const CommitSlice& slice) {
            OnQueue(
                [producer = producer_, slice] {
                  commit_begun_point.Hit();
                  TxnOutcome outcome = producer->CommitSlice(slice.timeout);
                  return std::pair(std::move(outcome), producer->end_txn_sent());
                },
                [this](std::pair<TxnOutcome, int> returned) {
                  commit_returned_point.Hit();
                  Perform(protocol_.OnCommitReturned(returned.first, returned.second, Now()));
                });
          },
          [&](const ReadMarkers& read) { OpenWitness(read.from); },
          [&](const RestoreCheckpoint& restore) {
            claimed_point.Hit();
            logger_.Debug("claimed", "read up to the own claim", restore.permit.n().value());
            host_.RestoreCommitted(restore);
          },
          [&](const StartFresh& fresh) {
            claimed_point.Hit();
            logger_.Debug("claimed", "read up to the own claim: nothing was committed");
            host_.StartFromNothing(fresh);
          },
          [&](const OpenEpoch& open) {
            gate_.Open(open.n, producer_);
            host_.EpochOpened(open.n);
          },
          [&](const AnnounceFlushed& flushed) { host_.OutputFlushed(flushed.n); },
          [&](const AnnounceCommitted& committed) {
            witnessed_point.Hit();
            host_.Committed(committed.permit);
          },
          [&](const RebuildEngine& rebuild) {
            gate_.Close();
            host_.RebuildWanted(rebuild.status);
          },
          [&](const ExitEngine& exit) {
            gate_.Close();
            host_.ExitWanted(exit.reason, exit.status);
          },
      },
      action);
}

void CommitShell::CreateNewProducer() {
  const bool replacement = protocol_.epoch() != CheckpointId{0};
  OnQueue([log = seams_.log, config = producer_config_] { return log->NewProducer(config); },
          [this, replacement](Result<std::unique_ptr<LogProducer>> made) {
            const Status status = made.status();
            if (status.ok()) producer_ = std::move(made).value();
            if (replacement) producer_replaced_point.Hit();
            Perform(protocol_.OnProducerCreated(status, Now()));
          });
}

void CommitShell::OpenWitness(std::optional<int64_t> from) {
  const uint64_t number = ++witness_number_;
  witness_.reset();
  using Opened = Result<std::unique_ptr<LogConsumer>>;
  OnQueue(
      [log = seams_.log, topic = MarkerTopic(job_), from]() -> Opened {
        const TopicPartition partition{topic, 0};
        WEIR_ASSIGN_OR_RETURN(const OffsetRange range, log->Offsets(partition));
        WEIR_ASSIGN_OR_RETURN(std::unique_ptr<LogConsumer> consumer, log->NewConsumer());
        // A hint below the log start, or past its end, is just a bad hint: all that is there is read then.
        const bool usable = from.has_value() && *from >= range.begin && *from <= range.end;
        if (from.has_value() && !usable) bad_hint.Hit();
        const Status assigned = consumer->Assign(partition, usable ? *from : range.begin);
        if (assigned.code() == Code::kNotFound) {
          // It has just told its offsets: brokers hear of a new topic one after the other.
          return Unavailable(assigned.message() + "; not every broker knows it yet");
        }
        WEIR_RETURN_IF_ERROR(assigned);
        return consumer;
      },
      [this, number](Opened opened) {
        if (number != witness_number_) return;
        if (!opened.ok()) return Perform(protocol_.OnMarkersFailed(opened.status(), Now()));
        witness_ = std::move(opened).value();
        witness_->SetWaker(&waker_);
        protocol_.OnWitnessOpened(Now());
        DeliverMarkers();
      });
}

void CommitShell::DeliverMarkers() {
  if (witness_ == nullptr) return;
  const uint64_t number = witness_number_;
  struct Delivered {
    Result<MarkerTopicRecord> record;
    int64_t offset;
  };
  // Collected first: performing an action may replace the witness.
  std::vector<Delivered> delivered;
  const Result<PollResult> polled = witness_->Poll(0, kMarkersPerPoll, [&](const RawRecord& record) {
    delivered.push_back({ParseMarkerTopicRecord(job_, record.key, record.value), record.offset.value()});
  });
  for (const Delivered& one : delivered) {
    if (one.record.ok()) {
      Perform(protocol_.OnMarkerTopicRecord(*one.record, one.offset, Now()));
    } else {
      Perform(protocol_.OnMarkersFailed(
          one.record.status().WithContext(MarkerTopic(job_) + " offset " + std::to_string(one.offset)), Now()));
    }
    if (number != witness_number_) return;
  }
  if (!polled.ok()) Perform(protocol_.OnMarkersFailed(polled.status(), Now()));
  if (delivered.size() == kMarkersPerPoll) waker_.Wake();
}

void CommitShell::Advance() {
  if (protocol_.over()) return;
  DeliverMarkers();
  if (producer_ != nullptr) {
    if (const std::optional<std::string> failure = producer_->failure()) {
      Perform(protocol_.OnDeliveryFailed(*failure, Now()));
    }
  }
  const std::optional<Instant> due = protocol_.deadline();
  if (due.has_value() && *due <= Now()) Perform(protocol_.OnTimer(Now()));
}

}  // namespace weir
