#include "environment/ledger.h"

#include <memory>
#include <utility>

#include "connectors/file/file_connector.h"
#include "connectors/format/row_format.h"
#include "connectors/kafka/kafka_connector.h"
#include "operators/late_record.h"
#include "operators/poison_record.h"
#include "operators/process/describe.h"

namespace weir {
namespace {

/// Rows of whatever type that came too late, as records of the ledger.
class LateEncoder final : public Operator {
 public:
  LateEncoder(std::string operator_id, const RowType& row)
      : operator_id_(std::move(operator_id)), row_(row), encoder_(NewEncoder(row, {})) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto made = std::make_unique<Batch<LateRecord>>();
    for (size_t i = 0; i < batch->size(); ++i) {
      LateRecord& record = made->rows.emplace_back();
      record.operator_id = operator_id_;
      record.event_time = batch->times[i].millis;
      record.watermark = batch->is_late(i) ? batch->late[i].millis : record.event_time;
      const Status status = encoder_->Encode(batch->row(i), record.row);
      // Behind the ledger there is none.
      if (!status.ok()) record.row = AsciiText(status.message() + "; the row: " + AllOf(batch->row(i)));
    }
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  std::string AllOf(const void* row) const { return internal::DescribeRow(row_, row, std::string::npos); }

  const std::string operator_id_;
  const RowType& row_;
  const std::unique_ptr<RowEncoder> encoder_;
};

/// Takes records of the ledger `name` ("poison") from all of `inputs`.
template <class Record>
GraphNode LedgerOf(const JobGraph& graph, const std::string& name, const std::string& checkpoint_directory) {
  TypedSink<Record> typed;
  if (graph.has_transactional_sink()) {
    typed = kafka::Sink<Record>{.topic = "weir." + name + "." + graph.job, .create_partitions = 1}.ToSink();
  } else {
    typed = file::Sink<Record>{.directory = checkpoint_directory + "/" + graph.job + "/" + name}.ToSink();
  }
  GraphNode ledger;
  ledger.id = "weir." + name;
  ledger.kind = "ledger";
  ledger.parallelism = 1;
  ledger.sink = typed.connector;
  ledger.make = [typed] { return std::make_unique<internal::TypedSinkOperator<Record>>(typed); };
  return ledger;
}

/// Late rows that the pipeline does not take itself.
void AddLateLedger(JobGraph& graph, const std::string& checkpoint_directory) {
  GraphNode ledger = LedgerOf<LateRecord>(graph, "late", checkpoint_directory);
  const auto nodes = static_cast<uint32_t>(graph.nodes.size());
  for (uint32_t i = 0; i < nodes; ++i) {
    const uint32_t parallelism = graph.nodes[i].parallelism;
    const std::vector<LateRows> late_rows = graph.nodes[i].late;   // The nodes move when one is added.
    for (const LateRows& late : late_rows) {
      if (late.row == nullptr || graph.IsTaken(i, late.port)) continue;
      GraphNode encoder;
      encoder.id = "weir.late." + std::to_string(graph.nodes.size());
      encoder.kind = "ledger";
      encoder.parallelism = parallelism;
      encoder.inputs = {{i, late.port, Partitioning::kForward}};
      encoder.make = [late] { return std::make_unique<LateEncoder>(late.name, *late.row); };
      ledger.inputs.push_back({static_cast<uint32_t>(graph.nodes.size()), kMainPort, Partitioning::kRebalance});
      graph.nodes.push_back(std::move(encoder));
    }
  }
  if (!ledger.inputs.empty()) graph.nodes.push_back(std::move(ledger));
}

}  // namespace

std::string LedgerTopic(const std::string& job) { return "weir.poison." + job; }
std::string LateTopic(const std::string& job) { return "weir.late." + job; }

JobGraph WithLedger(JobGraph graph, const std::string& checkpoint_directory) {
  GraphNode ledger = LedgerOf<PoisonRecord>(graph, "poison", checkpoint_directory);
  AddLateLedger(graph, checkpoint_directory);
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].source == nullptr && graph.nodes[i].sink == nullptr && !graph.nodes[i].finds_poison) continue;
    ledger.inputs.push_back({i, kPoisonPort, Partitioning::kRebalance});
  }
  graph.nodes.push_back(std::move(ledger));
  return graph;
}

}  // namespace weir
