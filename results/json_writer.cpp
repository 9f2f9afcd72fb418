#include "results/json_writer.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "models/units.h"

namespace results {

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void JsonWriter::line_end() {
  text_ += "\n" + std::string(2 * levels_.size(), ' ');
}

void JsonWriter::before_value() {
  if (std::exchange(after_key_, false) || levels_.empty()) return;
  auto& level = levels_.back();
  if (!level.empty) text_ += level.layout == Layout::line ? ", " : ",";
  if (level.layout == Layout::lines) line_end();
  level.empty = false;
}

JsonWriter& JsonWriter::open(char bracket, Layout layout) {
  before_value();
  text_ += bracket;
  // Inside a line everything stays on that line.
  if (!levels_.empty() && levels_.back().layout == Layout::line) layout = Layout::line;
  levels_.push_back({layout});
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  const auto level = levels_.back();
  levels_.pop_back();
  if (level.layout == Layout::lines && !level.empty) line_end();
  text_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  text_ += json_text(name) + ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  return raw(json_text(text));
}

JsonWriter& JsonWriter::value(double number) {
  return std::isfinite(number) ? raw(models::shortest(number)) : null();
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  text_ += json;
  return *this;
}

}  // namespace results
