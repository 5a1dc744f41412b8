// A broker whose transactions cannot be relied on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment/exit_codes.h"
#include "tests/fault/harness/own_broker.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Millis kSoon = 40s;

class UnverifiedBroker : public OwnBrokerTest {
 protected:
  void SetUp() override { StartBroker({"--property", "transaction.partition.verification.enable=false"}); }
};

TEST_F(UnverifiedBroker, IsRefusedUntilTheUserVouchesForIt) {
  JobRig& rig = NewRig({.name = "unverified"});
  ASSERT_TRUE(rig.feed().Add(100).ok());
  {
    const auto life = rig.Start().value();
    const auto ending = life->WaitForEnd(kSoon);
    ASSERT_TRUE(ending.has_value()) << "the job runs";
    EXPECT_EQ(ending->exit_code, kExitRefused);
    EXPECT_THAT(life->standing().messages["refused"],
                AllOf(HasSubstr("transaction.partition.verification.enable is false"), HasSubstr("set it to true"),
                      HasSubstr("execution.checkpointing.check-broker=false")));
  }
  rig.Define("execution.checkpointing.check-broker=false");
  const auto life = rig.Start().value();
  EXPECT_THAT(rig.Finish(*life).problems, IsEmpty());
}

}  // namespace
}  // namespace weir::test
