#include "runtime/reflect/schema.h"

namespace weir {
namespace {

/// A schema text as a tree. A word has neither parts nor brackets; a list's first part is its word.
struct Shape {
  enum class Kind { kWord, kStruct, kList } kind = Kind::kWord;
  std::string_view text;   ///< All of it.
  std::string_view word;
  std::string_view name;      ///< In the struct that it is a part of; parts of a list have none.
  std::vector<Shape> parts;
};

/// Reads what AppendSchema writes, and nothing more lenient: no spaces, no escapes.
class ShapeReader {
 public:
  explicit ShapeReader(std::string_view text) : rest_(text) {}

  bool ReadAll(Shape& shape) { return Read(shape, 0) && rest_.empty(); }

 private:
  static constexpr int kDepthMax = 64;   // A manifest is hostile data; no struct nests so deep.

  bool Read(Shape& shape, int depth) {
    if (rest_.empty() || depth > kDepthMax) return false;
    const std::string_view begin = rest_;
    bool ok = false;
    if (rest_.front() == '"') {
      ok = Quoted(shape.word);
    } else if (Take('{')) {
      shape.kind = Shape::Kind::kStruct;
      ok = ReadParts(shape, '}', depth);
    } else if (Take('[')) {
      shape.kind = Shape::Kind::kList;
      ok = ReadParts(shape, ']', depth) && shape.parts.front().kind == Shape::Kind::kWord;
      if (ok) shape.word = shape.parts.front().word;
    }
    shape.text = begin.substr(0, begin.size() - rest_.size());
    return ok;
  }

  bool ReadParts(Shape& shape, char end, int depth) {
    do {
      Shape part;
      if (end == '}' && !(Quoted(part.name) && Take(':'))) return false;
      if (!Read(part, depth + 1)) return false;
      shape.parts.push_back(std::move(part));
    } while (Take(','));
    return Take(end);
  }

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Quoted(std::string_view& text) {
    if (!Take('"')) return false;
    const size_t end = rest_.find('"');
    if (end == std::string_view::npos) return false;
    text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

  std::string_view rest_;
};

std::string Join(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string Subject(const std::string& path) { return path.empty() ? "the value" : "field " + path; }

const Shape* Find(const Shape& shape, std::string_view name) {
  for (const Shape& part : shape.parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

std::string Describe(const Shape& before, const Shape& now, const std::string& path);

std::string DescribeStruct(const Shape& before, const Shape& now, const std::string& path) {
  for (const Shape& part : before.parts) {
    const std::string field = Join(path, part.name);
    const Shape* same = Find(now, part.name);
    if (same == nullptr) return "field " + field + ": in the checkpoint, not in the program";
    if (std::string change = Describe(part, *same, field); !change.empty()) return change;
  }
  for (const Shape& part : now.parts) {
    if (Find(before, part.name) != nullptr) continue;
    return "field " + Join(path, part.name) + ": in the program, not in the checkpoint";
  }
  for (size_t i = 0; i < before.parts.size() && i < now.parts.size(); ++i) {
    if (before.parts[i].name == now.parts[i].name) continue;
    return Subject(path) + ": its fields are in another order, the checkpoint has " +
           std::string(before.parts[i].name) + " where the program has " + std::string(now.parts[i].name);
  }
  return Subject(path) + ": a field is named twice in the checkpoint";
}

std::string Describe(const Shape& before, const Shape& now, const std::string& path) {
  if (before.text == now.text) return {};
  if (before.kind == now.kind && before.kind == Shape::Kind::kStruct) return DescribeStruct(before, now, path);
  const bool comparable = before.kind == Shape::Kind::kList && now.kind == before.kind && before.word == now.word &&
                          before.parts.size() == now.parts.size();
  for (size_t i = 1; comparable && i < before.parts.size(); ++i) {
    std::string change = Describe(before.parts[i], now.parts[i],
                                  path + "[" + std::string(before.word) + "]");
    if (!change.empty()) return change;
  }
  return Subject(path) + ": " + std::string(before.text) + " in the checkpoint, " + std::string(now.text) +
         " in the program";
}

}  // namespace

void internal::AppendKind(FieldKind kind, int scale, std::string& out) {
  out.append("\"").append(KindName(kind));
  if (kind == FieldKind::kDecimal) out.append("(").append(std::to_string(scale)).append(")");
  out.append("\"");
}

std::string DescribeSchemaChange(std::string_view in_checkpoint, std::string_view in_program) {
  if (in_checkpoint == in_program) return {};
  Shape before;
  Shape now;
  if (!ShapeReader(in_checkpoint).ReadAll(before)) return "the checkpoint's schema text is damaged";
  if (!ShapeReader(in_program).ReadAll(now)) return "the program's schema text is no schema";
  return Describe(before, now, "");
}

}  // namespace weir
