#include "runtime/base/file_system.h"

#include "runtime/base/mutant.h"

namespace weir {

Result<std::string> ReadWholeFile(FileSystem& files, const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.Open(path));
  WEIR_ASSIGN_OR_RETURN(const uint64_t size, files.Size(path));
  std::string bytes(size, '\0');
  WEIR_ASSIGN_OR_RETURN(const size_t got, file->Read(0, size, bytes.data()));
  if (got != size) {
    return IoError(path + ": read " + std::to_string(got) + " of " + std::to_string(size) +
                   " bytes: the file changed while it was read");
  }
  return bytes;
}

Status WriteDurably(FileSystem& files, const std::string& path, std::string_view bytes, std::string temporary) {
  if (temporary.empty()) temporary = path + ".tmp";
  // What a failed write has left is not written to again: pages whose sync failed may never become durable.
  WEIR_ASSIGN_OR_RETURN(const bool left_over, files.Exists(temporary));
  if (left_over) WEIR_RETURN_IF_ERROR(files.RemoveFile(temporary));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, files.Create(temporary, Replace::kExisting));
  WEIR_RETURN_IF_ERROR(file->Append(bytes));
  WEIR_RETURN_IF_ERROR(file->Sync());
  WEIR_RETURN_IF_ERROR(file->Close());
  WEIR_RETURN_IF_ERROR(files.Rename(temporary, path, Replace::kExisting));
  if (Planted(Mutant::kFolderNotSynced)) return {};
  return files.SyncDirectory(ParentOf(path));
}

std::string JoinPath(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

std::string ParentOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

}  // namespace weir
