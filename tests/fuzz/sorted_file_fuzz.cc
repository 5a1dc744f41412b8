// The sorted files of both base stores, read without a checksum: RocksDB's tables and the simulator's runs.
#include "runtime/base/simulated_file_system.h"
#include "state/rocksdb_base_store.h"
#include "state/simulated_base_store.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

bool Reads(BaseStoreFactory& base, std::string_view bytes) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  WEIR_CHECK(WriteDurably(*files, "delta.sst", bytes).ok(), "no file");
  const auto cursor = base.OpenSortedFile(*files, "delta.sst");
  if (!cursor.ok()) {
    WEIR_CHECK(cursor.status().message().find("delta.sst") != std::string::npos, cursor.status().ToString());
    return false;
  }
  size_t total = 0;
  while ((*cursor)->Next()) total += (*cursor)->change().key.size() + (*cursor)->change().value.size();
  return (*cursor)->status().ok() && total > 0;
}

}  // namespace

bool FuzzSortedFile(std::string_view bytes) {
  static RocksDbBaseStoreFactory rocksdb;
  SimulatedBaseStoreFactory simulated;
  const bool run = Reads(simulated, bytes);
  return Reads(rocksdb, bytes) || run;
}

}  // namespace weir::fuzz
