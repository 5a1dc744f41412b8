#include "runtime/base/simulated_tree.h"

#include <algorithm>

namespace weir::internal {
namespace {

std::vector<std::string> Components(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    std::string part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

InodePointer NewDirectory() {
  auto node = std::make_shared<Inode>();
  node->directory = true;
  return node;
}

void Apply(const EntryChange& change, Entries& entries) {
  for (const auto& [name, node] : change.names) {
    if (node == nullptr) {
      entries.erase(name);
    } else {
      entries[name] = node;
    }
  }
}

size_t IndexOf(const std::vector<EntryChange>& changes, uint64_t id) {
  const auto found = std::find_if(changes.begin(), changes.end(), [&](const EntryChange& c) { return c.id == id; });
  return static_cast<size_t>(found - changes.begin());
}

// Every folder that is reachable now, was when last synced, or was in between; in an order that does not hang on
// addresses.
void CollectDirectories(const InodePointer& node, std::vector<InodePointer>& found, std::map<Inode*, size_t>& seen) {
  if (node == nullptr || !node->directory || !seen.emplace(node.get(), found.size()).second) return;
  found.push_back(node);
  for (const auto& [name, child] : node->durable) CollectDirectories(child, found, seen);
  for (const EntryChange& change : node->pending) {
    for (const auto& [name, child] : change.names) CollectDirectories(child, found, seen);
  }
}

// A rename across two folders is kept by both or by neither: takes back what only one of them would keep.
void Agree(const std::vector<InodePointer>& directories, const std::map<Inode*, size_t>& numbers,
           std::vector<size_t>& kept) {
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t d = 0; d < directories.size(); ++d) {
      const std::vector<EntryChange>& pending = directories[d]->pending;
      for (size_t i = 0; i < kept[d]; ++i) {
        const InodePointer partner = pending[i].partner.lock();
        if (partner == nullptr) continue;
        const auto number = numbers.find(partner.get());
        if (number == numbers.end()) continue;
        if (IndexOf(partner->pending, pending[i].id) < kept[number->second]) continue;
        kept[d] = i;
        changed = true;
      }
    }
  }
}

class Survivors {
 public:
  explicit Survivors(const Chooser& choose) : choose_(choose) {}

  InodePointer CopyOf(const InodePointer& node) {
    if (const auto known = copies_.find(node.get()); known != copies_.end()) return known->second;
    auto copy = std::make_shared<Inode>();
    copies_.emplace(node.get(), copy);
    copy->directory = node->directory;
    if (node->directory) {
      for (const auto& [name, child] : node->durable) copy->entries.emplace(name, CopyOf(child));
      copy->durable = copy->entries;
    } else {
      copy->bytes = BytesAfterCrash(*node);
      copy->synced = copy->bytes.size();
    }
    return copy;
  }

 private:
  std::string BytesAfterCrash(const Inode& file) const {
    if (file.before_truncation.has_value() && choose_(0, 1) == 0) return *file.before_truncation;
    return file.bytes.substr(0, choose_(file.synced, file.bytes.size()));
  }

  const Chooser& choose_;
  std::map<Inode*, InodePointer> copies_;
};

}  // namespace

SimulatedTree::SimulatedTree() : root_(NewDirectory()) {}

Result<InodePointer> SimulatedTree::Find(const std::string& path) const {
  InodePointer node = root_;
  for (const std::string& part : Components(path)) {
    const auto found = node->entries.find(part);
    if (found == node->entries.end()) return NotFound("cannot find " + path + ": there is no " + part);
    node = found->second;
  }
  return node;
}

Result<InodePointer> SimulatedTree::FindDirectory(const std::string& path) const {
  WEIR_ASSIGN_OR_RETURN(InodePointer node, Find(path));
  if (!node->directory) return NotFound(path + " is a file, not a folder");
  return node;
}

