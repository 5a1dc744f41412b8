// The inside of SimulatedDisk: inodes, what of them is durable, and what a power cut makes of the rest.
// Internal to simulated_file_system.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/disk_fault.h"
#include "runtime/base/status.h"

namespace weir::internal {

struct Inode;
using InodePointer = std::shared_ptr<Inode>;
using Entries = std::map<std::string, InodePointer>;

/// One atomic change of a folder: names and what they mean after it, null for "removed".
struct EntryChange {
  std::vector<std::pair<std::string, InodePointer>> names;
  uint64_t id = 0;
  std::weak_ptr<Inode> partner;   ///< The other folder of a rename across two; it has a change with the same id.
};

/// A file or a folder; the members of the other kind stay empty.
struct Inode {
  bool directory = false;

  std::string bytes;
  size_t synced = 0;                             ///< bytes[0, synced) survive any crash that keeps the last truncation.
  std::optional<std::string> before_truncation;  ///< Durable bytes that an unsynced truncation took away.
  bool sync_failed = false;                      ///< Nothing more ever becomes durable.
  uint64_t lock_holder = 0;                      ///< Process id, 0 for none.

  Entries entries;
  Entries durable;
  std::vector<EntryChange> pending;              ///< Turns `durable` into `entries`.
};

/// Picks a number in [low, high]: low loses what is not durable, high keeps it.
using Chooser = std::function<size_t(size_t low, size_t high)>;

/// Not synchronised: callers hold mutex().
class SimulatedTree {
 public:
  SimulatedTree();

  std::mutex& mutex() { return mutex_; }
  uint64_t NewProcessId() { return ++last_process_id_; }
  FaultSchedule& faults() { return faults_; }
  void AddRepeatedSync(std::string path) { repeated_syncs_.push_back(std::move(path)); }
  const std::vector<std::string>& repeated_syncs() const { return repeated_syncs_; }

  struct Place {
    InodePointer parent;
    std::string name;
  };
  /// NotFound where the path or a folder on its way is missing.
  Result<InodePointer> Find(const std::string& path) const;
  Result<InodePointer> FindDirectory(const std::string& path) const;
  Result<InodePointer> FindFile(const std::string& path) const;
  /// Where an entry is or would be; its folder must exist. IoError for the root.
  Result<Place> FindPlace(const std::string& path) const;
  Status CreateDirectories(const std::string& path);

  /// Null takes the entry away.
  void Put(const Place& place, InodePointer node);
  void Move(const Place& from, const Place& to);
  void RemoveTree(const Place& place);

  static void Truncate(Inode& file, size_t size);
  static void SyncFile(Inode& file);
  void SyncDirectory(Inode& directory) { MakeDurable(directory, directory.pending.size()); }

  void Crash(const Chooser& choose);

 private:
  void Record(Inode& directory, EntryChange change);
  void MakeDurable(Inode& directory, size_t count);

  std::mutex mutex_;
  InodePointer root_;
  uint64_t last_change_id_ = 0;
  uint64_t last_process_id_ = 0;
  FaultSchedule faults_;
  std::vector<std::string> repeated_syncs_;
};

}  // namespace weir::internal
