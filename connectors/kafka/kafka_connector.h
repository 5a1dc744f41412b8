// Kafka topics as sources and sinks of a pipeline. Pure configuration: the environment decides which cluster (or, in
// a test, which memory broker) they are read from and written to.
//
//   weir::kafka::Source<Bid>{.topic = "bids", .names = weir::CamelCase}
//   weir::kafka::Sink<Total>{.topic = "totals", .key = weir::kafka::KeyOf(&Total::auction)}
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "connectors/format/row_format.h"
#include "operators/row_reader.h"
#include "operators/sink.h"

namespace weir::kafka {

/// Rows of a topic's record values. All partitions are read; those added while the job runs are found within
/// execution.discovery-interval and read from their beginning.
template <class T>
struct Source {
  using Row = T;
  std::string topic = {};
  Format format = Format::kJson;
  NameStyle names = NameStyle::kAsWritten;
  /// Where a job starts that has no checkpoint.
  StartPoint start = {};
  /// Fields that get the record's partition and offset; they are not looked for in its bytes.
  int64_t T::*partition = nullptr;
  int64_t T::*offset = nullptr;

  TypedSource<T> ToSource() const;
};

/// Writes a topic exactly once: its records belong to the job's transaction.
template <class T>
struct Sink {
  std::string topic = {};
  /// A field whose text is the record's key, as a function that appends it. Default: records have no key.
  std::function<void(const T& row, std::string& out)> key = nullptr;
  Format format = Format::kJson;
  NameStyle names = NameStyle::kAsWritten;
  /// Create the topic with so many partitions if it is missing; 0: a missing topic is an error.
  int32_t create_partitions = 0;

  TypedSink<T> ToSink() const;
};

/// The key function for a field: its decimal digits for an integer, its bytes for a string.
template <class T, class Field>
auto KeyOf(Field T::*member) {
  static_assert(std::is_integral_v<Field> || std::is_convertible_v<const Field&, std::string_view>,
                "A record's key is an integer or a string; give a function for anything else.");
  return [member](const T& row, std::string& out) {
    if constexpr (std::is_integral_v<Field>) {
      out += std::to_string(row.*member);
    } else {
      out += row.*member;
    }
  };
}

/// `problem`: what is wrong with the configuration, empty if nothing.
std::shared_ptr<const SourceConnector> NewSourceConnector(std::string topic, StartPoint start, std::string problem);
std::shared_ptr<const SinkConnector> NewSinkConnector(std::string topic, int32_t create_partitions, std::string problem);

template <class T>
TypedSource<T> Source<T>::ToSource() const {
  const RowFormat row_format = MakeRowFormat(format, names, {FieldName(partition), FieldName(offset)});
  return DecodedSource<T>(NewSourceConnector(topic, start, FormatProblem(RowTypeOf<T>(), row_format)),
                          DecoderFactory(RowTypeOf<T>(), row_format), {partition, offset});
}

template <class T>
TypedSink<T> Sink<T>::ToSink() const {
  const RowFormat row_format = MakeRowFormat(format, names, {});
  return {NewSinkConnector(topic, create_partitions, FormatProblem(RowTypeOf<T>(), row_format)),
          EncoderFactory(RowTypeOf<T>(), row_format), key};
}

}  // namespace weir::kafka
