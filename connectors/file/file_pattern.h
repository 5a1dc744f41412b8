// Which files a path, a folder or a pattern names.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/file_system.h"

namespace weir {

/// Paths of all files (no folders) that `pattern` names, sorted; a folder stands for the files directly in it.
/// A pattern that matches nothing gives an empty list; a plain path that is missing is NotFound, naming what looks alike.
Result<std::vector<std::string>> MatchFiles(FileSystem& files, const std::string& pattern);

}  // namespace weir
