#include "runtime/checkpoint/checkpoint_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/checksum.h"
#include "runtime/base/crash_point.h"
#include "runtime/base/landmark.h"
#include "runtime/base/mutant.h"
#include "runtime/checkpoint/key_values.h"

namespace weir {
namespace {

constexpr uint64_t kRecordVersion = 1;

Landmark manifest_missing{"checkpoint.manifest_missing"};
Landmark manifest_damaged{"checkpoint.manifest_damaged"};

CrashPoint files_written{"checkpoint.files_written"};
CrashPoint manifest_torn{"checkpoint.manifest_torn"};
CrashPoint current_written{"checkpoint.current_written"};
CrashPoint half_removed{"retention.half_done"};

/// "<words> check=<checksum of the words>\n": neither file is trusted before the checksum matches.
std::string Sealed(const std::string& words) { return fmt::format("{} check={}\n", words, FileChecksum(words)); }

Result<std::string> Unsealed(std::string_view text, const std::string& path) {
  constexpr std::string_view kCheck = " check=";
  const size_t check = text.rfind(kCheck);
  const std::string words(text.substr(0, check));
  if (check == std::string_view::npos || Sealed(words) != text) {
    return Corruption(fmt::format("{} is damaged: its checksum does not match '{}'", path, internal::Excerpt(text)));
  }
  return words;
}

}  // namespace

CheckpointStore::CheckpointStore(FileSystem& files, CheckpointPaths paths) : files_(files), paths_(std::move(paths)) {}

Status CheckpointStore::Open() {
  // The entries of the job's folder and of the checkpoint folder are synced even if they were there before: whoever made
  // them may have died, or failed, before they were durable.
  const std::string checkpoints = ParentOf(paths_.job_directory());
  std::vector<std::string> to_sync{checkpoints, ParentOf(checkpoints)};
  for (std::string path = ParentOf(checkpoints); path != ParentOf(path); path = ParentOf(path)) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, files_.Exists(path));
    if (exists) break;
    to_sync.push_back(ParentOf(path));
  }
  WEIR_RETURN_IF_ERROR(files_.CreateDirectories(paths_.job_directory()));
  for (const std::string& folder : to_sync) WEIR_RETURN_IF_ERROR(files_.SyncDirectory(folder));
  return {};
}

Result<std::unique_ptr<FileLock>> CheckpointStore::LockJob() {
  Result<std::unique_ptr<FileLock>> lock = files_.Lock(paths_.lock());
  if (lock.status().code() == Code::kUnavailable) {
    return Unavailable(fmt::format("job {} is running already: {}, or use another job id or execution.checkpointing.dir",
                                   paths_.job(), lock.status().message()));
  }
  if (!lock.ok()) return lock.status().WithContext(fmt::format("the folder of job {} cannot be locked", paths_.job()));
  return lock;
}

Result<std::unique_ptr<FileLock>> CheckpointStore::CreateWork(const Id128& attempt) {
  WEIR_RETURN_IF_ERROR(files_.CreateDirectories(paths_.WorkOf(attempt)));
  return files_.Lock(paths_.WorkLock(attempt));
}

Status CheckpointStore::RemoveForeignWork(const Id128& own_attempt) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> entries, files_.List(paths_.job_directory()));
  for (const std::string& entry : entries) {
    const std::optional<Id128> attempt = CheckpointPaths::ParseWork(entry);
    if (!attempt || *attempt == own_attempt) continue;
    // Held: its engine lives. It may be a successor's, and we the zombie. So it may where the disk does not say.
    const Result<std::unique_ptr<FileLock>> lock = files_.Lock(paths_.WorkLock(*attempt));
    const bool taken = Planted(Mutant::kClearsLiveWork);
    if (!taken && !lock.ok() && lock.status().code() != Code::kNotFound) continue;
    WEIR_RETURN_IF_ERROR(files_.RemoveTree(paths_.WorkOf(*attempt)));
  }
  return {};
}

Status CheckpointStore::CreateCheckpoint(const CheckpointName& name) {
  return files_.CreateDirectories(paths_.Checkpoint(name));
}

Status CheckpointStore::CheckFiles(const Manifest& manifest, const std::string& directory) {
  for (const OperatorState& state : manifest.states) {
    for (const std::vector<ManifestFile>* list : {&state.base, &state.deltas}) {
      for (const ManifestFile& file : *list) {
        const std::string path = JoinPath(directory, file.name);
        const Result<uint64_t> size = files_.Size(path);
        if (!size.ok()) return size.status();
        if (*size == file.size) continue;
        return Corruption(fmt::format("{} has {} bytes, the manifest says {}", path, *size, file.size));
      }
    }
  }
  return {};
}

