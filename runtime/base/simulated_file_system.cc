#include "runtime/base/simulated_file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/base/simulated_process.h"

namespace weir {
namespace {

using internal::Inode;
using internal::InodePointer;
using internal::SimulatedProcess;
using internal::SimulatedTree;

using ProcessPointer = std::shared_ptr<SimulatedProcess>;
using Guard = std::lock_guard<std::mutex>;

Status AlreadyThere(const std::string& path) { return InvalidArgument(path + " exists already"); }

class SimulatedWritableFile : public WritableFile {
 public:
  SimulatedWritableFile(ProcessPointer process, InodePointer node, std::string path)
      : process_(std::move(process)), node_(std::move(node)), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    const Guard guard(process_->tree->mutex());
    const Status begun = Begin({DiskFault::kNoSpace, DiskFault::kShortWrite});
    if (begun.ok()) {
      node_->bytes.append(bytes);
    } else if (process_->hit == DiskFault::kShortWrite) {
      node_->bytes.append(bytes.substr(0, bytes.size() - std::min<size_t>(bytes.size(), 1)));
    } else if (process_->out_of_space) {
      // A disk that fills up takes what still fits.
      node_->bytes.append(bytes.substr(0, bytes.size() / 2));
    }
    return begun;
  }
  Status Sync() override {
    const Guard guard(process_->tree->mutex());
    // What is lost is lost: whoever syncs once more takes an answer for durability that is none.
    if (node_->sync_failed) process_->tree->AddRepeatedSync(path_);
    const Status begun = Begin({DiskFault::kSyncError});
    if (begun.ok()) SimulatedTree::SyncFile(*node_);
    else if (process_->hit.has_value()) node_->sync_failed = true;
    return begun;
  }
  Status Close() override {
    const Guard guard(process_->tree->mutex());
    if (closed_) return Status::Ok();
    const Status begun = Begin({});
    closed_ = true;
    return begun;
  }

 private:
  Status Begin(std::initializer_list<DiskFault> faults) {
    process_->hit.reset();
    process_->out_of_space = false;
    if (!failure_.ok()) return failure_.WithContext("an earlier call failed for good");
    if (closed_) return Internal(path_ + ": used after it was closed");
    if (Status begun = process_->BeginChange(path_, faults); !begun.ok()) return failure_ = begun;
    return Status::Ok();
  }

  const ProcessPointer process_;
  const InodePointer node_;
  const std::string path_;
  bool closed_ = false;
  Status failure_;
};

class SimulatedReadableFile : public ReadableFile {
 public:
  SimulatedReadableFile(ProcessPointer process, InodePointer node, std::string path)
      : process_(std::move(process)), node_(std::move(node)), path_(std::move(path)) {}

  Result<size_t> Read(uint64_t offset, size_t size, char* out) const override {
    const Guard guard(process_->tree->mutex());
    WEIR_RETURN_IF_ERROR(process_->BeginLook(path_));
    const std::string& bytes = node_->bytes;
    if (offset >= bytes.size()) return size_t{0};
    const size_t count = std::min<size_t>(size, bytes.size() - offset);
    std::memcpy(out, bytes.data() + offset, count);
    return count;
  }

 private:
  const ProcessPointer process_;
  const InodePointer node_;
  const std::string path_;
};

class SimulatedLock : public FileLock {
 public:
  SimulatedLock(ProcessPointer process, InodePointer node) : process_(std::move(process)), node_(std::move(node)) {}
  ~SimulatedLock() override {
    const Guard guard(process_->tree->mutex());
    if (node_->lock_holder == process_->pid) node_->lock_holder = 0;
  }

 private:
  const ProcessPointer process_;
  const InodePointer node_;
};

std::unique_ptr<WritableFile> OpenWritable(const ProcessPointer& process, InodePointer node, const std::string& path) {
  return std::make_unique<SimulatedWritableFile>(process, std::move(node), path);
}

Status CheckReplaceable(const Inode& moved, const Inode& target, const std::string& to, Replace replace) {
  if (replace == Replace::kNever) return AlreadyThere(to);
  if (moved.directory != target.directory) return IoError("cannot rename to " + to + ": one is a folder, one a file");
  if (!target.entries.empty()) return IoError("cannot rename to " + to + ": that folder is not empty");
  return Status::Ok();
}

bool IsWithin(const Inode& folder, const Inode* wanted) {
  if (&folder == wanted) return true;
  return std::any_of(folder.entries.begin(), folder.entries.end(),
                     [&](const auto& entry) { return entry.second->directory && IsWithin(*entry.second, wanted); });
}

}  // namespace

SimulatedFileSystem::SimulatedFileSystem(std::shared_ptr<internal::SimulatedProcess> process)
    : process_(std::move(process)) {}

