#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "connectors/format/excerpt.h"
#include "connectors/format/json.h"
#include "connectors/format/json_keys.h"
#include "connectors/format/json_names.h"
#include "connectors/format/leaves.h"
#include "connectors/format/timestamp.h"

namespace weir {
namespace {

namespace ondemand = simdjson::ondemand;

struct ObjectPlan;

struct FieldPlan {
  std::string path;
  FieldKind kind;
  size_t offset;
  std::unique_ptr<ObjectPlan> nested;
  int scale = 0;
  uint64_t seen_in_round = 0;
};

/// What to do with the members of one object. Rounds count objects, so that nothing has to be cleared between them.
struct ObjectPlan {
  internal::JsonKeys keys;
  std::vector<FieldPlan> fields;
  bool nested = false;
  uint64_t round = 0;
};

std::unique_ptr<ObjectPlan> PlanOf(const RowType& row, NameStyle names, const SkippedFields& skipped,
                                   const std::string& prefix) {
  auto plan = std::make_unique<ObjectPlan>();
  plan->nested = !prefix.empty();
  for (const Field& field : row.fields) {
    if (internal::IsSkipped(field, skipped)) continue;
    plan->keys.Add(internal::JsonName(field.name, names));
    const std::string path = prefix + std::string(field.name);
    auto nested = field.kind == FieldKind::kStruct ? PlanOf(*field.row, names, {}, path + ".") : nullptr;
    plan->fields.push_back({path, field.kind, field.offset, std::move(nested), field.scale});
  }
  return plan;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view Trimmed(std::string_view token) {
  while (!token.empty() && IsSpace(token.back())) token.remove_suffix(1);
  return token;
}

/// Where the first quote is that no backslash escapes; the size of `text` if there is none.
size_t FindClosingQuote(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

class JsonDecoder : public RowDecoder {
 public:
  JsonDecoder(const RowType& row, JsonOptions options)
      : row_(row), options_(std::move(options)), plan_(PlanOf(row, options_.names, options_.skipped, "")) {}

  Status Decode(std::string_view bytes, void* row, Arena& arena) override;

 private:
  void Load(std::string_view bytes);
  bool ReadObject(ObjectPlan& plan, ondemand::object& object, char* row, Arena& arena);
  bool FindField(ObjectPlan& plan, ondemand::field& member, int& field);
  bool FindUnexpectedField(ObjectPlan& plan, ondemand::field& member, int& field);
  bool ReadValue(FieldPlan& field, ondemand::value& value, char* row, Arena& arena);
  bool ReadNested(FieldPlan& field, ondemand::value& value, char* row, Arena& arena);
  bool ReadTime(const FieldPlan& field, ondemand::value& value, EventTime& out);
  bool ReadDecimal(const FieldPlan& field, ondemand::value& value, Int128& out);
  bool ReadText(const FieldPlan& field, ondemand::value& value, std::string_view& text);
  bool ReadFloat(const FieldPlan& field, ondemand::value& value, float& out);
  template <class Integer>
  bool ReadInteger(const FieldPlan& field, ondemand::value& value, char* row);
  bool ReadNull(const FieldPlan& field, ondemand::value& value);
  bool CheckMissing(const ObjectPlan& plan);

  bool Fail(std::string message);
  bool FailSyntax(simdjson::error_code error);
  bool FailType(const FieldPlan& field, std::string_view token);
  bool FailUnknown(const ObjectPlan& plan, const char* key);

  std::string_view document() const { return {buffer_.get(), size_}; }

  const RowType& row_;
  const JsonOptions options_;
  const std::unique_ptr<ObjectPlan> plan_;
  ondemand::parser parser_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t size_ = 0;
  std::string failure_;
};

Status JsonDecoder::Decode(std::string_view bytes, void* row, Arena& arena) {
  Load(bytes);
  ondemand::document json;
  ondemand::object object;
  auto error = parser_.iterate(buffer_.get(), size_, capacity_).get(json);
  if (!error) error = json.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) {
    return UserError(fmt::format("JSON of {}: expected an object, got {}", row_.name, Excerpt(bytes)));
  }
  bool ok = !error ? ReadObject(*plan_, object, static_cast<char*>(row), arena) : FailSyntax(error);
  const char* rest = nullptr;
  if (ok && !json.current_location().get(rest)) {
    ok = Fail(fmt::format("expected nothing behind the object, got {}",
                          Excerpt(document().substr(static_cast<size_t>(rest - buffer_.get())))));
  }
  return ok ? Status::Ok() : UserError(fmt::format("JSON of {}: {}", row_.name, failure_));
}

/// The parser reads some way beyond the end, and the caller's bytes may end with a page.
void JsonDecoder::Load(std::string_view bytes) {
  size_ = bytes.size();
  if (size_ + simdjson::SIMDJSON_PADDING > capacity_) {
    capacity_ = 2 * size_ + 16 * simdjson::SIMDJSON_PADDING;
    buffer_ = std::make_unique<char[]>(capacity_);
  }
  if (size_ > 0) std::memcpy(buffer_.get(), bytes.data(), size_);
  std::memset(buffer_.get() + size_, 0, simdjson::SIMDJSON_PADDING);
}

bool JsonDecoder::ReadObject(ObjectPlan& plan, ondemand::object& object, char* row, Arena& arena) {
  const uint64_t round = ++plan.round;
  size_t seen = 0;
  plan.keys.Begin();
  for (auto item : object) {
    if (item.error() != simdjson::SUCCESS) return FailSyntax(item.error());
    // Not get(): the copy it makes is read back before it is written, in a way that processors wait for.
    ondemand::field& member = item.value_unsafe();
    int number = 0;
    if (!FindField(plan, member, number)) return false;
    if (number == internal::JsonKeys::kNoField) continue;
    FieldPlan& field = plan.fields[static_cast<size_t>(number)];
    if (field.seen_in_round == round) return Fail(fmt::format("field {}: it is there twice", field.path));
    field.seen_in_round = round;
    ++seen;
    if (!ReadValue(field, member.value(), row + field.offset, arena)) return false;
    // What follows the last wanted member of a nested object is skipped as a whole, by its brackets.
    if (seen == plan.fields.size() && plan.nested && options_.unknown == UnknownFields::kIgnore) return true;
  }
  return seen == plan.fields.size() || CheckMissing(plan);
}

/// False after a failure; the number of no field where the key is unknown and may be.
inline bool JsonDecoder::FindField(ObjectPlan& plan, ondemand::field& member, int& field) {
  const char* raw = member.key().raw();
  static_assert(internal::JsonKeys::kReadBeyond <= simdjson::SIMDJSON_PADDING);
  if (!plan.keys.MatchExpected(raw, buffer_.get() + size_, field)) return FindUnexpectedField(plan, member, field);
  return field != internal::JsonKeys::kNoField || options_.unknown == UnknownFields::kIgnore || FailUnknown(plan, raw);
}

/// Not the one that came there the last time, or not followed by its colon.
bool JsonDecoder::FindUnexpectedField(ObjectPlan& plan, ondemand::field& member, int& field) {
  const char* begin = member.key().raw();
  const std::string_view raw(begin, static_cast<size_t>(buffer_.get() + size_ - begin));
  const size_t length = FindClosingQuote(raw);
  std::string_view key = raw.substr(0, length);
  if (key.find('\\') != std::string_view::npos) {
    if (const auto error = member.unescaped_key().get(key)) return FailSyntax(error);
  }
  field = plan.keys.Find(key);
  // simdjson takes anything between the key's end and the colon for part of the key's token.
  const char behind = length + 1 < raw.size() ? raw[length + 1] : '\0';
  if (behind != ':' && !IsSpace(behind)) return FailSyntax(simdjson::TAPE_ERROR);
  return field != internal::JsonKeys::kNoField || options_.unknown == UnknownFields::kIgnore || FailUnknown(plan, begin);
}

bool JsonDecoder::ReadValue(FieldPlan& field, ondemand::value& value, char* row, Arena& arena) {
  switch (field.kind) {
    case FieldKind::kInt64: return ReadInteger<int64_t>(field, value, row);
    case FieldKind::kInt32: return ReadInteger<int32_t>(field, value, row);
    case FieldKind::kInt16: return ReadInteger<int16_t>(field, value, row);
    case FieldKind::kInt8: return ReadInteger<int8_t>(field, value, row);
    case FieldKind::kUint64: return ReadInteger<uint64_t>(field, value, row);
    case FieldKind::kUint32: return ReadInteger<uint32_t>(field, value, row);
    case FieldKind::kUint16: return ReadInteger<uint16_t>(field, value, row);
    case FieldKind::kUint8: return ReadInteger<uint8_t>(field, value, row);
    case FieldKind::kBool:
      return !value.get_bool().get(*reinterpret_cast<bool*>(row)) || ReadNull(field, value);
    case FieldKind::kDouble:
      return !value.get_double().get(*reinterpret_cast<double*>(row)) || ReadNull(field, value);
    case FieldKind::kFloat: return ReadFloat(field, value, *reinterpret_cast<float*>(row));
    case FieldKind::kEventTime: return ReadTime(field, value, *reinterpret_cast<EventTime*>(row));
    case FieldKind::kDecimal: return ReadDecimal(field, value, *reinterpret_cast<Int128*>(row));
    case FieldKind::kStruct: return ReadNested(field, value, row, arena);
    case FieldKind::kString:
    case FieldKind::kStringView: break;
  }
  std::string_view text;
  if (!ReadText(field, value, text)) return false;
  if (text.data() == nullptr) return true;   // null
  if (field.kind == FieldKind::kString) {
    reinterpret_cast<std::string*>(row)->assign(text);
  } else {
    *reinterpret_cast<std::string_view*>(row) = arena.Copy(text);
  }
  return true;
}

bool JsonDecoder::ReadNested(FieldPlan& field, ondemand::value& value, char* row, Arena& arena) {
  ondemand::object object;
  const auto error = value.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) return ReadNull(field, value);
  if (error) return FailSyntax(error);
  return ReadObject(*field.nested, object, row, arena);
}

bool JsonDecoder::ReadTime(const FieldPlan& field, ondemand::value& value, EventTime& out) {
  const std::string_view token = value.raw_json_token();
  if (token.empty() || token.front() != '"') return !value.get_int64().get(out.millis) || ReadNull(field, value);
  // No time has a quote or a backslash in it: what reads as one between the outermost quotes is one text.
  const std::string_view quoted = Trimmed(token);
  if (quoted.size() > 2 && quoted.back() == '"' && ParseTimestamp(quoted.substr(1, quoted.size() - 2), &out)) return true;
  std::string_view text;
  if (!ReadText(field, value, text)) return false;
  return ParseTimestamp(text, &out) || FailType(field, token);
}

/// From the digits as they stand there, of a number or a text.
bool JsonDecoder::ReadDecimal(const FieldPlan& field, ondemand::value& value, Int128& out) {
  const std::string_view token = Trimmed(value.raw_json_token());
  std::string_view text = token;
  if (token.empty() || token == "null") return ReadNull(field, value);
  if (token.front() == '"' && !ReadText(field, value, text)) return false;
  const internal::DecimalText read = internal::ReadDecimal(text, field.scale, out);
  if (read == internal::DecimalText::kOk) return true;
  if (read == internal::DecimalText::kNoNumber) return FailType(field, token);
  return Fail(fmt::format("field {}: {} {}", field.path, Excerpt(text), internal::DescribeDecimalText(read, field.scale)));
}

/// A view of the buffer where nothing is escaped, else of the parser's own; without data for an allowed null.
bool JsonDecoder::ReadText(const FieldPlan& field, ondemand::value& value, std::string_view& text) {
  const std::string_view token = value.raw_json_token();
  if (token.empty() || token.front() != '"') return ReadNull(field, value);
  // simdjson ends a token where the next one starts: what stands behind the closing quote must be seen here.
  const std::string_view content = Trimmed(token).substr(1);
  if (content.find('\\') == std::string_view::npos) {
    text = content.substr(0, content.find('"'));
    return text.size() + 1 == content.size() || FailType(field, token);
  }
  if (FindClosingQuote(content) + 1 != content.size() || value.get_string().get(text)) return FailType(field, token);
  return true;
}

bool JsonDecoder::ReadFloat(const FieldPlan& field, ondemand::value& value, float& out) {
  double wide = 0;
  if (value.get_double().get(wide)) return ReadNull(field, value);
  if (std::abs(wide) > static_cast<double>(std::numeric_limits<float>::max())) {
    return Fail(fmt::format("field {}: {} does not fit a float", field.path, wide));
  }
  out = static_cast<float>(wide);
  return true;
}

template <class Integer>
bool JsonDecoder::ReadInteger(const FieldPlan& field, ondemand::value& value, char* row) {
  using Wide = std::conditional_t<std::is_signed_v<Integer>, int64_t, uint64_t>;
  Wide wide = 0;
  simdjson::error_code error = simdjson::SUCCESS;
  if constexpr (std::is_signed_v<Integer>) error = value.get_int64().get(wide);
  else error = value.get_uint64().get(wide);
  if (error) return ReadNull(field, value);
  if (wide < std::numeric_limits<Integer>::min() || wide > std::numeric_limits<Integer>::max()) {
    return Fail(fmt::format("field {}: {} does not fit {} ({} to {})", field.path, wide, KindName(field.kind),
                            +std::numeric_limits<Integer>::min(), +std::numeric_limits<Integer>::max()));
  }
  *reinterpret_cast<Integer*>(row) = static_cast<Integer>(wide);
  return true;
}

/// Where a value is not of its kind: true if it is null and may be.
bool JsonDecoder::ReadNull(const FieldPlan& field, ondemand::value& value) {
  const std::string_view token = Trimmed(value.raw_json_token());
  if (token != "null" || options_.missing == MissingFields::kRefuse) return FailType(field, token);
  return true;
}

bool JsonDecoder::CheckMissing(const ObjectPlan& plan) {
  if (options_.missing == MissingFields::kDefault) return true;
  for (const FieldPlan& field : plan.fields) {
    if (field.seen_in_round == plan.round) continue;
    return Fail(fmt::format("field {} is missing in {}", field.path, Excerpt(document())));
  }
  return true;
}

bool JsonDecoder::Fail(std::string message) {
  failure_ = std::move(message);
  return false;
}

bool JsonDecoder::FailSyntax(simdjson::error_code error) {
  return Fail(fmt::format("not valid: {} in {}", simdjson::error_message(error), Excerpt(document())));
}

/// `key`: behind its opening quote.
bool JsonDecoder::FailUnknown(const ObjectPlan& plan, const char* key) {
  const std::string_view raw(key, static_cast<size_t>(buffer_.get() + size_ - key));
  return Fail(fmt::format("field \"{}\" is unknown; the struct has {} others: add it or ignore unknown fields",
                          Excerpt(raw.substr(0, FindClosingQuote(raw))), plan.fields.size()));
}

bool JsonDecoder::FailType(const FieldPlan& field, std::string_view token) {
  return Fail(fmt::format("field {}: expected {}, got {}", field.path, KindName(field.kind), Excerpt(Trimmed(token))));
}

}  // namespace

std::unique_ptr<RowDecoder> NewJsonDecoder(const RowType& row, JsonOptions options) {
  const Status status = CheckJson(row, options);
  WEIR_CHECK(status.ok(), status.message());
  return std::make_unique<JsonDecoder>(row, std::move(options));
}

}  // namespace weir
