#include "operators/process/context.h"

#include <stdexcept>

namespace weir {

Context::Side* Context::FindSide(const std::string& name, const std::type_info& row) {
  for (Side& side : sides_) {
    if (side.name != name) continue;
    if (*side.row == row) return &side;
    throw std::logic_error("side output '" + name + "' is taken with another type of rows than is emitted");
  }
  return nullptr;
}

}  // namespace weir
