// Lets RocksDB work through Weir's file system seam: the sorted files always, whole stores where a test's disk is to tear
// them, fill up and fail their syncs.
#pragma once

#include <memory>
#include <string>

#include <rocksdb/env.h>

#include "runtime/base/file_system.h"

namespace weir {

/// The file that an SstFileWriter of `env` writes. RocksDB's syncs are not passed on: who finishes the file syncs it,
/// in one place, with Sync. One thread.
struct SeamFile {
  std::unique_ptr<WritableFile> file;
};

/// An environment for one sorted file. `written` receives the file at the first write; both must outlive the environment.
std::unique_ptr<rocksdb::Env> NewSeamEnv(FileSystem& files, SeamFile* written);

/// An environment for one whole store, whose background work is done by one thread, one piece after the other.
class StoreEnv : public rocksdb::EnvWrapper {
 public:
  /// `files` must outlive it.
  explicit StoreEnv(FileSystem& files);
  ~StoreEnv() override;

  /// Returns when nothing is left to do. Called after each call of the store, this makes background work part of it: equal
  /// calls then change the disk in equal order.
  void WaitUntilIdle();

  void Schedule(void (*function)(void*), void* argument, Priority, void* tag, void (*unscheduled)(void*)) override;
  int UnSchedule(void* tag, Priority) override;

 private:
  class Worker;
  const std::unique_ptr<Worker> worker_;
};

}  // namespace weir
