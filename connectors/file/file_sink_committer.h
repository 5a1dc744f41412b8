// Publishes the file sink's epochs and clears away what dead attempts left. Made by FileSink::NewCommitter.
#pragma once

#include <string>
#include <vector>

#include "connectors/file/file_sink.h"
#include "connectors/file/staged_file.h"

namespace weir {

/// One queue. Commit may meet, and accepts:
///   1. the staged file: it is renamed;
///   2. the published file, with or without the staged one (an earlier Commit died after its rename, or a power cut
///      came before the folder was synced): compared by size and checksum, then the folder is synced;
///   3. neither: Corruption, unless the configuration says that readers take files away.
/// Another file under the final name is Corruption, and is left alone.
class FileSinkCommitter : public StagedCommitter {
 public:
  FileSinkCommitter(FileSystem& files, const FileSinkConfig& config, const SinkContext& context);

  Status Commit(const StagedOutput& staged) override;
  /// Only attempts of this job and operator that were there when this committer was made, and of which no writer lives.
  Status RemoveOrphans() override;

 private:
  Status AcceptPublished(const StagedFile& file);
  Result<std::string> DifferenceOf(const std::string& path, const StagedFile& file);
  Result<bool> IsPublished(const StagedFile& file);
  Status CheckStaged(const StagedFile& file);
  Status Missing(const StagedFile& file) const;
  Result<bool> IsAlive(const std::string& attempt_folder);
  std::string PathOf(const std::string& name) const { return JoinPath(config_.directory, name); }

  FileSystem& files_;
  const FileSinkConfig config_;
  const SinkContext context_;
  Result<std::vector<std::string>> attempts_seen_;
};

}  // namespace weir
