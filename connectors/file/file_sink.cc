#include "connectors/file/file_sink.h"

#include <utility>
#include <vector>

#include "connectors/file/file_sink_committer.h"
#include "connectors/file/file_sink_writer.h"

namespace weir {
namespace {

bool IsNamePart(const std::string& text) {
  return text.find('/') == std::string::npos && text.find('\n') == std::string::npos;
}

// Missing parents are created too, and each new folder's entry is made durable.
Status CreateDurably(FileSystem& files, const std::string& directory) {
  std::vector<std::string> to_sync{ParentOf(directory)};
  for (;;) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, files.Exists(to_sync.back()));
    if (exists || to_sync.back() == ParentOf(to_sync.back())) break;
    to_sync.push_back(ParentOf(to_sync.back()));
  }
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(directory));
  for (const std::string& folder : to_sync) WEIR_RETURN_IF_ERROR(files.SyncDirectory(folder));
  return Status::Ok();
}

}  // namespace

FileSink::FileSink(FileSystem& files, FileSinkConfig config) : files_(files), config_(std::move(config)) {}

Status FileSink::Prepare() {
  if (config_.directory.empty()) return InvalidArgument("a file sink needs a directory");
  if (config_.prefix.empty() || config_.prefix.front() == '.' || !IsNamePart(config_.prefix)) {
    return InvalidArgument("file sink " + config_.directory + ": the prefix \"" + config_.prefix +
                           "\" must be a name that does not start with a dot");
  }
  if (!IsNamePart(config_.suffix) || config_.header.find('\n') != std::string::npos) {
    return InvalidArgument("file sink " + config_.directory + ": suffix and header must each be one line, the suffix "
                           "without a slash");
  }
  return CreateDurably(files_, config_.directory);
}

Result<std::unique_ptr<SinkWriter>> FileSink::NewWriter(const SinkContext& context, SerialQueue& io, Waker& waker) {
  return FileSinkWriter::Open(files_, config_, context, io, waker);
}

std::unique_ptr<StagedCommitter> FileSink::NewCommitter(const SinkContext& context) {
  return std::make_unique<FileSinkCommitter>(files_, config_, context);
}

}  // namespace weir
