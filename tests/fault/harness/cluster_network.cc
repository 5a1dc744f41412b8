#include "tests/fault/harness/cluster_network.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "tests/fault/harness/kafka_frames.h"
#include "tests/fault/harness/loopback.h"
#include "tests/fault/harness/outbox.h"

namespace weir::test {
namespace {

constexpr int kPollMillis = 20;
constexpr size_t kBlockBytes = 65536;
constexpr int kClient = 0;   ///< In place of a node's number.
constexpr size_t kForClients = 0;
/// What tools/kafka calls the ports that a node really listens on.
constexpr std::array<const char*, 3> kPortNames{"port", "internal_port", "controller_port"};
/// Part of the client.id of the connections over which a coordinator ends transactions.
constexpr const char* kMarkerSender = "txn-marker-sender";

/// What has come, nothing at the connection's end.
std::optional<std::string> Receive(int socket) {
  std::array<char, kBlockBytes> block;
  const ssize_t got = recv(socket, block.data(), block.size(), MSG_DONTWAIT);
  if (got > 0) return std::string(block.data(), static_cast<size_t>(got));
  const bool alive = got < 0 && (errno == EAGAIN || errno == EINTR);
  return alive ? std::optional<std::string>("") : std::nullopt;
}

/// Nodes name themselves in their client.id: raft-client-2, broker-2-fetcher-0, 2.
int NodeNamedIn(const std::string& client) {
  size_t at = 0;
  while (at < client.size() && std::isdigit(static_cast<unsigned char>(client[at])) == 0) ++at;
  return std::atoi(client.c_str() + at);
}

/// A number in the flat JSON that a broker's folder remembers it by; 0 if it is not there.
int NumberIn(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::string key = "\"" + name + "\": ";
  const size_t at = text.find(key);
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + key.size());
}

}  // namespace

const char* NameOf(Cut cut) { return cut == Cut::kRefused ? "refused" : "silent"; }

/// One connection: whoever asks, and the node that is asked.
struct ClusterNetwork::Wire {
  Wire(int asker_socket, const Port& port) : asker(asker_socket), to(port.node), kind(port.kind) {
    if (kind == kForClients) from = kClient;
  }
  ~Wire() {
    close(asker);
    if (node >= 0) close(node);
  }
  Wire(const Wire&) = delete;

  const int asker;
  int node = -1;              ///< Connected once it is known who asks.
  const int to;
  const size_t kind;
  std::optional<int> from;    ///< The node that asks; a broker says so in its first request.
  std::string client;
  bool hit = false;
  FrameCutter requests;
  Outbox to_node;
  Outbox to_asker;
};

Result<std::unique_ptr<ClusterNetwork>> ClusterNetwork::Listen(std::string folder, int nodes) {
  std::unique_ptr<ClusterNetwork> network(new ClusterNetwork(std::move(folder)));
  for (int node = 1; node <= nodes; ++node) {
    for (size_t kind = 0; kind < kPortNames.size(); ++kind) WEIR_RETURN_IF_ERROR(network->AddPort(node, kind));
  }
  network->thread_ = std::thread([self = network.get()] { self->Run(); });
  return network;
}

ClusterNetwork::ClusterNetwork(std::string folder) : folder_(std::move(folder)) {}

Status ClusterNetwork::AddPort(int node, size_t kind) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ports_.push_back({listener, 0, node, kind});
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return Unavailable("the cluster's network found no port to listen on");
  }
  ports_.back().number = ntohs(address.sin_port);
  return {};
}

ClusterNetwork::~ClusterNetwork() {
  ending_ = true;
  if (thread_.joinable()) thread_.join();
  for (const Port& port : ports_) close(port.listener);
}

std::vector<int> ClusterNetwork::ports() const {
  std::vector<int> numbers;
  for (const Port& port : ports_) numbers.push_back(port.number);
  return numbers;
}

