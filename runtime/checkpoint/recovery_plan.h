// Recovery's choice: from what the commit point says, what lies in the folder and what the user asked for, to one of
// restore, fresh start or refusal. Nothing is guessed: where files and markers contradict each other the answer is a
// refusal that says so and names the way out.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint_store.h"
#include "runtime/checkpoint/defences.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/markers.h"

namespace weir {

enum class RestorePolicy {
  kCommitPointDecides,  ///< Restore what is committed; fresh start if nothing ever was.
  kLatest,              ///< Restore what is committed; nothing there is an error.
  kNone,                ///< New incarnation whatever is there: its output is appended to the old one's.
};

/// What is known before the marker topic is read: what the job's own folder says, but for the last.
struct LocalFacts {
  std::optional<CommittedHint> hint = {};        ///< COMMITTED
  std::optional<CurrentRecord> current = {};     ///< CURRENT
  std::vector<CheckpointName> checkpoints = {};  ///< PREPARED ones, sorted.
  /// The name to take if the job starts from nothing, the same for all engines of a process: what one of them committed
  /// under it is gone on from, so that kNone does not start over twice.
  Id128 fresh_incarnation = {};
};

struct VisibleMarker {
  MarkerRecord marker;
  int64_t offset = -1;
};

struct RestoreChoice {
  Id128 incarnation;
  CheckpointName name;
  std::string manifest_sha256;  ///< Empty only where a test switched textbook_order on.
  int64_t marker_offset = -1;   ///< -1 for CURRENT.
};
/// The first epoch's number is one more than any that was ever committed here, so that a zombie of the incarnation
/// before, which only collects older numbers, cannot collect the new one's checkpoints.
struct FreshChoice {
  CheckpointId first;
  bool appends = false;  ///< An earlier incarnation's output is there already: say so.
};
struct Refusal {
  Status status;
};
using RecoveryChoice = std::variant<RestoreChoice, FreshChoice, Refusal>;

/// For a job with a Kafka sink. `newest`: the last marker before the own claim.
RecoveryChoice ChooseByMarker(const std::string& job, const std::optional<VisibleMarker>& newest,
                              const LocalFacts& local, RestorePolicy policy, const Defences& defences = {});
/// For a job without one.
RecoveryChoice ChooseByCurrent(const std::string& job, const LocalFacts& local, RestorePolicy policy);

/// Numbers must rise in the marker topic, and an incarnation never come back. MARKER REGRESSION (Internal) if
/// `next` does not follow `last`.
Status CheckMarkerOrder(const MarkerRecord& last, const MarkerRecord& next);

/// The running program, as far as a checkpoint must fit it.
struct GraphFacts {
  struct Operator {
    ManifestOperator shape;
    std::string source_identity;  ///< For sources.
  };
  std::string job;
  Id128 incarnation;  ///< As the commit point names it.
  uint16_t key_groups = kDefaultKeyGroups;
  uint32_t hash_version = 0;
  RunMode mode = RunMode::kStream;
  std::optional<ReplayPlan> replay;  ///< For kReplay.
  bool drains = false;               ///< That replay ends as drain.
  std::vector<Operator> operators;
};

enum class Adoption {
  kGoOn,
  kAlreadyFinished,  ///< This very replay is complete: say so and end well.
};

/// Whether the program may go on from this checkpoint. InvalidArgument lists every reason why not, one a line, each
/// with both values and the way out. Schemas of states are checked by the state store, field by field.
Result<Adoption> CheckManifest(const Manifest& manifest, const GraphFacts& graph);

}  // namespace weir
