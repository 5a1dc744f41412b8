// What the calls of one process on a SimulatedDisk go through first: whether it lives, and what goes wrong.
// Included by simulated_file_system.cc alone.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/disk_fault.h"
#include "runtime/base/simulated_tree.h"

namespace weir::internal {

/// Guarded by the tree's mutex.
struct SimulatedProcess {
  SimulatedProcess(std::shared_ptr<SimulatedTree> on, uint64_t id) : tree(std::move(on)), pid(id) {}

  const std::shared_ptr<SimulatedTree> tree;
  const uint64_t pid;
  bool killed = false;
  uint64_t changes = 0;
  uint64_t fail_at = 0;
  uint64_t kill_at = 0;
  FaultSchedule faults;           ///< Of this process alone; the tree has those of the disk.
  std::optional<DiskFault> hit;   ///< What hit the call that is being made.
  bool out_of_space = false;      ///< Whether that call is the one of FailChange.
  std::vector<std::weak_ptr<Inode>> locks;

  Status CheckAlive(const std::string& path) const {
    return killed ? IoError(path + ": process " + std::to_string(pid) + " was killed") : Status::Ok();
  }
  /// First of all in each call that only looks.
  Status BeginLook(const std::string& path) {
    WEIR_RETURN_IF_ERROR(CheckAlive(path));
    return Suffer(path, "read", {DiskFault::kIoError});
  }
  /// First of all in each call that changes something; `possible`: what can hit it besides kIoError.
  Status BeginChange(const std::string& path, std::initializer_list<DiskFault> possible = {}) {
    hit.reset();
    out_of_space = false;
    WEIR_RETURN_IF_ERROR(CheckAlive(path));
    ++changes;
    if (changes == kill_at) {
      End();
      return CheckAlive(path);
    }
    if (changes == fail_at) {
      out_of_space = true;
      return IoError("cannot write " + path + ": no space left on the simulated disk (change " +
                     std::to_string(changes) + ")");
    }
    WEIR_RETURN_IF_ERROR(Suffer(path, "change", {DiskFault::kIoError}));
    return Suffer(path, "change", possible);
  }
  void End() {
    killed = true;
    for (const std::weak_ptr<Inode>& lock : locks) {
      if (const InodePointer node = lock.lock(); node != nullptr && node->lock_holder == pid) node->lock_holder = 0;
    }
  }

 private:
  Status Suffer(const std::string& path, const char* what, std::initializer_list<DiskFault> possible) {
    const std::optional<DiskFault> of_disk = tree->faults().Next(possible);
    const std::optional<DiskFault> of_process = faults.Next(possible);
    hit = of_disk.has_value() ? of_disk : of_process;
    if (!hit.has_value()) return Status::Ok();
    return IoError(std::string("cannot ") + what + " " + path + ": " + std::string(ReasonOf(*hit)));
  }
};

}  // namespace weir::internal