Result<InodePointer> SimulatedTree::FindFile(const std::string& path) const {
  WEIR_ASSIGN_OR_RETURN(InodePointer node, Find(path));
  if (node->directory) return IoError(path + " is a folder, not a file");
  return node;
}

Result<SimulatedTree::Place> SimulatedTree::FindPlace(const std::string& path) const {
  std::vector<std::string> parts = Components(path);
  if (parts.empty()) return IoError("\"" + path + "\" is the root folder, which cannot be replaced or removed");
  Place place{root_, std::move(parts.back())};
  parts.pop_back();
  for (const std::string& part : parts) {
    const auto found = place.parent->entries.find(part);
    if (found == place.parent->entries.end() || !found->second->directory) {
      return NotFound("cannot find " + path + ": there is no folder " + part);
    }
    place.parent = found->second;
  }
  return place;
}

Status SimulatedTree::CreateDirectories(const std::string& path) {
  InodePointer node = root_;
  for (const std::string& part : Components(path)) {
    if (!node->entries.contains(part)) Put({node, part}, NewDirectory());
    node = node->entries[part];
    if (!node->directory) return IoError("cannot create folder " + path + ": " + part + " is a file");
  }
  return Status::Ok();
}

void SimulatedTree::Record(Inode& directory, EntryChange change) {
  Apply(change, directory.entries);
  directory.pending.push_back(std::move(change));
}

void SimulatedTree::Put(const Place& place, InodePointer node) {
  Record(*place.parent, {{{place.name, std::move(node)}}, ++last_change_id_, {}});
}

void SimulatedTree::Move(const Place& from, const Place& to) {
  const InodePointer node = from.parent->entries[from.name];
  const uint64_t id = ++last_change_id_;
  if (from.parent == to.parent) {
    Record(*from.parent, {{{from.name, nullptr}, {to.name, node}}, id, {}});
    return;
  }
  Record(*from.parent, {{{from.name, nullptr}}, id, to.parent});
  Record(*to.parent, {{{to.name, node}}, id, from.parent});
}

void SimulatedTree::RemoveTree(const Place& place) {
  const InodePointer node = place.parent->entries[place.name];
  while (!node->entries.empty()) RemoveTree({node, node->entries.begin()->first});
  Put(place, nullptr);
}

void SimulatedTree::Truncate(Inode& file, size_t size) {
  if (size < file.synced) {
    if (!file.before_truncation.has_value()) file.before_truncation = file.bytes.substr(0, file.synced);
    file.synced = size;
  }
  file.bytes.resize(size);
}

void SimulatedTree::SyncFile(Inode& file) {
  if (file.sync_failed) return;
  file.synced = file.bytes.size();
  file.before_truncation.reset();
}

void SimulatedTree::MakeDurable(Inode& directory, size_t count) {
  const auto end = directory.pending.begin() + static_cast<ptrdiff_t>(count);
  const std::vector<EntryChange> changes(directory.pending.begin(), end);
  directory.pending.erase(directory.pending.begin(), end);
  for (const EntryChange& change : changes) {
    Apply(change, directory.durable);
    const InodePointer partner = change.partner.lock();
    if (partner == nullptr) continue;
    const size_t index = IndexOf(partner->pending, change.id);
    if (index < partner->pending.size()) MakeDurable(*partner, index + 1);
  }
}

void SimulatedTree::Crash(const Chooser& choose) {
  std::vector<InodePointer> directories;
  std::map<Inode*, size_t> numbers;
  CollectDirectories(root_, directories, numbers);
  std::vector<size_t> kept;
  for (const InodePointer& directory : directories) kept.push_back(choose(0, directory->pending.size()));
  Agree(directories, numbers, kept);
  for (size_t d = 0; d < directories.size(); ++d) {
    for (size_t i = 0; i < kept[d]; ++i) Apply(directories[d]->pending[i], directories[d]->durable);
  }
  root_ = Survivors(choose).CopyOf(root_);
}

}  // namespace weir::internal
