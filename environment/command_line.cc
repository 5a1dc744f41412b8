#include "environment/command_line.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "environment/exit_codes.h"
#include "runtime/base/did_you_mean.h"

namespace weir {
namespace {

constexpr const char* kFrom = "earliest, latest, offset:N, timestamp:MILLISECONDS or a time";
constexpr const char* kTo = "now, offset:N, timestamp:MILLISECONDS or a time";

/// The library is left to sort words, not to judge them: it stops at the first thing that it does not like.
void Declare(CLI::App& app, CommandLine& line) {
  const auto add = [&](const char* name, const char* what) {
    CLI::App* command = app.add_subcommand(name, what);
    command->allow_extras();
    command->add_option("-D", line.definitions, "Configuration: key=value, may be given again")->take_all();
    command->add_option("--config", line.config_file, "Configuration: a YAML file");
    return command;
  };
  app.allow_extras();
  app.require_subcommand(0, 1);
  CLI::App* run = add("run", "Run the job; it goes on from its last committed checkpoint");
  CLI::App* replay = add("replay", "Run the job over a fixed range of its input, in micro-batches");
  for (CLI::App* command : {run, replay}) {
    command->add_option("--restore", line.restore, "latest: fail if nothing was ever committed; none: start anew");
  }
  replay->add_option("--from", line.from, kFrom);
  replay->add_option("--to", line.to, kTo);
  replay->add_option("--end", line.end, "stop: 'run' goes on from here; drain: everything fires, final");
  add("plan", "Print how the job is cut into tasks")->add_flag("--dot", line.dot, "For Graphviz");
  add("info", "Print names, folders and configuration of the job");
}

std::vector<std::string> OptionsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

/// Words that nobody asked for. What follows an unknown option may be its value, and is not worth a line of its own.
void CheckLeftOver(const CLI::App& app, const CLI::App& command, std::vector<std::string>& problems) {
  const std::vector<std::string> known = OptionsOf(command);
  bool after_option = false;
  for (const std::string& word : app.remaining(true)) {
    const bool option = word.starts_with("-");
    const std::string name = word.substr(0, word.find('='));
    if (option) {
      const std::string near = DidYouMean(name, known);
      problems.push_back(fmt::format("{} has no option {}{}", command.get_name(), name,
                                     near.empty() ? fmt::format("; it has {}", fmt::join(known, ", ")) : near));
    } else if (!after_option) {
      problems.push_back(fmt::format("{} takes no argument '{}'", command.get_name(), word));
    }
    after_option = option && word == name;
  }
}

void CheckCommand(const CLI::App& app, std::vector<std::string>& problems) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  const std::vector<std::string> words = app.remaining();
  const auto given = std::ranges::find_if(words, [](const std::string& word) { return !word.starts_with("-"); });
  const std::string choice = fmt::format("say one of {}", fmt::join(commands, ", "));
  problems.push_back(given == words.end()
                         ? choice
                         : fmt::format("there is no command {}{}; {}", *given, DidYouMean(*given, commands), choice));
}

void CheckChoice(std::string_view option, const std::string& given, std::initializer_list<std::string_view> choices,
                 std::vector<std::string>& problems) {
  if (std::ranges::find(choices, given) != choices.end()) return;
  problems.push_back(fmt::format("{}: '{}' is none of {}", option, given, fmt::join(choices, ", ")));
}

void CheckValues(const CLI::App& command, const CommandLine& line, std::vector<std::string>& problems) {
  if ((line.command == "run" || line.command == "replay") && command.count("--restore") > 0) {
    CheckChoice("--restore", line.restore, {"latest", "none"}, problems);
  }
  if (line.command != "replay") return;
  if (command.count("--from") == 0) problems.push_back(fmt::format("replay needs --from: {}", kFrom));
  if (command.count("--to") == 0) problems.push_back(fmt::format("replay needs --to: {}", kTo));
  CheckChoice("--end", line.end, {"stop", "drain"}, problems);
}

}  // namespace

std::optional<int> ParseCommandLine(int argc, char** argv, const std::string& job, CommandLine& line,
                                    std::vector<std::string>& problems) {
  CLI::App app{"weir job " + job, job};
  Declare(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    // An option without its value: what else there is cannot be told from it.
    problems.push_back(error.what());
    return std::nullopt;
  }
  if (app.get_subcommands().empty()) {
    CheckCommand(app, problems);
    return std::nullopt;
  }
  const CLI::App& command = *app.get_subcommands().front();
  line.command = command.get_name();
  CheckLeftOver(app, command, problems);
  CheckValues(command, line, problems);
  return std::nullopt;
}

}  // namespace weir
