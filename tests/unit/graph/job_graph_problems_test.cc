// What is wrong with a pipeline is found before anything starts, all of it at once.
#include <gmock/gmock.h>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/ledger.h"
#include "operators/pipeline.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};
struct Count {
  int64_t bids = 0;
};

kafka::Source<Bid> Bids() { return {.topic = "bids"}; }
kafka::Sink<Count> Counts() { return {.topic = "counts"}; }
Count CountOf(int64_t, int64_t bids) { return {bids}; }

TEST(JobGraph, OfASoundPipelineHasNoProblems) {
  Pipeline pipeline{"job"};
  pipeline.Source("bids", Bids()).KeyBy(&Bid::auction).Aggregate("counts", weir::Count{}, CountOf).Sink("out", Counts());
  EXPECT_THAT(pipeline.graph().Problems(), IsEmpty());
  EXPECT_THAT(WithLedger(pipeline.graph(), "/checkpoints").Problems(), IsEmpty());
}

TEST(JobGraph, NamesAnIdThatIsUsedTwice) {
  Pipeline pipeline{"job"};
  pipeline.Source("bids", Bids()).KeyBy(&Bid::auction).Aggregate("bids", weir::Count{}, CountOf).Sink("out", Counts());
  EXPECT_THAT(pipeline.graph().Problems(), ElementsAre(AllOf(HasSubstr("id 'bids' is used by 2 operators"),
                                                             HasSubstr("give each its own"))));
}

TEST(JobGraph, AsksForAMissingId) {
  Pipeline pipeline{"job"};
  pipeline.Source("bids", Bids()).KeyBy(&Bid::auction).Aggregate("", weir::Count{}, CountOf).Sink("", Counts());
  EXPECT_THAT(pipeline.graph().Problems(),
              ElementsAre(AllOf(HasSubstr("the aggregate that was added as number 3 has no id"), HasSubstr("stable one")),
                          HasSubstr("the sink that was added as number 4 has no id")));
}

TEST(JobGraph, RefusesIdsThatCannotBeNamesOrAreReserved) {
  Pipeline pipeline{"my job"};
  pipeline.Source("bids/1", Bids()).Map([](const Bid&) { return Count{}; }).Sink("weir.poison", Counts());
  EXPECT_THAT(pipeline.graph().Problems(),
              ElementsAre(AllOf(HasSubstr("job id 'my job'"), HasSubstr("a letter or digit")),
                          HasSubstr("source 'bids/1': an id is"), HasSubstr("sink 'weir.poison': ids that begin with weir.")));
}

TEST(JobGraph, NamesBothEndsOfACycle) {
  Pipeline pipeline{"job"};
  pipeline.Source("bids", Bids()).Map([](const Bid&) { return Count{}; }).Sink("out", Counts());
  JobGraph graph = pipeline.graph();
  graph.nodes[1].inputs.push_back({2});
  EXPECT_THAT(graph.Problems(), ElementsAre(AllOf(HasSubstr("map 'map-1' takes input from 'out'"), HasSubstr("a cycle"),
                                                  HasSubstr("write back through a topic"))));
}

TEST(JobGraph, NamesTheFieldsThatDoNotFitTheFormat) {
  Pipeline pipeline{"job"};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids", .format = Line}).Sink("out", kafka::Sink<Bid>{.topic = "b"});
  EXPECT_THAT(pipeline.graph().Problems(),
              ElementsAre(AllOf(HasSubstr("source 'bids'"), HasSubstr("Bid has 2 fields, the first is auction (int64)"),
                                HasSubstr("use JSON or CSV"))));
}

TEST(JobGraph, SaysAllThatIsWrongAtOnce) {
  Pipeline pipeline{"my job"};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "no topic"}).Parallelism(1000);
  pipeline.Source("bids", file::Source<Bid>{});
  EXPECT_THAT(pipeline.graph().Problems(),
              AllOf(SizeIs(6), Contains(HasSubstr("job id 'my job'")), Contains(HasSubstr("'no topic' is no name of a topic")),
                    Contains(HasSubstr("parallelism 1000 is more than the 128 key groups")),
                    Contains(HasSubstr("a file source needs a path")), Contains(HasSubstr("id 'bids' is used by 2")),
                    Contains(HasSubstr("the pipeline has no sink"))));
}

}  // namespace
}  // namespace weir
