#include "connectors/file/file_sink_writer.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <utility>

#include "runtime/base/crash_point.h"
#include "runtime/base/executor.h"
#include "runtime/base/mutant.h"

namespace weir {
namespace {

CrashPoint sealed_point{"file_sink.sealed"};

constexpr size_t kShownBytes = 60;

std::string Shown(std::string_view value) {
  std::string text(value.substr(0, kShownBytes));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32) c = '?';
  }
  return value.size() > kShownBytes ? text + "..." : text;
}

// Each folder's entry in its parent, from `folder` up to `top`, and the entries of `top`.
Status SyncUpTo(FileSystem& files, const std::string& top, std::string folder) {
  for (;;) {
    WEIR_RETURN_IF_ERROR(files.SyncDirectory(folder));
    if (folder == top || folder.size() <= top.size()) return Status::Ok();
    folder = ParentOf(folder);
  }
}

}  // namespace

/// An epoch's file while it is written.
struct FileSinkWriter::OpenFile {
  CheckpointId epoch;
  StagedFile staged;
  std::unique_ptr<WritableFile> file;
  FileChecksummer checksummer;
  std::string buffer;
  uint64_t records = 0;

  Status Flush() {
    if (buffer.empty()) return Status::Ok();
    checksummer.Add(buffer);
    staged.size += buffer.size();
    const Status appended = file->Append(buffer);
    buffer.clear();
    return appended;
  }
};

/// What the io queue's jobs share with the writer; outlives both.
class FileSinkWriter::SealJobs {
 public:
  SealJobs(FileSystem& files, std::string directory, std::string attempt_folder)
      : files_(files), directory_(std::move(directory)), attempt_folder_(std::move(attempt_folder)) {}

  void PutEmpty(CheckpointId epoch) {
    const std::lock_guard lock(mutex_);
    done_.emplace(epoch, SealedEpoch{});
  }
  // On the io queue.
  void Run(OpenFile& open) {
    Result<SealedEpoch> result = Persist(open);
    const std::lock_guard lock(mutex_);
    done_.emplace(open.epoch, std::move(result));
  }
  Result<bool> Take(CheckpointId epoch, SealedEpoch* out) {
    const std::lock_guard lock(mutex_);
    const auto found = done_.find(epoch);
    if (found == done_.end()) return false;
    if (!found->second.ok()) return found->second.status();
    *out = std::move(*found->second);
    done_.erase(found);
    return true;
  }

 private:
  Result<SealedEpoch> Persist(OpenFile& open) {
    if (!Planted(Mutant::kBufferBehindTheSync)) WEIR_RETURN_IF_ERROR(open.Flush());
    WEIR_RETURN_IF_ERROR(open.file->Sync());
    if (Planted(Mutant::kBufferBehindTheSync)) WEIR_RETURN_IF_ERROR(open.Flush());
    WEIR_RETURN_IF_ERROR(open.file->Close());
    WEIR_RETURN_IF_ERROR(SyncUpTo(files_, folders_synced_ ? attempt_folder_ : directory_, attempt_folder_));
    folders_synced_ = true;
    const std::string path = JoinPath(directory_, open.staged.temporary_name);
    WEIR_ASSIGN_OR_RETURN(const bool exists, files_.Exists(path));
    if (!exists) {
      return Aborted(path + " was removed while it was written; did somebody clean the folder, or does another "
                            "instance of this job run?");
    }
    open.staged.checksum = open.checksummer.Finish();
    sealed_point.Hit();
    return SealedEpoch{open.records, {EncodeStagedFile(open.staged)}};
  }

  FileSystem& files_;
  const std::string directory_;
  const std::string attempt_folder_;
  bool folders_synced_ = false;   // The io queue's alone.
  std::mutex mutex_;
  std::map<CheckpointId, Result<SealedEpoch>> done_;
};

FileSinkWriter::FileSinkWriter(FileSystem& files, const FileSinkConfig& config, const SinkContext& context,
                               SerialQueue& io, Waker& waker)
    : files_(files), config_(config), context_(context), io_(io), waker_(waker),
      seals_(std::make_shared<SealJobs>(files, config.directory, PathOf(AttemptFolder(context)))) {}

