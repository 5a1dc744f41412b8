// The production base store: RocksDB as the merged part of every checkpoint.
//
// Nothing is ever written through its memtable: content comes in as whole sorted files, by ingestion. So there is no
// write-ahead log to lose and nothing to flush, and a checkpoint is hard links of files that are already durable.
#pragma once

#include <memory>

#include "state/base_store.h"

namespace weir {

/// Stores made here share one small block cache, and RocksDB's process-wide background threads. The stores need a
/// FileSystem of real paths (PosixFileSystem); sorted files work on any.
class RocksDbBaseStoreFactory : public BaseStoreFactory {
 public:
  RocksDbBaseStoreFactory();
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
