#include "tools/demo_support/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <regex>
#include <system_error>
#include <tuple>

#include "tools/demo_support/die.h"

namespace demo {
namespace {

constexpr size_t kBlockBytes = 1 << 20;

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

void ReadLines(const std::string& path, const LineVisitor& visit) {
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) Die(fmt::format("{} cannot be read", path));
  std::string pending;
  int64_t offset = 0;
  const auto block = std::make_unique<char[]>(kBlockBytes);
  while (const size_t got = std::fread(block.get(), 1, kBlockBytes, file.get())) {
    pending.append(block.get(), got);
    size_t begin = 0;
    for (size_t end; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1) {
      visit(offset + static_cast<int64_t>(begin), std::string_view(pending).substr(begin, end - begin));
    }
    offset += static_cast<int64_t>(begin);
    pending.erase(0, begin);
  }
  if (std::ferror(file.get()) != 0) Die(fmt::format("{} cannot be read to its end", path));
  if (!pending.empty()) Die(fmt::format("{}: the line at byte {} has no end", path, offset));
}

std::vector<std::string> ListFiles(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.starts_with('.')) paths.push_back(entry.path().string());
  }
  if (error) Die(fmt::format("folder {}: {}", folder, error.message()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> ListPublished(const std::string& folder) {
  static const std::regex kName(R"(part-(\d+)-(\d+)-[0-9a-f]+\.json)");
  std::vector<std::tuple<uint64_t, uint64_t, std::string>> found;
  for (std::string& path : ListFiles(folder)) {
    std::smatch match;
    const std::string name = std::filesystem::path(path).filename().string();
    if (!std::regex_match(name, match, kName)) Die(fmt::format("{} is no file of the job's output", path));
    found.emplace_back(std::stoull(match[1].str()), std::stoull(match[2].str()), std::move(path));
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  for (auto& entry : found) paths.push_back(std::move(std::get<2>(entry)));
  return paths;
}

}  // namespace demo
