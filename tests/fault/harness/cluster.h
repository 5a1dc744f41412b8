// Three brokers on this machine that are one cluster, and the wires between them and everybody.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/fault/harness/cluster_facts.h"
#include "tests/fault/harness/cluster_network.h"
#include "tests/support/real_broker.h"

namespace weir::test {

inline constexpr int kNodes = 3;
/// With one node missing there are enough replicas in sync, with two missing there are not.
inline constexpr size_t kReplicas = 3;

/// Ends its nodes as a crash would. One thread.
class Cluster {
 public:
  /// WEIR_TEST_KAFKA_VERSION chooses the version.
  static Result<std::unique_ptr<Cluster>> Start(const std::string& folder);
  ~Cluster();
  Cluster(const Cluster&) = delete;

  /// Where clients reach it, over the network.
  std::string bootstrap() const { return network_->bootstrap(); }
  ClusterNetwork& network() { return *network_; }
  /// Counted from 1.
  RealBroker& node(int number) { return nodes_[static_cast<size_t>(number) - 1]; }

  /// What the node `asked` says, past the network.
  Result<int> CoordinatorOf(int asked, const std::string& transactional_id) const;
  Result<std::string> TransactionStateOf(int asked, const std::string& transactional_id) const;
  Result<std::vector<PartitionFacts>> PartitionsOf(int asked, const std::string& topic) const;
  /// True when each partition of the topics, and of the log of transactions, has all its replicas in sync.
  bool IsWhole(const std::vector<std::string>& topics) const;

 private:
  Cluster(std::unique_ptr<ClusterNetwork> network, RealBroker all)
      : network_(std::move(network)), all_(std::move(all)) {}

  int PortOf(int node) const;

  std::unique_ptr<ClusterNetwork> network_;
  RealBroker all_;
  std::vector<RealBroker> nodes_;
};

}  // namespace weir::test
