#include "tests/fault/harness/cluster.h"

#include <algorithm>
#include <cstdlib>

namespace weir::test {
namespace {

constexpr const char* kTransactionLog = "__transaction_state";

std::string Joined(const std::vector<int>& numbers) {
  std::string list;
  for (const int number : numbers) list += (list.empty() ? "" : ",") + std::to_string(number);
  return list;
}

}  // namespace

Result<std::unique_ptr<Cluster>> Cluster::Start(const std::string& folder) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ClusterNetwork> network, ClusterNetwork::Listen(folder, kNodes));
  std::vector<std::string> arguments{"--nodes", std::to_string(kNodes), "--relays", Joined(network->ports())};
  if (const char* version = std::getenv("WEIR_TEST_KAFKA_VERSION"); version != nullptr && *version != '\0') {
    arguments.insert(arguments.end(), {"--version", version});
  }
  WEIR_ASSIGN_OR_RETURN(RealBroker all, RealBroker::Start(folder, arguments));
  std::unique_ptr<Cluster> cluster(new Cluster(std::move(network), std::move(all)));
  for (int node = 1; node <= kNodes; ++node) {
    WEIR_ASSIGN_OR_RETURN(RealBroker one, RealBroker::Start(folder + "/node-" + std::to_string(node)));
    cluster->nodes_.push_back(std::move(one));
  }
  return cluster;
}

Cluster::~Cluster() { (void)all_.Kill(); }

int Cluster::PortOf(int node) const {
  const std::string& address = nodes_[static_cast<size_t>(node) - 1].bootstrap();
  return std::stoi(address.substr(address.rfind(':') + 1));
}

Result<int> Cluster::CoordinatorOf(int asked, const std::string& transactional_id) const {
  return test::CoordinatorOf(PortOf(asked), transactional_id);
}

Result<std::string> Cluster::TransactionStateOf(int asked, const std::string& transactional_id) const {
  return test::TransactionStateOf(PortOf(asked), transactional_id);
}

Result<std::vector<PartitionFacts>> Cluster::PartitionsOf(int asked, const std::string& topic) const {
  return test::PartitionsOf(PortOf(asked), topic);
}

bool Cluster::IsWhole(const std::vector<std::string>& topics) const {
  std::vector<std::string> all = topics;
  all.emplace_back(kTransactionLog);
  return std::ranges::all_of(all, [this](const std::string& topic) {
    const Result<std::vector<PartitionFacts>> partitions = PartitionsOf(1, topic);
    return partitions.ok() && !partitions->empty() &&
           std::ranges::all_of(*partitions, [](const PartitionFacts& partition) {
             return partition.leader > 0 && partition.in_sync == kReplicas;
           });
  });
}

}  // namespace weir::test
