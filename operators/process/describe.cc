#include "operators/process/describe.h"

#include <charconv>

#include "operators/escaped_byte.h"
#include "runtime/base/decimal.h"

namespace weir::internal {
namespace {

template <class Number>
void Append(const void* field, std::string& out) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), *static_cast<const Number*>(field));
  out.append(text, end);
}

void AppendField(const Field& field, const void* at, size_t text_bytes_max, std::string& out) {
  switch (field.kind) {
    case FieldKind::kBool: out += *static_cast<const bool*>(at) ? "true" : "false"; break;
    case FieldKind::kInt8: Append<int8_t>(at, out); break;
    case FieldKind::kInt16: Append<int16_t>(at, out); break;
    case FieldKind::kInt32: Append<int32_t>(at, out); break;
    case FieldKind::kInt64: Append<int64_t>(at, out); break;
    case FieldKind::kUint8: Append<uint8_t>(at, out); break;
    case FieldKind::kUint16: Append<uint16_t>(at, out); break;
    case FieldKind::kUint32: Append<uint32_t>(at, out); break;
    case FieldKind::kUint64: Append<uint64_t>(at, out); break;
    case FieldKind::kFloat: Append<float>(at, out); break;
    case FieldKind::kDouble: Append<double>(at, out); break;
    case FieldKind::kString: out += Quoted(*static_cast<const std::string*>(at), text_bytes_max); break;
    case FieldKind::kStringView: out += Quoted(*static_cast<const std::string_view*>(at), text_bytes_max); break;
    case FieldKind::kEventTime: Append<int64_t>(&static_cast<const EventTime*>(at)->millis, out); break;
    case FieldKind::kDecimal: AppendDecimal(*static_cast<const Int128*>(at), field.scale, out); break;
    case FieldKind::kStruct: out += DescribeRow(*field.row, at, text_bytes_max); break;
  }
}

}  // namespace

std::string Quoted(std::string_view text, size_t bytes_max) {
  const bool cut = text.size() > bytes_max;
  size_t shown = cut ? bytes_max : text.size();
  const auto continues = [&] { return cut && shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xc0) == 0x80; };
  while (continues()) --shown;
  std::string quoted = "\"";
  for (const char c : text.substr(0, shown)) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) AppendEscaped(c, quoted);
    else quoted += c;
  }
  return quoted + (cut ? "...\"" : "\"");
}

std::string DescribeRow(const RowType& type, const void* row, size_t text_bytes_max) {
  std::string out = "{";
  for (const Field& field : type.fields) {
    if (&field != type.fields.data()) out += ", ";
    out += '"' + std::string(field.name) + "\": ";
    AppendField(field, FieldAt(row, field), text_bytes_max, out);
  }
  return out + "}";
}

}  // namespace weir::internal