std::string ClusterNetwork::bootstrap() const {
  std::string list;
  for (const Port& port : ports_) {
    if (port.kind == kForClients) list += (list.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(port.number);
  }
  return list;
}

void ClusterNetwork::CutOff(std::set<int> nodes, Cut cut) {
  const std::lock_guard lock(mutex_);
  cut_off_ = std::move(nodes);
  cut_ = cut;
  hit_ = 0;
  for (Wire& wire : wires_) wire.hit = false;
}

void ClusterNetwork::Mend() {
  const std::lock_guard lock(mutex_);
  cut_off_.clear();
}

void ClusterNetwork::HoldMarkers() {
  const std::lock_guard lock(mutex_);
  markers_held_ = true;
}

void ClusterNetwork::ReleaseMarkers() {
  const std::lock_guard lock(mutex_);
  wires_.remove_if([this](const Wire& wire) { return IsHeld(wire); });
  markers_held_ = false;
}

bool ClusterNetwork::IsCut(const Wire& wire) const {
  return wire.from.has_value() && cut_off_.contains(*wire.from) != cut_off_.contains(wire.to);
}

bool ClusterNetwork::IsHeld(const Wire& wire) const {
  return markers_held_ && wire.client.find(kMarkerSender) != std::string::npos;
}

void ClusterNetwork::Run() {
  while (!ending_) {
    std::vector<pollfd> watched;
    for (const Port& port : ports_) watched.push_back({port.listener, POLLIN, 0});
    {
      const std::lock_guard lock(mutex_);
      const auto now = Outbox::Time::clock::now();
      for (const Wire& wire : wires_) {
        const bool quiet = IsCut(wire) || IsHeld(wire);   // Nobody listens to it then.
        // What one side says is read when the other side has taken all from before.
        const bool node_is_full = wire.node >= 0 && wire.to_node.IsDue(now);
        const bool asker_is_full = wire.to_asker.IsDue(now);
        const auto asker_events = static_cast<short>((node_is_full ? 0 : POLLIN) | (asker_is_full ? POLLOUT : 0));
        const auto node_events = static_cast<short>((asker_is_full ? 0 : POLLIN) | (node_is_full ? POLLOUT : 0));
        watched.push_back({quiet ? -1 : wire.asker, asker_events, 0});
        watched.push_back({quiet ? -1 : wire.node, node_events, 0});
      }
    }
    poll(watched.data(), watched.size(), kPollMillis);
    const std::lock_guard lock(mutex_);
    // Wires may have gone meanwhile, and then the events are not theirs: the next look has them.
    const bool same = watched.size() == ports_.size() + 2 * wires_.size();
    size_t at = ports_.size();
    wires_.remove_if([&](Wire& wire) {
      const short from_asker = same ? watched[at].revents : short{0};
      const short from_node = same ? watched[at + 1].revents : short{0};
      at += 2;
      return !Serve(wire, from_asker, from_node);
    });
    for (size_t i = 0; i < ports_.size(); ++i) {
      if (watched[i].revents != 0) Accept(ports_[i]);
    }
  }
  const std::lock_guard lock(mutex_);
  wires_.clear();
}

void ClusterNetwork::Accept(const Port& port) {
  const int asker = accept4(port.listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (asker < 0) return;
  SendAtOnce(asker);
  wires_.emplace_back(asker, port);
}

int ClusterNetwork::ConnectTo(const Wire& wire) const {
  const std::string path = folder_ + "/node-" + std::to_string(wire.to) + "/broker.json";
  return ConnectToLoopback(NumberIn(path, kPortNames[wire.kind]));
}

bool ClusterNetwork::Serve(Wire& wire, short from_asker, short from_node) {
  constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
  bool alive = true;
  const auto stopped = [&] {
    if (IsCut(wire) && !std::exchange(wire.hit, true)) ++hit_;
    return IsCut(wire) || IsHeld(wire);
  };
  const auto stays = [&] { return IsHeld(wire) || cut_ == Cut::kSilent; };
  if (stopped()) return stays();
  // What a side has said before it left is passed on.
  if ((from_asker & kReadable) != 0) {
    const std::optional<std::string> said = Receive(wire.asker);
    alive = said.has_value();
    if (alive) wire.requests.Add(*said);
  }
  for (auto request = wire.requests.Next(); request.has_value(); request = wire.requests.Next()) {
    if (wire.client.empty()) wire.client = HeadOf(*request).client;
    if (!wire.from.has_value()) wire.from = NodeNamedIn(wire.client);
    wire.to_node.Put(std::move(*request));
  }
  if (stopped()) return stays();
  if (wire.node < 0 && wire.from.has_value()) {
    wire.node = ConnectTo(wire);
    if (wire.node < 0) return false;
  }
  if (wire.node < 0) return alive;
  if ((from_node & kReadable) != 0) {
    const std::optional<std::string> said = Receive(wire.node);
    alive = said.has_value() && alive;
    if (said.has_value() && !said->empty()) wire.to_asker.Put(*said);
  }
  const auto now = Outbox::Time::clock::now();
  alive = wire.to_node.Write(wire.node, now) && alive;
  return wire.to_asker.Write(wire.asker, now) && alive;
}

}  // namespace weir::test
