// Internal: calls into an operator, and so into functions of the user's, whose exceptions end here.
#pragma once

#include <exception>
#include <string>

#include "runtime/base/status.h"

namespace weir {

inline Status ThrownByUser(const std::string& what) {
  return UserError(what + "; correct the function, or filter such records out before it, and start again: the job goes "
                          "on from its last checkpoint");
}

template <class Call>
auto Guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& error) {
    return ThrownByUser(std::string("a function threw: ") + error.what());
  } catch (...) {
    return ThrownByUser("a function threw something that is no std::exception");
  }
}

}  // namespace weir
