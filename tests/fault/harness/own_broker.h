// A test with a broker of its own, which it kills or freezes.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/fault/harness/job_rig.h"
#include "tests/support/real_broker.h"

namespace weir::test {

/// WEIR_TEST_KAFKA_VERSION chooses the broker's version.
class OwnBrokerTest : public testing::Test {
 protected:
  void SetUp() override { StartBroker({}); }
  void StartBroker(std::vector<std::string> arguments) {
    if (const char* version = std::getenv("WEIR_TEST_KAFKA_VERSION"); version != nullptr && *version != '\0') {
      arguments.insert(arguments.end(), {"--version", version});
    }
    auto started = RealBroker::Start(folder_ + "/kafka", arguments);
    ASSERT_TRUE(started.ok()) << started.status().message();
    broker_.emplace(std::move(started).value());
  }
  void TearDown() override {
    if (rig_ != nullptr && HasFailure()) std::printf("see %s\n", rig_->keep().c_str());
    rig_.reset();
    broker_.reset();
    std::filesystem::remove_all(folder_);
  }
  /// The job under test, one at a time. On the broker itself unless the options say where.
  JobRig& NewRig(RigOptions options) {
    rig_.reset();
    if (options.bootstrap.empty()) options.bootstrap = broker_->bootstrap();
    auto made = JobRig::New(options);
    WEIR_CHECK(made.ok(), made.status().message());
    rig_ = std::move(made).value();
    return *rig_;
  }
  RealBroker& broker() { return *broker_; }

 private:
  const std::string folder_ = NewTestFolder();
  std::optional<RealBroker> broker_;
  std::unique_ptr<JobRig> rig_;
};

}  // namespace weir::test
