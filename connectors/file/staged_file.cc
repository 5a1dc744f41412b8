#include "connectors/file/staged_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace weir {
namespace {

constexpr std::string_view kVersionLine = "weir-staged-file 1";
constexpr std::string_view kInProgress = ".inprogress";
constexpr size_t kChecksumDigits = 32;
constexpr size_t kIncarnationDigits = 8;

bool IsPlainName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || static_cast<unsigned char>(c) < 32; });
}

bool IsTemporaryName(std::string_view name) {
  for (bool first = true; ; first = false) {
    const size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (first ? part != kInProgress : !IsPlainName(part)) return false;
    if (slash == std::string_view::npos) return !first;
    name.remove_prefix(slash + 1);
  }
}

bool IsChecksum(std::string_view text) {
  return text.size() == kChecksumDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Status Damaged(std::string_view what) {
  return Corruption(
      fmt::format("the file sink's entry in the checkpoint is damaged: {}; start over with --restore none", what));
}

}  // namespace

std::string EncodeStagedFile(const StagedFile& file) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n", kVersionLine, file.final_name, file.temporary_name, file.size,
                     file.checksum);
}

Result<StagedFile> DecodeStagedFile(std::string_view bytes) {
  std::array<std::string_view, 5> lines;
  for (std::string_view& line : lines) {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return Damaged("it has too few lines");
    line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
  }
  if (!bytes.empty()) return Damaged("it has too many lines");
  if (lines[0] != kVersionLine) return Damaged(fmt::format("version \"{}\" is not \"{}\"", lines[0], kVersionLine));
  if (!IsPlainName(lines[1]) || !IsTemporaryName(lines[2])) return Damaged("a name leads out of the sink's directory");
  StagedFile file{std::string(lines[1]), std::string(lines[2]), 0, std::string(lines[4])};
  const auto [end, error] = std::from_chars(lines[3].data(), lines[3].data() + lines[3].size(), file.size);
  if (error != std::errc() || end != lines[3].data() + lines[3].size()) return Damaged("the size is not a number");
  if (!IsChecksum(file.checksum)) return Damaged("the checksum is not one");
  return file;
}

std::string InProgressFolder(const SinkContext& context) {
  return fmt::format("{}/{}/{}", kInProgress, context.job, context.operator_id);
}

std::string AttemptFolder(const SinkContext& context) {
  return fmt::format("{}/{}", InProgressFolder(context), context.attempt.ToString());
}

std::string TemporaryName(const SinkContext& context, CheckpointId epoch) {
  return fmt::format("{}/{}-{}", AttemptFolder(context), context.index.value(), epoch.value());
}

std::string FinalName(const SinkContext& context, CheckpointId epoch, const std::string& prefix,
                      const std::string& suffix) {
  return fmt::format("{}-{:010}-{}-{}{}", prefix, epoch.value(), context.index.value(),
                     context.incarnation.ToString().substr(0, kIncarnationDigits), suffix);
}

}  // namespace weir
