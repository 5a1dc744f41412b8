// Where every query reads and writes.
#pragma once

#include "benchmarks/nexmark/queries/queries.h"
#include "connectors/kafka/kafka_connector.h"

namespace nexmark {

template <class Event>
weir::SourceStream<Event> Events(const Topics& topics, weir::Pipeline& pipeline) {
  return pipeline.Source("events", weir::kafka::Source<Event>{.topic = topics.input});
}

template <class Row>
weir::kafka::Sink<Row> RowsTo(const Topics& topics) {
  constexpr int32_t kOutputPartitions = 4;
  return {.topic = topics.output, .create_partitions = kOutputPartitions};
}

}  // namespace nexmark
