// A job that rests, whose checkpoint folder is damaged: what its next start comes to.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/disk/disk_job.h"

namespace weir::test {

/// Path and bytes of every file below `path`.
inline void AddFilesBelow(FileSystem& files, const std::string& path, std::map<std::string, std::string>& out) {
  if (!files.IsDirectory(path).value()) {
    out[path] = ReadWholeFile(files, path).value();
    return;
  }
  const std::vector<std::string> names = files.List(path).value();
  for (const std::string& name : names) AddFilesBelow(files, JoinPath(path, name), out);
}

/// One thread. After Wrong() said something it is not to be used again.
class DamagedJob {
 public:
  explicit DamagedJob(SinkKind sink, std::string job = "balances", uint64_t seed = 1)
      : sink_(sink), name_(std::move(job)), seed_(seed) {
    BuildAnew();
  }

  /// The files that a start can need: the newest checkpoint, an older one, and what says which of them is committed.
  const std::map<std::string, std::string>& files() const { return files_; }
  /// Starts that went on as if nothing were wrong, and starts that were refused.
  uint64_t restored() const { return restored_; }
  uint64_t refused() const { return refused_; }

  /// Starts the job with `bytes` in place of those of the file `path`, then brings the file back. Empty if the job was
  /// refused with the file's name and nothing changed, or went on and all its output is right; else what happened.
  std::string WrongWith(const std::string& path, const std::string& bytes) {
    return WrongWith(std::map<std::string, std::string>{{path, bytes}});
  }
  /// The same with several files; a refusal may name any of them.
  std::string WrongWith(const std::map<std::string, std::string>& damage) {
    for (const auto& [path, bytes] : damage) Write(path, bytes);
    const auto outcome = job_->Run();
    if (!outcome.has_value()) {
      ++restored_;
      std::string wrong = job_->Wrong();
      BuildAnew();
      return wrong;
    }
    ++refused_;
    std::string wrong = WrongRefusal(*outcome, damage);
    for (const auto& [path, bytes] : damage) Write(path, files_.at(path));
    RemoveWork();
    return wrong;
  }

 private:
  void BuildAnew() {
    // A base with deltas on it, and with the older checkpoint still there.
    job_ = std::make_unique<DiskJob>(sink_, 2, name_, 2, seed_);
    for (int i = 0; i < 4; ++i) job_->RunOneCheckpoint();
    job_->job().Crash();
    job_->Add();
    disk_ = job_->disk().NewProcess();
    RemoveWork();
    files_ = Files();
  }

  std::map<std::string, std::string> Files() {
    std::map<std::string, std::string> files;
    AddFilesBelow(*disk_, job_->folder(), files);
    // Each start has work folders of its own.
    for (const char* own : {"/work-", "/.inprogress/", "/LOCK"}) {
      std::erase_if(files, [&](const auto& file) { return file.first.find(own) != std::string::npos; });
    }
    return files;
  }
  void RemoveWork() {
    const std::vector<std::string> names = disk_->List(job_->folder()).value();
    for (const std::string& name : names) {
      if (!name.starts_with("work-")) continue;
      EXPECT_TRUE(disk_->RemoveTree(JoinPath(job_->folder(), name)).ok());
    }
  }
  /// A file of its own, whatever else the old one was linked as.
  void Write(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(WriteDurably(*disk_, path, bytes).ok()) << path;
  }

  std::string WrongRefusal(const EngineOutcome& outcome, const std::map<std::string, std::string>& damage) {
    if (outcome.kind != EngineOutcome::Kind::kRefused) return "ended otherwise: " + outcome.status.ToString();
    bool named = false;
    for (const auto& [path, bytes] : damage) named |= outcome.status.message().find(path) != std::string::npos;
    if (!named) return "the file is not named: " + outcome.status.ToString();
    std::map<std::string, std::string> expected = files_;
    for (const auto& [path, bytes] : damage) expected[path] = bytes;
    if (Files() != expected) return "a refused start changed the folder: " + outcome.status.ToString();
    return "";
  }

  const SinkKind sink_;
  const std::string name_;
  const uint64_t seed_;
  std::unique_ptr<DiskJob> job_;
  std::unique_ptr<SimulatedFileSystem> disk_;
  std::map<std::string, std::string> files_;
  uint64_t restored_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace weir::test
