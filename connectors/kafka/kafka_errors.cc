#include "connectors/kafka/kafka_errors.h"

#include <fmt/format.h>

#include <array>

namespace weir {

Code CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Code::kOk;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return Code::kNotFound;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return Code::kFenced;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    case RD_KAFKA_RESP_ERR__DESTROY:
      return Code::kAborted;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return Code::kCorruption;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return Code::kInvalidArgument;
    default:
      return Code::kUnavailable;   // Networks, elections, time-outs: what passes by itself.
  }
}

std::string_view WayOut(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
      return "; is the bootstrap address the port of a KRaft controller? It must be a broker's listener";
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return "; is a broker listening at the bootstrap address, is that not a KRaft controller's port, and does it want TLS or "
             "SASL (kafka.security.protocol)?";
    case RD_KAFKA_RESP_ERR__SSL:
      return "; check kafka.ssl.ca.location, and kafka.ssl.certificate.location and kafka.ssl.key.location where brokers ask for "
             "them";
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return "; check kafka.sasl.mechanisms, kafka.sasl.username and kafka.sasl.password";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "; give this user the right on the cluster (kafka-acls)";
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
      return "; it must not exceed the brokers' transaction.max.timeout.ms";
    default:
      return {};
  }
}

Status StatusOf(rd_kafka_resp_err_t error, std::string_view what, std::string_view words) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return Status::Ok();
  const std::string_view said = words.empty() ? std::string_view(rd_kafka_err2str(error)) : words;
  return {CodeOf(error), fmt::format("{}: {} ({}){}", what, said, rd_kafka_err2name(error), WayOut(error))};
}

TxnResult TxnResultOf(rd_kafka_resp_err_t error, bool retriable) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return TxnResult::kOk;
  // Before "retriable": a producer that lost its epoch can repeat what it likes.
  if (CodeOf(error) == Code::kFenced) return TxnResult::kFenced;
  return retriable ? TxnResult::kRetriable : TxnResult::kFailed;
}

TxnOutcome TxnOutcomeOf(rd_kafka_t* client, rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  const bool retriable = rd_kafka_error_is_retriable(error) != 0;
  std::string words = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  std::array<char, 512> reason{};
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    code = rd_kafka_fatal_error(client, reason.data(), reason.size());
    words += fmt::format(": {}", reason.data());
  }
  return {TxnResultOf(code, retriable), fmt::format("{} ({}){}", words, rd_kafka_err2name(code), WayOut(code))};
}

}  // namespace weir
