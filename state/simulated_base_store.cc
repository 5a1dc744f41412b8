#include "state/simulated_base_store.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "runtime/base/mutant.h"
#include "state/merge_cursor.h"
#include "state/run_file.h"

namespace weir {
namespace {

/// Runs kept apart; more are merged into one, so that simulations also meet a compacted store.
constexpr size_t kRunsMax = 3;

/// Names sort as their runs' age.
std::string RunName(uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof(name), "%08llu.run", static_cast<unsigned long long>(number));
  return name;
}

/// Puts of `source` in [begin, end), deletes left out.
class PutsCursor : public ChangeCursor {
 public:
  PutsCursor(std::unique_ptr<ChangeCursor> source, std::string_view begin, std::string_view end)
      : source_(std::move(source)), begin_(begin), end_(end) {}
  bool Next() override {
    while (source_->Next()) {
      const Change& change = source_->change();
      if (!end_.empty() && change.key >= end_) return false;
      if (change.key >= begin_ && change.kind == ChangeKind::kPut) return true;
    }
    return false;
  }
  const Change& change() const override { return source_->change(); }
  const Status& status() const override { return source_->status(); }
  const std::vector<RangeDelete>& range_deletes() const override { return none_; }

 private:
  const std::unique_ptr<ChangeCursor> source_;
  const std::string begin_;
  const std::string end_;
  const std::vector<RangeDelete> none_;
};

class SimulatedBaseStore : public BaseStore {
 public:
  SimulatedBaseStore(FileSystem& files, std::string directory, std::vector<StateFile> runs)
      : files_(files), directory_(std::move(directory)), runs_(std::move(runs)) {
    if (!runs_.empty()) next_run_ = std::stoull(runs_.back().name) + 1;
  }

  Status WriteMerged(const std::string& path, ChangeCursor& changes) override {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<SortedFileWriter> file, NewRunWriter(files_, path));
    for (const RangeDelete& range : changes.range_deletes()) {
      WEIR_RETURN_IF_ERROR(file->DeleteRange(range.begin, range.end));
    }
    while (changes.Next()) {
      const Change& change = changes.change();
      WEIR_RETURN_IF_ERROR(change.kind == ChangeKind::kPut ? file->Put(change.key, change.value)
                                                           : file->Delete(change.key));
    }
    WEIR_RETURN_IF_ERROR(changes.status());
    WEIR_RETURN_IF_ERROR(file->Finish().status());
    if (Planted(Mutant::kMergeNotSynced)) return {};
    return file->Sync();
  }

  Status Ingest(const std::string& path) override {
    WEIR_RETURN_IF_ERROR(AddRun(path));
    return runs_.size() > kRunsMax ? Compact() : Status::Ok();
  }

  Result<std::vector<StateFile>> Link(const std::string& directory, const std::string& prefix) override {
    std::vector<StateFile> linked;
    for (const StateFile& run : runs_) {
      linked.push_back(run);
      linked.back().name = prefix + run.name;
      WEIR_RETURN_IF_ERROR(files_.HardLink(PathOf(run), JoinPath(directory, linked.back().name)));
    }
    return linked;
  }

  Result<std::unique_ptr<ChangeCursor>> Scan(std::string_view begin, std::string_view end) override {
    std::vector<std::unique_ptr<ChangeCursor>> layers;
    for (const StateFile& run : runs_) {
      WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ChangeCursor> layer, OpenRun(files_, PathOf(run)));
      layers.push_back(std::move(layer));
    }
    return std::unique_ptr<ChangeCursor>(
        std::make_unique<PutsCursor>(std::make_unique<MergeCursor>(std::move(layers)), begin, end));
  }

  Result<std::optional<std::string>> Get(std::string_view key) override {
    const std::string end = std::string(key) + '\0';
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ChangeCursor> found, Scan(key, end));
    if (found->Next()) return std::optional<std::string>(found->change().value);
    WEIR_RETURN_IF_ERROR(found->status());
    return std::optional<std::string>();
  }

 private:
  std::string PathOf(const StateFile& run) const { return JoinPath(directory_, run.name); }

  Status AddRun(const std::string& path) {
    const std::string target = JoinPath(directory_, RunName(next_run_++));
    WEIR_RETURN_IF_ERROR(files_.Rename(path, target, Replace::kNever));
    WEIR_ASSIGN_OR_RETURN(StateFile run, MeasureFile(files_, target));
    runs_.push_back(std::move(run));
    return {};
  }

  Status Compact() {
    const std::string path = JoinPath(directory_, "compacting");
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ChangeCursor> all, Scan("", ""));
    WEIR_RETURN_IF_ERROR(WriteMerged(path, *all));
    for (const StateFile& run : runs_) WEIR_RETURN_IF_ERROR(files_.RemoveFile(PathOf(run)));
    runs_.clear();
    return AddRun(path);
  }

  FileSystem& files_;
  const std::string directory_;
  std::vector<StateFile> runs_;   // oldest first
  uint64_t next_run_ = 1;
};

}  // namespace

Result<std::unique_ptr<SortedFileWriter>> SimulatedBaseStoreFactory::NewSortedFile(FileSystem& files,
                                                                                   const std::string& path) {
  return NewRunWriter(files, path);
}

Result<std::unique_ptr<ChangeCursor>> SimulatedBaseStoreFactory::OpenSortedFile(FileSystem& files,
                                                                                const std::string& path) {
  return OpenRun(files, path);
}

Result<std::unique_ptr<BaseStore>> SimulatedBaseStoreFactory::NewStore(FileSystem& files,
                                                                       const std::string& directory) {
  return OpenStore(files, directory, "", "", {});
}

Result<std::unique_ptr<BaseStore>> SimulatedBaseStoreFactory::OpenStore(FileSystem& files,
                                                                        const std::string& directory,
                                                                        const std::string& linked_directory,
                                                                        const std::string& prefix,
                                                                        const std::vector<StateFile>& linked) {
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(directory));
  std::vector<StateFile> runs;
  for (const StateFile& file : linked) {
    const std::string source = JoinPath(linked_directory, file.name);
    const std::string own = file.name.substr(std::min(prefix.size(), file.name.size()));
    if (!file.name.starts_with(prefix) || own.size() != RunName(0).size() || own[0] < '0' || own[0] > '9') {
      return Corruption(source + ": not a base file of this store; start over with --restore none");
    }
    WEIR_RETURN_IF_ERROR(files.HardLink(source, JoinPath(directory, own)));
    runs.push_back({own, file.size, file.checksum});
  }
  return std::unique_ptr<BaseStore>(std::make_unique<SimulatedBaseStore>(files, directory, std::move(runs)));
}

}  // namespace weir