Result<PreparedCheckpoint> CheckpointStore::WritePrepared(const Manifest& manifest) {
  const CheckpointName name{manifest.n, manifest.attempt};
  const std::string directory = paths_.Checkpoint(name);
  WEIR_CHECK(manifest.job == paths_.job(),
             fmt::format("a manifest of job {} came to the store of {}", manifest.job, paths_.job()));
  WEIR_ASSIGN_OR_RETURN(const std::string json, ManifestToJson(manifest));
  WEIR_RETURN_IF_ERROR(files_.CreateDirectories(directory));
  if (const Status files = CheckFiles(manifest, directory); !files.ok()) {
    // A disk that does not answer is no fault of ours: the next attempt may do better.
    if (files.code() == Code::kIoError) return files;
    return Internal(fmt::format("checkpoint {} cannot be made PREPARED: {}", manifest.n.value(), files.message()));
  }
  files_written.Hit();
  // What a power cut in the middle of the manifest leaves: half of it, under its temporary name.
  const std::string path = paths_.Manifest(name);
  if (manifest_torn.armed()) {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> torn, files_.Create(path + ".tmp", Replace::kExisting));
    WEIR_RETURN_IF_ERROR(torn->Append(std::string_view(json).substr(0, json.size() / 2)));
    WEIR_RETURN_IF_ERROR(torn->Close());
  }
  manifest_torn.Hit();
  WEIR_RETURN_IF_ERROR(WriteDurably(files_, path, json));
  WEIR_RETURN_IF_ERROR(files_.SyncDirectory(paths_.job_directory()));
  return PreparedCheckpoint{manifest.incarnation, name, Sha256(json), PositionsDigest(manifest.sources), 0};
}

Result<Manifest> CheckpointStore::ReadManifest(const CheckpointName& name, const std::string& manifest_sha256) {
  const std::string path = paths_.Manifest(name);
  const std::string way_out = fmt::format(
      "; checkpoint {} is committed and its output is public, so no older one can take its place: bring {} back, or "
      "start over with --restore none", name.n.value(), paths_.Checkpoint(name));
  Result<std::string> json = ReadWholeFile(files_, path);
  if (!json.ok()) {
    if (json.status().code() == Code::kNotFound) manifest_missing.Hit();
    return Status(json.status().code(), json.status().message() + way_out);
  }
  const std::string sha256 = Sha256(*json);
  if (!manifest_sha256.empty() && sha256 != manifest_sha256) {
    manifest_damaged.Hit();
    return Corruption(
        fmt::format("{} has SHA-256 {}, the commit point names {}{}", path, sha256, manifest_sha256, way_out));
  }
  Result<Manifest> manifest = ParseManifest(*json);
  if (!manifest.ok()) return manifest.status().WithContext(path);
  if (manifest->job != paths_.job()) {
    return InvalidArgument(fmt::format("{} belongs to job {}, this is job {}: use that job id, or another folder", path,
                                       manifest->job, paths_.job()));
  }
  const bool same_attempt = name.attempt.empty() || manifest->attempt == name.attempt;
  if (manifest->n != name.n || !same_attempt) {
    return Corruption(fmt::format("{} says that it is checkpoint {} of attempt {}{}", path, manifest->n.value(),
                                  manifest->attempt.ToString(), way_out));
  }
  if (const Status files = CheckFiles(*manifest, paths_.Checkpoint(name)); !files.ok()) {
    return Status(files.code(), files.message() + way_out);
  }
  return manifest;
}

Status CheckpointStore::RemoveOtherRecord(const std::string& path) {
  // A job's sinks may change between runs that start over; two records of its commit point would contradict each other.
  if (removed_other_record_) return {};
  WEIR_ASSIGN_OR_RETURN(const bool exists, files_.Exists(path));
  if (exists) {
    WEIR_RETURN_IF_ERROR(files_.RemoveFile(path));
    WEIR_RETURN_IF_ERROR(files_.SyncDirectory(paths_.job_directory()));
  }
  removed_other_record_ = true;
  return {};
}

Result<CommitPermit> CheckpointStore::WriteCurrent(const PreparedCheckpoint& prepared) {
  const std::string words = fmt::format("weir-current {} incarnation={} n={} attempt={} manifest={}", kRecordVersion,
                                        prepared.incarnation.ToString(), prepared.name.n.value(),
                                        prepared.name.attempt.ToString(), prepared.manifest_sha256);
  WEIR_RETURN_IF_ERROR(WriteDurably(files_, paths_.current(), Sealed(words)));
  current_written.Hit();
  WEIR_RETURN_IF_ERROR(RemoveOtherRecord(paths_.committed()));
  return CommitPermit(prepared.incarnation, prepared.name.n, prepared.name.attempt, -1);
}

