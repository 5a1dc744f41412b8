// What the tasks of another parallelism left of an operator's state, read by the one that takes some of their key groups
// over.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/ids.h"
#include "state/base_store.h"
#include "state/state_snapshot.h"

namespace weir {

/// Reads old checkpoints' files where they are and changes none of them. One thread; calls block.
class FormerState {
 public:
  /// `work_directory` must not exist; the old bases are opened in it.
  FormerState(FileSystem& files, BaseStoreFactory& factory, std::string work_directory)
      : files_(files), factory_(factory), work_directory_(std::move(work_directory)) {}

  /// REQUIRES: the files of `parts` are verified; their key groups do not overlap.
  Status Open(const std::vector<StateSnapshot>& parts, const std::string& checkpoint_directory);
  /// All entries of `groups` as puts, in the order of their keys. Lives no longer than this object, and is read before
  /// another call.
  Result<std::unique_ptr<ChangeCursor>> Read(KeyGroupRange groups);
  /// Closes the bases and removes the work folder.
  Status Close();

 private:
  struct Part {
    std::unique_ptr<BaseStore> base;   ///< Null: it has deltas only.
    std::vector<std::string> deltas;   ///< Paths, oldest first.
  };

  FileSystem& files_;
  BaseStoreFactory& factory_;
  const std::string work_directory_;
  std::vector<Part> parts_;
  size_t states_ = 0;
};

}  // namespace weir
