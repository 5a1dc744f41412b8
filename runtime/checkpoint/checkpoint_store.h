// Checkpoints on disk: writes what PREPARED means, reads it back distrustfully, holds the commit point of jobs without
// a Kafka sink (CURRENT) and the hint of jobs with one (COMMITTED).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint_paths.h"
#include "runtime/checkpoint/commit_permit.h"
#include "runtime/checkpoint/manifest.h"

namespace weir {

/// A checkpoint that is durable and complete (I1), and not yet committed.
struct PreparedCheckpoint {
  Id128 incarnation;
  CheckpointName name;
  std::string manifest_sha256;
  std::string positions_digest;
  uint64_t records = 0;  ///< For the marker; the engine fills it in from what the transactional sinks sealed.
};

/// CURRENT: the checkpoint that a job without a Kafka sink has committed.
struct CurrentRecord {
  Id128 incarnation;
  CheckpointName name;
  std::string manifest_sha256;
  friend bool operator==(const CurrentRecord&, const CurrentRecord&) = default;
};

/// COMMITTED: where to start reading the marker topic, nothing more; a zombie can move it backwards.
struct CommittedHint {
  Id128 incarnation;           ///< Empty: the file is there but damaged. It still says that something was committed.
  CheckpointName name;
  int64_t marker_offset = -1;  ///< -1: unknown, read from the start.
  friend bool operator==(const CommittedHint&, const CommittedHint&) = default;
};

/// One thread at a time (the engine's queue for it); every call blocks on the disk. After an IoError nothing that was
/// being written may be relied on, and the call is not to be repeated by this engine.
class CheckpointStore {
 public:
  /// `files` outlives it.
  CheckpointStore(FileSystem& files, CheckpointPaths paths);

  const CheckpointPaths& paths() const { return paths_; }

  /// Makes the job's folder, durably. First call of all.
  Status Open();
  /// For a job without a Kafka sink, whom no broker fences. Unavailable: another process has it, naming its id.
  Result<std::unique_ptr<FileLock>> LockJob();
  /// Makes this attempt's work folder; while the lock is held no other instance removes it.
  Result<std::unique_ptr<FileLock>> CreateWork(const Id128& attempt);
  /// Removes work folders of other attempts that nobody holds. Called after recovery.
  Status RemoveForeignWork(const Id128& own_attempt);

  /// Makes the directory that the state files of a checkpoint go to.
  Status CreateCheckpoint(const CheckpointName& name);
  /// Makes it PREPARED: every file that the manifest lists is there with its size and durable (REQUIRED; presence and
  /// size are checked again), then the manifest is written durably, then the directory's own entry is.
  Result<PreparedCheckpoint> WritePrepared(const Manifest& manifest);
  /// Reads a checkpoint's manifest. Checked: its bytes against `manifest_sha256`, its job, number and attempt, and
  /// presence and size of each file; the files' checksums are verified by whoever reads them. NotFound or Corruption,
  /// naming what is missing or differs, and the way out. An older checkpoint is never taken instead.
  /// An empty `manifest_sha256` skips that check (only Defences::textbook_order leads to one).
  Result<Manifest> ReadManifest(const CheckpointName& name, const std::string& manifest_sha256);

  /// THE commit point of a job without a Kafka sink: after OK the checkpoint is committed.
  Result<CommitPermit> WriteCurrent(const PreparedCheckpoint& prepared);
  /// Nothing: never committed. Corruption: damaged, which is never taken for "nothing".
  Result<std::optional<CurrentRecord>> ReadCurrent();
  /// Leave to publish again what CURRENT names, for recovery. Aborted if CURRENT says something else by now.
  Result<CommitPermit> PermitCurrent(const CurrentRecord& current);

  Status WriteCommittedHint(const CommitPermit& permit);
  Result<std::optional<CommittedHint>> ReadCommittedHint();

  /// All checkpoint directories, PREPARED or not, sorted.
  Result<std::vector<CheckpointName>> ListCheckpoints();
  /// Of those, the ones with a manifest.
  Result<std::vector<CheckpointName>> ListPrepared();
  /// First takes the manifest away, so that half a checkpoint never looks like one.
  Status RemoveCheckpoint(const CheckpointName& name);

 private:
  Status CheckFiles(const Manifest& manifest, const std::string& directory);
  Status RemoveOtherRecord(const std::string& path);

  FileSystem& files_;
  const CheckpointPaths paths_;
  bool removed_other_record_ = false;
};

}  // namespace weir
