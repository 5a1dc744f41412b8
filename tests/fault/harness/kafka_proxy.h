// A proxy that knows enough of Kafka's protocol to do harm: it stands between all clients and one broker, whose
// advertised address it is, and spoils a request of one kind when it comes by. Many jobs may use it side by side: each
// has a client.id of its own, and only that one's requests are spoilt.
//
//   auto strike = proxy->Spoil({.client = "job-7", .api = Api::kEndTxn, .occurrence = 3, .harm = Harm::kCutAfter});
//   ... until strike->struck()
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/status.h"
#include "tests/fault/harness/kafka_frames.h"

namespace weir::test {

enum class Harm {
  kDropRequest,    ///< The broker never sees the request, nobody answers. The connection stays.
  kDropAnswer,     ///< The request is executed, nobody answers. The connection stays.
  kDelayRequest,   ///< It reaches the broker late, and so does all that is behind it on its connection.
  kDelayAnswer,    ///< The answer is late, with all behind it.
  kDuplicate,      ///< The connection ends, so the client asks again; long after that was done, the first one arrives.
  kCutBefore,      ///< The connection ends, the broker never sees the request.
  kCutAfter,       ///< The request is executed, the connection ends before the answer.
  kHalfOpen,       ///< From the request on nothing passes in either direction. The connection stays.
  kErrorAfter,     ///< The request is executed, the client is told of an error.
  kLie,            ///< EndTxn: the client is told OK, the broker never sees the request.
};
const char* NameOf(Harm harm);

struct Wish {
  std::string client = {};     ///< Whose requests count; empty: everybody's.
  Api api = Api::kEndTxn;
  uint64_t occurrence = 1;     ///< The how many-th from now is spoilt.
  Harm harm = Harm::kCutBefore;
  int16_t error = 0;           ///< For kErrorAfter: its number in the protocol.
};

/// What became of a wish. Safe from any thread.
class Strike {
 public:
  /// The request came by. With harm to its answer: the broker has executed it.
  bool struck() const { return struck_.load(); }
  /// And nothing of the fault is still to come.
  bool over() const { return struck() && std::chrono::steady_clock::now() >= over_at_.load(); }

 private:
  friend class KafkaProxy;
  using Time = std::chrono::steady_clock::time_point;

  std::atomic<bool> struck_{false};
  std::atomic<Time> over_at_{Time::max()};
};

/// Any thread may call. Ends its connections on destruction.
class KafkaProxy {
 public:
  /// Listens on a free port of the loopback interface.
  static Result<std::unique_ptr<KafkaProxy>> Listen();
  ~KafkaProxy();
  KafkaProxy(const KafkaProxy&) = delete;

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Where the broker is. Connections made before are refused.
  void ForwardTo(int broker_port) { broker_port_ = broker_port; }
  std::shared_ptr<const Strike> Spoil(Wish wish);

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection;
  /// A wish, and how many such requests are to come by before it is due.
  struct Pending {
    Wish wish;
    uint64_t left = 0;
    std::shared_ptr<Strike> strike;
  };
  /// The first copy of a request that its client sends again.
  struct LateCopy {
    RequestHead head;
    std::string request;
    std::shared_ptr<Strike> strike;
    Clock::time_point latest;
    bool sent_again = false;
  };

  KafkaProxy(int listener, int port);
  void Run();
  void Accept();
  bool Serve(Connection& connection, short from_client, short from_broker);
  bool PassRequest(Connection& connection, const std::string& request);
  bool PassAnswer(Connection& connection, std::string answer);
  bool SpoilRequest(Connection& connection, const RequestHead& head, const std::string& request, const Pending& due);
  bool SpoilAnswer(Connection& connection, const RequestHead& head, std::string answer, Pending due);
  std::optional<Pending> DueFor(const RequestHead& head);
  /// For a wish whose request came by and could not be spoilt.
  void WaitForTheNext(Pending pending);
  void NoteAnswered(const RequestHead& head);
  void DeliverLateCopies(const std::string& client, Clock::time_point now);
  int ConnectToBroker() const;

  const int listener_;
  const int port_;
  std::atomic<int> broker_port_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::vector<Pending> wishes_;   // guarded by mutex_
  // The thread's own.
  std::map<int, std::unique_ptr<Connection>> connections_;   ///< By the client's descriptor.
  std::vector<LateCopy> late_;
  std::vector<int> couriers_;     ///< Connections that brought a late copy; nobody reads their answers.
  std::thread thread_;
};

}  // namespace weir::test
