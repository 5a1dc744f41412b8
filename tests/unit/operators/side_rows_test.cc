// Rows of side outputs that point into the bytes that their row was read from.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "operators/process/process_operators.h"

namespace weir::test {
namespace {

using testing::ElementsAre;

struct Viewed {
  int64_t key = 0;
  std::string_view text;
};
struct View {
  std::string_view text;
};
struct Owned {
  std::string text;
};
const SideOutput<View> kAside{"aside"};

/// Rows of key 0 go aside, others both ways.
struct Divides : KeyedFunction<int64_t> {
  void OnRow(const int64_t& key, const Viewed& row, Context& ctx, Collector<View>& out) {
    if (key != 0) out.Emit({row.text});
    ctx.Emit(kAside, View{row.text});
  }
};

/// Has done with main rows, or drops them, when a batch is emitted.
class SideRows : public testing::Test, public Emitter {
 protected:
  void Process(int64_t key, std::string_view text) {
    auto sides = std::make_shared<internal::SideOutputs>();
    sides->taken.push_back({kAside.name, &typeid(View), kFirstSidePort});
    internal::ProcessRows<Viewed, int64_t, int64_t Viewed::*, View, Divides> op(&Viewed::key, Divides{}, sides);
    ASSERT_TRUE(op.Open({}).ok());
    auto arena = std::make_shared<Arena>();
    bytes_ = arena;
    auto batch = std::make_unique<Batch<Viewed>>();
    batch->rows.push_back({key, arena->Copy(text)});
    batch->hashes.push_back(HashKey(key));
    batch->arenas.push_back(std::move(arena));
    ASSERT_TRUE(op.Process(0, std::move(batch), *this).ok());
  }

  Status Emit(uint32_t port, BatchPtr batch) override {
    if (port == kMainPort) return {};
    if (bytes_.expired()) return Internal("the bytes of these rows are gone");
    for (const View& row : static_cast<const Batch<View>&>(*batch).rows) aside_.emplace_back(row.text);
    return {};
  }

  std::weak_ptr<const Arena> bytes_;
  std::vector<std::string> aside_;
};

TEST_F(SideRows, KeepTheirBytesWhereNothingGoesToTheMainOutput) {
  Process(0, "lost");
  EXPECT_THAT(aside_, ElementsAre("lost"));
}

TEST_F(SideRows, KeepTheirBytesWhereTheMainRowsAreUsedUpAtOnce) {
  Process(1, "both");
  EXPECT_THAT(aside_, ElementsAre("both"));
}

TEST_F(SideRows, AreWrittenAsTheyWereReadInAJobThatWritesNothingElse) {
  Pipeline pipeline{"aside"};
  const auto divided = pipeline.Source("rows", kafka::Source<Viewed>{.topic = "rows"})
      .KeyBy(&Viewed::key).Process<View>("divided", Divides{});
  divided.Sink("main", kafka::Sink<View>{.topic = "main", .create_partitions = 1});
  divided.Side(kAside).Sink("aside", kafka::Sink<View>{.topic = "aside", .create_partitions = 1});
  Job job(pipeline);
  job.Topic("rows").Add(Viewed{0, "one"}).Add(Viewed{0, "a text that fits in no small string"});
  job.Run();
  std::vector<std::string> texts;
  for (const Owned& row : job.Committed<Owned>("aside")) texts.push_back(row.text);
  EXPECT_THAT(texts, testing::UnorderedElementsAre("one", "a text that fits in no small string"));
}

}  // namespace
}  // namespace weir::test
