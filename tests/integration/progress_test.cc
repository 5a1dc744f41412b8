// How far a job has read, as other people's tools see it.
#include <gtest/gtest.h>

#include "runtime/engine/progress_board.h"
#include "tests/fault/harness/job_rig.h"
#include "tests/support/real_broker.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

struct ListDestroyer {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};

/// Sum of the offsets that `group` has of the topic's partitions, -1 where one is missing.
int64_t CommittedOffsets(const std::string& bootstrap, const std::string& group, const std::string& topic) {
  const auto client = NewKafkaClient(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap}, {"group.id", group}}).value();
  const std::unique_ptr<rd_kafka_topic_partition_list_t, ListDestroyer> list(
      rd_kafka_topic_partition_list_new(kInputPartitions));
  rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, kInputPartitions - 1);
  EXPECT_EQ(rd_kafka_committed(client.get(), list.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  int64_t sum = 0;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].offset < 0) return -1;
    sum += list->elems[i].offset;
  }
  return sum;
}

TEST(ProgressOnKafka, IsTheConsumerGroupsThatTheJobIsNamedAfter) {
  const auto bootstrap = SharedBootstrap();
  ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
  const auto rig = JobRig::New({.bootstrap = *bootstrap, .name = "progress"}).value();
  ASSERT_TRUE(rig->feed().Add(500).ok());
  // The first group of a cluster may come too early for the first request; those of the second life do not.
  for (int life = 0; life < 2; ++life) {
    const auto job = rig->Start().value();
    ASSERT_TRUE(rig->feed().Add(500).ok());
    const Judgement judged = rig->Finish(*job);
    EXPECT_TRUE(judged.problems.empty()) << testing::PrintToString(judged.problems);
  }
  EXPECT_EQ(CommittedOffsets(*bootstrap, ReaderName(rig->places().job, "bids"), rig->places().input),
            static_cast<int64_t>(rig->feed().added()));
}

}  // namespace
}  // namespace weir::test
