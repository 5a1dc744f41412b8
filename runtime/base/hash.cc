#include "runtime/base/hash.h"

#include <xxhash.h>

namespace weir {

uint64_t HashBytes(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace weir
