// Draws what the suite reads and, where rapidcheck is there, looks for less of it that fails as well.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/contract/operators/suite_data.h"

namespace weir::test {

/// Calls `check` with `splits` splits of up to a hundred rows each. Returns what it returned: empty, or what is wrong, with the
/// least data that was found for it.
std::string WithDrawnSplits(uint64_t seed, size_t splits,
                            const std::function<std::string(const std::vector<DrawnSplit>&)>& check);

}  // namespace weir::test
