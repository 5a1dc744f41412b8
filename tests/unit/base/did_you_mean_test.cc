#include "runtime/base/did_you_mean.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

const std::vector<std::string> kWords = {"parallelism.default", "rest.port", "rest.address"};

TEST(DidYouMean, FindsTheNearestName) {
  EXPECT_EQ(DidYouMean("paralelism.default", kWords), "; did you mean parallelism.default?");
  EXPECT_EQ(Nearest("REST.PROT", kWords), "rest.port");
  EXPECT_EQ(Nearest("rest.adress", kWords), "rest.address");
}

TEST(DidYouMean, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(DidYouMean("kafka.bootstrap.servers", kWords), "");
  EXPECT_EQ(DidYouMean("x", {}), "");
  EXPECT_EQ(Nearest("", kWords), "");
}

TEST(DidYouMean, PrefersTheEarlierOfEquals) {
  const std::vector<std::string> words = {"bat", "cat"};
  EXPECT_EQ(Nearest("rat", words), "bat");
}

}  // namespace
}  // namespace weir