void SimulatedFileSystem::Kill() {
  const Guard guard(process_->tree->mutex());
  process_->End();
}
bool SimulatedFileSystem::killed() const {
  const Guard guard(process_->tree->mutex());
  return process_->killed;
}
uint64_t SimulatedFileSystem::changes() const {
  const Guard guard(process_->tree->mutex());
  return process_->changes;
}
void SimulatedFileSystem::FailChange(uint64_t k) {
  const Guard guard(process_->tree->mutex());
  process_->fail_at = k == 0 ? 0 : process_->changes + k;
}
void SimulatedFileSystem::KillAtChange(uint64_t k) {
  const Guard guard(process_->tree->mutex());
  process_->kill_at = k == 0 ? 0 : process_->changes + k;
}
void SimulatedFileSystem::FailSync(uint64_t k) {
  const Guard guard(process_->tree->mutex());
  process_->faults.Ask(DiskFault::kSyncError, k, 1);
}

Result<std::unique_ptr<WritableFile>> SimulatedFileSystem::Create(const std::string& path, Replace replace) {
  SimulatedTree& tree = *process_->tree;
  const Guard guard(tree.mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(path, {DiskFault::kNoSpace}));
  WEIR_ASSIGN_OR_RETURN(const SimulatedTree::Place place, tree.FindPlace(path));
  const auto found = place.parent->entries.find(place.name);
  if (found == place.parent->entries.end()) {
    auto node = std::make_shared<Inode>();
    tree.Put(place, node);
    return OpenWritable(process_, node, path);
  }
  if (replace == Replace::kNever) return AlreadyThere(path);
  if (found->second->directory) return IoError("cannot create " + path + ": it is a folder");
  SimulatedTree::Truncate(*found->second, 0);
  return OpenWritable(process_, found->second, path);
}

Result<std::unique_ptr<WritableFile>> SimulatedFileSystem::OpenForAppend(const std::string& path, uint64_t size) {
  SimulatedTree& tree = *process_->tree;
  const Guard guard(tree.mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(path));
  WEIR_ASSIGN_OR_RETURN(const InodePointer node, tree.FindFile(path));
  if (node->bytes.size() < size) {
    return IoError("cannot append to " + path + " after byte " + std::to_string(size) + ": it has only " +
                   std::to_string(node->bytes.size()) + " bytes");
  }
  SimulatedTree::Truncate(*node, size);
  return OpenWritable(process_, node, path);
}

Result<std::unique_ptr<ReadableFile>> SimulatedFileSystem::Open(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginLook(path));
  WEIR_ASSIGN_OR_RETURN(InodePointer node, process_->tree->FindFile(path));
  return std::unique_ptr<ReadableFile>(std::make_unique<SimulatedReadableFile>(process_, std::move(node), path));
}

Result<bool> SimulatedFileSystem::Exists(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginLook(path));
  return process_->tree->Find(path).ok();
}

Result<bool> SimulatedFileSystem::IsDirectory(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginLook(path));
  return process_->tree->FindDirectory(path).ok();
}

Result<uint64_t> SimulatedFileSystem::Size(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginLook(path));
  WEIR_ASSIGN_OR_RETURN(const InodePointer node, process_->tree->FindFile(path));
  return uint64_t{node->bytes.size()};
}

Result<std::vector<std::string>> SimulatedFileSystem::List(const std::string& directory) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginLook(directory));
  WEIR_ASSIGN_OR_RETURN(const InodePointer node, process_->tree->FindDirectory(directory));
  std::vector<std::string> names;
  for (const auto& [name, child] : node->entries) names.push_back(name);
  return names;
}

Status SimulatedFileSystem::CreateDirectories(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(path, {DiskFault::kNoSpace}));
  return process_->tree->CreateDirectories(path);
}

Status SimulatedFileSystem::SyncDirectory(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(path, {DiskFault::kSyncError}));
  WEIR_ASSIGN_OR_RETURN(const InodePointer node, process_->tree->FindDirectory(path));
  process_->tree->SyncDirectory(*node);
  return Status::Ok();
}

Status SimulatedFileSystem::Rename(const std::string& from, const std::string& to, Replace replace) {
  SimulatedTree& tree = *process_->tree;
  const Guard guard(tree.mutex());
  const Status begun =
      process_->BeginChange(from, {DiskFault::kNoSpace, DiskFault::kRenameError, DiskFault::kRenameDone});
  if (!begun.ok() && process_->hit != DiskFault::kRenameDone) return begun;
  WEIR_ASSIGN_OR_RETURN(const InodePointer node, tree.Find(from));
  WEIR_ASSIGN_OR_RETURN(const SimulatedTree::Place source, tree.FindPlace(from));
  WEIR_ASSIGN_OR_RETURN(const SimulatedTree::Place target, tree.FindPlace(to));
  if (node->directory && IsWithin(*node, target.parent.get())) {
    return IoError("cannot rename " + from + " to " + to + ": a folder cannot be moved into itself");
  }
  const auto found = target.parent->entries.find(target.name);
  if (found != target.parent->entries.end()) {
    // Two names of one file: rename(2) leaves both.
    if (found->second == node && replace == Replace::kExisting) return begun;
    WEIR_RETURN_IF_ERROR(CheckReplaceable(*node, *found->second, to, replace));
  }
  tree.Move(source, target);
  return begun;
}

