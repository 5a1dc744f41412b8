// What a disk that refuses is reported with: the call, the path, the system's words and the way out.
#include <gmock/gmock.h>

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
