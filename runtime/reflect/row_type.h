// What a plain struct looks like, found once per type, so that formats, inspection and schema checks are ordinary
// code over a table instead of templates over the struct.
//
//   struct Bid { int64_t auction; std::string_view url; EventTime date_time; };
//   for (const Field& field : RowTypeOf<Bid>().fields) ...     // auction, url, date_time
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/reflect/fields.h"
#include "runtime/reflect/scalar.h"

namespace weir {

/// An enum has the kind of its underlying integer.
enum class FieldKind : uint8_t {
  kBool, kInt8, kInt16, kInt32, kInt64, kUint8, kUint16, kUint32, kUint64, kFloat, kDouble,
  kString, kStringView, kEventTime, kDecimal, kStruct
};

/// "int64", "string", "event_time"; a string and a string_view are both "string".
std::string_view KindName(FieldKind kind);

struct RowType;

/// One field; immutable, lives as long as the process.
struct Field {
  std::string_view name;
  FieldKind kind;
  size_t offset;         ///< From the start of the struct that declares it.
  size_t size;
  const RowType* row;    ///< Of a kStruct, else null.
  int scale = 0;         ///< Of a kDecimal: places behind the point. The field is an Int128 of units.
};

/// A struct; immutable, lives as long as the process.
struct RowType {
  std::string_view name;           ///< Without namespaces.
  size_t size;
  std::span<const Field> fields;   ///< In declaration order.
};

/// Where a field of a row lives. REQUIRES: `row` points to a struct of the type that `field` belongs to.
inline void* FieldAt(void* row, const Field& field) { return static_cast<char*>(row) + field.offset; }
inline const void* FieldAt(const void* row, const Field& field) {
  return static_cast<const char*>(row) + field.offset;
}

namespace internal {

template <class T>
consteval bool IsRow();

template <class T>
consteval bool IsFieldOfRow() {
  return OwningScalar<T> || std::is_same_v<T, std::string_view> || IsRow<T>();
}

template <class T>
consteval bool IsRow() {
  if constexpr (std::is_same_v<T, EventTime> || kIsDecimal<T> || !kHasPlainFields<T>) {
    return false;
  } else {
    return []<size_t... I>(std::index_sequence<I...>) {
      return (IsFieldOfRow<FieldType<T, I>>() && ...);
    }(FieldIndices<T>{});
  }
}

template <class T>
consteval FieldKind KindOf() {
  using U = UnderlyingType<T>;
  if constexpr (std::is_same_v<T, EventTime>) return FieldKind::kEventTime;
  else if constexpr (kIsDecimal<T>) return FieldKind::kDecimal;
  else if constexpr (std::is_same_v<T, std::string>) return FieldKind::kString;
  else if constexpr (std::is_same_v<T, std::string_view>) return FieldKind::kStringView;
  else if constexpr (std::is_same_v<U, bool>) return FieldKind::kBool;
  else if constexpr (std::is_same_v<T, float>) return FieldKind::kFloat;
  else if constexpr (std::is_same_v<T, double>) return FieldKind::kDouble;
  else if constexpr (kIsNumber<U>) {
    constexpr int kPower = sizeof(U) == 1 ? 0 : sizeof(U) == 2 ? 1 : sizeof(U) == 4 ? 2 : 3;
    constexpr FieldKind kFirst = std::is_signed_v<U> ? FieldKind::kInt8 : FieldKind::kUint8;
    return static_cast<FieldKind>(static_cast<int>(kFirst) + kPower);
  } else return FieldKind::kStruct;
}

}  // namespace internal

/// True for a struct that RowTypeOf takes.
template <class T>
inline constexpr bool kIsRow = internal::IsRow<T>();

template <class T>
const RowType& RowTypeOf();

namespace internal {

template <class T, size_t I>
Field DescribeField(const T& probe) {
  using Type = FieldType<T, I>;
  Field field{kFieldName<T, I>, KindOf<Type>(), 0, sizeof(Type), nullptr, 0};
  field.offset = static_cast<size_t>(reinterpret_cast<const char*>(&boost::pfr::get<I>(probe)) -
                                     reinterpret_cast<const char*>(&probe));
  if constexpr (KindOf<Type>() == FieldKind::kStruct) field.row = &RowTypeOf<Type>();
  if constexpr (kIsDecimal<Type>) field.scale = Type::kScale;
  return field;
}

/// The fields and the type that spans them; made in place, never moved.
template <class T>
struct RowTable {
  std::array<Field, kFieldCount<T>> fields;
  RowType type;
  RowTable() : RowTable(T{}, FieldIndices<T>{}) {}
  RowTable(const RowTable&) = delete;

 private:
  template <size_t... I>
  RowTable(const T& probe, std::index_sequence<I...>)
      : fields{DescribeField<T, I>(probe)...}, type{kTypeName<T>, sizeof(T), fields} {}
};

}  // namespace internal

/// The description of T, made at the first call. Safe from any thread.
template <class T>
const RowType& RowTypeOf() {
  static_assert(kIsRow<T>,
                "A row must be a plain struct (no base classes, constructors, C arrays or pointers) with "
                "fields that are bool, integers, enums, float, double, std::string, std::string_view, "
                "weir::EventTime, weir::Decimal or such structs.");
  if constexpr (kIsRow<T>) {
    static const internal::RowTable<T> table;
    return table.type;
  } else {
    static const RowType none{};   // So that the sentence above is the only error.
    return none;
  }
}

}  // namespace weir
