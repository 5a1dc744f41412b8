// An event as the bytes of a record: {"event_type":2,"person":null,"auction":null,"bid":{...}}.
#pragma once

#include <string>

#include "benchmarks/nexmark/generator/events.h"

namespace nexmark {

/// Appends the event as JSON. Times are texts as SQL has them ("2015-07-15 00:00:00.000"), the form that Flink's JSON
/// format reads as TIMESTAMP without being told more.
void AppendEnvelope(const Event& event, std::string& out);

}  // namespace nexmark
