#include "connectors/format/scalar_text.h"

#include <fmt/compile.h>
#include <fmt/format.h>

namespace weir::internal {
namespace {

template <class Integer>
void AppendInteger(const void* field, std::string& out) {
  const fmt::format_int text(*static_cast<const Integer*>(field));
  out.append(text.data(), text.size());
}

template <class Float>
void AppendFloat(const void* field, std::string& out) {
  char text[64];
  const char* end = fmt::format_to(text, FMT_COMPILE("{}"), *static_cast<const Float*>(field));
  out.append(text, static_cast<size_t>(end - text));
}

}  // namespace

void AppendScalar(FieldKind kind, const void* field, std::string& out) {
  switch (kind) {
    case FieldKind::kBool: out += *static_cast<const bool*>(field) ? "true" : "false"; return;
    case FieldKind::kInt8: AppendInteger<int8_t>(field, out); return;
    case FieldKind::kInt16: AppendInteger<int16_t>(field, out); return;
    case FieldKind::kInt32: AppendInteger<int32_t>(field, out); return;
    case FieldKind::kInt64: AppendInteger<int64_t>(field, out); return;
    case FieldKind::kUint8: AppendInteger<uint8_t>(field, out); return;
    case FieldKind::kUint16: AppendInteger<uint16_t>(field, out); return;
    case FieldKind::kUint32: AppendInteger<uint32_t>(field, out); return;
    case FieldKind::kUint64: AppendInteger<uint64_t>(field, out); return;
    case FieldKind::kFloat: AppendFloat<float>(field, out); return;
    case FieldKind::kDouble: AppendFloat<double>(field, out); return;
    case FieldKind::kString:
    case FieldKind::kStringView:
    case FieldKind::kEventTime:
    case FieldKind::kDecimal:
    case FieldKind::kStruct: break;
  }
  WEIR_CHECK(false, KindName(kind));
}

}  // namespace weir::internal
