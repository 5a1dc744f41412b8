#include "runtime/base/config.h"

#include <fmt/format.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "runtime/base/did_you_mean.h"

namespace weir {
namespace {

constexpr std::string_view kVariablePrefix = "WEIR_";

std::string KeyBelow(std::string_view prefix, std::string_view variable) {
  std::string key(prefix);
  for (const char c : variable.substr(EnvironmentName(prefix).size())) {
    key += c == '_' ? '.' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return key;
}

struct FileEntry {
  std::string key;
  std::string text;
  int line;
};

Status Flatten(const YAML::Node& node, const std::string& prefix, std::vector<FileEntry>& out) {
  const int line = node.Mark().line + 1;
  switch (node.Type()) {
    case YAML::NodeType::Map:
      for (const auto& child : node) {
        const std::string& name = child.first.Scalar();
        WEIR_RETURN_IF_ERROR(Flatten(child.second, prefix.empty() ? name : prefix + "." + name, out));
      }
      return Status::Ok();
    case YAML::NodeType::Scalar:
      if (prefix.empty()) return InvalidArgument(fmt::format("{}: expected \"key: value\"", line));
      out.push_back({prefix, node.Scalar(), line});
      return Status::Ok();
    case YAML::NodeType::Sequence:
      return InvalidArgument(fmt::format("{}: {} is a list; write its values as one text, separated by commas", line,
                                         prefix.empty() ? "the document" : prefix));
    case YAML::NodeType::Null:
      // An empty document or a key whose settings are all commented out.
      return Status::Ok();
    case YAML::NodeType::Undefined:
      break;
  }
  return InvalidArgument(fmt::format("{}: {} has no value", line, prefix));
}

}  // namespace

std::string EnvironmentName(std::string_view key) {
  std::string name(kVariablePrefix);
  for (const char c : key) {
    name += c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

void Config::DeclareKey(Declared declared) {
  std::string key = declared.key;
  const bool added = declared_.emplace(key, std::move(declared)).second;
  WEIR_CHECK(added, "the configuration key " + key + " is declared twice");
}

void Config::DeclarePrefix(std::string_view prefix, std::string_view description) {
  WEIR_CHECK(prefix.ends_with('.'), "a configuration prefix ends with a dot: " + std::string(prefix));
  prefixes_.emplace(prefix, description);
}

void Config::IgnoreEnvironment(std::string_view name) { ignored_variables_.emplace_back(name); }

Status Config::LoadFile(FileSystem& files, const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(files, path));
  std::vector<FileEntry> entries;
  try {
    const YAML::Node document = YAML::Load(text);
    if (Status status = Flatten(document, "", entries); !status.ok()) {
      return InvalidArgument(path + ":" + status.message());
    }
  } catch (const YAML::Exception& error) {
    return InvalidArgument(fmt::format("{}:{}: this is not YAML: {}", path, error.mark.line + 1, error.msg));
  }
  std::map<std::string, int> lines;
  for (FileEntry& entry : entries) {
    if (const auto [first, added] = lines.emplace(entry.key, entry.line); !added) {
      return InvalidArgument(fmt::format("{}:{}: {} was set in line {} already; keep one of the two", path, entry.line,
                                         entry.key, first->second));
    }
    from_file_[entry.key] = {std::move(entry.text), fmt::format("{}:{}", path, entry.line)};
  }
  return Status::Ok();
}

void Config::LoadEnvironment(std::span<const std::string> variables) {
  for (const std::string& variable : variables) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos || !variable.starts_with(kVariablePrefix)) continue;
    const std::string name = variable.substr(0, equals);
    if (std::find(ignored_variables_.begin(), ignored_variables_.end(), name) != ignored_variables_.end()) continue;
    from_environment_[name] = {variable.substr(equals + 1), "environment variable " + name};
  }
}

std::vector<std::string> Config::ProcessEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

Status Config::Define(std::string_view definition) {
  const size_t equals = definition.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return InvalidArgument(fmt::format("-D {}: expected -D key=value", definition));
  }
  from_command_line_[std::string(definition.substr(0, equals))] = {std::string(definition.substr(equals + 1)), "-D"};
  return Status::Ok();
}

