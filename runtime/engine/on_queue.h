// Runs a slow call on a queue and brings its result back to the coordinator.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "runtime/base/executor.h"

namespace weir {

/// `call` runs on `queue`, `done` gets its result in a closure put into `mailbox`.
template <class Call, class Done>
void RunOnQueue(SerialQueue& queue, Mailbox<std::function<void()>>& mailbox, Call call, Done done) {
  queue.Post([&mailbox, call = std::move(call), done = std::move(done)]() mutable {
    using Value = decltype(call());
    // std::function must be copyable, results need not be.
    auto result = std::make_shared<Value>(call());
    mailbox.Put([result, done = std::move(done)]() mutable { done(std::move(*result)); });
  });
}

}  // namespace weir
