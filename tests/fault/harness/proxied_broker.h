// A test whose clients reach a broker of its own through the proxy only.
#pragma once

#include <memory>
#include <string>

#include "tests/fault/harness/kafka_proxy.h"
#include "tests/fault/harness/own_broker.h"

namespace weir::test {

class ProxiedBrokerTest : public OwnBrokerTest {
 protected:
  void SetUp() override {
    auto listening = KafkaProxy::Listen();
    ASSERT_TRUE(listening.ok()) << listening.status().message();
    proxy_ = std::move(listening).value();
    StartBroker({"--advertise", std::to_string(proxy_->port())});
    if (HasFatalFailure()) return;
    const std::string& address = broker().bootstrap();
    proxy_->ForwardTo(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  KafkaProxy& proxy() { return *proxy_; }

 private:
  std::unique_ptr<KafkaProxy> proxy_;
};

}  // namespace weir::test
