#include "state/rocksdb_base_store.h"

#include <algorithm>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include "state/rocksdb_file_system.h"
#include "state/rocksdb_sorted_file.h"

namespace weir {
namespace {

constexpr size_t kCacheBytes = 8 << 20;
constexpr size_t kScanReadAheadBytes = 1 << 20;
/// Level 0 must not grow over the bound of state.md: before a file would, the whole store is compacted.
constexpr uint64_t kLevel0FilesMax = 4;

rocksdb::Options NewOptions() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
  table.block_size = 16 * 1024;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  rocksdb::Options options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.file_checksum_gen_factory = NewRocksDbChecksums();
  options.create_if_missing = true;
  options.write_buffer_size = 64 * 1024;   // unused: all content is ingested
  options.max_background_jobs = 2;
  options.max_open_files = 256;
  options.compression = rocksdb::kNoCompression;
  options.level_compaction_dynamic_level_bytes = true;
  options.level0_file_num_compaction_trigger = 2;
  options.target_file_size_base = 32 << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.keep_log_file_num = 1;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;   // sizes and checksums are verified before
  options.avoid_flush_during_shutdown = true;
  return options;
}

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(rocksdb::Slice bytes) { return {bytes.data(), bytes.size()}; }

class ScanCursor : public ChangeCursor {
 public:
  ScanCursor(rocksdb::DB& db, std::string path, std::string_view begin, std::string_view end)
      : path_(std::move(path)), end_(end), end_slice_(end_) {
    rocksdb::ReadOptions read;
    read.fill_cache = false;
    read.readahead_size = kScanReadAheadBytes;
    if (!end_.empty()) read.iterate_upper_bound = &end_slice_;
    entries_.reset(db.NewIterator(read));
    if (begin.empty()) entries_->SeekToFirst();
    else entries_->Seek(ToSlice(begin));
  }
  bool Next() override {
    if (started_ && entries_->Valid()) entries_->Next();
    started_ = true;
    if (!entries_->Valid()) {
      status_ = FromRocksDb(entries_->status(), path_);
      return false;
    }
    change_ = {ChangeKind::kPut, ToView(entries_->key()), ToView(entries_->value())};
    return true;
  }
  const Change& change() const override { return change_; }
  const Status& status() const override { return status_; }
  const std::vector<RangeDelete>& range_deletes() const override { return none_; }

 private:
  const std::string path_;
  const std::string end_;
  const rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> entries_;
  bool started_ = false;
  Change change_;
  Status status_;
  const std::vector<RangeDelete> none_;
};

/// Says nothing; without one RocksDB writes a file.
class NoLogger : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class RocksDbBaseStore : public BaseStore {
 public:
  /// `env`: what the store works through; null for the real disk.
  RocksDbBaseStore(FileSystem& files, std::string directory, rocksdb::Options options, std::unique_ptr<StoreEnv> env)
      : files_(files), directory_(std::move(directory)), env_(std::move(env)), options_(std::move(options)) {
    if (env_ == nullptr) return;
    options_.env = env_.get();
    options_.info_log = std::make_shared<NoLogger>();
  }

  Status Open() {
    rocksdb::DB* db = nullptr;
    const Status opened = Check(rocksdb::DB::Open(options_, directory_, &db));
    db_.reset(db);
    return opened;
  }

  Status WriteMerged(const std::string& path, ChangeCursor& changes) override;
  Status Ingest(const std::string& path) override;
  Result<std::vector<StateFile>> Link(const std::string& directory, const std::string& prefix) override;
  Result<std::unique_ptr<ChangeCursor>> Scan(std::string_view begin, std::string_view end) override {
    return std::unique_ptr<ChangeCursor>(std::make_unique<ScanCursor>(*db_, directory_, begin, end));
  }
  Result<std::optional<std::string>> Get(std::string_view key) override;

 private:
  /// After each call of RocksDB that changes something.
  Status Check(const rocksdb::Status& status) const {
    if (env_ != nullptr) env_->WaitUntilIdle();
    return FromRocksDb(status, directory_);
  }
  Result<StateFile> LinkOne(const rocksdb::LiveFileStorageInfo& live, const std::string& target);
  /// A new durable file of these bytes.
  Result<StateFile> WriteCopy(std::string_view bytes, const std::string& target);

  FileSystem& files_;
  const std::string directory_;
  const std::unique_ptr<StoreEnv> env_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> db_;
};

Status RocksDbBaseStore::WriteMerged(const std::string& path, ChangeCursor& changes) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<SortedFileWriter> file,
                        NewSstWriter(files_, path, SstContent::kIngest, options_));
  for (const RangeDelete& range : changes.range_deletes()) {
    WEIR_RETURN_IF_ERROR(file->DeleteRange(range.begin, range.end));
  }
  bool empty = changes.range_deletes().empty();
  while (changes.Next()) {
    const Change& change = changes.change();
    empty = false;
    WEIR_RETURN_IF_ERROR(change.kind == ChangeKind::kPut ? file->Put(change.key, change.value)
                                                         : file->Delete(change.key));
  }
  WEIR_RETURN_IF_ERROR(changes.status());
  // RocksDB makes no file without entries; deleting the one key that is never used changes nothing.
  if (empty) WEIR_RETURN_IF_ERROR(file->Delete("\xff"));
  WEIR_RETURN_IF_ERROR(file->Finish().status());
  return file->Sync();
}

Status RocksDbBaseStore::Ingest(const std::string& path) {
  uint64_t level0 = 0;
  db_->GetIntProperty("rocksdb.num-files-at-level0", &level0);
  if (level0 + 1 > kLevel0FilesMax) {
    WEIR_RETURN_IF_ERROR(Check(db_->CompactRange({}, nullptr, nullptr)));
  }
  rocksdb::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  ingest.write_global_seqno = false;   // the file is not changed: its checksum stays true
  ingest.snapshot_consistency = false;
  return Check(db_->IngestExternalFile({path}, ingest));
}

