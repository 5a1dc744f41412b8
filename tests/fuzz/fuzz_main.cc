// The libFuzzer program: weir_fuzz --target=NAME [libFuzzer's arguments]. libFuzzer passes over what begins with "--".
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/fuzz_target.h"

namespace {

weir::fuzz::FuzzFunction chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    for (const weir::fuzz::FuzzTarget& target : weir::fuzz::kFuzzTargets) {
      if ("--target=" + std::string(target.name) == (*argv)[i]) chosen = target.run;
    }
  }
  if (chosen != nullptr) return 0;
  std::fputs("usage: weir_fuzz --target=NAME [libFuzzer's arguments]; targets:", stderr);
  for (const weir::fuzz::FuzzTarget& target : weir::fuzz::kFuzzTargets) {
    std::fprintf(stderr, " %s", std::string(target.name).c_str());
  }
  std::fputs("\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  chosen({reinterpret_cast<const char*>(data), size});
  return 0;
}
