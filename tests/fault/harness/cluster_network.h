// The wires of a cluster: what its nodes say to each other, and what clients say to them, all passes here. A cut leaves
// some nodes with each other alone, and the clients with the rest.
//
//   auto network = ClusterNetwork::Listen(folder, 3);        // the nodes are told of network->ports()
//   network->CutOff({2, 3}, Cut::kSilent);                   // clients have node 1, and so has node 1 them
//   network->Mend();
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/status.h"

namespace weir::test {

enum class Cut {
  kRefused,   ///< Connections end, new ones too.
  kSilent,    ///< Connections stay, nothing passes; what was said meanwhile arrives when the cut is mended.
};
const char* NameOf(Cut cut);

/// Any thread may call. Ends its connections on destruction.
class ClusterNetwork {
 public:
  /// `folder`: the cluster's, as tools/kafka keeps it. Nodes are counted from 1.
  static Result<std::unique_ptr<ClusterNetwork>> Listen(std::string folder, int nodes);
  ~ClusterNetwork();
  ClusterNetwork(const ClusterNetwork&) = delete;

  /// Three a node: where clients, brokers and controllers reach it.
  std::vector<int> ports() const;
  /// Where clients reach the cluster.
  std::string bootstrap() const;

  /// When it returns nothing passes any more between these nodes and all others, clients among them.
  void CutOff(std::set<int> nodes, Cut cut);
  void Mend();
  /// Holds back what brokers tell each other of the ends of transactions, so that one stays on its way to its end.
  void HoldMarkers();
  /// What was held back is lost, and told again over new connections.
  void ReleaseMarkers();
  /// Connections that the newest cut has hit.
  size_t hit() const { return hit_; }

 private:
  struct Wire;
  struct Port {
    int listener = -1;
    int number = 0;
    int node = 0;
    size_t kind = 0;
  };

  explicit ClusterNetwork(std::string folder);
  Status AddPort(int node, size_t kind);
  void Run();
  void Accept(const Port& port);
  bool Serve(Wire& wire, short from_asker, short from_node);
  bool IsCut(const Wire& wire) const;
  bool IsHeld(const Wire& wire) const;
  int ConnectTo(const Wire& wire) const;

  const std::string folder_;
  std::vector<Port> ports_;
  std::atomic<bool> ending_{false};
  std::atomic<size_t> hit_{0};
  std::mutex mutex_;
  std::set<int> cut_off_;      // guarded by mutex_
  Cut cut_ = Cut::kRefused;    // guarded by mutex_
  bool markers_held_ = false;  // guarded by mutex_
  std::list<Wire> wires_;      // guarded by mutex_
  std::thread thread_;
};

}  // namespace weir::test
