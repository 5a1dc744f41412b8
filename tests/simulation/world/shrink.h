// Makes a scenario that fails smaller, so that a person can follow what happens in it.
#pragma once

#include <functional>

#include "tests/simulation/world/scenario.h"

namespace weir::simulation {

/// Turns one knob after the other down, to its least value or half way, as long as `fails` still says so of the result.
/// A smaller scenario is another run altogether, so the smallest that is found need not be the smallest there is. At most
/// `runs_max` calls of `fails`.
Scenario Shrink(Scenario scenario, uint64_t runs_max, const std::function<bool(const Scenario&)>& fails);

}  // namespace weir::simulation
