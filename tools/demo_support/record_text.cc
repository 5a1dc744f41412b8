#include "tools/demo_support/record_text.h"

#include <simdjson.h>

#include <string>

namespace demo {

struct RecordText::Parser {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  std::string padded;

  bool Open(std::string_view json, simdjson::ondemand::object* object) {
    padded.assign(json);
    padded.append(simdjson::SIMDJSON_PADDING, ' ');
    const simdjson::padded_string_view view(padded.data(), json.size(), padded.size());
    if (parser.iterate(view).get(document) != simdjson::SUCCESS) return false;
    return document.get_object().get(*object) == simdjson::SUCCESS;
  }
};

namespace {

bool Take(simdjson::ondemand::object& object, std::string_view name, int64_t* value) {
  return object.find_field_unordered(name).get_int64().get(*value) == simdjson::SUCCESS;
}

}  // namespace

RecordText::RecordText() : parser_(std::make_unique<Parser>()) {}
RecordText::~RecordText() = default;

bool RecordText::ReadBid(std::string_view json, Bid* bid) {
  simdjson::ondemand::object object;
  return parser_->Open(json, &object) && Take(object, "auction", &bid->auction) && Take(object, "price", &bid->price);
}

bool RecordText::ReadTotal(std::string_view json, Total* total) {
  simdjson::ondemand::object object;
  return parser_->Open(json, &object) && Take(object, "auction", &total->auction) &&
         Take(object, "partition", &total->partition) && Take(object, "offset", &total->offset) &&
         Take(object, "price", &total->price) && Take(object, "count", &total->count) &&
         Take(object, "sum", &total->sum);
}

bool RecordText::ReadTimed(std::string_view json, const WindowJob& job, TimedRow* row) {
  simdjson::ondemand::object object;
  return parser_->Open(json, &object) && Take(object, job.key, &row->key) && Take(object, job.time, &row->time);
}

bool RecordText::ReadWindow(std::string_view json, const WindowJob& job, FoundWindow* window) {
  simdjson::ondemand::object object;
  simdjson::ondemand::object bounds;
  return parser_->Open(json, &object) && Take(object, job.key, &window->key) && Take(object, job.rows, &window->rows) &&
         object.find_field_unordered("window").get_object().get(bounds) == simdjson::SUCCESS &&
         Take(bounds, "start", &window->start) && Take(bounds, "end", &window->end);
}

bool RecordText::ReadLate(std::string_view json, LateRow* late) {
  simdjson::ondemand::object object;
  return parser_->Open(json, &object) && Take(object, "event_time", &late->time) &&
         Take(object, "watermark", &late->watermark);
}

}  // namespace demo
