// The configuration: as a file, after -D, and in the environment.
#include "environment/options.h"
#include "runtime/base/simulated_file_system.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

bool IsValid(const Config& config) {
  (void)config.Entries();
  const Status valid = config.Validate();
  WEIR_CHECK(valid.ok() || valid.code() == Code::kInvalidArgument, valid.ToString());
  const Result<JobSettings> settings = ReadJobSettings(config, RunMode::kStream);
  WEIR_CHECK(settings.ok() || settings.status().code() == Code::kInvalidArgument, settings.status().ToString());
  return valid.ok() && settings.ok();
}

}  // namespace

bool FuzzConfig(std::string_view bytes) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  WEIR_CHECK(WriteDurably(*files, "job.yaml", bytes).ok(), "no file");
  Config from_file;
  DeclareJobOptions(from_file);
  const Status loaded = from_file.LoadFile(*files, "job.yaml");
  WEIR_CHECK(loaded.ok() || loaded.code() == Code::kInvalidArgument, loaded.ToString());
  const bool accepted = loaded.ok() && IsValid(from_file);

  Config from_words;
  DeclareJobOptions(from_words);
  std::string_view rest = bytes;
  for (size_t end = rest.find('\n'); !rest.empty(); end = rest.find('\n')) {
    const std::string line(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    (void)from_words.Define(line);
    from_words.LoadEnvironment({&line, 1});
  }
  (void)IsValid(from_words);
  return accepted;
}

}  // namespace weir::fuzz
