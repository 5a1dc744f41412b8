// What a checkpoint's manifest says of the state of one operator instance, and how its files are called.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace weir {

/// A file of a checkpoint directory. The directory is flat: `name` has no slash.
struct StateFile {
  std::string name;
  uint64_t size = 0;      ///< Bytes.
  std::string checksum;   ///< FileChecksum of all its bytes.
  friend bool operator==(const StateFile&, const StateFile&) = default;
};

/// One named state. The place in StateSnapshot::schemas is its number, the first byte of its keys on disk.
struct StateSchema {
  std::string state;
  std::string layout;   ///< "value", "map", "list", "slice", "ordered", "timer", "group", "broadcast"; "rule": has no entries.
  std::string key;      ///< SchemaOf the key type.
  std::string value;    ///< SchemaOf the value type; of a rule what it says.
  friend bool operator==(const StateSchema&, const StateSchema&) = default;
};

inline constexpr char kRuleLayout[] = "rule";

/// The state of one operator instance at a barrier: `base`, then `deltas` on top, oldest first.
struct StateSnapshot {
  std::string operator_id;
  TaskIndex index;
  KeyGroupRange groups;
  uint16_t key_groups = 0;
  uint32_t hash_version = 0;
  std::vector<StateSchema> schemas;
  std::vector<StateFile> base;
  std::vector<StateFile> deltas;
  CheckpointId ingested;   ///< Changes of epochs up to this one are in `base`.
  friend bool operator==(const StateSnapshot&, const StateSnapshot&) = default;
};

/// Names of one operator instance's files in a checkpoint directory. Frozen: they are on disk.
class StateFileNames {
 public:
  StateFileNames(const std::string& operator_id, TaskIndex index);
  /// "<operator>-<index>.delta-<n, 10 digits>.sst".
  std::string Delta(CheckpointId n) const;
  /// "<operator>-<index>.base-<ingested>."; the base store's own name of a file follows.
  std::string BasePrefix(CheckpointId ingested) const;

 private:
  const std::string stem_;
};

/// Refuses `snapshot` unless a program that would itself write `expected` can go on from it, at any parallelism. Files,
/// the task's index and its key groups are not compared, the order of the schemas does not count. InvalidArgument names
/// the operator, the state, the field and both values.
Status CheckCompatible(const StateSnapshot& snapshot, const StateSnapshot& expected);
/// Refuses `parts` unless each of `groups` is in exactly one of them. InvalidArgument names what is missing or twofold.
Status CheckCoverage(const std::vector<StateSnapshot>& parts, KeyGroupRange groups);
/// Whether `snapshot` is of the very task that would write `expected`, so that it can go on with its files as they are.
bool IsOfSameTask(const StateSnapshot& snapshot, const StateSnapshot& expected);

/// Reads the whole of every file of `snapshot` below `directory` and compares size and checksum.
/// Corruption names the file, what was found and the way out; IoError where the disk refuses.
Status VerifyStateFiles(FileSystem& files, const std::string& directory, const StateSnapshot& snapshot);

/// Size and FileChecksum of a file; its `name` is the last part of `path`.
Result<StateFile> MeasureFile(FileSystem& files, const std::string& path);

}  // namespace weir
