#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace results {

/// Puts JSON together piece by piece. Numbers are written shortest and read back equal; what JSON
/// cannot say (infinity, not a number) becomes null.
class JsonWriter {
 public:
  /// Whether the items of an object or a list stand on lines of their own.
  enum class Layout : std::uint8_t { lines, line };

  JsonWriter& begin_object(Layout layout = Layout::lines) { return open('{', layout); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_list(Layout layout = Layout::lines) { return open('[', layout); }
  JsonWriter& end_list() { return close(']'); }

  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& value(bool yes) { return raw(yes ? "true" : "false"); }
  template <std::integral Whole>
  JsonWriter& value(Whole number) {
    return raw(std::to_string(number));
  }
  JsonWriter& null() { return raw("null"); }
  /// A whole value that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  template <class T>
  JsonWriter& values(const std::vector<T>& all) {
    begin_list(Layout::line);
    for (const auto& one : all) value(one);
    return end_list();
  }

  /// The text, with a line end.
  std::string text() const { return text_ + "\n"; }

 private:
  struct Level {
    Layout layout;
    bool empty = true;
  };
  JsonWriter& open(char bracket, Layout layout);
  JsonWriter& close(char bracket);
  void before_value();
  void line_end();

  std::string text_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

/// The text in quotes, escaped; bytes that are not UTF-8 are replaced.
std::string json_text(std::string_view text);

}  // namespace results
