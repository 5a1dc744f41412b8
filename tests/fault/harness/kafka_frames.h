// What the proxy has to understand of Kafka's protocol: where a request or an answer ends, what a request asks for and
// who asks, and where an answer says how it went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::test {

/// Requests that can be spoilt, with their numbers in the protocol.
enum class Api : int16_t {
  kProduce = 0,
  kFetch = 1,
  kFindCoordinator = 10,
  kInitProducerId = 22,
  kAddPartitionsToTxn = 24,
  kEndTxn = 26,
};
const char* NameOf(Api api);

/// The beginning of each request, in all versions.
struct RequestHead {
  int16_t api = 0;
  int16_t version = 0;
  int32_t correlation = 0;
  std::string client;          ///< The client.id of whoever asks.
  bool Is(Api wanted) const { return api == static_cast<int16_t>(wanted); }
};

/// `request`, `answer`: whole frames, with the length in front.
RequestHead HeadOf(std::string_view request);
int32_t CorrelationOf(std::string_view answer);

/// Makes the answer report `error` in place of what it says: for the whole request, or for the first of its partitions.
/// False, and nothing is changed, if its layout is not known or it names no partition.
bool SetError(const RequestHead& asked, int16_t error, std::string& answer);

/// The answer to an EndTxn that went well.
std::string EndTxnSucceeded(const RequestHead& asked);

/// Cuts a stream into frames. One thread.
class FrameCutter {
 public:
  void Add(std::string_view bytes) { pending_.append(bytes); }
  /// The next whole frame, if there is one.
  std::optional<std::string> Next();

 private:
  std::string pending_;
  size_t begin_ = 0;   ///< Of what was not taken yet.
};

}  // namespace weir::test
