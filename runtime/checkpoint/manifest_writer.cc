// Writes a manifest as JSON, one element of a list on a line, so that two checkpoints can be compared with diff.

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>

#include "runtime/checkpoint/base64.h"
#include "runtime/checkpoint/key_values.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/manifest_words.h"

namespace weir {
namespace {

class ManifestWriter {
 public:
  explicit ManifestWriter(const Manifest& manifest) : manifest_(manifest) {}

  Result<std::string> Write() {
    Head();
    List("operators", manifest_.operators, [this](const ManifestOperator& op) {
      Add("{{\"id\": {}, \"role\": \"{}\", \"parallelism\": {}}}", Text("operator id", op.id),
          internal::WordOf(op.role), op.parallelism);
    });
    List("states", manifest_.states, [this](const OperatorState& state) { State(state); });
    List("sources", manifest_.sources, [this](const SourceState& source) { Source(source); });
    List("staged", manifest_.staged, [this](const ManifestStaged& staged) {
      Add("{{\"operator\": {}, \"index\": {}, \"base64\": \"{}\"}}", Text("operator id", staged.operator_id),
          staged.index.value(), internal::EncodeBase64(staged.bytes));
    });
    Tail();
    if (!status_.ok()) return status_;
    return std::move(out_);
  }

 private:
  template <class... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  std::string Text(std::string_view what, std::string_view text) {
    if (status_.ok() && !simdjson::validate_utf8(text.data(), text.size())) {
      status_ = InvalidArgument(fmt::format(
          "{} '{}' is not UTF-8 and cannot be named in a checkpoint: rename it", what, internal::Excerpt(text)));
    }
    std::string quoted = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        quoted += '\\';
        quoted += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        quoted += c;
      }
    }
    quoted += '"';
    return quoted;
  }

  template <class Element, class Write>
  void Elements(const std::vector<Element>& elements, std::string_view indent, const Write& write) {
    out_ += '[';
    for (size_t i = 0; i < elements.size(); ++i) {
      Add("{}\n{}", i == 0 ? "" : ",", indent);
      write(elements[i]);
    }
    out_ += ']';
  }

  template <class Element, class Write>
  void List(std::string_view name, const std::vector<Element>& elements, const Write& write) {
    Add("  \"{}\": ", name);
    Elements(elements, "    ", write);
    out_ += ",\n";
  }

  void Head() {
    const Manifest& m = manifest_;
    Add("{{\n  \"format\": {},\n  \"job\": {},\n  \"incarnation\": \"{}\",\n  \"attempt\": \"{}\",\n  \"n\": {},\n",
        kManifestVersion, Text("job", m.job), m.incarnation.ToString(), m.attempt.ToString(), m.n.value());
    Add("  \"mode\": \"{}\",\n  \"drained\": {},\n  \"key_groups\": {},\n  \"hash_version\": {},\n",
        internal::WordOf(m.mode), m.drained, m.key_groups, m.hash_version);
  }

  void Files(std::string_view name, const std::vector<ManifestFile>& files) {
    Add(",\n      \"{}\": ", name);
    Elements(files, "        ", [this](const ManifestFile& file) {
      Add("{{\"name\": {}, \"size\": {}, \"checksum\": {}}}", Text("file", file.name), file.size,
          Text("checksum", file.checksum));
    });
  }

  void State(const OperatorState& state) {
    Add("{{\"operator\": {}, \"index\": {}, \"first\": {}, \"last\": {}, \"ingested\": {},\n      \"schemas\": ",
        Text("operator id", state.operator_id), state.index.value(), state.groups.first, state.groups.last,
        state.ingested.value());
    Elements(state.schemas, "        ", [this](const ManifestSchema& schema) {
      Add("{{\"state\": {}, \"layout\": {}, \"key\": {}, \"value\": {}}}", Text("state", schema.state),
          Text("layout", schema.layout), Text("key schema", schema.key), Text("value schema", schema.value));
    });
    Files("base", state.base);
    Files("deltas", state.deltas);
    out_ += '}';
  }

  void Source(const SourceState& source) {
    Add("{{\"operator\": {}, \"identity\": {}, \"splits\": ", Text("operator id", source.operator_id),
        Text("identity", source.identity));
    Elements(source.splits, "      ", [this](const ManifestSplit& split) {
      const Position& at = split.position;
      Add("{{\"split\": {}, \"next\": {}, \"max_timestamp\": {}, \"watermark\": {}, \"idle\": {}, "
          "\"fingerprint\": {}",
          Text("split", split.split.value()), at.next.value(), at.max_timestamp.millis, at.watermark.millis,
          at.idle, Text("fingerprint", at.fingerprint));
      if (split.end) Add(", \"end\": {}", split.end->value());
      out_ += '}';
    });
    out_ += '}';
  }

  void Tail() {
    List("rows", manifest_.operator_counts, [this](const OperatorCounts& of) {
      Add("{{\"operator\": {}, \"in\": {}, \"processed\": {}, \"late\": {}, \"poison\": {}}}",
          Text("operator id", of.operator_id), of.rows_in, of.counts.processed, of.counts.late, of.counts.poison);
    });
    if (manifest_.replay) {
      const ReplayPlan& plan = *manifest_.replay;
      Add("  \"replay\": {{\"from\": {}, \"to\": {}, \"rows_per_barrier\": {}, \"finished\": {}}},\n",
          Text("replay start", plan.from), Text("replay end", plan.to), plan.rows_per_barrier, plan.finished);
    }
    Add("  \"counts\": {{\"processed\": {}, \"late\": {}, \"poison\": {}}}\n}}\n", manifest_.counts.processed,
        manifest_.counts.late, manifest_.counts.poison);
  }

  const Manifest& manifest_;
  std::string out_;
  Status status_;
};

}  // namespace

Result<std::string> ManifestToJson(const Manifest& manifest) { return ManifestWriter(manifest).Write(); }

}  // namespace weir
