#include "tests/fault/harness/cluster_facts.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "tests/fault/harness/loopback.h"

namespace weir::test {
namespace {

constexpr int16_t kMetadata = 3;
constexpr int16_t kFindCoordinator = 10;
constexpr int16_t kDescribeTransactions = 65;
constexpr char kTransactionKey = 1;
constexpr time_t kAnswerSecondsMax = 5;

/// Big-endian, as everything in the protocol.
void Append(std::string& bytes, int64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
}

void AppendText(std::string& bytes, const std::string& text) {
  Append(bytes, static_cast<int64_t>(text.size()), 2);
  bytes += text;
}

/// Reads an answer from front to back. Of what is not there it reads zeros, and `broken` says so.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  int64_t Number(size_t size) {
    int64_t value = 0;
    for (const char c : Take(size)) value = value * 256 + static_cast<unsigned char>(c);
    return value;
  }
  int16_t Int16() { return static_cast<int16_t>(Number(2)); }
  int32_t Int32() { return static_cast<int32_t>(Number(4)); }
  std::string Text() {
    const int16_t length = Int16();
    return std::string(Take(length > 0 ? static_cast<size_t>(length) : 0));
  }
  /// Of the newer kind, whose lengths take as many bytes as they need and are one more than they are.
  std::string CompactText() {
    const size_t length = Varint();
    return std::string(Take(length > 0 ? length - 1 : 0));
  }
  size_t Varint() {
    size_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const auto part = static_cast<size_t>(Number(1));
      value |= (part & 0x7f) << shift;
      if (part < 0x80) break;
    }
    return value;
  }
  bool broken() const { return broken_; }

 private:
  std::string_view Take(size_t size) {
    broken_ = broken_ || size > bytes_.size() - at_;
    if (broken_) return {};
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

  const std::string_view bytes_;
  size_t at_ = 0;
  bool broken_ = false;
};

/// A socket that is closed at the end.
class Connection {
 public:
  explicit Connection(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval longest{kAnswerSecondsMax, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    const sockaddr_in address = Loopback(port);
    open_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;

  bool Send(const std::string& bytes) {
    return open_ && send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  bool Receive(std::string& bytes) { return recv(socket_, bytes.data(), bytes.size(), MSG_WAITALL) ==
                                            static_cast<ssize_t>(bytes.size()); }

 private:
  const int socket_;
  bool open_ = false;
};

struct Request {
  int16_t api = 0;
  int16_t version = 0;
  bool tagged = false;   ///< Of the newer kind: a list of tags, empty here, ends the head.
  std::string body;
};

/// The answer without its length and correlation id.
Result<std::string> Ask(int port, const Request& request) {
  std::string frame;
  Append(frame, request.api, 2);
  Append(frame, request.version, 2);
  Append(frame, 1, 4);
  AppendText(frame, "cluster-facts");
  if (request.tagged) frame += '\0';
  frame += request.body;
  std::string length;
  Append(length, static_cast<int64_t>(frame.size()), 4);
  Connection connection(port);
  std::string head(8, '\0');
  const std::string who = "the node at port " + std::to_string(port);
  if (!connection.Send(length + frame) || !connection.Receive(head)) return Unavailable(who + " does not answer");
  const int32_t size = Reader(head).Int32();
  if (size < 4) return Internal(who + " answers nonsense");
  std::string answer(static_cast<size_t>(size) - 4, '\0');
  if (!connection.Receive(answer)) return Unavailable(who + " does not answer to the end");
  return answer;
}

Status CheckError(int16_t error, const std::string& what) {
  return error == 0 ? Status::Ok() : Unavailable(what + ": error " + std::to_string(error));
}

Status CheckWhole(const Reader& reader, const std::string& what) {
  return reader.broken() ? Internal(what + ": the answer ends too early") : Status::Ok();
}

/// Behind its error and its number.
PartitionFacts ReadPartition(Reader& reader) {
  PartitionFacts facts{reader.Int32(), 0};
  for (int32_t replicas = reader.Int32(); replicas > 0 && !reader.broken(); --replicas) reader.Int32();
  facts.in_sync = static_cast<size_t>(reader.Int32());
  for (size_t i = 0; i < facts.in_sync && !reader.broken(); ++i) reader.Int32();
  return facts;
}

}  // namespace

Result<std::vector<PartitionFacts>> PartitionsOf(int port, const std::string& topic) {
  Request request{kMetadata, 4, false, {}};
  Append(request.body, 1, 4);
  AppendText(request.body, topic);
  request.body += '\0';   // Creates no topic.
  WEIR_ASSIGN_OR_RETURN(const std::string answer, Ask(port, request));
  Reader reader(answer);
  reader.Int32();   // How long to wait.
  for (int32_t brokers = reader.Int32(); brokers > 0 && !reader.broken(); --brokers) {
    reader.Int32();
    reader.Text();
    reader.Int32();
    reader.Text();
  }
  reader.Text();    // The cluster.
  reader.Int32();   // Its controller.
  reader.Int32();   // One topic.
  WEIR_RETURN_IF_ERROR(CheckError(reader.Int16(), "metadata of " + topic));
  reader.Text();
  reader.Number(1);
  std::vector<PartitionFacts> partitions(static_cast<size_t>(reader.Int32() & 0xffff));
  for (size_t left = partitions.size(); left > 0; --left) {
    reader.Int16();
    const auto number = static_cast<size_t>(reader.Int32());
    const PartitionFacts facts = ReadPartition(reader);
    if (number < partitions.size()) partitions[number] = facts;
  }
  WEIR_RETURN_IF_ERROR(CheckWhole(reader, "metadata of " + topic));
  return partitions;
}

Result<int> CoordinatorOf(int port, const std::string& transactional_id) {
  Request request{kFindCoordinator, 2, false, {}};
  AppendText(request.body, transactional_id);
  request.body += kTransactionKey;
  WEIR_ASSIGN_OR_RETURN(const std::string answer, Ask(port, request));
  Reader reader(answer);
  reader.Int32();   // How long to wait.
  WEIR_RETURN_IF_ERROR(CheckError(reader.Int16(), "coordinator of " + transactional_id));
  reader.Text();
  const int node = reader.Int32();
  WEIR_RETURN_IF_ERROR(CheckWhole(reader, "coordinator of " + transactional_id));
  return node;
}

Result<std::string> TransactionStateOf(int port, const std::string& transactional_id) {
  Request request{kDescribeTransactions, 0, true, {}};
  WEIR_CHECK(transactional_id.size() < 127, "longer ids need a longer length");
  request.body += '\2';   // One, by the newer counting.
  request.body += static_cast<char>(transactional_id.size() + 1);
  request.body += transactional_id;
  request.body += '\0';
  WEIR_ASSIGN_OR_RETURN(const std::string answer, Ask(port, request));
  Reader reader(answer);
  reader.Varint();   // Tags of the head.
  reader.Int32();    // How long to wait.
  reader.Varint();   // One transaction.
  WEIR_RETURN_IF_ERROR(CheckError(reader.Int16(), "transaction of " + transactional_id));
  reader.CompactText();
  std::string state = reader.CompactText();
  WEIR_RETURN_IF_ERROR(CheckWhole(reader, "transaction of " + transactional_id));
  return state;
}

}  // namespace weir::test
