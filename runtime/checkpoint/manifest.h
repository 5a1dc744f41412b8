// What a checkpoint says of itself: the MANIFEST in its directory. Everything that recovery needs is named here, each
// file with its size and checksum; the marker (or CURRENT) names the SHA-256 of this file's bytes, so that a checkpoint
// can be neither swapped nor damaged unnoticed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "runtime/io/split.h"

namespace weir {

/// Another version is refused.
inline constexpr uint32_t kManifestVersion = 2;

struct ManifestFile {
  std::string name;      ///< In the checkpoint's directory, which is flat.
  uint64_t size = 0;
  std::string checksum;  ///< FileChecksum of its bytes.
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

struct ManifestSchema {
  std::string state;
  std::string layout;
  std::string key;
  std::string value;
  friend bool operator==(const ManifestSchema&, const ManifestSchema&) = default;
};

/// Snapshot of one operator instance's keyed state.
struct OperatorState {
  std::string operator_id;
  TaskIndex index;
  KeyGroupRange groups;
  std::vector<ManifestSchema> schemas;
  std::vector<ManifestFile> base;
  std::vector<ManifestFile> deltas;  ///< Oldest first.
  CheckpointId ingested;             ///< Deltas up to this one are in the base.
  friend bool operator==(const OperatorState&, const OperatorState&) = default;
};

enum class OperatorRole { kStateless, kStateful, kSource, kSink };

struct ManifestOperator {
  std::string id;
  OperatorRole role = OperatorRole::kStateless;
  uint32_t parallelism = 1;
  friend bool operator==(const ManifestOperator&, const ManifestOperator&) = default;
};

struct ManifestSplit {
  SplitId split;
  Position position;
  std::optional<Offset> end;  ///< Planned end of a bounded run.
  friend bool operator==(const ManifestSplit&, const ManifestSplit&) = default;
};

/// Positions of one source operator, over all its tasks.
struct SourceState {
  std::string operator_id;
  std::string identity;  ///< RecordSource::Identity().
  std::vector<ManifestSplit> splits;
  friend bool operator==(const SourceState&, const SourceState&) = default;
};

/// What a staged sink's task sealed; recovery publishes it again.
struct ManifestStaged {
  std::string operator_id;
  TaskIndex index;
  std::string bytes;  ///< StagedOutput::bytes; any bytes.
  friend bool operator==(const ManifestStaged&, const ManifestStaged&) = default;
};

/// Since the incarnation began. Of an operator: every row that came in ended as one of the three. Of a job: every record that was
/// read is processed or poison; a row that some operator finds late goes on everywhere else, so it is among the processed
/// ones, and in `late` once for each operator that found it so.
struct LedgerCounts {
  uint64_t processed = 0;
  uint64_t late = 0;
  uint64_t poison = 0;
  friend bool operator==(const LedgerCounts&, const LedgerCounts&) = default;
};

/// The same of one operator that works by event time: rows_in is the sum of the other three.
struct OperatorCounts {
  std::string operator_id;
  uint64_t rows_in = 0;
  LedgerCounts counts;
  friend bool operator==(const OperatorCounts&, const OperatorCounts&) = default;
};

enum class RunMode { kStream, kReplay };

/// The range of a replay as the user gave it; its end offsets are fixed per split in ManifestSplit::end.
struct ReplayPlan {
  std::string from;
  std::string to;
  uint64_t rows_per_barrier = 0;
  bool finished = false;  ///< Every split reached its planned end, in this checkpoint.
  friend bool operator==(const ReplayPlan&, const ReplayPlan&) = default;
};

struct Manifest {
  std::string job;
  Id128 incarnation;
  Id128 attempt;
  CheckpointId n;
  RunMode mode = RunMode::kStream;
  bool drained = false;  ///< A final checkpoint: everything fired, no job goes on from here.
  uint16_t key_groups = kDefaultKeyGroups;
  uint32_t hash_version = 0;
  std::vector<ManifestOperator> operators;
  std::vector<OperatorState> states;
  std::vector<SourceState> sources;
  std::vector<ManifestStaged> staged;
  LedgerCounts counts;
  std::vector<OperatorCounts> operator_counts;   ///< By operator id.
  std::optional<ReplayPlan> replay;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// JSON, one line an element; equal manifests give equal bytes. InvalidArgument: a text in it is not UTF-8 (a split
/// named after such a file), naming it.
Result<std::string> ManifestToJson(const Manifest& manifest);

/// Reads what ManifestToJson writes and trusts nothing: unknown, missing, twofold or mistyped fields, sizes out of
/// range, names that are not plain file names, checksums that are none, key group ranges outside of [0, key_groups]
/// are Corruption, naming the field; a version that this program does not know is InvalidArgument.
Result<Manifest> ParseManifest(std::string_view json);

/// Digest of where every split stands, 32 hexadecimal digits, whatever the order they are listed in.
std::string PositionsDigest(const std::vector<SourceState>& sources);

/// True for a plain file name: no '/', not "." or "..", printable ASCII, at most 255 bytes, not MANIFEST.
bool IsCheckpointFileName(std::string_view name);

}  // namespace weir
