// Reads files of lines: the input of the demo without Kafka, and what the job's file sink published.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

using LineVisitor = std::function<void(int64_t offset, std::string_view line)>;

/// Calls `visit` for every line with the byte where it starts. Dies if the last line has no end.
void ReadLines(const std::string& path, const LineVisitor& visit);

/// All files directly in `folder` whose names do not start with '.', sorted.
std::vector<std::string> ListFiles(const std::string& folder);

/// The published files of a file sink in the order in which they were committed: by the checkpoint number in the
/// name, then by the task. Dies if a file there is none of these.
std::vector<std::string> ListPublished(const std::string& folder);

}  // namespace demo
