#include "tests/fault/harness/kafka_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "tests/fault/harness/loopback.h"
#include "tests/fault/harness/outbox.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollMax{20};
/// Longer than one call of a commit, and than the first tries to initialise a producer.
constexpr milliseconds kDelay{1500};
/// A late copy arrives at last even if its client never asked again.
constexpr milliseconds kLateMax{4000};
constexpr size_t kBlockBytes = 65536;

/// Adds what has come. False at the connection's end.
bool Receive(int socket, FrameCutter& frames) {
  std::array<char, kBlockBytes> block;
  const ssize_t got = recv(socket, block.data(), block.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  frames.Add({block.data(), static_cast<size_t>(got)});
  return got > 0;
}

short EventsOf(const Outbox& outbox, Outbox::Time now) {
  return static_cast<short>(POLLIN | (outbox.IsDue(now) ? POLLOUT : 0));
}

}  // namespace

const char* NameOf(Harm harm) {
  switch (harm) {
    case Harm::kDropRequest: return "drop request";
    case Harm::kDropAnswer: return "drop answer";
    case Harm::kDelayRequest: return "delay request";
    case Harm::kDelayAnswer: return "delay answer";
    case Harm::kDuplicate: return "duplicate";
    case Harm::kCutBefore: return "cut before";
    case Harm::kCutAfter: return "cut after";
    case Harm::kHalfOpen: return "half open";
    case Harm::kErrorAfter: return "error after";
    case Harm::kLie: return "lie";
  }
  return "?";
}

struct KafkaProxy::Connection {
  Connection(int client_socket, int broker_socket) : client(client_socket), broker(broker_socket) {}
  ~Connection() {
    close(client);
    close(broker);
  }
  Connection(const Connection&) = delete;

  struct Asked {
    RequestHead head;
    std::optional<Pending> spoil;   ///< What is to be done to the answer.
  };
  const int client;
  const int broker;
  FrameCutter requests;
  FrameCutter answers;
  Outbox to_client;
  Outbox to_broker;
  std::map<int32_t, Asked> asked;   ///< By correlation id: requests whose answers matter.
  bool half_open = false;
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

std::shared_ptr<const Strike> KafkaProxy::Spoil(Wish wish) {
  auto strike = std::make_shared<Strike>();
  const std::lock_guard lock(mutex_);
  const uint64_t occurrence = wish.occurrence;
  wishes_.push_back({std::move(wish), occurrence, strike});
  return strike;
}

std::optional<KafkaProxy::Pending> KafkaProxy::DueFor(const RequestHead& head) {
  const std::lock_guard lock(mutex_);
  std::optional<Pending> due;
  std::erase_if(wishes_, [&](Pending& pending) {
    const Wish& wish = pending.wish;
    if (!head.Is(wish.api) || (!wish.client.empty() && wish.client != head.client)) return false;
    if (pending.left > 1) {
      --pending.left;
      return false;
    }
    if (due.has_value()) return false;
    due = pending;
    return true;
  });
  return due;
}

void KafkaProxy::WaitForTheNext(Pending pending) {
  const std::lock_guard lock(mutex_);
  pending.left = 1;
  wishes_.push_back(std::move(pending));
}

void KafkaProxy::Run() {
  while (!ending_) {
    const Clock::time_point now = Clock::now();
    Clock::time_point wake = now + kPollMax;
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    std::vector<int> owners;
    for (const auto& [client, connection] : connections_) {
      watched.push_back({connection->client, EventsOf(connection->to_client, now), 0});
      const int broker = connection->half_open ? -1 : connection->broker;   // Nobody listens to it then.
      watched.push_back({broker, EventsOf(connection->to_broker, now), 0});
      owners.push_back(client);
      wake = connection->to_broker.NextDue(connection->to_client.NextDue(wake));
    }
    const auto pause = std::chrono::ceil<milliseconds>(std::max(wake, now) - now);
    poll(watched.data(), watched.size(), static_cast<int>(pause.count()));
    for (size_t i = 0; i < owners.size(); ++i) {
      const auto found = connections_.find(owners[i]);
      if (Serve(*found->second, watched[2 * i + 1].revents, watched[2 * i + 2].revents)) continue;
      // Whoever asked has left before the answer that was to be spoilt.
      for (auto& [_, asked] : found->second->asked) {
        if (asked.spoil.has_value()) WaitForTheNext(std::move(*asked.spoil));
      }
      connections_.erase(found);
    }
    if (watched.front().revents != 0) Accept();
    DeliverLateCopies({}, Clock::now());
  }
  connections_.clear();
  for (const int courier : couriers_) close(courier);
}

int KafkaProxy::ConnectToBroker() const {
  return ConnectToLoopback(broker_port_);
}

void KafkaProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int broker = ConnectToBroker();
  if (broker < 0) {
    close(client);
    return;
  }
  SendAtOnce(client);
  connections_[client] = std::make_unique<Connection>(client, broker);
}

