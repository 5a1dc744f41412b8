// What can be asked of a job's program, and what was asked this time.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace weir {

struct CommandLine {
  std::string command;   ///< run, replay, plan or info; empty where that is not clear.
  std::vector<std::string> definitions;
  std::string config_file;
  std::string restore;
  std::string from;
  std::string to;
  std::string end = "stop";
  bool dot = false;
};

/// Fills `line`, and adds to `problems` all that is wrong with it. Where help was asked for it is printed, and the exit
/// code returned.
std::optional<int> ParseCommandLine(int argc, char** argv, const std::string& job, CommandLine& line,
                                    std::vector<std::string>& problems);

}  // namespace weir
