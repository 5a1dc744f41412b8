// Configuration: one flat layer of dotted keys over a YAML file, the environment and the command line.
//
//   constexpr ConfigOption<Duration> kInterval{"execution.checkpointing.interval", std::chrono::seconds(10),
//                                              "Time between two checkpoints."};
//   Config config;
//   config.Declare(kInterval);
//   WEIR_RETURN_IF_ERROR(config.LoadFile(files, "job.yaml"));
//   config.LoadEnvironment(Config::ProcessEnvironment());
//   WEIR_RETURN_IF_ERROR(config.Define("execution.checkpointing.interval=5s"));   // -D
//   WEIR_RETURN_IF_ERROR(config.Validate());
//   WEIR_ASSIGN_OR_RETURN(Duration interval, config.Get(kInterval));
//
// A later source wins whatever the order of loading: file < environment < -D; within one the later definition wins.
// In the environment a key is written WEIR_EXECUTION_CHECKPOINTING_INTERVAL: upper case, '.' and '-' as '_'.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "runtime/base/config_value.h"
#include "runtime/base/file_system.h"

namespace weir {

/// Declared as a constant beside the code that reads it. T: bool, int64_t, double, std::string_view (read as
/// std::string), Duration, ByteSize.
template <class T>
struct ConfigOption {
  using Value = std::conditional_t<std::is_same_v<T, std::string_view>, std::string, T>;
  std::string_view key;
  T default_value;
  std::string_view description;
};

template <class E>
struct ConfigChoice {
  std::string_view name;
  E value;
};

/// The same for one of several words. `choices` must outlive the option: a constexpr array.
template <class E>
  requires std::is_enum_v<E>
struct ConfigOption<E> {
  using Value = E;
  std::string_view key;
  E default_value;
  std::string_view description;
  std::span<const ConfigChoice<E>> choices;
};

/// One thread while it is filled; then only read, from any thread.
class Config {
 public:
  /// Twice the same key: a broken program, ends the process.
  template <class T>
  void Declare(const ConfigOption<T>& option) {
    DeclareKey({std::string(option.key), std::string(option.description), TextOfDefault(option),
                [option](std::string_view text) { return Parse(option, text).status(); }});
  }
  /// Keys that start with `prefix` ("kafka.") are taken as text, whatever they are, unless declared.
  void DeclarePrefix(std::string_view prefix, std::string_view description);
  /// An environment variable that starts with WEIR_ and is not configuration.
  void IgnoreEnvironment(std::string_view name);

  /// Nested maps become dotted keys. NotFound, or InvalidArgument naming file and line: bad YAML, a list, a key twice.
  Status LoadFile(FileSystem& files, const std::string& path);
  /// "NAME=value" each; those that do not start with WEIR_ are skipped.
  void LoadEnvironment(std::span<const std::string> variables);
  static std::vector<std::string> ProcessEnvironment();
  /// "key=value" as after -D. InvalidArgument where there is no '=' or no key.
  Status Define(std::string_view definition);

  /// All unknown keys and unreadable values at once, one a line, each with its origin. InvalidArgument.
  Status Validate() const;

  /// InvalidArgument where the value given cannot be read. REQUIRES: declared.
  template <class T>
  Result<typename ConfigOption<T>::Value> Get(const ConfigOption<T>& option) const {
    const std::optional<Given> given = Find(option.key);
    if (!given.has_value()) return typename ConfigOption<T>::Value(option.default_value);
    Result<typename ConfigOption<T>::Value> parsed = Parse(option, given->text);
    if (!parsed.ok()) return Unreadable(option.key, *given, parsed.status());
    return parsed;
  }
  /// True if any source gives the key.
  bool IsGiven(std::string_view key) const { return Find(key).has_value(); }
  /// What was given below a declared prefix, the prefix cut off. In the environment '_' stands for '.'.
  std::map<std::string, std::string> GivenBelow(std::string_view prefix) const;

  /// For listings: declared keys, sorted, then what was given below prefixes.
  struct Entry {
    std::string key;
    std::string value;
    std::string origin;        ///< "job.yaml:3", "environment variable WEIR_...", "-D", or "default".
    std::string description;
  };
  std::vector<Entry> Entries() const;

 private:
  struct Declared {
    std::string key;
    std::string description;
    std::string default_text;
    std::function<Status(std::string_view)> check;
  };
  struct Given {
    std::string text;
    std::string origin;
  };

  static Result<bool> Parse(const ConfigOption<bool>&, std::string_view text) { return ParseBool(text); }
  static Result<int64_t> Parse(const ConfigOption<int64_t>&, std::string_view text) { return ParseInteger(text); }
  static Result<double> Parse(const ConfigOption<double>&, std::string_view text) { return ParseNumber(text); }
  static Result<Duration> Parse(const ConfigOption<Duration>&, std::string_view text) { return ParseDuration(text); }
  static Result<ByteSize> Parse(const ConfigOption<ByteSize>&, std::string_view text) { return ParseByteSize(text); }
  static Result<std::string> Parse(const ConfigOption<std::string_view>&, std::string_view text) {
    return std::string(text);
  }
  template <class E>
    requires std::is_enum_v<E>
  static Result<E> Parse(const ConfigOption<E>& option, std::string_view text) {
    std::vector<std::string> names;
    for (const ConfigChoice<E>& choice : option.choices) {
      if (choice.name == text) return choice.value;
      names.emplace_back(choice.name);
    }
    return NotAChoice(text, names);
  }
  template <class T>
  static std::string TextOfDefault(const ConfigOption<T>& option) {
    if constexpr (std::is_enum_v<T>) {
      for (const ConfigChoice<T>& choice : option.choices) {
        if (choice.value == option.default_value) return std::string(choice.name);
      }
      return {};
    } else {
      return ToText(typename ConfigOption<T>::Value(option.default_value));
    }
  }
  static Status NotAChoice(std::string_view text, std::span<const std::string> names);
  static Status Unreadable(std::string_view key, const Given& given, const Status& reason);

  void DeclareKey(Declared declared);
  std::optional<Given> Find(std::string_view key) const;
  bool BelowPrefix(std::string_view key) const;
  bool VariableIsKnown(std::string_view name) const;
  std::string DescribeUnknown(const std::string& key, const Given& given) const;

  std::map<std::string, Declared, std::less<>> declared_;
  std::map<std::string, std::string, std::less<>> prefixes_;   // Prefix, description.
  std::vector<std::string> ignored_variables_;
  std::map<std::string, Given, std::less<>> from_file_;
  std::map<std::string, Given, std::less<>> from_environment_;   // By variable name.
  std::map<std::string, Given, std::less<>> from_command_line_;
};

/// "execution.checkpointing.interval" -> "WEIR_EXECUTION_CHECKPOINTING_INTERVAL".
std::string EnvironmentName(std::string_view key);

}  // namespace weir
