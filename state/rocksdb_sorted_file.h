// Sorted files in RocksDB's SST format, written and read through Weir's own file system seam, so that a test's disk
// can tear them, fill up and fail their sync.
//
// RocksDB's public reader of SST files does not show deletes. A delta file is therefore an SST of puts only:
//   key -> kind (one byte, ChangeKind) and value       a change
//   0xff and begin -> end                              a range delete
// A file to be ingested has RocksDB's own puts, deletes and range deletes instead, and is never read back.
#pragma once

#include <memory>
#include <string>

#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include "state/base_store.h"

namespace weir {

/// Computes FileChecksum while RocksDB writes a file.
std::shared_ptr<rocksdb::FileChecksumGenFactory> NewRocksDbChecksums();

/// IoError or Corruption with RocksDB's message and `what` before it.
Status FromRocksDb(const rocksdb::Status& status, const std::string& what);

enum class SstContent {
  kChanges,   ///< A delta: can be read back.
  kIngest,    ///< To be ingested by a RocksDB.
};

/// `path` must not exist.
Result<std::unique_ptr<SortedFileWriter>> NewSstWriter(FileSystem& files, const std::string& path,
                                                       SstContent content, const rocksdb::Options& options);
Result<std::unique_ptr<ChangeCursor>> OpenSst(FileSystem& files, const std::string& path,
                                              const rocksdb::Options& options);

}  // namespace weir
