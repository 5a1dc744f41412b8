// What can go wrong with a call on a simulated disk, and the schedule that says which call it is.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string_view>

namespace weir {

enum class DiskFault {
  kIoError,      ///< EIO, of any call at all, those that only look included; no effect, but for Sync: as kSyncError.
  kNoSpace,      ///< ENOSPC, of a call that needs space: Create, Append, CreateDirectories, Rename, HardLink and
                 ///< Lock; no effect.
  kShortWrite,   ///< Of Append: all bytes but the last are written, then it fails.
  kSyncError,    ///< Of Sync and SyncDirectory. A file whose sync failed never becomes durable, whatever later syncs say.
  kRenameError,  ///< Of Rename; no effect.
  kRenameDone,   ///< Of Rename: it is done, and answered with an error.
};
inline constexpr DiskFault kDiskFaults[] = {DiskFault::kIoError,   DiskFault::kNoSpace,     DiskFault::kShortWrite,
                                            DiskFault::kSyncError, DiskFault::kRenameError, DiskFault::kRenameDone};

/// What the system would say.
constexpr std::string_view ReasonOf(DiskFault fault) {
  switch (fault) {
    case DiskFault::kIoError: return "the simulated disk fails";
    case DiskFault::kNoSpace: return "no space left on the simulated disk";
    case DiskFault::kShortWrite: return "the simulated disk took all but the last byte";
    case DiskFault::kSyncError: return "the simulated disk lost what was not yet durable";
    case DiskFault::kRenameError: return "the simulated disk refuses to rename";
    case DiskFault::kRenameDone: return "the simulated disk does not say whether it has renamed";
  }
  return {};
}

namespace internal {

/// Counts calls by the faults that can hit them. Not synchronised.
class FaultSchedule {
 public:
  static constexpr uint64_t kAlways = std::numeric_limits<uint64_t>::max();

  /// The `k`-th call from now (from 1) that `fault` can hit fails, and the `times - 1` after it. 0: none does.
  void Ask(DiskFault fault, uint64_t k, uint64_t times) {
    Line& line = lines_[static_cast<size_t>(fault)];
    line.from = k == 0 ? kAlways : line.calls + k;
    line.until = line.from < kAlways - times ? line.from + times : kAlways;
  }
  /// To be asked once a call, with all that can hit it: what does.
  std::optional<DiskFault> Next(std::initializer_list<DiskFault> possible) {
    std::optional<DiskFault> hit;
    for (const DiskFault fault : possible) {
      Line& line = lines_[static_cast<size_t>(fault)];
      ++line.calls;
      if (hit.has_value() || line.calls < line.from || line.calls >= line.until) continue;
      hit = fault;
      ++line.hits;
    }
    return hit;
  }
  uint64_t calls(DiskFault fault) const { return lines_[static_cast<size_t>(fault)].calls; }
  uint64_t hits(DiskFault fault) const { return lines_[static_cast<size_t>(fault)].hits; }

 private:
  struct Line {
    uint64_t calls = 0;
    uint64_t hits = 0;
    uint64_t from = kAlways;
    uint64_t until = kAlways;
  };
  std::array<Line, std::size(kDiskFaults)> lines_;
};

}  // namespace internal
}  // namespace weir
