// Everything that decides how an engine runs a job, gathered once from the configuration and the command line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/base/executor.h"
#include "runtime/base/file_system.h"
#include "runtime/base/log.h"
#include "runtime/base/random.h"
#include "runtime/channel/channel.h"
#include "runtime/checkpoint/coordinator.h"
#include "runtime/checkpoint/defences.h"
#include "runtime/checkpoint/recovery_plan.h"
#include "runtime/io/log_broker.h"
#include "runtime/io/source.h"
#include "runtime/task/operator.h"
#include "state/base_store.h"
#include "state/state_store.h"

namespace weir {

/// What one split may read ahead, whatever the budget and their number.
inline constexpr uint64_t kPrefetchBytesMin = 1u << 20;
inline constexpr uint64_t kPrefetchBytesMax = 16u << 20;

inline constexpr Duration kPacingMin = std::chrono::seconds(30);

/// The seams an engine runs on. All outlive it.
struct EngineSeams {
  const Clock* clock = nullptr;
  FileSystem* files = nullptr;
  Random* random = nullptr;
  Executor* executor = nullptr;
  LogBroker* log = nullptr;              ///< Null only if the graph needs no log.
  BaseStoreFactory* base = nullptr;
};

struct EngineOptions {
  std::string checkpoint_directory;      ///< The folder that holds one folder a job.
  uint32_t parallelism = 1;
  uint32_t checkpoints_retained = 1;
  Duration checkpoint_interval = std::chrono::seconds(1);
  Duration checkpoint_timeout = std::chrono::seconds(40);
  Duration checkpoint_min_pause = Duration::zero();
  Duration commit_deadline = std::chrono::seconds(30);
  Duration transaction_timeout = std::chrono::seconds(90);
  bool check_broker = true;              ///< Whether it can be relied on with transactions.
  bool exactly_once = true;              ///< False: "guarantees off", the same checkpoints without transactions.

  /// See LocalFacts. Empty: this engine draws one.
  Id128 fresh_incarnation;
  RestorePolicy restore = RestorePolicy::kCommitPointDecides;
  RunMode mode = RunMode::kStream;
  ReplayPlan replay;                     ///< For kReplay.
  EndPoint end;                          ///< Where sources end; kNever for a live run.
  std::function<StartPoint(StartPoint)> start = [](StartPoint configured) { return configured; };
  RunEnd end_of_sources = RunEnd::kDrain;

  bool poison_fails = false;             ///< The first poison record stops the job.
  uint64_t poison_per_minute_max = 1000; ///< More stop the job, whatever the policy.
  uint64_t state_bytes_max = 0;          ///< Of keyed state in memory, in all tasks; zero: no limit.
  /// A split without rows for so long, though all of it was read, holds event time back no more; zero: it does for ever.
  Duration idle_after = std::chrono::minutes(1);
  /// How far a split may be ahead of the slowest one in event time; zero: as far as it likes. Max: the longest
  /// window or bound of the job, and no less than kPacingMin: what waits is then about twice what windows and joins need.
  Duration pacing_ahead = Duration::max();
  /// Rows further ahead of their record's own time are poison.
  Duration ahead_of_broker_max = std::chrono::hours(24);
  /// Memory for records that are read ahead, of all splits together.
  uint64_t prefetch_bytes = 128u << 20;
  size_t rows_per_step = kRowsPerStep;
  Duration discovery_interval = std::chrono::seconds(30);
  Duration status_interval = std::chrono::seconds(10);   ///< Zero: no status line.

  size_t roll_after_deltas = 8;
  size_t channel_messages_max = kChannelMessages;   ///< Of each channel between tasks. Less: for tests of back-pressure.
  Defences defences;                     ///< For tests only.
  StateDefences state_defences;          ///< For tests only.
};

/// How an engine ended, and what its owner should do.
struct EngineOutcome {
  enum class Kind {
    kFinished,   ///< All done and committed.
    kRebuild,    ///< Build a new engine: it goes on from the last committed checkpoint.
    kRestartProcess,   ///< End the process; a new one does better.
    kFenced,     ///< A successor owns the job.
    kRefused,    ///< Needs a person; nothing was changed.
  };
  Kind kind = Kind::kFinished;
  Status status;
  CheckpointId committed;                ///< The last one this engine saw committed, zero for none.
};

}  // namespace weir
