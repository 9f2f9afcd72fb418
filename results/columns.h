#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace results {

/// What a column is for. Readers that know nothing else can still tell keys from values by it.
enum class Role : std::uint8_t {
  key,        ///< tells the rows apart
  reference,  ///< row number in another table
  choice,     ///< decided by a plan or a scenario
  measure     ///< came out
};
std::string_view name_of(Role role);

/// Values of one kind, one per row.
struct Column {
  using Integers = std::vector<std::int64_t>;
  using Reals = std::vector<double>;
  using Texts = std::vector<std::string>;

  std::string name;
  std::string unit;  ///< "ps", "s", "J", "B", "B/s", "/s"; "1" for plain numbers; "" for text
  Role role = Role::measure;
  std::string meaning;
  std::variant<Integers, Reals, Texts> values;

  std::size_t rows() const {
    return std::visit([](const auto& all) { return all.size(); }, values);
  }
};

/// Columns of equal length: what CSV, HDF5 and the terminal show each in their way.
struct Table {
  std::string name;
  std::vector<Column> columns;

  std::size_t rows() const { return columns.empty() ? 0 : columns.front().rows(); }
};

}  // namespace results
