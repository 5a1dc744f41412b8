// Writes one task's records, one file an epoch. Made by FileSink::NewWriter.
#pragma once

#include <memory>
#include <string>

#include "connectors/file/file_sink.h"
#include "connectors/file/staged_file.h"
#include "runtime/base/checksum.h"

namespace weir {

/// One thread; its seal jobs run on the io queue and may outlive it.
///
/// Write hands full buffers to the file system on the calling thread: these are copies into the page cache. The last
/// buffer, and everything that waits for the disk, is left to the seal job.
class FileSinkWriter : public SinkWriter {
 public:
  /// Locks and tries out the attempt's folder. Errors: those of the file system; Unavailable where another process
  /// runs this very attempt.
  static Result<std::unique_ptr<SinkWriter>> Open(FileSystem& files, const FileSinkConfig& config,
                                                  const SinkContext& context, SerialQueue& io, Waker& waker);
  /// Drops the epoch that was not sealed; sealed ones stay for the committer or for recovery.
  ~FileSinkWriter() override;

  /// Takes all records. UserError, naming the record: a value with a line end in it, or none at all (a tombstone).
  Result<size_t> Write(CheckpointId epoch, std::span<const OutgoingRecord> records) override;
  Status Seal(CheckpointId epoch) override;
  Result<bool> TakeSealed(CheckpointId epoch, SealedEpoch* out) override;
  uint64_t record_bytes_max() const override { return config_.record_bytes_max; }

 private:
  struct OpenFile;
  class SealJobs;

  FileSinkWriter(FileSystem& files, const FileSinkConfig& config, const SinkContext& context, SerialQueue& io,
                 Waker& waker);
  Status LockAttempt();
  Status StartFile(CheckpointId epoch);
  std::string PathOf(const std::string& name) const { return JoinPath(config_.directory, name); }

  FileSystem& files_;
  const FileSinkConfig config_;
  const SinkContext context_;
  SerialQueue& io_;
  Waker& waker_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<OpenFile> open_;
  CheckpointId last_sealed_;
  std::shared_ptr<SealJobs> seals_;
};

}  // namespace weir
