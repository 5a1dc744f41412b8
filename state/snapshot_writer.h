// The I/O half of a StateStore: turns frozen epochs into delta files, merges deltas into the base, and keeps the list
// of files that make up the state.
//
// Work folder of one operator instance (nothing in it outlives the attempt):
//   files/   a hard link to every file of the newest snapshot, under the name it has in checkpoint directories: what
//            the next checkpoint links, whatever retention does to older directories
//   base/    the base store, once there is one
//   merged   a roll's file on its way into the base store
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "state/delta_buffer.h"
#include "state/state_store.h"

namespace weir {

/// One thread at a time: the task's until it runs, then the io queue's. Every failure is final: what is on disk is
/// then unknown, so each later call answers with the first one's status, and nothing is tried again.
class SnapshotWriter : public std::enable_shared_from_this<SnapshotWriter> {
 public:
  /// `description`: the snapshot without its files.
  SnapshotWriter(const StateStoreOptions& options, StateSnapshot description);

  /// Makes the work folder anew.
  Status Begin();
  /// Takes over the verified files of `snapshot`: links them, and opens the base if there is one.
  Status Adopt(const StateSnapshot& snapshot, const std::string& checkpoint_directory);
  /// Takes over some key groups of the verified snapshots of other tasks, of checkpoint `n`: writes a base of its own
  /// from them. Their files are not needed any more after that.
  Status Gather(const std::vector<StateSnapshot>& parts, CheckpointId n, const std::string& checkpoint_directory);
  /// All that was taken over: the deltas merged over the base. A delete says that the key is not there.
  Result<std::unique_ptr<ChangeCursor>> ReadAll();

  /// A merge of deltas is under way. From any thread.
  bool rolling() const { return rolling_.load(std::memory_order_relaxed); }

  // Jobs of the io queue.

  /// Writes the delta of n, links all older files into its directory, reports, and posts a roll where one is due.
  void Write(CheckpointId n, std::unique_ptr<DeltaBuffer> delta, const std::string& checkpoint_directory);

 private:
  Result<StateSnapshot> WriteSnapshot(CheckpointId n, std::unique_ptr<DeltaBuffer> delta,
                                      const std::string& checkpoint_directory);
  Status WriteDelta(CheckpointId n, const DeltaBuffer& delta);
  Status LinkFiles(const std::string& from, const std::string& to) const;
  bool RollIsDue() const;
  void Roll();
  Status MergeDeltas();
  /// Applies what was merged, and puts the base's files under the names of `ingested`.
  Status RollInto(StateSnapshot* rolled, CheckpointId ingested);
  Status OpenBase();
  std::string PathOf(const char* entry) const;
  Result<std::vector<std::unique_ptr<ChangeCursor>>> OpenDeltas() const;

  const StateStoreOptions options_;
  const StateFileNames names_;
  StateSnapshot now_;                  // with all files of the newest snapshot
  CheckpointId newest_;                // the checkpoint of the newest delta, or the adopted one
  std::unique_ptr<BaseStore> base_;
  Status failed_;
  std::atomic<bool> rolling_{false};
};

}  // namespace weir
