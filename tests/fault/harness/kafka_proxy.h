// A proxy that knows enough of Kafka's protocol to do harm: it stands between all clients and one broker, whose
// advertised address it is, and spoils a request of one kind when it comes by.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "runtime/base/status.h"

namespace weir::test {

inline constexpr int16_t kEndTxnRequest = 26;

enum class Harm {
  kCutBefore,      ///< The connection ends, the broker never sees the request.
  kCutAfter,       ///< The broker gets the request, the connection ends before the answer.
  kAnswerOnly,     ///< EndTxn: the client is told OK, the broker never sees the request.
};

/// Any thread may call. Ends its connections on destruction.
class KafkaProxy {
 public:
  /// Listens on a free port of the loopback interface.
  static Result<std::unique_ptr<KafkaProxy>> Listen();
  ~KafkaProxy();
  KafkaProxy(const KafkaProxy&) = delete;

  int port() const { return port_; }
  /// Where the broker is. Connections made before are refused.
  void ForwardTo(int broker_port) { broker_port_ = broker_port; }
  /// Spoils the `occurrence`-th request of this kind from now, counted from 1.
  void Spoil(int16_t api_key, uint64_t occurrence, Harm harm);
  uint64_t spoiled() const { return spoiled_.load(); }

 private:
  struct Connection;
  struct Wish {
    uint64_t left = 0;
    Harm harm = Harm::kCutBefore;
  };

  KafkaProxy(int listener, int port);
  void Run();
  void Accept();
  bool FromClient(Connection& connection);
  bool FromBroker(Connection& connection);
  bool PassRequest(Connection& connection, const std::string& request);
  std::optional<Harm> HarmFor(int16_t api_key);

  const int listener_;
  const int port_;
  std::atomic<int> broker_port_{0};
  std::atomic<bool> ending_{false};
  std::atomic<uint64_t> spoiled_{0};
  std::mutex mutex_;
  std::map<int16_t, Wish> wishes_;   // guarded by mutex_
  std::map<int, std::unique_ptr<Connection>> connections_;   ///< By the client's descriptor.
  std::thread thread_;
};

}  // namespace weir::test
