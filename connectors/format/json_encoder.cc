#include <fmt/format.h>

#include <cmath>

#include "connectors/format/excerpt.h"
#include "connectors/format/json.h"
#include "connectors/format/json_names.h"
#include "connectors/format/json_text.h"
#include "connectors/format/scalar_text.h"
#include "connectors/format/timestamp.h"

namespace weir {
namespace {

/// One scalar and the text that stands before it: braces, commas and the name.
struct Step {
  std::string before;
  FieldKind kind;
  size_t offset;
  std::string path;
  int scale;
};

struct Plan {
  std::vector<Step> steps;
  std::string tail;   ///< Behind the last step; while planning, what the next step has before it.
};

void AddSteps(const RowType& row, NameStyle names, size_t offset, const std::string& prefix, Plan& plan) {
  plan.tail += '{';
  for (const Field& field : row.fields) {
    if (&field != row.fields.data()) plan.tail += ',';
    plan.tail += '"' + internal::JsonName(field.name, names) + "\":";
    const std::string path = prefix + std::string(field.name);
    if (field.kind == FieldKind::kStruct) {
      AddSteps(*field.row, names, offset + field.offset, path + ".", plan);
    } else {
      plan.steps.push_back({std::exchange(plan.tail, {}), field.kind, offset + field.offset, path, field.scale});
    }
  }
  plan.tail += '}';
}

bool AppendTime(const char* field, TimeStyle style, std::string& out) {
  if (style == TimeStyle::kEpochMillis) {
    internal::AppendScalar(FieldKind::kInt64, field, out);
    return true;
  }
  out += '"';
  const bool ok = AppendTimestamp(*reinterpret_cast<const EventTime*>(field), out);
  out += '"';
  return ok;
}

class JsonEncoder : public RowEncoder {
 public:
  JsonEncoder(const RowType& row, const JsonOptions& options) : row_(row), times_(options.times), decimals_(options.decimals) {
    AddSteps(row, options.names, 0, "", plan_);
  }

  Status Encode(const void* row, std::string& out) override {
    const size_t begin = out.size();
    for (const Step& step : plan_.steps) {
      out.append(step.before);
      const char* field = static_cast<const char*>(row) + step.offset;
      if (AppendValue(step, field, out)) continue;
      out.resize(begin);
      return Refuse(step, field);
    }
    out.append(plan_.tail);
    return Status::Ok();
  }

 private:
  bool AppendValue(const Step& step, const char* field, std::string& out) const {
    switch (step.kind) {
      case FieldKind::kString: return internal::AppendJsonText(*reinterpret_cast<const std::string*>(field), out);
      case FieldKind::kStringView:
        return internal::AppendJsonText(*reinterpret_cast<const std::string_view*>(field), out);
      case FieldKind::kEventTime: return AppendTime(field, times_, out);
      case FieldKind::kDecimal: {
        const char* quote = decimals_ == DecimalStyle::kText ? "\"" : "";
        AppendDecimal(*reinterpret_cast<const Int128*>(field), step.scale, out.append(quote));
        out.append(quote);
        return true;
      }
      case FieldKind::kFloat:
        if (!std::isfinite(*reinterpret_cast<const float*>(field))) return false;
        break;
      case FieldKind::kDouble:
        if (!std::isfinite(*reinterpret_cast<const double*>(field))) return false;
        break;
      default: break;
    }
    internal::AppendScalar(step.kind, field, out);
    return true;
  }

  Status Refuse(const Step& step, const char* field) const {
    const std::string where = fmt::format("JSON of {}: field {}: ", row_.name, step.path);
    switch (step.kind) {
      case FieldKind::kFloat:
        return UserError(fmt::format("{}JSON has no form for {}", where, *reinterpret_cast<const float*>(field)));
      case FieldKind::kDouble:
        return UserError(fmt::format("{}JSON has no form for {}", where, *reinterpret_cast<const double*>(field)));
      case FieldKind::kString:
        return UserError(where + "not UTF-8: " + Excerpt(*reinterpret_cast<const std::string*>(field)));
      case FieldKind::kStringView:
        return UserError(where + "not UTF-8: " + Excerpt(*reinterpret_cast<const std::string_view*>(field)));
      default:
        return UserError(fmt::format("{}{} ms is outside the years 0000 to 9999 of ISO 8601", where,
                                     reinterpret_cast<const EventTime*>(field)->millis));
    }
  }

  const RowType& row_;
  const TimeStyle times_;
  const DecimalStyle decimals_;
  Plan plan_;
};

}  // namespace

std::unique_ptr<RowEncoder> NewJsonEncoder(const RowType& row, JsonOptions options) {
  const Status status = CheckJson(row, options);
  WEIR_CHECK(status.ok(), status.message());
  return std::make_unique<JsonEncoder>(row, options);
}

}  // namespace weir
