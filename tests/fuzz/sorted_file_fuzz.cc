// The sorted files of both base stores, read without a checksum: the simulator's runs, byte by byte, and RocksDB's tables,
// entry by entry. What was read is written and read again without a change.
//
// Damaged bytes of a table would test RocksDB only, and it ends the process: it takes blocks apart before it compares their
// checksums. It is shown none, since Weir compares the checksum of a whole file before (tests/disk holds it to that).
#include <map>
#include <tuple>
#include <vector>

#include "runtime/base/simulated_file_system.h"
#include "state/rocksdb_base_store.h"
#include "state/rocksdb_sorted_file.h"
#include "state/simulated_base_store.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

struct Content {
  std::vector<std::tuple<ChangeKind, std::string, std::string>> changes;
  std::vector<RangeDelete> ranges;
  Status status;   ///< Of what ended it.
  friend bool operator==(const Content& a, const Content& b) { return a.changes == b.changes && a.ranges == b.ranges; }
};

Content ReadAll(BaseStoreFactory& base, FileSystem& files, const std::string& path) {
  Content content;
  const auto cursor = base.OpenSortedFile(files, path);
  if (!cursor.ok()) {
    content.status = cursor.status();
  } else {
    while ((*cursor)->Next()) {
      const Change& change = (*cursor)->change();
      content.changes.emplace_back(change.kind, change.key, change.value);
    }
    content.ranges = (*cursor)->range_deletes();
    content.status = (*cursor)->status();
  }
  WEIR_CHECK(content.status.ok() || content.status.message().find(path) != std::string::npos, content.status.ToString());
  return content;
}

void Write(BaseStoreFactory& base, FileSystem& files, const std::string& path, const Content& content) {
  const auto file = base.NewSortedFile(files, path);
  WEIR_CHECK(file.ok(), file.status().ToString());
  for (const RangeDelete& range : content.ranges) {
    WEIR_CHECK((*file)->DeleteRange(range.begin, range.end).ok(), "no range");
  }
  for (const auto& [kind, key, value] : content.changes) {
    const Status added = kind == ChangeKind::kPut ? (*file)->Put(key, value) : (*file)->Delete(key);
    WEIR_CHECK(added.ok(), added.ToString());
  }
  WEIR_CHECK((*file)->Finish().ok() && (*file)->Sync().ok(), "it cannot be written again");
}

/// True if all of the file was accepted, and there is something in it.
bool Reads(BaseStoreFactory& base, FileSystem& files, const std::string& path, Content& content) {
  content = ReadAll(base, files, path);
  if (!content.status.ok()) return false;
  Write(base, files, path + "-again", content);
  const Content again = ReadAll(base, files, path + "-again");
  WEIR_CHECK(again.status.ok() && again == content, "it is not read as it was written");
  return !content.changes.empty() || !content.ranges.empty();
}

/// A table whose entries are the puts of a run, whatever is in them.
bool ReadsTable(FileSystem& files, const Content& run) {
  static RocksDbBaseStoreFactory rocksdb;
  static const rocksdb::Options options;
  std::map<std::string, std::string> entries;
  for (const auto& [kind, key, value] : run.changes) {
    if (kind == ChangeKind::kPut) entries[key] = value;
  }
  if (entries.empty()) return false;   // RocksDB makes no such table.
  const auto table = NewSstWriter(files, "delta.sst", SstContent::kIngest, options);
  WEIR_CHECK(table.ok(), table.status().ToString());
  for (const auto& [key, value] : entries) WEIR_CHECK((*table)->Put(key, value).ok(), "no entry");
  WEIR_CHECK((*table)->Finish().ok() && (*table)->Sync().ok(), "no table");
  Content content;
  return Reads(rocksdb, files, "delta.sst", content);
}

}  // namespace

bool FuzzSortedFile(std::string_view bytes) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  WEIR_CHECK(WriteDurably(*files, "delta.run", bytes).ok(), "no file");
  SimulatedBaseStoreFactory simulated;
  Content run;
  const bool accepted = Reads(simulated, *files, "delta.run", run);
  return ReadsTable(*files, run) || accepted;
}

}  // namespace weir::fuzz
