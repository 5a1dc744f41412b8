// What CommitProtocol asks its shell to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/commit_permit.h"

namespace weir {

/// Why a process must end, each with an exit code of its own.
enum class ExitReason {
  kRestartProcess,  ///< A client call is hung; a new process does better.
  kFenced,          ///< A successor owns the job: for good, touch nothing.
  kRefused,         ///< Needs a person: the status says what for.
};

// What the shell must do, in the order given; calls on the producer go to one first-in first-out queue, and each
// action that names an event is answered by exactly one such event.
struct CreateProducer {};                        ///< With metadata fetched. OnProducerCreated
struct DestroyProducer {};                       ///< Without closing. Unanswered.
struct InitProducer { Duration timeout; };       ///< OnInitReturned
struct BeginTransaction {};                      ///< OnBeginReturned
struct ProduceControl { std::string key; std::string value; };  ///< To partition 0 of the marker topic. OnProduced
struct FlushProducer { Duration timeout; };      ///< OnFlushReturned
struct CommitSlice { Duration timeout; };        ///< OnCommitReturned
/// Opens the witness, read_committed, at an offset or the log's start, replacing one that is open. Everything it
/// delivers, from now until the engine ends, is OnMarkerTopicRecord.
struct ReadMarkers { std::optional<int64_t> from; };
/// Restore exactly this checkpoint, then publish its staged output again. OnRestored
struct RestoreCheckpoint { CommitPermit permit; std::string manifest_sha256; };
struct StartFresh { Id128 incarnation; CheckpointId first; bool appends = false; };  ///< No state. OnRestored
struct OpenEpoch { CheckpointId n; };            ///< Sinks may write epoch n to the producer.
struct AnnounceFlushed { CheckpointId n; };      ///< To the coordinator.
struct AnnounceCommitted { CommitPermit permit; };  ///< To the coordinator.
struct RebuildEngine { Status status; };         ///< New attempt in this process. Nothing follows.
struct ExitEngine { ExitReason reason; Status status; };  ///< Nothing follows.
using CommitAction =
    std::variant<CreateProducer, DestroyProducer, InitProducer, BeginTransaction, ProduceControl, FlushProducer,
                 CommitSlice, ReadMarkers, RestoreCheckpoint, StartFresh, OpenEpoch, AnnounceFlushed,
                 AnnounceCommitted, RebuildEngine, ExitEngine>;
using CommitActions = std::vector<CommitAction>;

}  // namespace weir
