#include "tests/simulation/world/shrink.h"

namespace weir::simulation {

Scenario Shrink(Scenario scenario, uint64_t runs_max, const std::function<bool(const Scenario&)>& fails) {
  const auto still_fails_with = [&](const Knob& knob, uint64_t value) {
    if (runs_max == 0 || value >= knob.get(scenario)) return false;
    --runs_max;
    Scenario smaller = scenario;
    knob.set(smaller, value);
    if (!fails(smaller)) return false;
    scenario = std::move(smaller);
    return true;
  };
  for (bool smaller = true; smaller && runs_max > 0;) {
    smaller = false;
    for (const Knob& knob : Knobs()) {
      if (still_fails_with(knob, knob.least)) smaller = true;
      while (still_fails_with(knob, knob.least + (knob.get(scenario) - knob.least) / 2)) smaller = true;
    }
  }
  return scenario;
}

}  // namespace weir::simulation
