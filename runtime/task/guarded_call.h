// Internal: calls into an operator, and so into functions of the user's, whose exceptions end here.
#pragma once

#include <string>

#include "runtime/base/status.h"

namespace weir {

/// "a function threw: ..." of the exception that is being handled.
std::string DescribeException();

/// The job ends with what the user can do about it.
Status ThrownByUser(const std::string& what);

template <class Call>
auto Guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (...) {
    return ThrownByUser(DescribeException());
  }
}

}  // namespace weir
