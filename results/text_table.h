#pragma once

#include <string>
#include <vector>

#include "models/metric.h"

namespace results {

/// Aligned plain text: a line of headers, one line per row; numbers to the right. No colours.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  std::string text(const std::string& indent = "") const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

/// A metric's value as a person reads it: "12.4 ms", "3.1 mJ", "2.5 %" where the unit is 1.
std::string pretty_metric(models::Metric metric, double value);

}  // namespace results
