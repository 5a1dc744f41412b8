// Keys of state: one text for one key, in the order of the keys, and a hash that is always the same.
#include "runtime/reflect/key_codec.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

struct UserDay {
  int32_t region = 0;
  std::string user;
  bool paid = false;
  EventTime day;
  std::pair<std::string, uint16_t> page;
};
struct Fixed {
  int64_t a = 0;
  uint8_t b = 0;
};

template <class K>
bool Reads(std::string_view bytes) {
  K key{};
  if (!DecodeKey(bytes, key)) return false;
  std::string written;
  EncodeKey(key, written);
  WEIR_CHECK(written == bytes, "two texts mean one key");
  K again{};
  WEIR_CHECK(DecodeKey(written, again) && HashKey(again) == HashKey(key), "two hashes of one key");
  return true;
}

}  // namespace

bool FuzzKey(std::string_view bytes) {
  bool accepted = Reads<UserDay>(bytes);
  accepted |= Reads<Fixed>(bytes);
  accepted |= Reads<int64_t>(bytes);
  return accepted | Reads<bool>(bytes);
}

}  // namespace weir::fuzz
