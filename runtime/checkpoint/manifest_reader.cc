// Reads a manifest and trusts nothing in it: it is the one file of a checkpoint that names others.

#include <fmt/format.h>
#include <simdjson.h>

#include <limits>
#include <set>

#include "runtime/checkpoint/base64.h"
#include "runtime/checkpoint/key_values.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/manifest_words.h"

namespace weir {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr uint64_t kParallelismMax = 1 << 16;

/// Takes an object's fields by name and remembers the first thing wrong; after that everything reads as default.
class Fields {
 public:
  Fields(const element& from, std::string where, Status& status) : where_(std::move(where)), status_(status) {
    // An element that was not found holds nothing that could be asked.
    if (status_.ok() && from.get(object_) != simdjson::SUCCESS) Fail("", "an object");
  }

  std::string Text(std::string_view name) {
    std::string_view text;
    if (const element* value = Take(name); value != nullptr && value->get(text) != simdjson::SUCCESS) {
      Fail(name, "a text");
    }
    return std::string(text);
  }
  std::string NonEmpty(std::string_view name) {
    std::string text = Text(name);
    if (text.empty()) Fail(name, "a text that is not empty");
    return text;
  }
  uint64_t Number(std::string_view name, uint64_t max) {
    uint64_t number = 0;
    const element* value = Take(name);
    if (value == nullptr) return 0;
    if (value->get(number) != simdjson::SUCCESS || number > max) Fail(name, fmt::format("a number up to {}", max));
    return number > max ? 0 : number;
  }
  int64_t Signed(std::string_view name) {
    int64_t number = 0;
    if (const element* value = Take(name); value != nullptr && value->get(number) != simdjson::SUCCESS) {
      Fail(name, "a whole number");
    }
    return number;
  }
  bool Flag(std::string_view name) {
    bool flag = false;
    if (const element* value = Take(name); value != nullptr && value->get(flag) != simdjson::SUCCESS) {
      Fail(name, "true or false");
    }
    return flag;
  }
  Id128 Id(std::string_view name) {
    Id128 id;
    if (!Id128::Parse(Text(name), &id)) Fail(name, "32 hexadecimal digits");
    return id;
  }
  template <class Words>
  auto Enumerator(std::string_view name, const Words& words) {
    const std::string text = Text(name);
    for (const auto& [value, word] : words) {
      if (word == text) return value;
    }
    Fail(name, "a word that this program knows");
    return words[0].first;
  }
  /// Calls `read` with the fields of each element.
  template <class Read>
  void Each(std::string_view name, const Read& read) {
    array elements;
    const element* value = Take(name);
    if (value == nullptr) return;
    if (value->get(elements) != simdjson::SUCCESS) return Fail(name, "a list");
    size_t i = 0;
    for (const element& item : elements) {
      Fields fields(item, fmt::format("{}{}[{}].", where_, name, i++), status_);
      read(fields);
      fields.Finish();
      if (!status_.ok()) return;
    }
  }
  /// The fields of a nested object; call Finish on it.
  Fields Nested(std::string_view name) {
    const element* value = Take(name);
    return Fields(value == nullptr ? element() : *value, fmt::format("{}{}.", where_, name), status_);
  }
  bool Has(std::string_view name) const { return status_.ok() && object_.at_key(name).error() == simdjson::SUCCESS; }

  /// Nothing else may be there, and nothing twice.
  void Finish() {
    if (!status_.ok() || object_.size() == taken_.size()) return;
    std::set<std::string_view> seen;
    for (const auto& field : object_) {
      if (!taken_.contains(field.key)) return Fail(field.key, "no such field");
      if (!seen.insert(field.key).second) return Fail(field.key, "this field once");
    }
  }

  void Fail(std::string_view name, std::string_view expected) {
    if (!status_.ok()) return;
    status_ = Corruption(fmt::format("manifest is damaged at '{}{}': expected {}", where_, internal::Excerpt(name),
                                     expected));
  }

 private:
  /// Null, with the failure remembered, if it is missing or something failed before.
  const element* Take(std::string_view name) {
    if (!status_.ok()) return nullptr;
    if (object_.at_key(name).get(current_) != simdjson::SUCCESS) {
      Fail(name, "this field");
      return nullptr;
    }
    taken_.insert(name);
    return &current_;
  }

