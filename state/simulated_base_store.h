// The simulator's base store: sorted runs through the file system seam, the newest wins, no threads. The same calls
// make the same files, which RocksDB's background work cannot promise.
#pragma once

#include "state/base_store.h"

namespace weir {

class SimulatedBaseStoreFactory : public BaseStoreFactory {
 public:
  Result<std::unique_ptr<SortedFileWriter>> NewSortedFile(FileSystem& files, const std::string& path) override;
  Result<std::unique_ptr<ChangeCursor>> OpenSortedFile(FileSystem& files, const std::string& path) override;
  Result<std::unique_ptr<BaseStore>> NewStore(FileSystem& files, const std::string& directory) override;
  Result<std::unique_ptr<BaseStore>> OpenStore(FileSystem& files, const std::string& directory,
                                               const std::string& linked_directory, const std::string& prefix,
                                               const std::vector<StateFile>& linked) override;
};

}  // namespace weir
