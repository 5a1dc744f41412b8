#include "tests/fault/harness/kafka_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

namespace weir::test {
namespace {

constexpr int kPollMillis = 50;
constexpr size_t kLengthBytes = 4;
constexpr size_t kApiKeyAt = 4;
constexpr size_t kCorrelationAt = 8;
constexpr size_t kHeaderBytes = 12;

uint32_t ReadUint32(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void SendAtOnce(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

/// EndTxn's answer of the versions without tagged fields: no throttling, no error.
std::string EndTxnSucceeded(const std::string& request) {
  std::string answer("\0\0\0\x0a", 4);
  answer += request.substr(kCorrelationAt, 4);
  answer.append(6, '\0');
  return answer;
}

}  // namespace

struct KafkaProxy::Connection {
  Connection(int client_socket, int broker_socket) : client(client_socket), broker(broker_socket) {}
  ~Connection() {
    close(client);
    close(broker);
  }
  Connection(const Connection&) = delete;

  const int client;
  const int broker;
  std::string pending;         ///< Of the client, not yet a whole request.
  bool mute = false;           ///< The next answer of the broker ends the connection.
};

Result<std::unique_ptr<KafkaProxy>> KafkaProxy::Listen() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    close(listener);
    return Unavailable("the proxy found no port to listen on");
  }
  return std::unique_ptr<KafkaProxy>(new KafkaProxy(listener, ntohs(address.sin_port)));
}

KafkaProxy::KafkaProxy(int listener, int port) : listener_(listener), port_(port), thread_([this] { Run(); }) {}

KafkaProxy::~KafkaProxy() {
  ending_ = true;
  thread_.join();
  close(listener_);
}

void KafkaProxy::Spoil(int16_t api_key, uint64_t occurrence, Harm harm) {
  const std::lock_guard lock(mutex_);
  wishes_[api_key] = {occurrence, harm};
}

std::optional<Harm> KafkaProxy::HarmFor(int16_t api_key) {
  const std::lock_guard lock(mutex_);
  const auto wish = wishes_.find(api_key);
  if (wish == wishes_.end() || --wish->second.left > 0) return std::nullopt;
  const Harm harm = wish->second.harm;
  wishes_.erase(wish);
  return harm;
}

void KafkaProxy::Run() {
  while (!ending_) {
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    std::vector<int> owners{listener_};
    for (const auto& [client, connection] : connections_) {
      watched.push_back({connection->client, POLLIN, 0});
      watched.push_back({connection->broker, POLLIN, 0});
      owners.insert(owners.end(), 2, client);
    }
    poll(watched.data(), watched.size(), kPollMillis);
    for (size_t i = 1; i < watched.size(); ++i) {
      const auto found = connections_.find(owners[i]);
      if (watched[i].revents == 0 || found == connections_.end()) continue;
      Connection& connection = *found->second;
      const bool alive = watched[i].fd == connection.client ? FromClient(connection) : FromBroker(connection);
      if (!alive) connections_.erase(found);
    }
    if (watched.front().revents != 0) Accept();
  }
  connections_.clear();
}

void KafkaProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(broker_port_);
  auto connection = std::make_unique<Connection>(client, broker);
  if (connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  SendAtOnce(client);
  SendAtOnce(broker);
  connections_[client] = std::move(connection);
}

bool KafkaProxy::FromClient(Connection& connection) {
  std::array<char, 65536> block;
  const ssize_t got = recv(connection.client, block.data(), block.size(), 0);
  if (got <= 0) return false;
  std::string& pending = connection.pending;
  pending.append(block.data(), static_cast<size_t>(got));
  while (pending.size() >= kHeaderBytes) {
    const size_t whole = kLengthBytes + ReadUint32(pending, 0);
    if (pending.size() < whole) break;
    if (!PassRequest(connection, pending.substr(0, whole))) return false;
    pending.erase(0, whole);
  }
  return true;
}

bool KafkaProxy::PassRequest(Connection& connection, const std::string& request) {
  const auto api_key = static_cast<int16_t>(ReadUint32(request, kApiKeyAt) >> 16);
  const std::optional<Harm> harm = HarmFor(api_key);
  if (!harm.has_value()) return SendAll(connection.broker, request);
  ++spoiled_;
  switch (*harm) {
    case Harm::kCutBefore: return false;
    case Harm::kAnswerOnly: return SendAll(connection.client, EndTxnSucceeded(request));
    case Harm::kCutAfter: break;
  }
  connection.mute = true;
  return SendAll(connection.broker, request);
}

bool KafkaProxy::FromBroker(Connection& connection) {
  std::array<char, 65536> block;
  const ssize_t got = recv(connection.broker, block.data(), block.size(), 0);
  if (got <= 0 || connection.mute) return false;
  return SendAll(connection.client, {block.data(), static_cast<size_t>(got)});
}

}  // namespace weir::test
