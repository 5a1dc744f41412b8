// What reads bytes that may come from anywhere, one function each. A fuzzer and the corpus test call the same.
#pragma once

#include <string_view>

#include "runtime/base/status.h"

namespace weir::fuzz {

/// Reads `bytes` and checks what was promised of the result; a broken promise ends the process (WEIR_CHECK). True if the
/// bytes were accepted: a target that refuses everything tests nothing. Any thread, no memory of earlier calls.
using FuzzFunction = bool (*)(std::string_view bytes);

bool FuzzManifest(std::string_view bytes);
bool FuzzRecord(std::string_view bytes);
bool FuzzDelta(std::string_view bytes);
bool FuzzSortedFile(std::string_view bytes);
bool FuzzBinary(std::string_view bytes);
bool FuzzKey(std::string_view bytes);
bool FuzzJson(std::string_view bytes);
bool FuzzCsv(std::string_view bytes);
bool FuzzConfig(std::string_view bytes);

struct FuzzTarget {
  std::string_view name;   ///< Of its source, <name>_fuzz.cc, and of its folder in corpus/.
  FuzzFunction run;
};
inline constexpr FuzzTarget kFuzzTargets[] = {
    {"manifest", FuzzManifest}, {"record", FuzzRecord}, {"delta", FuzzDelta},
    {"sorted_file", FuzzSortedFile}, {"binary", FuzzBinary}, {"key", FuzzKey},
    {"json", FuzzJson}, {"csv", FuzzCsv}, {"config", FuzzConfig},
};

}  // namespace weir::fuzz
