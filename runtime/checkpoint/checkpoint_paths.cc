#include "runtime/checkpoint/checkpoint_paths.h"

#include <fmt/format.h>

#include <charconv>

#include "runtime/base/file_system.h"

namespace weir {
namespace {

constexpr std::string_view kCheckpointPrefix = "chk-";
constexpr std::string_view kWorkPrefix = "work-";
constexpr size_t kNumberDigits = 10;

}  // namespace

CheckpointPaths::CheckpointPaths(std::string directory, std::string job, const Defences& defences)
    : job_(std::move(job)),
      job_directory_(JoinPath(directory, job_)),
      attempt_in_name_(defences.attempt_in_directory_name) {}

std::string CheckpointPaths::lock() const { return JoinPath(job_directory_, "LOCK"); }
std::string CheckpointPaths::current() const { return JoinPath(job_directory_, "CURRENT"); }
std::string CheckpointPaths::committed() const { return JoinPath(job_directory_, "COMMITTED"); }

std::string CheckpointPaths::Checkpoint(const CheckpointName& name) const {
  std::string entry = fmt::format("{}{:0{}}", kCheckpointPrefix, name.n.value(), kNumberDigits);
  if (attempt_in_name_) entry += "-" + name.attempt.ToString();  // I10
  return JoinPath(job_directory_, entry);
}

std::string CheckpointPaths::Manifest(const CheckpointName& name) const {
  return JoinPath(Checkpoint(name), "MANIFEST");
}

std::string CheckpointPaths::WorkOf(const Id128& attempt) const {
  return JoinPath(job_directory_, fmt::format("{}{}", kWorkPrefix, attempt.ToString()));
}

std::string CheckpointPaths::WorkLock(const Id128& attempt) const { return JoinPath(WorkOf(attempt), "LOCK"); }

std::string CheckpointPaths::Work(const Id128& attempt, std::string_view operator_id, TaskIndex index) const {
  return JoinPath(WorkOf(attempt), fmt::format("{}-{}", operator_id, index.value()));
}

std::optional<CheckpointName> CheckpointPaths::ParseCheckpoint(std::string_view entry) const {
  if (!entry.starts_with(kCheckpointPrefix)) return std::nullopt;
  const std::string_view rest = entry.substr(kCheckpointPrefix.size());
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), n);
  const size_t digits = static_cast<size_t>(end - rest.data());
  if (error != std::errc() || digits < kNumberDigits || n == 0) return std::nullopt;
  if (digits > kNumberDigits && rest[0] == '0') return std::nullopt;
  CheckpointName name{CheckpointId{n}, {}};
  const std::string_view tail = rest.substr(digits);
  if (!attempt_in_name_) return tail.empty() ? std::optional(name) : std::nullopt;
  if (!tail.starts_with('-') || !Id128::Parse(tail.substr(1), &name.attempt)) return std::nullopt;
  return name;
}

std::optional<Id128> CheckpointPaths::ParseWork(std::string_view entry) {
  Id128 attempt;
  if (!entry.starts_with(kWorkPrefix) || !Id128::Parse(entry.substr(kWorkPrefix.size()), &attempt)) {
    return std::nullopt;
  }
  return attempt;
}

}  // namespace weir
