#include "results/text_table.h"

#include <algorithm>

namespace results {
namespace {

/// Characters, not bytes: those that go on (10xxxxxx) do not count.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_number(const std::string& cell) {
  const char first = cell.empty() ? ' ' : cell.front();
  return (first >= '0' && first <= '9') || (cell.size() > 1 && (first == '-' || first == '+')) ||
         cell == "-" || cell.empty();
}

}  // namespace

std::string TextTable::text(const std::string& indent) const {
  const auto cell = [](const std::vector<std::string>& row, std::size_t c) {
    return c < row.size() ? row[c] : std::string();
  };
  std::vector<std::size_t> widths;
  std::vector<bool> right;
  for (std::size_t c = 0; c < headers_.size(); ++c) {
    widths.push_back(width(headers_[c]));
    right.push_back(!rows_.empty());
    for (const auto& row : rows_) {
      widths[c] = std::max(widths[c], width(cell(row, c)));
      right[c] = right[c] && is_number(cell(row, c));
    }
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line = indent;
    for (std::size_t c = 0; c < headers_.size(); ++c) {
      const auto content = cell(row, c);
      const std::string padding(widths[c] - width(content), ' ');
      line += (c == 0 ? "" : "  ") + (right[c] ? padding + content : content + padding);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add(headers_);
  for (const auto& row : rows_) add(row);
  return text;
}

}  // namespace results
