#include "environment/ledger.h"

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "operators/poison_record.h"

namespace weir {

std::string LedgerTopic(const std::string& job) { return "weir.poison." + job; }

JobGraph WithLedger(JobGraph graph, const std::string& checkpoint_directory) {
  TypedSink<PoisonRecord> typed;
  if (graph.has_transactional_sink()) {
    typed = kafka::Sink<PoisonRecord>{.topic = LedgerTopic(graph.job), .create_partitions = 1}.ToSink();
  } else {
    typed = file::Sink<PoisonRecord>{.directory = checkpoint_directory + "/" + graph.job + "/poison"}.ToSink();
  }
  GraphNode ledger;
  ledger.id = "weir.poison";
  ledger.kind = "ledger";
  ledger.parallelism = 1;
  ledger.sink = typed.connector;
  ledger.make = [typed] { return std::make_unique<internal::TypedSinkOperator<PoisonRecord>>(typed); };
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].source == nullptr && graph.nodes[i].sink == nullptr) continue;
    ledger.inputs.push_back({i, kPoisonPort, Partitioning::kRebalance});
  }
  graph.nodes.push_back(std::move(ledger));
  return graph;
}

}  // namespace weir
