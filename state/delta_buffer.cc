#include "state/delta_buffer.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "state/chunk_pool.h"

namespace weir {

DeltaBuffer::~DeltaBuffer() {
  for (Block& block : blocks_) {
    if (block.pooled) pool_->Give(std::move(block.bytes));
  }
}

void DeltaBuffer::AddRange(uint8_t state, KeyGroup group, std::string_view begin, std::string_view end) {
  const char prefix[kKeyPrefixBytes] = {static_cast<char>(state), static_cast<char>(group.value() >> 8),
                                        static_cast<char>(group.value())};
  RangeDelete range;
  range.begin.assign(prefix, sizeof(prefix)).append(begin);
  range.end.assign(prefix, sizeof(prefix)).append(end);
  bytes_ += range.begin.size() + range.end.size();
  ranges_.push_back(std::move(range));
}

void DeltaBuffer::CloseBlock() {
  if (!blocks_.empty()) blocks_.back().used = static_cast<size_t>(next_ - blocks_.back().bytes.get());
}

char* DeltaBuffer::Grow(size_t size) {
  WEIR_CHECK(size < (size_t{1} << 31), "an entry of state has 2 GiB or more");
  CloseBlock();
  const bool pooled = size <= kDeltaChunkBytes;
  blocks_.push_back({pooled ? pool_->Take() : std::make_unique_for_overwrite<char[]>(size), 0, pooled});
  next_ = blocks_.back().bytes.get();
  left_ = pooled ? kDeltaChunkBytes : size;
  return next_;
}

namespace {

/// An entry to sort: the eight bytes after the prefix decide most comparisons without touching the entry.
struct Entry {
  uint64_t head;
  const char* at;
};

constexpr size_t kHeaderBytes = 8;

uint32_t WordAt(const char* at) {
  uint32_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

std::string_view KeyOf(const char* at) { return {at + kHeaderBytes, WordAt(at)}; }

uint64_t HeadOf(std::string_view key) {
  unsigned char bytes[8] = {};
  key.remove_prefix(kKeyPrefixBytes);
  if (!key.empty()) std::memcpy(bytes, key.data(), std::min(key.size(), sizeof(bytes)));
  uint64_t head = 0;
  for (const unsigned char byte : bytes) head = head << 8 | byte;
  return head;
}

uint32_t PrefixOf(const char* at) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(at + kHeaderBytes);
  return uint32_t{bytes[0]} << 16 | uint32_t{bytes[1]} << 8 | bytes[2];
}

Status Write(const char* at, SortedFileWriter& out) {
  const std::string_view key = KeyOf(at);
  const uint32_t size_and_kind = WordAt(at + sizeof(uint32_t));
  if (static_cast<ChangeKind>(size_and_kind & 1) == ChangeKind::kDelete) return out.Delete(key);
  return out.Put(key, {key.data() + key.size(), size_and_kind >> 1});
}

}  // namespace

Status DeltaBuffer::WriteSorted(SortedFileWriter& out) const {
  // Entries come in runs of one prefix (state, group) each, because a slice saves group by group: sorting the few
  // prefixes and then inside each is half the price of one sort over everything.
  std::vector<std::pair<uint32_t, std::vector<Entry>>> runs;
  std::unordered_map<uint32_t, size_t> run_of_prefix;
  size_t run = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const char* at = blocks_[i].bytes.get();
    const char* end = i + 1 == blocks_.size() ? next_ : at + blocks_[i].used;
    while (at != end) {
      const uint32_t prefix = PrefixOf(at);
      if (runs.empty() || runs[run].first != prefix) {
        run = run_of_prefix.try_emplace(prefix, runs.size()).first->second;
        if (run == runs.size()) runs.push_back({prefix, {}});
      }
      const std::string_view key = KeyOf(at);
      runs[run].second.push_back({HeadOf(key), at});
      at += kHeaderBytes + key.size() + (WordAt(at + sizeof(uint32_t)) >> 1);
    }
  }
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [prefix, entries] : runs) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return a.head != b.head ? a.head < b.head : KeyOf(a.at) < KeyOf(b.at);
    });
    for (const Entry& entry : entries) WEIR_RETURN_IF_ERROR(Write(entry.at, out));
    entries = {};
  }
  for (const RangeDelete& range : ranges_) WEIR_RETURN_IF_ERROR(out.DeleteRange(range.begin, range.end));
  return {};
}

}  // namespace weir
