#include "connectors/kafka/kafka_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

struct Row {
  rd_kafka_resp_err_t error;
  bool retriable;
  Code code;
  TxnResult result;
};

constexpr Row kTable[] = {
    {RD_KAFKA_RESP_ERR_NO_ERROR, false, Code::kOk, TxnResult::kOk},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, true, Code::kUnavailable, TxnResult::kRetriable},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, false, Code::kUnavailable, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR_UNKNOWN, false, Code::kUnavailable, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR__TRANSPORT, true, Code::kUnavailable, TxnResult::kRetriable},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, true, Code::kUnavailable, TxnResult::kRetriable},
    {RD_KAFKA_RESP_ERR__FENCED, false, Code::kFenced, TxnResult::kFenced},
    {RD_KAFKA_RESP_ERR__FENCED, true, Code::kFenced, TxnResult::kFenced},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, false, Code::kFenced, TxnResult::kFenced},
    {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, false, Code::kUnavailable, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR__FATAL, false, Code::kAborted, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR__PURGE_QUEUE, false, Code::kAborted, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, false, Code::kAborted, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, false, Code::kNotFound, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, false, Code::kInvalidArgument, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, false, Code::kInvalidArgument, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, false, Code::kInvalidArgument, TxnResult::kFailed},
    {RD_KAFKA_RESP_ERR__BAD_MSG, false, Code::kCorruption, TxnResult::kFailed},
};

TEST(KafkaErrors, AreClassedAsTheTableSays) {
  for (const Row& row : kTable) {
    EXPECT_EQ(CodeOf(row.error), row.code) << rd_kafka_err2name(row.error);
    EXPECT_EQ(TxnResultOf(row.error, row.retriable), row.result) << rd_kafka_err2name(row.error);
  }
}

TEST(KafkaErrors, ExplainTheControllerPort) {
  const Status status = StatusOf(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "producer");
  EXPECT_THAT(status.message(), testing::HasSubstr("KRaft controller"));
}

}  // namespace
}  // namespace weir
