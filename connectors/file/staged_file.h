// The names of the file sink on disk, and what a checkpoint remembers of an epoch's file.
//
//   <directory>/part-<n>-<index>-<incarnation>.json                              published, complete, never changed
//   <directory>/.inprogress/<job>/<operator>/<attempt>/<index>-<n>               not yet published
//   <directory>/.inprogress/<job>/<operator>/<attempt>/<index>.lock              held while that task's writer lives
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "runtime/io/sink.h"

namespace weir {

/// Both names are relative to the sink's directory.
struct StagedFile {
  std::string final_name;
  std::string temporary_name;
  uint64_t size = 0;
  std::string checksum;   ///< FileChecksum of all bytes.
  friend bool operator==(const StagedFile&, const StagedFile&) = default;
};

/// StagedOutput::bytes, text of five lines, the first naming the version.
std::string EncodeStagedFile(const StagedFile& file);
/// Treats the text as hostile. Corruption: not what EncodeStagedFile writes, or a name that leads out of the directory.
Result<StagedFile> DecodeStagedFile(std::string_view bytes);

/// ".inprogress/<job>/<operator>"; below it there is one folder an attempt.
std::string InProgressFolder(const SinkContext& context);
/// ".inprogress/<job>/<operator>/<attempt>".
std::string AttemptFolder(const SinkContext& context);
std::string TemporaryName(const SinkContext& context, CheckpointId epoch);
std::string FinalName(const SinkContext& context, CheckpointId epoch, const std::string& prefix,
                      const std::string& suffix);

inline constexpr std::string_view kLockSuffix = ".lock";

}  // namespace weir