FileSinkWriter::~FileSinkWriter() {
  // Best effort: what stays behind is an orphan that the next attempt removes.
  if (open_ != nullptr) (void)files_.RemoveFile(PathOf(open_->staged.temporary_name));
  if (Planted(Mutant::kWriterClearsItsFolder)) (void)files_.RemoveTree(PathOf(AttemptFolder(context_)));
}

Result<std::unique_ptr<SinkWriter>> FileSinkWriter::Open(FileSystem& files, const FileSinkConfig& config,
                                                         const SinkContext& context, SerialQueue& io, Waker& waker) {
  auto writer = std::unique_ptr<FileSinkWriter>(new FileSinkWriter(files, config, context, io, waker));
  WEIR_RETURN_IF_ERROR(writer->LockAttempt().WithContext("file sink " + context.operator_id));
  return std::unique_ptr<SinkWriter>(std::move(writer));
}

Status FileSinkWriter::LockAttempt() {
  const std::string folder = PathOf(AttemptFolder(context_));
  const std::string mine = JoinPath(folder, std::to_string(context_.index.value()));
  WEIR_RETURN_IF_ERROR(files_.CreateDirectories(folder));
  WEIR_ASSIGN_OR_RETURN(lock_, files_.Lock(mine + std::string(kLockSuffix)));
  // Better to learn now than after the first commit that this file system cannot publish.
  const std::string probe = mine + ".probe";
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, files_.Create(probe, Replace::kExisting));
  WEIR_RETURN_IF_ERROR(file->Close());
  WEIR_RETURN_IF_ERROR(files_.Rename(probe, probe + "2", Replace::kNever));
  return files_.RemoveFile(probe + "2");
}

Status FileSinkWriter::StartFile(CheckpointId epoch) {
  auto open = std::make_unique<OpenFile>();
  open->epoch = epoch;
  open->staged.final_name = FinalName(context_, epoch, config_.prefix, config_.suffix);
  open->staged.temporary_name = TemporaryName(context_, epoch);
  WEIR_ASSIGN_OR_RETURN(open->file, files_.Create(PathOf(open->staged.temporary_name), Replace::kNever));
  if (!config_.header.empty()) open->buffer = config_.header + "\n";
  open_ = std::move(open);
  return Status::Ok();
}

Result<size_t> FileSinkWriter::Write(CheckpointId epoch, std::span<const OutgoingRecord> records) {
  WEIR_CHECK(epoch > last_sealed_, "a record was written under an epoch that is sealed");
  if (records.empty()) return size_t{0};
  if (open_ == nullptr) WEIR_RETURN_IF_ERROR(StartFile(epoch));
  WEIR_CHECK(open_->epoch == epoch, "a record was written under a second open epoch");
  for (const OutgoingRecord& record : records) {
    if (record.value.data() == nullptr) {
      return UserError(fmt::format("record {} of epoch {} has no value (key \"{}\"): a tombstone has no form in a "
                                   "file; filter it out before the sink",
                                   open_->records, epoch.value(), Shown(record.key)));
    }
    if (record.value.find('\n') != std::string_view::npos) {
      return UserError(fmt::format("record {} of epoch {} has a line end in it: \"{}\"; a file of lines cannot hold "
                                   "it, choose an encoding that escapes it",
                                   open_->records, epoch.value(), Shown(record.value)));
    }
    open_->buffer.append(record.value);
    open_->buffer += '\n';
    ++open_->records;
    if (open_->buffer.size() >= config_.buffer_bytes) WEIR_RETURN_IF_ERROR(open_->Flush());
  }
  return records.size();
}

Status FileSinkWriter::Seal(CheckpointId epoch) {
  WEIR_CHECK(epoch > last_sealed_, "an epoch was sealed twice");
  last_sealed_ = epoch;
  if (open_ == nullptr) {
    seals_->PutEmpty(epoch);
    return Status::Ok();
  }
  WEIR_CHECK(open_->epoch == epoch, "an epoch other than the open one was sealed");
  io_.Post([seals = seals_, open = std::shared_ptr<OpenFile>(std::move(open_)), waker = &waker_] {
    seals->Run(*open);
    waker->Wake();
  });
  return Status::Ok();
}

Result<bool> FileSinkWriter::TakeSealed(CheckpointId epoch, SealedEpoch* out) { return seals_->Take(epoch, out); }

}  // namespace weir
