// Strong types for the numbers and names that must not be mixed up. Conversions are explicit both ways.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

namespace weir {

template <class Tag, class Rep>
class StrongId {
 public:
  using Representation = Rep;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_{};
};

/// Number of a checkpoint and of the epoch that it ends; the first is 1, zero means "none".
using CheckpointId = StrongId<struct CheckpointIdTag, uint64_t>;
/// Parallel index of a task within its operator, from zero.
using TaskIndex = StrongId<struct TaskIndexTag, uint32_t>;
/// The unit of keyed state that moves when parallelism changes.
using KeyGroup = StrongId<struct KeyGroupTag, uint16_t>;
/// Place of a record in a split; for a file the byte where its line starts.
using Offset = StrongId<struct OffsetTag, int64_t>;

constexpr CheckpointId Next(CheckpointId n) { return CheckpointId{n.value() + 1}; }

/// Key groups [first, last) owned by one task.
struct KeyGroupRange {
  uint16_t first = 0;
  uint16_t last = 0;
  uint16_t size() const { return static_cast<uint16_t>(last - first); }
  bool Contains(KeyGroup g) const { return g.value() >= first && g.value() < last; }
  friend bool operator==(const KeyGroupRange&, const KeyGroupRange&) = default;
};

inline constexpr uint16_t kDefaultKeyGroups = 128;

/// The range of task `index` of `parallelism`, and its inverse: the task that owns a group.
constexpr KeyGroupRange RangeOfTask(uint16_t groups, uint32_t parallelism, uint32_t index) {
  return {static_cast<uint16_t>((uint32_t{groups} * index + parallelism - 1) / parallelism),
          static_cast<uint16_t>((uint32_t{groups} * (index + 1) + parallelism - 1) / parallelism)};
}
constexpr uint32_t TaskOfGroup(uint16_t groups, uint32_t parallelism, KeyGroup group) {
  return group.value() * parallelism / groups;
}

/// Event time: milliseconds since 1970-01-01T00:00:00Z.
struct EventTime {
  int64_t millis = 0;
  friend constexpr auto operator<=>(EventTime, EventTime) = default;
};
inline constexpr EventTime kMinEventTime{std::numeric_limits<int64_t>::min()};
inline constexpr EventTime kMaxEventTime{std::numeric_limits<int64_t>::max()};

/// Random 128-bit name of an incarnation or an attempt, written as 32 lower-case hexadecimal digits.
struct Id128 {
  uint64_t high = 0;
  uint64_t low = 0;
  friend constexpr auto operator<=>(const Id128&, const Id128&) = default;
  bool empty() const { return high == 0 && low == 0; }
  std::string ToString() const;
  /// False, with `out` unchanged, unless `text` is exactly what ToString writes.
  static bool Parse(std::string_view text, Id128* out);
};

/// True for job ids, operator ids, sink and state names: a letter or digit, then up to 99 of [A-Za-z0-9._-].
bool IsValidName(std::string_view name);

}  // namespace weir

template <class Tag, class Rep>
struct std::hash<weir::StrongId<Tag, Rep>> {
  size_t operator()(weir::StrongId<Tag, Rep> id) const { return std::hash<Rep>{}(id.value()); }
};