Result<std::optional<CurrentRecord>> CheckpointStore::ReadCurrent() {
  const Result<std::string> text = ReadWholeFile(files_, paths_.current());
  if (!text.ok() && text.status().code() == Code::kNotFound) return std::optional<CurrentRecord>();
  if (!text.ok()) return text.status();
  const Result<std::string> words = Unsealed(*text, paths_.current());
  if (!words.ok()) {
    return Corruption(words.status().message() + ": nothing else says what is committed; bring it back, or start over "
                                                 "with --restore none");
  }
  internal::WordReader reader(paths_.current(), *words);
  reader.Kind("weir-current", kRecordVersion);
  CurrentRecord record;
  record.incarnation = reader.Id("incarnation");
  record.name.n = CheckpointId{reader.Number("n")};
  record.name.attempt = reader.Id("attempt");
  record.manifest_sha256 = reader.Hex("manifest", 64);
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return std::optional(record);
}

Result<CommitPermit> CheckpointStore::PermitCurrent(const CurrentRecord& current) {
  WEIR_ASSIGN_OR_RETURN(const std::optional<CurrentRecord> found, ReadCurrent());
  if (found != current) {
    return Aborted(fmt::format("{} no longer names checkpoint {}: another process changed it; restart",
                               paths_.current(), current.name.n.value()));
  }
  return CommitPermit(current.incarnation, current.name.n, current.name.attempt, -1);
}

Status CheckpointStore::WriteCommittedHint(const CommitPermit& permit) {
  const std::string words = fmt::format("weir-committed {} incarnation={} n={} attempt={} marker_offset={}",
                                        kRecordVersion, permit.incarnation().ToString(), permit.n().value(),
                                        permit.attempt().ToString(), permit.marker_offset());
  // A zombie may write its hint at the same time: a temporary name that both use would be taken away from one of them.
  const std::string temporary = JoinPath(paths_.Checkpoint({permit.n(), permit.attempt()}), "COMMITTED.tmp");
  WEIR_RETURN_IF_ERROR(WriteDurably(files_, paths_.committed(), Sealed(words), temporary));
  return RemoveOtherRecord(paths_.current());
}

Result<std::optional<CommittedHint>> CheckpointStore::ReadCommittedHint() {
  const Result<std::string> text = ReadWholeFile(files_, paths_.committed());
  if (!text.ok() && text.status().code() == Code::kNotFound) return std::optional<CommittedHint>();
  if (!text.ok()) return text.status();
  const Result<std::string> words = Unsealed(*text, paths_.committed());
  if (!words.ok()) return std::optional(CommittedHint{});
  internal::WordReader reader(paths_.committed(), *words);
  reader.Kind("weir-committed", kRecordVersion);
  CommittedHint hint;
  hint.incarnation = reader.Id("incarnation");
  hint.name.n = CheckpointId{reader.Number("n")};
  hint.name.attempt = reader.Id("attempt");
  hint.marker_offset = reader.Signed("marker_offset");
  WEIR_RETURN_IF_ERROR(reader.Finish());
  return std::optional(hint);
}

Result<std::vector<CheckpointName>> CheckpointStore::ListCheckpoints() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> entries, files_.List(paths_.job_directory()));
  std::vector<CheckpointName> names;
  for (const std::string& entry : entries) {
    if (const std::optional<CheckpointName> name = paths_.ParseCheckpoint(entry)) names.push_back(*name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<CheckpointName>> CheckpointStore::ListPrepared() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<CheckpointName> names, ListCheckpoints());
  std::vector<CheckpointName> prepared;
  for (const CheckpointName& name : names) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, files_.Exists(paths_.Manifest(name)));
    if (exists) prepared.push_back(name);
  }
  return prepared;
}

Status CheckpointStore::RemoveCheckpoint(const CheckpointName& name) {
  WEIR_ASSIGN_OR_RETURN(const bool exists, files_.Exists(paths_.Manifest(name)));
  if (exists) {
    WEIR_RETURN_IF_ERROR(files_.RemoveFile(paths_.Manifest(name)));
    WEIR_RETURN_IF_ERROR(files_.SyncDirectory(paths_.Checkpoint(name)));
  }
  half_removed.Hit();
  return files_.RemoveTree(paths_.Checkpoint(name));
}

}  // namespace weir
