#include "connectors/file/file_pattern.h"

#include <fnmatch.h>

#include <algorithm>

#include "runtime/base/did_you_mean.h"

namespace weir {
namespace {

bool HasWildcard(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }
bool IsHidden(std::string_view name) { return name.starts_with('.') || name.starts_with('_'); }

Status Missing(FileSystem& files, const std::string& path) {
  std::string message = "there is no file or folder " + path;
  const std::string parent = ParentOf(path);
  if (const auto names = files.List(parent); names.ok()) {
    message += DidYouMean(path.substr(path.rfind('/') + 1), *names);
  } else {
    message += "; its folder " + parent + " is missing too";
  }
  return NotFound(std::move(message));
}

Status AppendFilesIn(FileSystem& files, const std::string& folder, std::vector<std::string>& out) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(folder));
  for (const std::string& name : names) {
    if (IsHidden(name)) continue;
    const std::string path = JoinPath(folder, name);
    WEIR_ASSIGN_OR_RETURN(const bool directory, files.IsDirectory(path));
    if (!directory) out.push_back(path);
  }
  return Status::Ok();
}

// Matches `rest` (parts separated by '/') below `base`, which is empty for a relative pattern's start.
Status Expand(FileSystem& files, const std::string& base, std::string_view rest, std::vector<std::string>& out) {
  const size_t slash = rest.find('/');
  const std::string part(rest.substr(0, slash));
  const bool last = slash == std::string_view::npos;
  const std::string_view after = last ? std::string_view() : rest.substr(slash + 1);
  if (part.empty() && !last) return Expand(files, base.empty() ? "/" : base, after, out);
  std::vector<std::string> names;
  if (HasWildcard(part)) {
    Result<std::vector<std::string>> listed = files.List(base.empty() ? "." : base);
    if (!listed.ok()) return listed.status().code() == Code::kNotFound ? Status::Ok() : listed.status();
    for (std::string& name : *listed) {
      const bool left_out = IsHidden(name) && part.front() != name.front();
      if (!left_out && fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) names.push_back(std::move(name));
    }
  } else {
    names.push_back(part);
  }
  for (const std::string& name : names) {
    const std::string path = base.empty() ? name : JoinPath(base, name);
    if (!last) {
      WEIR_RETURN_IF_ERROR(Expand(files, path, after, out));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const bool exists, files.Exists(path));
    WEIR_ASSIGN_OR_RETURN(const bool directory, files.IsDirectory(path));
    if (exists && !directory) out.push_back(path);
  }
  return Status::Ok();
}

}  // namespace

Result<std::vector<std::string>> MatchFiles(FileSystem& files, const std::string& pattern) {
  if (pattern.empty()) return InvalidArgument("a file source needs a path: a file, a folder or a pattern");
  std::vector<std::string> paths;
  WEIR_ASSIGN_OR_RETURN(const bool exists, files.Exists(pattern));
  if (exists) {
    WEIR_ASSIGN_OR_RETURN(const bool directory, files.IsDirectory(pattern));
    if (!directory) return std::vector<std::string>{pattern};
    WEIR_RETURN_IF_ERROR(AppendFilesIn(files, pattern, paths));
  } else if (HasWildcard(pattern)) {
    WEIR_RETURN_IF_ERROR(Expand(files, "", pattern, paths));
  } else {
    return Missing(files, pattern);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace weir
