#include "results/timeline_json.h"

#include <stdexcept>

#include "results/json_document.h"
#include "results/json_writer.h"
#include "results/output.h"
#include "results/timeline_rows.h"

namespace results {
namespace {

using models::Timeline;

void write_table(JsonWriter& json, const Table& table) {
  json.key(table.name).begin_object();
  for (const auto& column : table.columns) {
    json.key(column.name);
    std::visit([&](const auto& all) { json.values(all); }, column.values);
  }
  json.end_object();
}

void read_cells(const JsonDocument& document, const JsonValue& value, Column& column) {
  const std::string name = "'" + column.name + "'";
  for (const auto& cell : document.list(value, name)) {
    const std::string one = "a value of " + name;
    if (auto* integers = std::get_if<Column::Integers>(&column.values)) {
      integers->push_back(document.whole(cell, one));
    } else if (auto* reals = std::get_if<Column::Reals>(&column.values)) {
      reals->push_back(document.number(cell, one));
    } else {
      std::get<Column::Texts>(column.values).push_back(document.text(cell, one));
    }
  }
}

template <class Row>
std::vector<Row> read_rows(const JsonDocument& document, JsonKeys& keys, const std::string& name) {
  const auto& value = keys.need(name);
  JsonKeys columns(document, value, "'" + name + "'");
  Table table = to_table(name, std::vector<Row>{});
  for (auto& column : table.columns) {
    const auto& cells = columns.need(column.name);
    read_cells(document, cells, column);
    if (column.rows() != table.rows()) {
      document.refuse(cells.at, "'" + column.name + "' has " + std::to_string(column.rows()) +
                                    " values, '" + table.columns.front().name + "' has " +
                                    std::to_string(table.rows()));
    }
  }
  columns.finish();
  try {
    return from_table<Row>(table);
  } catch (const std::out_of_range& error) {
    document.refuse(value.at, error.what());
  }
}

void read_format(const JsonDocument& document, JsonKeys& keys) {
  const auto& format = keys.need("format");
  if (document.text(format, "format") != "partwise-timeline") {
    document.refuse(format.at, "this is no timeline: format must be 'partwise-timeline', not '" +
                                   *format.text() + "'");
  }
  const auto& version = keys.need("version");
  const auto number = document.whole(version, "version");
  if (number != 1) {
    document.refuse(version.at, "timeline version " + std::to_string(number) +
                                    " is not known to this version of Partwise, which reads 1");
  }
}

/// The tables of the file, for timeline_of.
struct FileRows {
  const JsonDocument& document;
  JsonKeys& keys;
  template <class Row>
  std::vector<Row> of(const std::string& name) const {
    return read_rows<Row>(document, keys, name);
  }
};

}  // namespace

std::string write_timeline(const Timeline& timeline) {
  JsonWriter json;
  json.begin_object();
  json.member("format", "partwise-timeline").member("version", 1);
  for (const auto& table : timeline_tables(timeline, "timeline", "")) write_table(json, table);
  return json.end_object().text();
}

Timeline read_timeline(std::string_view text, const std::string& file) {
  const JsonDocument document(text, file);
  JsonKeys keys(document, document.root(), "the timeline");
  read_format(document, keys);
  const auto whole = read_rows<TimelineRow>(document, keys, "timeline");
  if (whole.size() != 1) document.refuse(document.root().at, "'timeline' must have one row");
  try {
    auto timeline = timeline_of(FileRows{document, keys});
    keys.finish();
    timeline.strict = whole.front().strict;
    return timeline;
  } catch (const std::out_of_range& error) {
    document.refuse(document.root().at, error.what());
  }
}

Timeline read_timeline_file(const std::filesystem::path& file) {
  return read_timeline(read_file(file), file.string());
}

}  // namespace results
