// What librdkafka's error codes mean to the engine: one function for statuses, one for transactional calls.
// Internal to connectors/kafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

#include "runtime/base/status.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// Code of the status for an error code of librdkafka or of a broker.
Code CodeOf(rd_kafka_resp_err_t error);
/// `what` names the call with its values. Adds librdkafka's words, and the way out where there is a known one.
Status StatusOf(rd_kafka_resp_err_t error, std::string_view what, std::string_view words = {});

/// The class of a failed transactional call. `retriable`: as librdkafka says of this very error.
TxnResult TxnResultOf(rd_kafka_resp_err_t error, bool retriable);
/// Takes ownership of `error`; null is kOk. Where it is only "fatal", the reason is asked of `client`.
TxnOutcome TxnOutcomeOf(rd_kafka_t* client, rd_kafka_error_t* error);

/// "127.0.0.1:9093" that belongs to a KRaft controller gives strange errors: the sentence that explains them, for the
/// codes that a controller causes, else empty.
std::string_view WayOut(rd_kafka_resp_err_t error);

}  // namespace weir
