// A pipeline: what a user builds and the environment runs. Pure configuration: it connects to nothing.
//
//   weir::Pipeline pipeline{"hot-auctions"};
//   pipeline.Source("bids", weir::kafka::Source<Bid>{.topic = "bids"}) ... .Sink(...);
//   return weir::Main(argc, argv, pipeline);
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "operators/more_aggregators.h"
#include "operators/source_stream.h"
#include "operators/stream.h"
#include "operators/window/windowed_stream.h"

namespace weir {

/// One thread while it is built. Copies share the graph. May be run any number of times, also at once.
class Pipeline {
 public:
  /// `job`: the job id. It names the job's checkpoints, its marker topic and its transactional id: two jobs must not
  /// share one.
  explicit Pipeline(std::string job);

  /// Adds a source; `id` is stable and names its positions in checkpoints.
  template <class Config>
  auto Source(std::string id, const Config& config) {
    using T = typename Config::Row;
    TypedSource<T> typed = config.ToSource();
    const internal::NodeSpec spec{
        .id = id, .kind = "source", .row = internal::LabelOf<T>(), .source = std::move(typed.connector)};
    const uint32_t node = builder_->Add(spec, {}, Partitioning::kForward, [open = typed.new_reader] {
      return std::make_unique<internal::TypedSourceOperator<T>>(open);
    });
    return SourceStream<T>(builder_, node, std::move(typed.new_reader));
  }

  const std::string& job() const { return builder_->graph().job; }
  /// The graph as built so far; graph().Problems() says what is wrong with it. Never throws.
  const JobGraph& graph() const { return builder_->graph(); }

 private:
  std::shared_ptr<internal::GraphBuilder> builder_;
};

}  // namespace weir
