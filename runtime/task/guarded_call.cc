#include "runtime/task/guarded_call.h"

#include <exception>

namespace weir {

std::string DescribeException() {
  try {
    throw;
  } catch (const std::exception& error) {
    return std::string("a function threw: ") + error.what();
  } catch (...) {
    return "a function threw something that is no std::exception";
  }
}

Status ThrownByUser(const std::string& what) {
  return UserError(what + "; correct the function, or filter such records out before it, and start again: the job goes "
                          "on from its last checkpoint");
}

}  // namespace weir
