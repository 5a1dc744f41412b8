#include "tests/fault/harness/outbox.h"

#include <sys/socket.h>

#include <cerrno>

namespace weir::test {

bool Outbox::Write(int socket, Time now) {
  while (IsDue(now)) {
    const std::string& bytes = pieces_.front().bytes;
    const ssize_t sent = send(socket, bytes.data() + written_, bytes.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    written_ += static_cast<size_t>(sent);
    if (written_ < bytes.size()) return true;
    pieces_.pop_front();
    written_ = 0;
  }
  return true;
}

}  // namespace weir::test
