// A folder of files as a sink: each task writes one file an epoch, and the file appears under its final name, whole,
// after the epoch's checkpoint was committed. Whoever lists the folder sees each record exactly once.
//
// A staged sink: Seal makes the epoch's file durable under a temporary name within the same folder, which keeps both on
// one file system; publishing is a rename that never replaces, and is repeated by recovery. Names are in staged_file.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/file_system.h"
#include "runtime/io/sink.h"

namespace weir {

struct FileSinkConfig {
  std::string directory;
  /// Two sinks that write into one folder need different prefixes.
  std::string prefix = "part";
  std::string suffix = ".json";
  /// A first line of every file (CSV), without its line end; empty for none.
  std::string header;
  uint64_t record_bytes_max = 64 * 1024 * 1024;
  /// What a writer collects before it hands it to the file system.
  uint64_t buffer_bytes = 1024 * 1024;
  /// A file that is neither staged nor published was published and then taken away by its reader: without this,
  /// recovery refuses such a checkpoint.
  bool missing_means_published = false;
};

/// `files` outlives the sink, its writers and its committers. Writers must be created only by the attempt that runs.
class FileSink : public RecordSink {
 public:
  FileSink(FileSystem& files, FileSinkConfig config);

  bool transactional() const override { return false; }
  /// Creates the folder. InvalidArgument for a setting that cannot work, IoError if the folder cannot be written.
  Status Prepare() override;
  /// Makes and locks the attempt's folder, and tries out a rename as publishing needs it. Some quick file calls.
  Result<std::unique_ptr<SinkWriter>> NewWriter(const SinkContext& context, SerialQueue& io, Waker& waker) override;
  /// Also lists what other attempts left: attempts that begin later are never taken for orphans. So create it before
  /// this attempt claims the job.
  std::unique_ptr<StagedCommitter> NewCommitter(const SinkContext& context) override;

 private:
  FileSystem& files_;
  const FileSinkConfig config_;
};

}  // namespace weir
