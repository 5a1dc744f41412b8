// Cards that pay too much within a minute, by rules that change while the job runs. README.md says how to run it.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/file/file_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"

namespace {

constexpr int64_t kMinuteMs = 60'000;

struct Payment {
  int64_t card = 0;
  int64_t amount = 0;
  weir::EventTime time;
};
struct Rule {
  int64_t id = 0;
  int64_t amount_max = 0;
  weir::EventTime from;   // It does not judge minutes that begin earlier.
};
struct Alert {
  int64_t card = 0;
  int64_t rule = 0;
  int64_t minute = 0;
  int64_t amount = 0;
};

const weir::SideOutput<Payment> kTooLate{"too-late"};

struct Fraud : weir::KeyedFunction<int64_t> {
  MapState<int64_t, int64_t> spent{"spent"};     // By the end of the minute; minutes that are over are gone.
  BroadcastState<int64_t, Rule> rules{"rules"};

  void OnBroadcast(const Rule& rule) { rules.Put(rule.id, rule); }

  void OnRow(const int64_t&, const Payment& payment, weir::Context& ctx, weir::Collector<Alert>&) {
    if (ctx.late()) return ctx.Emit(kTooLate, payment);
    const int64_t end = (payment.time.millis / kMinuteMs + 1) * kMinuteMs;
    spent.Update(end, [&](int64_t& amount) { amount += payment.amount; });
    ctx.SetTimer(weir::EventTime{end});
  }

  // Payments and rules have both come to the end of the minute: nothing that it is judged by is missing.
  void OnTimer(const int64_t& card, weir::Timer timer, weir::Context&, weir::Collector<Alert>& out) {
    const int64_t minute = timer.time.millis - kMinuteMs;
    const int64_t amount = *spent.Get(timer.time.millis);
    spent.Erase(timer.time.millis);
    rules.ForEach([&](int64_t id, const Rule& rule) {
      if (rule.from.millis <= minute && amount > rule.amount_max) out.Emit({card, id, minute, amount});
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  const char* given = std::getenv("FRAUD_FOLDER");
  const std::string folder = given != nullptr ? given : ".";
  weir::Pipeline pipeline{"fraud"};
  const auto payments = pipeline.Source("payments", weir::file::Source<Payment>{.path = folder + "/payments"})
                            .Timestamps(&Payment::time, weir::BoundedDisorder{std::chrono::seconds(10)});
  const auto rules = pipeline.Source("rules", weir::file::Source<Rule>{.path = folder + "/rules"})
                         .Timestamps(&Rule::from, weir::Ascending{});
  const auto alerts = payments.KeyBy(&Payment::card).Connect(rules.Broadcast()).Process<Alert>("fraud", Fraud{});
  alerts.Sink("alerts-out", weir::file::Sink<Alert>{.directory = folder + "/alerts"});
  alerts.Side(kTooLate).Sink("late-out", weir::file::Sink<Payment>{.directory = folder + "/too-late"});
  return weir::Main(argc, argv, pipeline);
}
