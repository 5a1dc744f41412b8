#include "connectors/file/file_connector.h"

namespace weir::file {
namespace {

class FilesSource final : public SourceConnector {
 public:
  FilesSource(FileSourceConfig config, std::string problem)
      : config_(std::move(config)), problem_(std::move(problem)) {}
  std::string Describe() const override {
    return std::string(config_.follow ? "followed " : "") + "files " + config_.path;
  }
  bool needs_log() const override { return false; }
  std::string Problem() const override { return config_.path.empty() ? "a file source needs a path" : problem_; }
  Result<std::unique_ptr<SplitSource>> Open(const Bindings& bindings) const override {
    return std::unique_ptr<SplitSource>(std::make_unique<FileSource>(*bindings.files, *bindings.clock, config_));
  }

 private:
  const FileSourceConfig config_;
  const std::string problem_;
};

class FilesSink final : public SinkConnector {
 public:
  FilesSink(FileSinkConfig config, std::string problem) : config_(std::move(config)), problem_(std::move(problem)) {}
  std::string Describe() const override { return "files in " + config_.directory; }
  bool needs_log() const override { return false; }
  bool transactional() const override { return false; }
  std::string Problem() const override {
    return config_.directory.empty() ? "a file sink needs a directory" : problem_;
  }
  Result<std::unique_ptr<RecordSink>> Open(const Bindings& bindings) const override {
    return std::unique_ptr<RecordSink>(std::make_unique<FileSink>(*bindings.files, config_));
  }

 private:
  const FileSinkConfig config_;
  const std::string problem_;
};

}  // namespace

std::shared_ptr<const SourceConnector> NewSourceConnector(FileSourceConfig config, std::string problem) {
  return std::make_shared<FilesSource>(std::move(config), std::move(problem));
}

std::shared_ptr<const SinkConnector> NewSinkConnector(FileSinkConfig config, std::string problem) {
  return std::make_shared<FilesSink>(std::move(config), std::move(problem));
}

std::string SuffixOf(Format format) {
  switch (format) {
    case Format::kJson: return ".json";
    case Format::kCsv: return ".csv";
    case Format::kLine: return ".txt";
  }
  return "";
}

}  // namespace weir::file
