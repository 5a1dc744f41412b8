// The end of a program that cannot do its work.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace demo {

inline constexpr int kExitFailed = 3;

/// Prints one line (what, where, the way out) and exits with kExitFailed.
[[noreturn]] inline void Die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(kExitFailed);
}

}  // namespace demo
