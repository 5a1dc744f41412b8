#include "state/state_snapshot.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "runtime/base/checksum.h"

namespace weir {
namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr const char* kWayOut =
    "the checkpoint cannot be used: copy the file back from a backup, or start over with --restore none";

/// "operator x: field: the checkpoint has A, the program B".
template <class A, class B>
Status Differs(const StateSnapshot& snapshot, const std::string& field, const A& found, const B& expected,
               const char* way_out) {
  return InvalidArgument(fmt::format("operator {}, task {}: {}: the checkpoint has {}, the program {}: {}",
                                     snapshot.operator_id, snapshot.index.value(), field, found, expected, way_out));
}

Status CheckSchema(const StateSnapshot& snapshot, const StateSchema& found, const StateSchema& expected) {
  if (found.layout == kRuleLayout && expected.layout == kRuleLayout) {
    if (found.value == expected.value) return {};
    return Differs(snapshot, found.state, found.value, expected.value,
                   "what is in the state was made by the old rule: give it back, or start over with run --restore none: all input "
                   "is read again");
  }
  const auto check = [&](const char* field, const std::string& was, const std::string& is) -> Status {
    if (was == is) return {};
    return Differs(snapshot, fmt::format("state {}, {}", found.state, field), was, is,
                   "give the state its old type, or start over with run --restore none: all input is read again");
  };
  WEIR_RETURN_IF_ERROR(check("layout", found.layout, expected.layout));
  WEIR_RETURN_IF_ERROR(check("key type", found.key, expected.key));
  return check("value type", found.value, expected.value);
}

Status CheckSchemas(const StateSnapshot& snapshot, const StateSnapshot& expected) {
  const auto find = [](const std::vector<StateSchema>& all, const std::string& name) {
    return std::find_if(all.begin(), all.end(), [&](const StateSchema& s) { return s.state == name; });
  };
  for (const StateSchema& found : snapshot.schemas) {
    const auto same = find(expected.schemas, found.state);
    if (same == expected.schemas.end()) {
      return Differs(snapshot, "state " + found.state, "it", "does not", "keep the state in the program");
    }
    WEIR_RETURN_IF_ERROR(CheckSchema(snapshot, found, *same));
  }
  for (const StateSchema& wanted : expected.schemas) {
    if (find(snapshot.schemas, wanted.state) == snapshot.schemas.end()) {
      return Differs(snapshot, "state " + wanted.state, "no such state", "has it",
                     "a state cannot be added to a job that has a checkpoint: leave it out, or start over with run --restore none: all input "
                     "is read again");
    }
  }
  return {};
}

}  // namespace

StateFileNames::StateFileNames(const std::string& operator_id, TaskIndex index)
    : stem_(fmt::format("{}-{}.", operator_id, index.value())) {}

std::string StateFileNames::Delta(CheckpointId n) const { return fmt::format("{}delta-{:010}.sst", stem_, n.value()); }

std::string StateFileNames::BasePrefix(CheckpointId ingested) const {
  return fmt::format("{}base-{}.", stem_, ingested.value());
}

Status CheckCompatible(const StateSnapshot& snapshot, const StateSnapshot& expected) {
  if (snapshot.operator_id != expected.operator_id) {
    return Differs(snapshot, "operator id", snapshot.operator_id, expected.operator_id,
                   "restore each operator from its own snapshot");
  }
  if (snapshot.hash_version != expected.hash_version) {
    return Differs(snapshot, "hash version", snapshot.hash_version, expected.hash_version,
                   "run the version of Weir that wrote it");
  }
  if (snapshot.key_groups != expected.key_groups) {
    return Differs(snapshot, "number of key groups", snapshot.key_groups, expected.key_groups,
                   "configure the number that the job was started with");
  }
  return CheckSchemas(snapshot, expected);
}

Status CheckCoverage(const std::vector<StateSnapshot>& parts, KeyGroupRange groups) {
  for (uint16_t group = groups.first; group < groups.last; ++group) {
    const auto has = [group](const StateSnapshot& part) { return part.groups.Contains(KeyGroup{group}); };
    const auto found = std::count_if(parts.begin(), parts.end(), has);
    if (found == 1) continue;
    std::string ranges;
    for (const StateSnapshot& part : parts) ranges += fmt::format(" [{}, {})", part.groups.first, part.groups.last);
    return InvalidArgument(fmt::format("key groups [{}, {}) are to be restored from tasks that had{}: group {} is in {} of "
                                       "them; start over with --restore none", groups.first, groups.last, ranges, group,
                                       found));
  }
  return {};
}

bool IsOfSameTask(const StateSnapshot& snapshot, const StateSnapshot& expected) {
  return snapshot.operator_id == expected.operator_id && snapshot.index == expected.index &&
         snapshot.groups == expected.groups;
}

Result<StateFile> MeasureFile(FileSystem& files, const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.Open(path));
  StateFile measured;
  measured.name = path.substr(path.rfind('/') + 1);
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  FileChecksummer checksum;
  for (;;) {
    WEIR_ASSIGN_OR_RETURN(const size_t got, file->Read(measured.size, kReadBytes, buffer.get()));
    checksum.Add({buffer.get(), got});
    measured.size += got;
    if (got < kReadBytes) break;
  }
  measured.checksum = checksum.Finish();
  return measured;
}

Status VerifyStateFiles(FileSystem& files, const std::string& directory, const StateSnapshot& snapshot) {
  for (const std::vector<StateFile>* list : {&snapshot.base, &snapshot.deltas}) {
    for (const StateFile& expected : *list) {
      const std::string path = JoinPath(directory, expected.name);
      if (expected.name.empty() || expected.name.find('/') != std::string::npos) {
        return Corruption(fmt::format("{}: \"{}\" is not the name of a state file; {}", directory, expected.name,
                                      kWayOut));
      }
      Result<StateFile> found = MeasureFile(files, path);
      if (found.status().code() == Code::kNotFound) {
        return Corruption(fmt::format("{}: the file is missing; {}", path, kWayOut));
      }
      if (!found.ok()) return found.status();
      if (found->size != expected.size) {
        return Corruption(fmt::format("{}: it has {} bytes, the manifest says {}; {}", path, found->size,
                                      expected.size, kWayOut));
      }
      if (found->checksum != expected.checksum) {
        return Corruption(fmt::format("{}: its checksum is {}, the manifest says {}; {}", path, found->checksum,
                                      expected.checksum, kWayOut));
      }
    }
  }
  return {};
}

}  // namespace weir
