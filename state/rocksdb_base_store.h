// The production base store: RocksDB as the merged part of every checkpoint.
//
// Nothing is ever written through its memtable: content comes in as whole sorted files, by ingestion. So there is no
// write-ahead log to lose and nothing to flush, and a checkpoint is hard links of files that are already durable.
#pragma once

#include <memory>

#include "state/base_store.h"

namespace weir {

enum class StoreFiles {
  kReal,          ///< Stores do their own input and output, on the paths of a PosixFileSystem.
  kThroughSeam,   ///< Stores use the FileSystem given, and each call includes what it makes RocksDB do later: for simulations.
};

/// Stores made here share one small block cache and, with kReal, RocksDB's process-wide background threads. Sorted files
/// always use the FileSystem given.
class RocksDbBaseStoreFactory : public BaseStoreFactory {
 public:
  explicit RocksDbBaseStoreFactory(StoreFiles store_files = StoreFiles::kReal);
  ~RocksDbBaseStoreFactory() override;

  Result<std::unique_ptr<SortedFileWriter>> NewSortedFile(FileSystem& files, const std::string& path) override;
  Result<std::unique_ptr<ChangeCursor>> OpenSortedFile(FileSystem& files, const std::string& path) override;
  Result<std::unique_ptr<BaseStore>> NewStore(FileSystem& files, const std::string& directory) override;
  Result<std::unique_ptr<BaseStore>> OpenStore(FileSystem& files, const std::string& directory,
                                               const std::string& linked_directory, const std::string& prefix,
                                               const std::vector<StateFile>& linked) override;

 private:
  struct Settings;
  const std::unique_ptr<const Settings> settings_;
};

}  // namespace weir
