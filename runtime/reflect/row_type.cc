#include "runtime/reflect/row_type.h"

namespace weir {

std::string_view KindName(FieldKind kind) {
  switch (kind) {
    case FieldKind::kBool: return "bool";
    case FieldKind::kInt8: return "int8";
    case FieldKind::kInt16: return "int16";
    case FieldKind::kInt32: return "int32";
    case FieldKind::kInt64: return "int64";
    case FieldKind::kUint8: return "uint8";
    case FieldKind::kUint16: return "uint16";
    case FieldKind::kUint32: return "uint32";
    case FieldKind::kUint64: return "uint64";
    case FieldKind::kFloat: return "float";
    case FieldKind::kDouble: return "double";
    case FieldKind::kString:
    case FieldKind::kStringView: return "string";
    case FieldKind::kEventTime: return "event_time";
    case FieldKind::kDecimal: return "decimal";
    case FieldKind::kStruct: return "struct";
  }
  return "unknown";
}

}  // namespace weir
