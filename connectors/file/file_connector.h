// Files as sources and sinks of a pipeline. Pure configuration.
//
//   weir::file::Source<Bid>{.path = "bids/", .format = weir::Csv, .header = true}
//   weir::file::Sink<Total>{.directory = "totals"}
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "connectors/file/file_sink.h"
#include "connectors/file/file_source.h"
#include "connectors/format/row_format.h"
#include "operators/row_reader.h"
#include "operators/sink.h"

namespace weir::file {

/// Each file is a split, each line a row. Bounded, unless `follow`.
template <class T>
struct Source {
  using Row = T;
  /// A file, a folder, or a pattern.
  std::string path = {};
  Format format = Format::kJson;
  NameStyle names = NameStyle::kAsWritten;
  bool follow = false;
  /// The first line of each file is a header (CSV).
  bool header = false;
  /// Fields that get the file's number among the files (a hash of its name) and the byte where the line starts.
  int64_t T::*file = nullptr;
  int64_t T::*offset = nullptr;

  TypedSource<T> ToSource() const;
};

/// One file a task and epoch; it appears, whole, when the epoch's checkpoint is committed.
template <class T>
struct Sink {
  std::string directory = {};
  Format format = Format::kJson;
  NameStyle names = NameStyle::kAsWritten;
  /// Write a header line into each file (CSV).
  bool header = false;
  /// Two sinks that write into one folder need different prefixes.
  std::string prefix = "part";
  /// Readers take files away: a committed file that is gone at the next start was read. Otherwise that start is refused,
  /// because it cannot be told from a file that was lost.
  bool missing_means_published = false;

  TypedSink<T> ToSink() const;
};

/// `problem`: what is wrong with the configuration, empty if nothing.
std::shared_ptr<const SourceConnector> NewSourceConnector(FileSourceConfig config, std::string problem);
std::shared_ptr<const SinkConnector> NewSinkConnector(FileSinkConfig config, std::string problem);
std::string SuffixOf(Format format);

template <class T>
TypedSource<T> Source<T>::ToSource() const {
  const RowFormat row_format = MakeRowFormat(format, names, {FieldName(file), FieldName(offset)});
  FileSourceConfig config;
  config.path = path;
  config.follow = follow;
  config.skip_header = header;
  // A line is a record even if it is blank where the line itself is the row.
  config.skip_blank_lines = format != Format::kLine;
  return DecodedSource<T>(NewSourceConnector(std::move(config), FormatProblem(RowTypeOf<T>(), row_format)),
                          DecoderFactory(RowTypeOf<T>(), row_format), {file, offset});
}

template <class T>
TypedSink<T> Sink<T>::ToSink() const {
  const RowFormat row_format = MakeRowFormat(format, names, {});
  FileSinkConfig config;
  config.directory = directory;
  config.prefix = prefix;
  config.suffix = SuffixOf(format);
  config.missing_means_published = missing_means_published;
  if (header) config.header = HeaderOf(RowTypeOf<T>(), row_format);
  return {NewSinkConnector(std::move(config), FormatProblem(RowTypeOf<T>(), row_format)),
          EncoderFactory(RowTypeOf<T>(), row_format), {}};
}

}  // namespace weir::file