Status SimulatedFileSystem::HardLink(const std::string& from, const std::string& to) {
  SimulatedTree& tree = *process_->tree;
  const Guard guard(tree.mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(from, {DiskFault::kNoSpace}));
  WEIR_ASSIGN_OR_RETURN(InodePointer node, tree.FindFile(from));
  WEIR_ASSIGN_OR_RETURN(const SimulatedTree::Place target, tree.FindPlace(to));
  if (target.parent->entries.contains(target.name)) return AlreadyThere(to);
  tree.Put(target, std::move(node));
  return Status::Ok();
}

Status SimulatedFileSystem::RemoveFile(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(path));
  WEIR_ASSIGN_OR_RETURN(const InodePointer node, process_->tree->FindFile(path));
  WEIR_ASSIGN_OR_RETURN(const SimulatedTree::Place place, process_->tree->FindPlace(path));
  process_->tree->Put(place, nullptr);
  return Status::Ok();
}

Status SimulatedFileSystem::RemoveTree(const std::string& path) {
  const Guard guard(process_->tree->mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(path));
  if (!process_->tree->Find(path).ok()) return Status::Ok();
  WEIR_ASSIGN_OR_RETURN(const SimulatedTree::Place place, process_->tree->FindPlace(path));
  process_->tree->RemoveTree(place);
  return Status::Ok();
}

Result<std::unique_ptr<FileLock>> SimulatedFileSystem::Lock(const std::string& path) {
  SimulatedTree& tree = *process_->tree;
  const Guard guard(tree.mutex());
  WEIR_RETURN_IF_ERROR(process_->BeginChange(path, {DiskFault::kNoSpace}));
  WEIR_ASSIGN_OR_RETURN(const SimulatedTree::Place place, tree.FindPlace(path));
  if (!place.parent->entries.contains(place.name)) tree.Put(place, std::make_shared<Inode>());
  const InodePointer node = place.parent->entries[place.name];
  if (node->directory) return IoError("cannot lock " + path + ": it is a folder");
  if (node->lock_holder != 0) {
    return Unavailable(path + " is locked by process " + std::to_string(node->lock_holder) +
                       "; stop that process first");
  }
  node->lock_holder = process_->pid;
  SimulatedTree::Truncate(*node, 0);
  node->bytes = std::to_string(process_->pid) + "\n";
  process_->locks.push_back(node);
  return std::unique_ptr<FileLock>(std::make_unique<SimulatedLock>(process_, node));
}

SimulatedDisk::SimulatedDisk() : tree_(std::make_shared<internal::SimulatedTree>()) {}
SimulatedDisk::~SimulatedDisk() = default;

std::unique_ptr<SimulatedFileSystem> SimulatedDisk::NewProcess() {
  const Guard guard(tree_->mutex());
  auto process = std::make_shared<SimulatedProcess>(tree_, tree_->NewProcessId());
  std::erase_if(processes_, [](const auto& known) { return known.expired(); });
  processes_.push_back(process);
  return std::unique_ptr<SimulatedFileSystem>(new SimulatedFileSystem(std::move(process)));
}

void SimulatedDisk::PowerCut(const std::function<size_t(size_t, size_t)>& choose) {
  const Guard guard(tree_->mutex());
  for (const auto& process : processes_) {
    if (const ProcessPointer alive = process.lock()) alive->End();
  }
  processes_.clear();
  tree_->Crash(choose);
}

void SimulatedDisk::Crash(Random& random) {
  PowerCut([&](size_t low, size_t high) {
    const uint64_t outcome = random.Below(3);
    if (outcome == 0) return low;
    if (outcome == 1) return high;
    return low + static_cast<size_t>(random.Below(high - low + 1));
  });
}

void SimulatedDisk::CrashLosingAllUnsynced() {
  PowerCut([](size_t low, size_t) { return low; });
}

void SimulatedDisk::Fail(DiskFault fault, uint64_t k, uint64_t times) {
  const Guard guard(tree_->mutex());
  tree_->faults().Ask(fault, k, times);
}
uint64_t SimulatedDisk::calls(DiskFault fault) const {
  const Guard guard(tree_->mutex());
  return tree_->faults().calls(fault);
}
uint64_t SimulatedDisk::hits(DiskFault fault) const {
  const Guard guard(tree_->mutex());
  return tree_->faults().hits(fault);
}
std::vector<std::string> SimulatedDisk::repeated_syncs() const {
  const Guard guard(tree_->mutex());
  return tree_->repeated_syncs();
}

}  // namespace weir
