// What a disk that refuses is reported with: the call, the path, the system's words and the way out.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/posix_file_system.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(PosixMessages, AFullDiskIsToldWithThePathAndWhatToDo) {
  PosixFileSystem files;
  const auto file = files.Create("/dev/full", Replace::kExisting);   // Linux's disk that is always full.
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  ASSERT_TRUE((*file)->Append("row").ok());
  const Status status = (*file)->Close();
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("cannot write to /dev/full"), HasSubstr("No space left on device"),
                                      HasSubstr("free some space there")));
}

/// No file of this process grows beyond so many bytes while it lives: the write that would takes a part only.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*const old_handler_)(int);
};

TEST(PosixWrites, OfWhichThereIsRoomForAPartOnlyFailForGood) {
  constexpr rlim_t kRoom = 100'000;
  PosixFileSystem files;
  const std::string path = testing::TempDir() + "weir-short-write-" + std::to_string(getpid());
  {
    const FileSizeLimit limit(kRoom);
    const auto file = files.Create(path, Replace::kNever);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    const Status status = (*file)->Append(std::string(3 * kRoom, 'x'));
    EXPECT_EQ(status.code(), Code::kIoError);
    EXPECT_THAT(status.message(), AllOf(HasSubstr("cannot write to " + path), HasSubstr("File too large")));
    for (const Status& later : {(*file)->Append("y"), (*file)->Sync(), (*file)->Close()}) {
      EXPECT_EQ(later.code(), Code::kIoError);
    }
  }
  EXPECT_EQ(*files.Size(path), kRoom) << "the kernel wrote no part";
  EXPECT_TRUE(files.RemoveFile(path).ok());
}

TEST(PosixMessages, ABrokenDiskIsToldWithThePathAndWhatToDo) {
  PosixFileSystem files;
  const auto file = files.Open("/proc/self/mem");   // Nothing is mapped at address zero, which Linux calls EIO.
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  char byte = 0;
  const Status status = (*file)->Read(0, 1, &byte).status();
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("cannot read 1 bytes at 0 of /proc/self/mem"),
                                      HasSubstr("Input/output error"), HasSubstr("the kernel's log"),
                                      HasSubstr("copy the folder to another disk")));
}

}  // namespace
}  // namespace weir