bool KafkaProxy::Serve(Connection& connection, short from_client, short from_broker) {
  constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
  bool alive = true;
  // What a side has said before it left is passed on.
  if ((from_client & kReadable) != 0) alive = Receive(connection.client, connection.requests);
  for (auto request = connection.requests.Next(); request.has_value(); request = connection.requests.Next()) {
    if (!connection.half_open && !PassRequest(connection, *request)) return false;
  }
  if (connection.half_open) return alive;
  if ((from_broker & kReadable) != 0) alive = Receive(connection.broker, connection.answers) && alive;
  for (auto answer = connection.answers.Next(); answer.has_value(); answer = connection.answers.Next()) {
    if (!PassAnswer(connection, std::move(*answer))) return false;
  }
  const Clock::time_point now = Clock::now();
  alive = connection.to_broker.Write(connection.broker, now) && alive;
  return connection.to_client.Write(connection.client, now) && alive;
}

bool KafkaProxy::PassRequest(Connection& connection, const std::string& request) {
  const RequestHead head = HeadOf(request);
  for (LateCopy& copy : late_) {
    if (copy.head.client == head.client && copy.head.api == head.api) copy.sent_again = true;
  }
  if (const std::optional<Pending> due = DueFor(head)) return SpoilRequest(connection, head, request, *due);
  if (head.Is(Api::kProduce)) connection.asked[head.correlation] = {head, std::nullopt};
  connection.to_broker.Put(request);
  return true;
}

bool KafkaProxy::SpoilRequest(Connection& connection, const RequestHead& head, const std::string& request,
                              const Pending& due) {
  const Clock::time_point now = Clock::now();
  const auto strike = [&](Clock::time_point over_at) {
    due.strike->over_at_ = over_at;
    due.strike->struck_ = true;
  };
  switch (due.wish.harm) {
    case Harm::kDropRequest: strike(now); return true;
    case Harm::kDelayRequest:
      connection.to_broker.Put(request, now + kDelay);
      strike(now + kDelay);
      return true;
    case Harm::kDuplicate:
      late_.push_back({head, request, due.strike, now + kLateMax});
      strike(Clock::time_point::max());
      return false;
    case Harm::kCutBefore: strike(now); return false;
    case Harm::kHalfOpen:
      connection.half_open = true;
      strike(now);
      return true;
    case Harm::kLie:
      connection.to_client.Put(EndTxnSucceeded(head));
      strike(now);
      return true;
    case Harm::kDropAnswer:
    case Harm::kDelayAnswer:
    case Harm::kCutAfter:
    case Harm::kErrorAfter: break;
  }
  connection.asked[head.correlation] = {head, due};
  connection.to_broker.Put(request);
  return true;
}

bool KafkaProxy::PassAnswer(Connection& connection, std::string answer) {
  const auto found = connection.asked.find(CorrelationOf(answer));
  if (found == connection.asked.end()) {
    connection.to_client.Put(std::move(answer));
    return true;
  }
  const Connection::Asked asked = std::move(found->second);
  connection.asked.erase(found);
  if (asked.head.Is(Api::kProduce)) NoteAnswered(asked.head);
  if (asked.spoil.has_value()) return SpoilAnswer(connection, asked.head, std::move(answer), *asked.spoil);
  connection.to_client.Put(std::move(answer));
  return true;
}

bool KafkaProxy::SpoilAnswer(Connection& connection, const RequestHead& head, std::string answer, Pending due) {
  const Clock::time_point now = Clock::now();
  if (due.wish.harm == Harm::kErrorAfter && !SetError(head, due.wish.error, answer)) {
    // Nothing in it that an error could be about: the next one, then.
    connection.to_client.Put(std::move(answer));
    WaitForTheNext(std::move(due));
    return true;
  }
  const bool late = due.wish.harm == Harm::kDelayAnswer;
  const Clock::time_point not_before = late ? now + kDelay : now;
  due.strike->over_at_ = not_before;
  due.strike->struck_ = true;
  if (late || due.wish.harm == Harm::kErrorAfter) connection.to_client.Put(std::move(answer), not_before);
  return due.wish.harm != Harm::kCutAfter;
}

void KafkaProxy::NoteAnswered(const RequestHead& head) {
  // The client has the answer to its second request, and has gone on to write: now the first one arrives.
  DeliverLateCopies(head.client, Clock::now());
}

void KafkaProxy::DeliverLateCopies(const std::string& client, Clock::time_point now) {
  std::erase_if(late_, [&](const LateCopy& copy) {
    if (now < copy.latest && !(copy.sent_again && copy.head.client == client)) return false;
    const int courier = ConnectToBroker();
    if (courier >= 0) {
      Outbox bag;
      bag.Put(copy.request);
      bag.Write(courier, now);
      couriers_.push_back(courier);
    }
    copy.strike->over_at_ = now;
    return true;
  });
}

}  // namespace weir::test
