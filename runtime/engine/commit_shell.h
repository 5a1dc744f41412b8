// Carries out what the commit protocol decides: makes the calls on the producer, one at a time, on a queue of their
// own, and reads the marker topic. Decides nothing itself.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/base/executor.h"
#include "runtime/checkpoint/commit_protocol.h"
#include "runtime/engine/engine_options.h"
#include "runtime/io/log_broker.h"
#include "runtime/io/transaction_gate.h"

namespace weir {

/// What the protocol asks of the rest of the engine. Called within CommitShell's events.
class CommitHost {
 public:
  virtual ~CommitHost() = default;
  /// Both end in CommitShell::Restored.
  virtual void RestoreCommitted(const RestoreCheckpoint& action) = 0;
  virtual void StartFromNothing(const StartFresh& action) = 0;
  virtual void EpochOpened(CheckpointId n) = 0;
  virtual void OutputFlushed(CheckpointId n) = 0;
  virtual void Committed(const CommitPermit& permit) = 0;
  virtual void RebuildWanted(Status status) = 0;
  virtual void ExitWanted(ExitReason reason, Status status) = 0;
};

/// One thread, the coordinator's; `mailbox` is its way back from the queue.
class CommitShell {
 public:
  CommitShell(CommitOptions options, const EngineSeams& seams, Duration transaction_timeout, TransactionGate& gate,
              CommitHost& host, Waker& waker, Mailbox<std::function<void()>>& mailbox, Logger logger);

  void Start() { Perform(protocol_.Start(Now())); }
  void Restored(const Status& status) { Perform(protocol_.OnRestored(status, Now())); }
  void Flush(CheckpointId n) { Perform(protocol_.Flush(n, Now())); }
  void Commit(const PreparedCheckpoint& prepared);
  /// Something else in the engine failed: is it a successor's doing?
  void EngineFailed(const Status& status) { Perform(protocol_.OnEngineFailed(status, Now())); }

  /// Called in every step of the coordinator: delivers markers, failures and timers.
  void Advance();
  std::optional<Instant> deadline() const { return protocol_.deadline(); }
  const CommitProtocol& protocol() const { return protocol_; }

 private:
  Instant Now() const { return seams_.clock->Now(); }
  void Perform(CommitActions actions);
  void Perform(const CommitAction& action);
  void CreateNewProducer();
  void OpenWitness(std::optional<int64_t> from);
  void DeliverMarkers();
  /// Runs `call` on the transaction queue and `done` with its result on the coordinator.
  template <class Call, class Done>
  void OnQueue(Call call, Done done);

  CommitProtocol protocol_;
  const std::string job_;
  const EngineSeams seams_;
  const ProducerConfig producer_config_;
  const Logger logger_;
  TransactionGate& gate_;
  CommitHost& host_;
  Waker& waker_;
  Mailbox<std::function<void()>>& mailbox_;
  SerialQueue& transactions_;
  std::shared_ptr<LogProducer> producer_;
  std::unique_ptr<LogConsumer> witness_;
  uint64_t witness_number_ = 0;   ///< Of the newest witness asked for; an older one that opens late is dropped.
};

}  // namespace weir