  const std::string where_;
  Status& status_;
  object object_;
  element current_;
  std::set<std::string_view> taken_;
};

template <class Integer>
constexpr uint64_t MaxOf() {
  return static_cast<uint64_t>(std::numeric_limits<Integer>::max());
}

void ReadFiles(Fields& from, std::string_view name, std::vector<ManifestFile>& files) {
  from.Each(name, [&](Fields& fields) {
    ManifestFile file;
    file.name = fields.Text("name");
    if (!IsCheckpointFileName(file.name)) fields.Fail("name", "a plain file name");
    file.size = fields.Number("size", MaxOf<int64_t>());
    file.checksum = fields.Text("checksum");
    if (!internal::IsHex(file.checksum, 32)) fields.Fail("checksum", "32 hexadecimal digits");
    files.push_back(std::move(file));
  });
}

OperatorState ReadState(Fields& fields, uint16_t key_groups) {
  OperatorState state;
  state.operator_id = fields.NonEmpty("operator");
  state.index = TaskIndex{static_cast<uint32_t>(fields.Number("index", kParallelismMax))};
  state.groups.first = static_cast<uint16_t>(fields.Number("first", key_groups));
  state.groups.last = static_cast<uint16_t>(fields.Number("last", key_groups));
  if (state.groups.first > state.groups.last) fields.Fail("last", "a group behind 'first'");
  state.ingested = CheckpointId{fields.Number("ingested", MaxOf<uint64_t>())};
  fields.Each("schemas", [&](Fields& schema) {
    state.schemas.push_back(
        {schema.Text("state"), schema.Text("layout"), schema.Text("key"), schema.Text("value")});
  });
  ReadFiles(fields, "base", state.base);
  ReadFiles(fields, "deltas", state.deltas);
  return state;
}

SourceState ReadSource(Fields& fields) {
  SourceState source{fields.NonEmpty("operator"), fields.Text("identity"), {}};
  std::set<std::string> names;
  fields.Each("splits", [&](Fields& from) {
    ManifestSplit split;
    split.split = SplitId{from.NonEmpty("split")};
    if (!names.insert(split.split.value()).second) from.Fail("split", "each split once");
    split.position.next = Offset{from.Signed("next")};
    split.position.max_timestamp = EventTime{from.Signed("max_timestamp")};
    split.position.watermark = EventTime{from.Signed("watermark")};
    split.position.idle = from.Flag("idle");
    split.position.fingerprint = from.Text("fingerprint");
    if (from.Has("end")) split.end = Offset{from.Signed("end")};
    source.splits.push_back(std::move(split));
  });
  return source;
}

ManifestStaged ReadStaged(Fields& fields) {
  ManifestStaged staged;
  staged.operator_id = fields.NonEmpty("operator");
  staged.index = TaskIndex{static_cast<uint32_t>(fields.Number("index", kParallelismMax))};
  if (!internal::DecodeBase64(fields.Text("base64"), &staged.bytes)) fields.Fail("base64", "base64 (RFC 4648)");
  return staged;
}

void ReadHead(Fields& fields, Manifest& m) {
  m.job = fields.Text("job");
  if (!IsValidName(m.job)) fields.Fail("job", "a job id");
  m.incarnation = fields.Id("incarnation");
  m.attempt = fields.Id("attempt");
  m.n = CheckpointId{fields.Number("n", MaxOf<uint64_t>())};
  if (m.n == CheckpointId{}) fields.Fail("n", "a number from 1");
  m.mode = fields.Enumerator("mode", internal::kModeWords);
  m.drained = fields.Flag("drained");
  m.key_groups = static_cast<uint16_t>(fields.Number("key_groups", MaxOf<uint16_t>()));
  if (m.key_groups == 0) fields.Fail("key_groups", "a number from 1");
  m.hash_version = static_cast<uint32_t>(fields.Number("hash_version", MaxOf<uint32_t>()));
}

LedgerCounts CountsIn(Fields& fields) {
  LedgerCounts counts;
  counts.processed = fields.Number("processed", MaxOf<uint64_t>());
  counts.late = fields.Number("late", MaxOf<uint64_t>());
  counts.poison = fields.Number("poison", MaxOf<uint64_t>());
  return counts;
}

void ReadBody(Fields& fields, Manifest& m) {
  fields.Each("operators", [&](Fields& op) {
    const std::string id = op.NonEmpty("id");
    const OperatorRole role = op.Enumerator("role", internal::kRoleWords);
    m.operators.push_back({id, role, static_cast<uint32_t>(op.Number("parallelism", kParallelismMax))});
  });
  fields.Each("states", [&](Fields& state) { m.states.push_back(ReadState(state, m.key_groups)); });
  fields.Each("sources", [&](Fields& source) { m.sources.push_back(ReadSource(source)); });
  fields.Each("staged", [&](Fields& staged) { m.staged.push_back(ReadStaged(staged)); });
  fields.Each("rows", [&](Fields& of) {
    const std::string id = of.NonEmpty("operator");
    const uint64_t rows_in = of.Number("in", MaxOf<uint64_t>());
    m.operator_counts.push_back({id, rows_in, CountsIn(of)});
  });
  if (fields.Has("replay")) {
    Fields plan = fields.Nested("replay");
    m.replay = ReplayPlan{plan.Text("from"), plan.Text("to"), plan.Number("rows_per_barrier", MaxOf<uint64_t>()),
                          plan.Flag("finished")};
    plan.Finish();
  }
  Fields counts = fields.Nested("counts");
  m.counts = CountsIn(counts);
  counts.Finish();
}

}  // namespace

Result<Manifest> ParseManifest(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  if (const simdjson::error_code error = parser.parse(json.data(), json.size()).get(root)) {
    return Corruption(fmt::format("manifest is damaged: {}", simdjson::error_message(error)));
  }
  Status status;
  Fields fields(root, "", status);
  const uint64_t version = fields.Number("format", MaxOf<uint64_t>());
  if (status.ok() && version != kManifestVersion) {
    return InvalidArgument(fmt::format("the manifest has format {}, this program knows {}: run the program version "
                                       "that wrote it", version, kManifestVersion));
  }
  Manifest manifest;
  ReadHead(fields, manifest);
  ReadBody(fields, manifest);
  fields.Finish();
  if (!status.ok()) return status;
  return manifest;
}

}  // namespace weir
