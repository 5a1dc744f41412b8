// The narrow interface between state and the sorted store on disk below it. RocksDB is one implementation, the
// simulator's deterministic one another; one contract suite (tests/contract/state) holds both to the same behaviour.
//
// Keys are compared byte by byte. A sorted file holds one epoch's changes, or several epochs' merged; a base store
// holds the result of all changes ingested so far. Nothing here knows tables, key groups or epochs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/base/status.h"
#include "state/state_snapshot.h"

namespace weir {

enum class ChangeKind : uint8_t { kPut = 0, kDelete = 1 };

/// Views live until the cursor moves.
struct Change {
  ChangeKind kind = ChangeKind::kPut;
  std::string_view key;
  std::string_view value;   ///< Empty for kDelete.
};

/// Deletes all keys in [begin, end) that are older than the file that says so; not those of the same file.
struct RangeDelete {
  std::string begin;
  std::string end;
  friend bool operator==(const RangeDelete&, const RangeDelete&) = default;
};

/// Changes in ascending order of their keys, each key once. One thread.
///   while (cursor.Next()) Use(cursor.change());
///   WEIR_RETURN_IF_ERROR(cursor.status());
class ChangeCursor {
 public:
  virtual ~ChangeCursor() = default;
  /// Moves to the first or next change. False at the end, and on an error, which status() then has.
  virtual bool Next() = 0;
  /// REQUIRES: the last Next() said true.
  virtual const Change& change() const = 0;
  virtual const Status& status() const = 0;
  /// Known before the first Next().
  virtual const std::vector<RangeDelete>& range_deletes() const = 0;
};

/// Writes one sorted file. One thread. Every call after a failed one is meaningless; drop the writer and the file.
/// Order of calls: Put and Delete with ascending keys, DeleteRange at any time; Finish; Sync.
/// REQUIRES: keys do not start with the byte 0xff, which the files keep for themselves.
class SortedFileWriter {
 public:
  virtual ~SortedFileWriter() = default;
  virtual Status Put(std::string_view key, std::string_view value) = 0;
  virtual Status Delete(std::string_view key) = 0;
  virtual Status DeleteRange(std::string_view begin, std::string_view end) = 0;
  /// Writes the rest. The file is complete, but not yet durable. Fine without any change written before.
  virtual Result<StateFile> Finish() = 0;
  /// Makes the file's bytes durable (the entry in its folder is the caller's business). An error is final.
  virtual Status Sync() = 0;
};

/// The merged part of a checkpoint, in a work folder that it owns. One thread at a time. Calls block.
/// After an error of a changing call the store must be dropped.
class BaseStore {
 public:
  virtual ~BaseStore() = default;
  /// Writes all changes and range deletes of `changes` as one file that Ingest can take, durable but for its entry
  /// in the folder. `path` must not exist.
  virtual Status WriteMerged(const std::string& path, ChangeCursor& changes) = 0;
  /// Applies a file of WriteMerged on top of all that is in the store. Takes the file over: `path` is gone after OK.
  virtual Status Ingest(const std::string& path) = 0;
  /// Links or copies the files that are the store's content now to `directory`/<prefix><own name>, durable but for
  /// the entries in the folder, and returns them sorted by name. Further changes of the store do not touch them.
  virtual Result<std::vector<StateFile>> Link(const std::string& directory, const std::string& prefix) = 0;
  /// All that is in the store at this moment with begin <= key < end (an empty end: no bound), as puts.
  /// The store must outlive the cursor, and must not be changed while it lives.
  virtual Result<std::unique_ptr<ChangeCursor>> Scan(std::string_view begin, std::string_view end) = 0;
  virtual Result<std::optional<std::string>> Get(std::string_view key) = 0;
};

/// Safe from any thread; what it makes is for one. Shared by all operator instances of an engine.
class BaseStoreFactory {
 public:
  virtual ~BaseStoreFactory() = default;
  /// A new sorted file; `path` must not exist (InvalidArgument).
  virtual Result<std::unique_ptr<SortedFileWriter>> NewSortedFile(FileSystem& files, const std::string& path) = 0;
  /// Reads a finished file of NewSortedFile. Corruption names the file.
  virtual Result<std::unique_ptr<ChangeCursor>> OpenSortedFile(FileSystem& files, const std::string& path) = 0;
  /// A store in the folder `directory`, which must not exist: empty, or with the content of the files that Link
  /// made as `linked_directory`/<prefix>*. These are not changed, and may be removed as soon as this returned.
  virtual Result<std::unique_ptr<BaseStore>> NewStore(FileSystem& files, const std::string& directory) = 0;
  virtual Result<std::unique_ptr<BaseStore>> OpenStore(FileSystem& files, const std::string& directory,
                                                       const std::string& linked_directory, const std::string& prefix,
                                                       const std::vector<StateFile>& linked) = 0;
};

}  // namespace weir
