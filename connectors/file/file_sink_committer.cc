#include "connectors/file/file_sink_committer.h"

#include <algorithm>
#include <memory>

#include "runtime/base/checksum.h"
#include "runtime/base/crash_point.h"

namespace weir {
namespace {

CrashPoint before_rename_point{"file_sink.before_rename"};
CrashPoint renamed_point{"file_sink.renamed"};
CrashPoint published_point{"file_sink.published"};

constexpr size_t kReadBytes = 1024 * 1024;

Result<std::string> ChecksumOf(FileSystem& files, const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.Open(path));
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  FileChecksummer checksummer;
  for (uint64_t offset = 0;;) {
    WEIR_ASSIGN_OR_RETURN(const size_t got, file->Read(offset, kReadBytes, buffer.get()));
    if (got == 0) return checksummer.Finish();
    checksummer.Add({buffer.get(), got});
    offset += got;
  }
}

Result<std::vector<std::string>> ListOrNothing(FileSystem& files, const std::string& folder) {
  Result<std::vector<std::string>> names = files.List(folder);
  if (names.status().code() == Code::kNotFound) return std::vector<std::string>();
  return names;
}

}  // namespace

FileSinkCommitter::FileSinkCommitter(FileSystem& files, const FileSinkConfig& config, const SinkContext& context)
    : files_(files), config_(config), context_(context),
      attempts_seen_(ListOrNothing(files, PathOf(InProgressFolder(context)))) {}

Status FileSinkCommitter::Commit(const StagedOutput& staged) {
  if (staged.bytes.empty()) return Status::Ok();
  WEIR_ASSIGN_OR_RETURN(const StagedFile file, DecodeStagedFile(staged.bytes));
  before_rename_point.Hit();
  // What this attempt has staged it has just written; what an earlier one has may have been damaged meanwhile.
  if (!file.temporary_name.starts_with(AttemptFolder(context_) + "/")) WEIR_RETURN_IF_ERROR(CheckStaged(file));
  const Status renamed = files_.Rename(PathOf(file.temporary_name), PathOf(file.final_name), Replace::kNever);
  if (renamed.code() == Code::kInvalidArgument || renamed.code() == Code::kNotFound) {
    WEIR_RETURN_IF_ERROR(AcceptPublished(file));
  } else {
    WEIR_RETURN_IF_ERROR(renamed);
  }
  renamed_point.Hit();
  WEIR_RETURN_IF_ERROR(files_.SyncDirectory(config_.directory));
  published_point.Hit();
  return Status::Ok();
}

// The rename found its target in place, or its source gone.
Status FileSinkCommitter::AcceptPublished(const StagedFile& file) {
  WEIR_ASSIGN_OR_RETURN(const bool published, IsPublished(file));
  if (!published) return config_.missing_means_published ? Status::Ok() : Missing(file);
  const Status removed = files_.RemoveFile(PathOf(file.temporary_name));
  return removed.code() == Code::kNotFound ? Status::Ok() : removed;
}

// Empty if the file at `path` is the one that was sealed, else both of them. NotFound.
Result<std::string> FileSinkCommitter::DifferenceOf(const std::string& path, const StagedFile& file) {
  WEIR_ASSIGN_OR_RETURN(const uint64_t size, files_.Size(path));
  WEIR_ASSIGN_OR_RETURN(const std::string checksum, ChecksumOf(files_, path));
  if (size == file.size && checksum == file.checksum) return std::string();
  return "(" + std::to_string(size) + " bytes, checksum " + checksum + "; to be published: " +
         std::to_string(file.size) + " bytes, checksum " + file.checksum + ")";
}

Result<bool> FileSinkCommitter::IsPublished(const StagedFile& file) {
  const std::string path = PathOf(file.final_name);
  const Result<std::string> difference = DifferenceOf(path, file);
  if (difference.status().code() == Code::kNotFound) return false;
  if (!difference.ok()) return difference.status();
  if (difference->empty()) return true;
  return Corruption(path + " is there already and is another file " + *difference +
                    "; if two sinks write into this folder give them different prefixes, else move that file away and "
                    "start again");
}

Status FileSinkCommitter::CheckStaged(const StagedFile& file) {
  const std::string path = PathOf(file.temporary_name);
  const Result<std::string> difference = DifferenceOf(path, file);
  if (difference.status().code() == Code::kNotFound) return Status::Ok();   // Perhaps published already.
  if (!difference.ok()) return difference.status();
  if (difference->empty()) return Status::Ok();
  return Corruption(path + ", committed output that is not yet published, is damaged " + *difference +
                    "; bring the file back, or start over with --restore none");
}

Status FileSinkCommitter::Missing(const StagedFile& file) const {
  return Corruption("the committed output " + PathOf(file.final_name) + " (" + std::to_string(file.size) +
                    " bytes) is neither published nor staged as " + PathOf(file.temporary_name) +
                    "; if a reader took it away after it was published, set missing_means_published of the file::Sink; "
                    "else put the file back, or start over with --restore none");
}

Status FileSinkCommitter::RemoveOrphans() {
  WEIR_RETURN_IF_ERROR(attempts_seen_.status());
  const std::string folder = PathOf(InProgressFolder(context_));
  for (const std::string& attempt : *attempts_seen_) {
    Id128 id;
    if (!Id128::Parse(attempt, &id) || id == context_.attempt) continue;
    const std::string path = JoinPath(folder, attempt);
    WEIR_ASSIGN_OR_RETURN(const bool alive, IsAlive(path));
    // A stalled predecessor loses its folder at a later start; a successor of ours must keep it.
    if (alive) continue;
    WEIR_RETURN_IF_ERROR(files_.RemoveTree(path));
  }
  return Status::Ok();
}

Result<bool> FileSinkCommitter::IsAlive(const std::string& attempt_folder) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListOrNothing(files_, attempt_folder));
  for (const std::string& name : names) {
    if (!name.ends_with(kLockSuffix)) continue;
    const Result<std::unique_ptr<FileLock>> lock = files_.Lock(JoinPath(attempt_folder, name));
    if (lock.status().code() == Code::kUnavailable) return true;
    if (!lock.ok() && lock.status().code() != Code::kNotFound) return lock.status();
  }
  return false;
}

}  // namespace weir
