// The words that stand for enumerators in a manifest, for its writer and its reader. Internal to this folder.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "runtime/checkpoint/manifest.h"

namespace weir::internal {

inline constexpr std::array<std::pair<OperatorRole, std::string_view>, 4> kRoleWords{{
    {OperatorRole::kStateless, "stateless"},
    {OperatorRole::kStateful, "stateful"},
    {OperatorRole::kSource, "source"},
    {OperatorRole::kSink, "sink"},
}};
inline constexpr std::array<std::pair<RunMode, std::string_view>, 2> kModeWords{{
    {RunMode::kStream, "stream"},
    {RunMode::kReplay, "replay"},
}};

constexpr std::string_view WordOf(OperatorRole role) { return kRoleWords[static_cast<size_t>(role)].second; }
constexpr std::string_view WordOf(RunMode mode) { return kModeWords[static_cast<size_t>(mode)].second; }

}  // namespace weir::internal
