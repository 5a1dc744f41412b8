#include "tests/fault/harness/kafka_frames.h"

#include <algorithm>

namespace weir::test {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kApiAt = 4;
constexpr size_t kVersionAt = 6;
constexpr size_t kCorrelationAt = 8;
constexpr size_t kClientAt = 12;
/// Of an answer, behind length and correlation id.
constexpr size_t kBodyAt = 8;

/// Big-endian, as everything in the protocol.
int64_t ReadNumber(std::string_view bytes, size_t at, size_t size) {
  int64_t value = static_cast<signed char>(bytes.at(at));
  for (size_t i = 1; i < size; ++i) value = value * 256 + static_cast<unsigned char>(bytes.at(at + i));
  return value;
}
int16_t ReadInt16(std::string_view bytes, size_t at) { return static_cast<int16_t>(ReadNumber(bytes, at, 2)); }
int32_t ReadInt32(std::string_view bytes, size_t at) { return static_cast<int32_t>(ReadNumber(bytes, at, 4)); }

void AppendInt32(std::string& bytes, int32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<uint32_t>(value) >> shift);
}

/// Where an answer says how the whole request went: behind the time to wait, if it states one. From some version on
/// there is a list of tags between, which brokers leave empty.
size_t ErrorAt(int16_t version, int16_t waits_from, int16_t tags_from) {
  return kBodyAt + (version >= waits_from ? 4 : 0) + (version >= tags_from ? 1 : 0);
}

/// Where the first partition's error is in a list of topics with partitions that begins at `list`; zero for an empty one.
size_t FirstPartitionsErrorAt(std::string_view answer, size_t list) {
  if (ReadInt32(answer, list) == 0) return 0;
  const size_t partitions = list + 6 + static_cast<size_t>(ReadInt16(answer, list + 4));
  if (ReadInt32(answer, partitions) == 0) return 0;
  return partitions + 8;
}

/// Zero for versions that the client under test does not speak.
size_t ErrorAt(const RequestHead& asked, std::string_view answer) {
  switch (static_cast<Api>(asked.api)) {
    case Api::kEndTxn: return ErrorAt(asked.version, 0, 3);
    case Api::kInitProducerId: return ErrorAt(asked.version, 0, 2);
    case Api::kFindCoordinator: return asked.version <= 3 ? ErrorAt(asked.version, 1, 3) : 0;
    case Api::kAddPartitionsToTxn: return asked.version <= 2 ? FirstPartitionsErrorAt(answer, kBodyAt + 4) : 0;
    case Api::kProduce: return asked.version <= 8 ? FirstPartitionsErrorAt(answer, kBodyAt) : 0;
    case Api::kFetch:
      return asked.version >= 7 && asked.version <= 11 ? FirstPartitionsErrorAt(answer, kBodyAt + 10) : 0;
  }
  return 0;
}

}  // namespace

const char* NameOf(Api api) {
  switch (api) {
    case Api::kProduce: return "Produce";
    case Api::kFetch: return "Fetch";
    case Api::kFindCoordinator: return "FindCoordinator";
    case Api::kInitProducerId: return "InitProducerId";
    case Api::kAddPartitionsToTxn: return "AddPartitionsToTxn";
    case Api::kEndTxn: return "EndTxn";
  }
  return "?";
}

RequestHead HeadOf(std::string_view request) {
  RequestHead head{ReadInt16(request, kApiAt), ReadInt16(request, kVersionAt), ReadInt32(request, kCorrelationAt), {}};
  const int16_t length = ReadInt16(request, kClientAt);
  if (length > 0) head.client = request.substr(kClientAt + 2, static_cast<size_t>(length));
  return head;
}

int32_t CorrelationOf(std::string_view answer) { return ReadInt32(answer, kLengthBytes); }

bool SetError(const RequestHead& asked, int16_t error, std::string& answer) {
  const size_t at = ErrorAt(asked, answer);
  if (at == 0) return false;
  answer.at(at) = static_cast<char>(error >> 8);
  answer.at(at + 1) = static_cast<char>(error);
  return true;
}

std::string EndTxnSucceeded(const RequestHead& asked) {
  const size_t body = ErrorAt(asked, {}) - kBodyAt + 2;
  const bool tagged = asked.version >= 3;   // Then tags may follow, too.
  const size_t zeros = body + (tagged ? 1 : 0);
  std::string answer;
  AppendInt32(answer, static_cast<int32_t>(4 + zeros));
  AppendInt32(answer, asked.correlation);
  answer.append(zeros, '\0');
  return answer;
}

std::optional<std::string> FrameCutter::Next() {
  const std::string_view left = std::string_view(pending_).substr(begin_);
  if (left.size() >= kLengthBytes) {
    const size_t whole = kLengthBytes + static_cast<size_t>(std::max(ReadInt32(left, 0), 0));
    if (left.size() >= whole) {
      begin_ += whole;
      return std::string(left.substr(0, whole));
    }
  }
  pending_.erase(0, begin_);
  begin_ = 0;
  return std::nullopt;
}

}  // namespace weir::test
