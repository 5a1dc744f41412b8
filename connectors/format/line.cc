#include "connectors/format/line.h"

#include <fmt/format.h>

#include "connectors/format/leaves.h"

namespace weir {
namespace {

bool IsText(FieldKind kind) { return kind == FieldKind::kString || kind == FieldKind::kStringView; }

internal::Leaf TextLeaf(const RowType& row, const SkippedFields& skipped) {
  const Status status = CheckLine(row, skipped);
  WEIR_CHECK(status.ok(), status.message());
  return internal::LeavesOf(row, skipped).front();
}

class LineDecoder : public RowDecoder {
 public:
  explicit LineDecoder(internal::Leaf leaf) : leaf_(std::move(leaf)) {}

  Status Decode(std::string_view bytes, void* row, Arena& arena) override {
    char* field = static_cast<char*>(row) + leaf_.offset;
    if (leaf_.kind == FieldKind::kString) {
      reinterpret_cast<std::string*>(field)->assign(bytes);
    } else {
      *reinterpret_cast<std::string_view*>(field) = arena.Copy(bytes);
    }
    return Status::Ok();
  }

 private:
  const internal::Leaf leaf_;
};

class LineEncoder : public RowEncoder {
 public:
  explicit LineEncoder(internal::Leaf leaf) : leaf_(std::move(leaf)) {}

  Status Encode(const void* row, std::string& out) override {
    const char* field = static_cast<const char*>(row) + leaf_.offset;
    out.append(leaf_.kind == FieldKind::kString ? std::string_view(*reinterpret_cast<const std::string*>(field))
                                                : *reinterpret_cast<const std::string_view*>(field));
    return Status::Ok();
  }

 private:
  const internal::Leaf leaf_;
};

}  // namespace

Status CheckLine(const RowType& row, const SkippedFields& skipped) {
  WEIR_RETURN_IF_ERROR(CheckSkippedFields(row, skipped));
  const std::vector<internal::Leaf> leaves = internal::LeavesOf(row, skipped);
  if (leaves.size() == 1 && IsText(leaves.front().kind)) return Status::Ok();
  return InvalidArgument(fmt::format("lines of text need a struct with one std::string or std::string_view; {} has {} "
                                     "fields, the first is {} ({}): use JSON or CSV, or another struct",
                                     row.name, leaves.size(), leaves.front().path, KindName(leaves.front().kind)));
}

std::unique_ptr<RowDecoder> NewLineDecoder(const RowType& row, const SkippedFields& skipped) {
  return std::make_unique<LineDecoder>(TextLeaf(row, skipped));
}

std::unique_ptr<RowEncoder> NewLineEncoder(const RowType& row, const SkippedFields& skipped) {
  return std::make_unique<LineEncoder>(TextLeaf(row, skipped));
}

}  // namespace weir
