// Every path name of a job's checkpoint folder, made and read in this one place:
//   <dir>/<job>/LOCK, CURRENT or COMMITTED
//   <dir>/<job>/chk-<n, ten digits>-<attempt>/MANIFEST and state files
//   <dir>/<job>/work-<attempt>/LOCK, <operator>-<index>/
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/ids.h"
#include "runtime/checkpoint/defences.h"

namespace weir {

/// What identifies a checkpoint directory. With the attempt in it, a zombie never writes into a successor's.
struct CheckpointName {
  CheckpointId n;
  Id128 attempt;
  friend auto operator<=>(const CheckpointName&, const CheckpointName&) = default;
};

/// Immutable.
class CheckpointPaths {
 public:
  /// REQUIRES: IsValidName(job).
  CheckpointPaths(std::string directory, std::string job, const Defences& defences = {});

  const std::string& job() const { return job_; }
  const std::string& job_directory() const { return job_directory_; }
  std::string lock() const;
  std::string current() const;
  std::string committed() const;
  std::string Checkpoint(const CheckpointName& name) const;
  std::string Manifest(const CheckpointName& name) const;
  std::string WorkOf(const Id128& attempt) const;
  std::string WorkLock(const Id128& attempt) const;
  std::string Work(const Id128& attempt, std::string_view operator_id, TaskIndex index) const;

  /// The checkpoint that an entry of the job's directory is, nothing for other entries.
  std::optional<CheckpointName> ParseCheckpoint(std::string_view entry) const;
  /// The attempt whose work folder an entry is.
  static std::optional<Id128> ParseWork(std::string_view entry);

 private:
  std::string job_;
  std::string job_directory_;
  bool attempt_in_name_;
};

}  // namespace weir
