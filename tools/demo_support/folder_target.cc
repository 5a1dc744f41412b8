#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "tools/demo_support/die.h"
#include "tools/demo_support/load_target.h"

namespace demo {
namespace {

class FolderTarget final : public LoadTarget {
 public:
  FolderTarget(const std::string& folder, int32_t files) {
    for (int32_t i = 0; i < files; ++i) {
      File file{fmt::format("{}/input-{}.json", folder, i), -1, {}, 0};
      file.descriptor = open(file.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      if (file.descriptor < 0) Die(fmt::format("{} cannot be written: {}", file.path, std::strerror(errno)));
      files_.push_back(std::move(file));
    }
  }

  ~FolderTarget() override {
    for (const File& file : files_) close(file.descriptor);
  }

  void Add(uint64_t choice, std::string_view json) override {
    File& file = files_[choice % files_.size()];
    file.chunk.append(json);
    file.chunk += '\n';
    ++file.lines;
  }

  void Pass() override {
    for (File& file : files_) Append(file);
  }

  void Finish() override { Pass(); }

  uint64_t arrived() const override { return arrived_; }

 private:
  struct File {
    std::string path;
    int descriptor;
    std::string chunk;
    uint64_t lines;
  };

  void Append(File& file) {
    std::string_view rest = file.chunk;
    while (!rest.empty()) {
      const ssize_t written = write(file.descriptor, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) Die(fmt::format("{} cannot be appended to: {}", file.path, std::strerror(errno)));
      rest.remove_prefix(static_cast<size_t>(written));
    }
    arrived_ += file.lines;
    file.lines = 0;
    file.chunk.clear();
  }

  std::vector<File> files_;
  uint64_t arrived_ = 0;
};

}  // namespace

std::unique_ptr<LoadTarget> NewFolderTarget(const std::string& folder, int32_t files) {
  return std::make_unique<FolderTarget>(folder, files);
}

}  // namespace demo
