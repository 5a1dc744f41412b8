// Lets RocksDB write and read single files through Weir's file system seam. Only what SstFileWriter and SstFileReader
// need; a whole RocksDB runs on the real disk.
#pragma once

#include <memory>
#include <string>

#include <rocksdb/env.h>

#include "runtime/base/file_system.h"

namespace weir {

/// The file that an SstFileWriter of `env` writes. RocksDB's syncs are not passed on: who finishes the file syncs it,
/// in one place, with Sync. One thread.
struct SeamFile {
  std::unique_ptr<WritableFile> file;
};

/// An environment for one path. `written` receives the file at the first write; both must outlive the environment.
std::unique_ptr<rocksdb::Env> NewSeamEnv(FileSystem& files, SeamFile* written);

}  // namespace weir
