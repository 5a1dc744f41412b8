// The simulator's sorted file: the same promise as RocksDB's, in a format simple enough to replay bit for bit.
//   record = kind (1 byte: put, delete, range delete), key size, value size (4 bytes each, little endian), key, value
// Range deletes come last. A file is read into memory whole.
#pragma once

#include <memory>
#include <string>

#include "state/base_store.h"

namespace weir {

Result<std::unique_ptr<SortedFileWriter>> NewRunWriter(FileSystem& files, const std::string& path);
/// Corruption names the file where it ends inside a record or has an unknown one.
Result<std::unique_ptr<ChangeCursor>> OpenRun(FileSystem& files, const std::string& path);

}  // namespace weir
