#include "results/csv.h"

#include "models/units.h"
#include "results/timeline_rows.h"

namespace results {
namespace {

using models::Timeline;

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string cell(const Column& column, std::size_t row) {
  if (const auto* integers = std::get_if<Column::Integers>(&column.values)) {
    return std::to_string((*integers)[row]);
  }
  if (const auto* reals = std::get_if<Column::Reals>(&column.values)) {
    return models::shortest((*reals)[row]);
  }
  return field(std::get<Column::Texts>(column.values)[row]);
}

/// A record with names where a timeline has numbers.
struct Line {
  Timeline::Record record;
  std::string kind, name, format, device, target;
  std::int64_t bytes = 0;
};
template <class Io, RowOf<Line> R>
void describe(Io& io, R& row) {
  io("kind", "", Role::key, "compute, convert or transfer", row.kind);
  io("name", "", Role::key, "of the operator or tensor", row.name);
  io("format", "", Role::choice, "computed in, or sent as", row.format);
  io("device", "", Role::choice, "runs on it; of a transfer: the sender", row.device);
  io("target", "", Role::choice, "receiver of a transfer", row.target);
  io("bytes", "B", Role::measure, "payload of a transfer", row.bytes);
  describe(io, row.record);
}

}  // namespace

std::string csv(const Table& table) {
  std::string text;
  const auto line = [&](auto content_of) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      text += (c == 0 ? "" : ",") + content_of(table.columns[c]);
    }
    text += "\r\n";
  };
  line([](const Column& column) {
    const bool plain = column.unit.empty() || column.unit == "1";
    return field(plain ? column.name : column.name + " [" + column.unit + "]");
  });
  for (std::size_t row = 0; row < table.rows(); ++row) {
    line([&](const Column& column) { return cell(column, row); });
  }
  return text;
}

Table timeline_table(const Timeline& timeline) {
  std::vector<Line> lines;
  for (const auto& record : timeline.records) {
    const auto& task = timeline.tasks[static_cast<std::size_t>(record.task)];
    const auto device = [&](int index) {
      return index < 0 ? "" : timeline.devices[static_cast<std::size_t>(index)].name;
    };
    lines.push_back({record, word_of(task.kind), task.name, task.format, device(task.device),
                     device(task.target), task.bytes});
  }
  return to_table("timeline", lines);
}

}  // namespace results