Result<StateFile> RocksDbBaseStore::WriteCopy(std::string_view bytes, const std::string& target) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, files_.Create(target, Replace::kNever));
  WEIR_RETURN_IF_ERROR(file->Append(bytes));
  WEIR_RETURN_IF_ERROR(file->Sync());
  WEIR_RETURN_IF_ERROR(file->Close());
  return MeasureFile(files_, target);
}

Result<StateFile> RocksDbBaseStore::LinkOne(const rocksdb::LiveFileStorageInfo& live, const std::string& target) {
  if (!live.replacement_contents.empty()) return WriteCopy(live.replacement_contents, target);
  const std::string source = JoinPath(live.directory, live.relative_filename);
  if (live.file_type != rocksdb::kTableFile) {
    // RocksDB goes on appending to some of these files, and rewrites others.
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(files_, source));
    return WriteCopy(std::string_view(bytes).substr(0, live.size), target);
  }
  WEIR_RETURN_IF_ERROR(files_.HardLink(source, target));
  if (live.file_checksum.empty()) return MeasureFile(files_, target);
  return StateFile{target.substr(target.rfind('/') + 1), live.size, live.file_checksum};
}

Result<std::vector<StateFile>> RocksDbBaseStore::Link(const std::string& directory, const std::string& prefix) {
  WEIR_RETURN_IF_ERROR(Check(db_->DisableFileDeletions()));
  const auto link = [&]() -> Result<std::vector<StateFile>> {
    rocksdb::LiveFilesStorageInfoOptions wanted;
    wanted.include_checksum_info = true;
    std::vector<rocksdb::LiveFileStorageInfo> live;
    WEIR_RETURN_IF_ERROR(Check(db_->GetLiveFilesStorageInfo(wanted, &live)));
    std::vector<StateFile> linked;
    for (const rocksdb::LiveFileStorageInfo& file : live) {
      if (file.file_type == rocksdb::kWalFile || file.file_type == rocksdb::kOptionsFile) continue;
      WEIR_ASSIGN_OR_RETURN(StateFile done, LinkOne(file, JoinPath(directory, prefix + file.relative_filename)));
      linked.push_back(std::move(done));
    }
    std::sort(linked.begin(), linked.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return linked;
  };
  Result<std::vector<StateFile>> linked = link();
  const Status enabled = Check(db_->EnableFileDeletions(/*force=*/false));
  return linked.ok() && !enabled.ok() ? Result<std::vector<StateFile>>(enabled) : std::move(linked);
}

Result<std::optional<std::string>> RocksDbBaseStore::Get(std::string_view key) {
  rocksdb::PinnableSlice value;
  const rocksdb::Status found = db_->Get({}, db_->DefaultColumnFamily(), ToSlice(key), &value);
  if (found.IsNotFound()) return std::optional<std::string>();
  WEIR_RETURN_IF_ERROR(Check(found));
  return std::optional<std::string>(value.ToString());
}

}  // namespace

struct RocksDbBaseStoreFactory::Settings {
  StoreFiles store_files;
  rocksdb::Options options = NewOptions();
};

RocksDbBaseStoreFactory::RocksDbBaseStoreFactory(StoreFiles store_files)
    : settings_(std::make_unique<const Settings>(Settings{store_files})) {}
RocksDbBaseStoreFactory::~RocksDbBaseStoreFactory() = default;

Result<std::unique_ptr<SortedFileWriter>> RocksDbBaseStoreFactory::NewSortedFile(FileSystem& files,
                                                                                 const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const bool exists, files.Exists(path));
  if (exists) return InvalidArgument(path + ": the file exists");
  return NewSstWriter(files, path, SstContent::kChanges, settings_->options);
}

Result<std::unique_ptr<ChangeCursor>> RocksDbBaseStoreFactory::OpenSortedFile(FileSystem& files,
                                                                              const std::string& path) {
  return OpenSst(files, path, settings_->options);
}

Result<std::unique_ptr<BaseStore>> RocksDbBaseStoreFactory::NewStore(FileSystem& files, const std::string& directory) {
  return OpenStore(files, directory, "", "", {});
}

Result<std::unique_ptr<BaseStore>> RocksDbBaseStoreFactory::OpenStore(FileSystem& files, const std::string& directory,
                                                                      const std::string& linked_directory,
                                                                      const std::string& prefix,
                                                                      const std::vector<StateFile>& linked) {
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(directory));
  for (const StateFile& file : linked) {
    if (!file.name.starts_with(prefix)) {
      return Corruption(JoinPath(linked_directory, file.name) + ": a base file must begin with " + prefix);
    }
    const std::string source = JoinPath(linked_directory, file.name);
    const std::string target = JoinPath(directory, file.name.substr(prefix.size()));
    if (target.ends_with(".sst")) {
      WEIR_RETURN_IF_ERROR(files.HardLink(source, target));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(files, source));
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> copy, files.Create(target, Replace::kNever));
    WEIR_RETURN_IF_ERROR(copy->Append(bytes));
    WEIR_RETURN_IF_ERROR(copy->Close());
  }
  auto env = settings_->store_files == StoreFiles::kThroughSeam ? std::make_unique<StoreEnv>(files) : nullptr;
  auto store = std::make_unique<RocksDbBaseStore>(files, directory, settings_->options, std::move(env));
  WEIR_RETURN_IF_ERROR(store->Open());
  return std::unique_ptr<BaseStore>(std::move(store));
}

}  // namespace weir