std::optional<Config::Given> Config::Find(std::string_view key) const {
  if (const auto found = from_command_line_.find(key); found != from_command_line_.end()) return found->second;
  const auto variable = from_environment_.find(EnvironmentName(key));
  if (variable != from_environment_.end()) return variable->second;
  if (const auto found = from_file_.find(key); found != from_file_.end()) return found->second;
  return std::nullopt;
}

bool Config::BelowPrefix(std::string_view key) const {
  return std::any_of(prefixes_.begin(), prefixes_.end(), [&](const auto& prefix) {
    return key.starts_with(prefix.first) && key.size() > prefix.first.size();
  });
}

bool Config::VariableIsKnown(std::string_view name) const {
  const bool declared = std::any_of(declared_.begin(), declared_.end(),
                                    [&](const auto& option) { return EnvironmentName(option.first) == name; });
  return declared || std::any_of(prefixes_.begin(), prefixes_.end(), [&](const auto& prefix) {
           const std::string start = EnvironmentName(prefix.first);
           return name.starts_with(start) && name.size() > start.size();
         });
}

std::string Config::DescribeUnknown(const std::string& key, const Given& given) const {
  std::vector<std::string> candidates;
  for (const auto& [known, option] : declared_) {
    candidates.push_back(key.starts_with(kVariablePrefix) ? EnvironmentName(known) : known);
  }
  return fmt::format("{}: unknown key {}{}", given.origin, key, DidYouMean(key, candidates));
}

Status Config::Unreadable(std::string_view key, const Given& given, const Status& reason) {
  return InvalidArgument(fmt::format("{}: {}: {}", given.origin, key, reason.message()));
}

Status Config::NotAChoice(std::string_view text, std::span<const std::string> names) {
  return InvalidArgument(
      fmt::format("\"{}\" is none of {}{}", text, fmt::join(names, ", "), DidYouMean(text, names)));
}

Status Config::Validate() const {
  std::string problems;
  const auto add = [&](const std::string& problem) { problems += (problems.empty() ? "" : "\n") + problem; };
  for (const auto* source : {&from_file_, &from_command_line_}) {
    for (const auto& [key, given] : *source) {
      if (!declared_.contains(key) && !BelowPrefix(key)) add(DescribeUnknown(key, given));
    }
  }
  for (const auto& [name, given] : from_environment_) {
    if (!VariableIsKnown(name)) add(DescribeUnknown(name, given));
  }
  for (const auto& [key, option] : declared_) {
    const std::optional<Given> given = Find(key);
    if (!given.has_value()) continue;
    if (Status status = option.check(given->text); !status.ok()) add(Unreadable(key, *given, status).message());
  }
  return problems.empty() ? Status::Ok() : InvalidArgument(problems);
}

std::map<std::string, std::string> Config::GivenBelow(std::string_view prefix) const {
  std::map<std::string, std::string> result;
  const auto take = [&](std::string_view key, const Given& given) {
    if (key.starts_with(prefix) && key.size() > prefix.size() && !declared_.contains(key)) {
      result[std::string(key.substr(prefix.size()))] = given.text;
    }
  };
  for (const auto& [key, given] : from_file_) take(key, given);
  const std::string start = EnvironmentName(prefix);
  for (const auto& [name, given] : from_environment_) {
    const bool declared = std::any_of(declared_.begin(), declared_.end(),
                                      [&, &variable = name](const auto& option) {
                                        return EnvironmentName(option.first) == variable;
                                      });
    if (!declared && name.starts_with(start)) take(KeyBelow(prefix, name), given);
  }
  for (const auto& [key, given] : from_command_line_) take(key, given);
  return result;
}

std::vector<Config::Entry> Config::Entries() const {
  std::vector<Entry> entries;
  for (const auto& [key, option] : declared_) {
    const Given given = Find(key).value_or(Given{option.default_text, "default"});
    entries.push_back({key, given.text, given.origin, option.description});
  }
  for (const auto& [prefix, description] : prefixes_) {
    for (const auto& [rest, text] : GivenBelow(prefix)) {
      const Given given = Find(prefix + rest).value_or(Given{text, "environment"});
      entries.push_back({prefix + rest, text, given.origin, description});
    }
  }
  return entries;
}

}  // namespace weir
