#include "runtime/base/random.h"

#include <sys/random.h>

#include "runtime/base/status.h"

namespace weir {

uint64_t SeededRandom::Next() {
  const std::lock_guard lock(mutex_);
  uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

uint64_t SystemRandom::Next() {
  uint64_t value = 0;
  const ssize_t got = getrandom(&value, sizeof value, 0);
  WEIR_CHECK(got == sizeof value, "the operating system gave no random bytes");
  return value;
}

}  // namespace weir
