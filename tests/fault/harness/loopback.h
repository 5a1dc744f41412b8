// Sockets of this machine alone, for what stands between clients and brokers.
#pragma once

#include <netinet/in.h>

namespace weir::test {

sockaddr_in Loopback(int port);
/// Small requests and answers do not wait for more.
void SendAtOnce(int socket);
/// A connection to `port`, the caller's to close; -1 if nobody listens there.
int ConnectToLoopback(int port);

}  // namespace weir::test
