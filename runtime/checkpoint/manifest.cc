#include "runtime/checkpoint/manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/checksum.h"

namespace weir {

bool IsCheckpointFileName(std::string_view name) {
  constexpr size_t kLengthMax = 255;
  if (name.empty() || name.size() > kLengthMax || name == "." || name == ".." || name.starts_with("MANIFEST")) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '/' && c != '\\'; });
}

std::string PositionsDigest(const std::vector<SourceState>& sources) {
  std::vector<std::string> lines;
  for (const SourceState& source : sources) {
    for (const ManifestSplit& split : source.splits) {
      const Position& at = split.position;
      // Lengths before the texts, so that no two lists of splits have one text.
      lines.push_back(fmt::format("{}:{} {}:{} {}:{} {} {} {} {}\n", source.operator_id.size(), source.operator_id,
                                  source.identity.size(), source.identity, split.split.value().size(),
                                  split.split.value(), at.next.value(), at.max_timestamp.millis, at.watermark.millis,
                                  at.idle));
    }
  }
  std::sort(lines.begin(), lines.end());
  return FileChecksum(fmt::to_string(fmt::join(lines, "")));
}

}  // namespace weir
