#include "tests/simulation/world/problem.h"

namespace weir::simulation {

std::string_view NameOf(Damage damage) {
  switch (damage) {
    case Damage::kLost: return "LOST";
    case Damage::kDuplicated: return "DUPLICATED";
    case Damage::kWrong: return "WRONG";
    case Damage::kDisorder: return "OUT OF ORDER";
    case Damage::kTorn: return "TORN EPOCH";
    case Damage::kProtocol: return "PROTOCOL";
    case Damage::kLeftover: return "LEFT OVER";
    case Damage::kRefused: return "REFUSED";
    case Damage::kStuck: return "STUCK";
  }
  return "UNKNOWN";
}

}  // namespace weir::simulation
