// A disk in memory that forgets like a real one, for simulations and for crash tests of everything on files.
//
// SimulatedDisk is the machine; SimulatedFileSystem is what one process on it sees. Kill() ends a process: what it
// wrote stays, as the page cache would keep it. Crash() cuts the machine's power: each effect that no sync made
// durable is kept, lost or torn, as the given random source says:
//   - bytes of a file: what was there at its last Sync is kept, of what was appended since any prefix; a truncation
//     since then may be undone as a whole, with all that followed it;
//   - entries of a folder (create, rename, link, remove): what was there at the last SyncDirectory of that folder is
//     kept, of the changes since any prefix in their order. Folders fare independently, but for a rename across
//     two of them, which happens in both or in neither.
// Equal calls and an equal random source give an equal disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/disk_fault.h"
#include "runtime/base/file_system.h"
#include "runtime/base/random.h"

namespace weir {

namespace internal {
class SimulatedTree;
struct SimulatedProcess;
}  // namespace internal

/// One process's view. Safe from any thread. Made by SimulatedDisk::NewProcess; may outlive the disk object.
/// A call is counted and may be made to fail or to be the last one if it changes something: Create, OpenForAppend,
/// Append, Sync, Close, CreateDirectories, SyncDirectory, Rename, HardLink, RemoveFile, RemoveTree and Lock.
class SimulatedFileSystem : public FileSystem {
 public:
  /// From now on each call of this view and of its open files is IoError without effect; its locks are released.
  void Kill();
  bool killed() const;

  /// Changing calls so far, those that were made to fail included.
  uint64_t changes() const;
  /// The `k`-th changing call from now (from 1) fails with IoError and has no effect, as on a full disk;
  /// an Append may have written a prefix. Replaces what was asked before; 0 asks for nothing.
  void FailChange(uint64_t k);
  /// Kills the process in place of the `k`-th changing call from now (from 1): the call has no effect. 0: never.
  void KillAtChange(uint64_t k);
  /// The `k`-th Sync or SyncDirectory from now (from 1) fails with IoError. For a file the failure is final as it is
  /// on Linux: nothing appended and not yet durable ever becomes so, though later Syncs of a new handle say OK.
  void FailSync(uint64_t k);

  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, Replace replace) override;
  Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path, uint64_t size) override;
  Result<std::unique_ptr<ReadableFile>> Open(const std::string& path) override;
  Result<bool> Exists(const std::string& path) override;
  Result<bool> IsDirectory(const std::string& path) override;
  Result<uint64_t> Size(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Status CreateDirectories(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to, Replace replace) override;
  Status HardLink(const std::string& from, const std::string& to) override;
  Status RemoveFile(const std::string& path) override;
  Status RemoveTree(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  friend class SimulatedDisk;
  explicit SimulatedFileSystem(std::shared_ptr<internal::SimulatedProcess> process);

  const std::shared_ptr<internal::SimulatedProcess> process_;
};

/// The machine. Safe from any thread. Starts with an empty root folder; "/" and "." both name it.
class SimulatedDisk {
 public:
  SimulatedDisk();
  ~SimulatedDisk();

  /// A new process with the next process id (from 1).
  std::unique_ptr<SimulatedFileSystem> NewProcess();
  /// Kills every process and drops, keeps or tears what was not durable. New processes see the result.
  void Crash(Random& random);
  /// Crash with the worst outcome: exactly what is durable is left.
  void CrashLosingAllUnsynced();

  /// The `k`-th call of any process from now (from 1) that this fault can hit fails so, and the `times - 1` after it.
  /// Each fault counts for itself; asking again replaces what was asked, and k = 0 takes it back.
  void Fail(DiskFault fault, uint64_t k, uint64_t times = 1);
  /// Calls so far that the fault could have hit.
  uint64_t calls(DiskFault fault) const;
  /// Calls that it has hit.
  uint64_t hits(DiskFault fault) const;
  /// Paths of files that were synced again after a sync had failed, by whatever handle: each is a fault of the caller.
  std::vector<std::string> repeated_syncs() const;

 private:
  void PowerCut(const std::function<size_t(size_t, size_t)>& choose);

  const std::shared_ptr<internal::SimulatedTree> tree_;
  std::vector<std::weak_ptr<internal::SimulatedProcess>> processes_;   // Guarded by the tree's mutex.
};

}  // namespace weir
