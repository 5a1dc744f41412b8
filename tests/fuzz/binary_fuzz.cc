// Values of state: what is read is written and read again without a change.
#include "runtime/reflect/binary_codec.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

enum class Side : int16_t { kBuy = -1, kSell = 1 };
struct Part {
  int32_t a = 0;
  bool open = false;
};
struct Everything {
  int64_t sum = 0;
  bool open = false;
  std::string name;
  std::vector<Part> parts;
  std::vector<std::string> names;
  std::optional<std::string> note;
  std::pair<uint8_t, Part> pair;
  std::array<int16_t, 3> array{};
  Side side = Side::kBuy;
  EventTime time;
  std::vector<bool> flags;
  double weight = 0;
};

template <class T>
bool Reads(std::string_view bytes) {
  T value{};
  if (!DecodeBinary(bytes, value)) return false;
  std::string written;
  EncodeBinary(value, written);
  T again{};
  std::string_view rest = written;
  WEIR_CHECK(DecodeBinary(rest, again) && rest.empty(), "it is not read as it was written");
  // Bytes, not values: NaN is not equal to itself.
  std::string rewritten;
  EncodeBinary(again, rewritten);
  WEIR_CHECK(rewritten == written, "it was read as something else");
  return true;
}

}  // namespace

bool FuzzBinary(std::string_view bytes) {
  const bool everything = Reads<Everything>(bytes);
  Reads<std::vector<std::vector<std::string>>>(bytes);
  return everything;
}

}  // namespace weir::fuzz
