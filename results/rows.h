#pragma once

#include <concepts>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/units.h"
#include "results/columns.h"

namespace results {

// A kind of row describes its cells once, in a function
//   template <class Io, RowOf<Thing> R> void describe(Io& io, R& row) {
//     io("bytes", "B", Role::measure, "payload of the whole execution", row.bytes);
//   }
// and is written to a table, and read from one, by the same lines.

template <class R, class Row>
concept RowOf = std::same_as<std::remove_const_t<R>, Row>;

namespace cells {
inline std::string to_cell(const std::string& text) {
  return text;
}
inline double to_cell(double number) {
  return number;
}
inline std::int64_t to_cell(models::Time time) {
  return time.count();
}
inline std::int64_t to_cell(std::integral auto number) {
  return static_cast<std::int64_t>(number);
}

inline void from_cell(const std::string& cell, std::string& text) {
  text = cell;
}
inline void from_cell(double cell, double& number) {
  number = cell;
}
inline void from_cell(std::int64_t cell, models::Time& time) {
  time = models::Time(cell);
}
template <std::integral Whole>
void from_cell(std::int64_t cell, Whole& number) {
  using Limits = std::numeric_limits<Whole>;
  if (cell < static_cast<std::int64_t>(Limits::min()) ||
      cell > static_cast<std::int64_t>(Limits::max())) {
    throw std::out_of_range("out of range");
  }
  number = static_cast<Whole>(cell);
}
}  // namespace cells

/// Puts rows into a table. The first description only makes the columns.
class RowWriter {
 public:
  explicit RowWriter(std::string name) { table_.name = std::move(name); }

  template <class T>
  void operator()(std::string_view name, std::string_view unit, Role role, std::string_view meaning,
                  const T& value) {
    using Cells = std::vector<decltype(cells::to_cell(value))>;
    if (declaring_) {
      table_.columns.push_back(
          {std::string(name), std::string(unit), role, std::string(meaning), Cells{}});
      return;
    }
    std::get<Cells>(table_.columns[next_++].values).push_back(cells::to_cell(value));
  }

  void end_row() {
    declaring_ = false;
    next_ = 0;
  }
  Table table() && { return std::move(table_); }

 private:
  Table table_;
  std::size_t next_ = 0;
  bool declaring_ = true;
};

/// Takes rows out of a table. Throws std::out_of_range naming what the table lacks.
class RowReader {
 public:
  explicit RowReader(const Table& table) : table_(table) {}

  template <class T>
  void operator()(std::string_view name, std::string_view, Role, std::string_view, T& value) {
    using Cells = std::vector<decltype(cells::to_cell(value))>;
    if (next_ == columns_.size()) columns_.push_back(&column(name));
    const auto* all = std::get_if<Cells>(&columns_[next_++]->values);
    if (!all || row_ >= all->size()) refuse(name, "is of another kind");
    try {
      cells::from_cell((*all)[row_], value);
    } catch (const std::out_of_range&) {
      refuse(name, "holds a number that is out of range");
    }
  }

  void end_row() {
    ++row_;
    next_ = 0;
  }

 private:
  const Column& column(std::string_view name) const {
    for (const auto& column : table_.columns) {
      if (column.name == name) return column;
    }
    refuse(name, "is missing");
  }
  [[noreturn]] void refuse(std::string_view name, const std::string& why) const {
    throw std::out_of_range("column '" + table_.name + "/" + std::string(name) + "' " + why);
  }

  const Table& table_;
  std::vector<const Column*> columns_;
  std::size_t next_ = 0;
  std::size_t row_ = 0;
};

/// `sample` shows how many columns there are where that varies.
template <class Row>
Table to_table(std::string name, const std::vector<Row>& rows, const Row& sample = {}) {
  RowWriter writer(std::move(name));
  describe(writer, sample);
  writer.end_row();
  for (const Row& row : rows) {
    describe(writer, row);
    writer.end_row();
  }
  return std::move(writer).table();
}

template <class Row>
std::vector<Row> from_table(const Table& table, const Row& sample = {}) {
  RowReader reader(table);
  std::vector<Row> rows(table.rows(), sample);
  for (Row& row : rows) {
    describe(reader, row);
    reader.end_row();
  }
  return rows;
}

}  // namespace results
