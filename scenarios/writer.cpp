#include "scenarios/writer.h"

#include <utility>

namespace scenarios {

using models::About;

namespace {

Value word(std::string text, bool quoted) {
  Value value;
  value.kind = Value::Kind::scalar;
  value.text = std::move(text);
  value.quoted = quoted;
  return value;
}

Value made(Value::Kind kind) {
  Value value;
  value.kind = kind;
  return value;
}

/// Some standards mean "not given" and lie outside what may be given: a period of 0 s.
bool is_absent(double value, const About& about) {
  const bool inside =
      (about.above_low ? value > about.low : value >= about.low) && value <= about.high;
  return about.optional && !inside;
}

}  // namespace

void Writer::add(std::string_view name, Value value) {
  mapping_.entries.push_back({std::string(name), {}, std::move(value)});
}

void Writer::visit(std::string_view name, std::string& value, const About& about) {
  if (!about.not_empty || !value.empty()) add(name, word(value, true));
}

void Writer::visit(std::string_view name, bool& value, const About&) {
  add(name, word(value ? "true" : "false", false));
}

void Writer::visit(std::string_view name, std::int64_t& value, const About& about) {
  if (!is_absent(static_cast<double>(value), about)) add(name, word(std::to_string(value), false));
}

void Writer::visit(std::string_view name, double& value, const About& about) {
  if (!is_absent(value, about)) add(name, word(models::shortest(value), false));
}

void Writer::visit(std::string_view name, models::Time& value, const About& about) {
  if (!is_absent(models::seconds(value), about)) add(name, word(models::to_text(value), true));
}

void Writer::visit(std::string_view name, models::Bytes& value, const About& about) {
  if (!is_absent(static_cast<double>(value.count), about))
    add(name, word(models::to_text(value), true));
}

void Writer::visit(std::string_view name, std::vector<std::string>& value, const About&) {
  auto list = made(Value::Kind::list);
  for (const auto& text : value) list.items.push_back(word(text, true));
  add(name, std::move(list));
}

void Writer::visit(std::string_view name, std::vector<std::int64_t>& value, const About&) {
  auto list = made(Value::Kind::list);
  for (const auto number : value) list.items.push_back(word(std::to_string(number), false));
  add(name, std::move(list));
}

void Writer::quantity(std::string_view name, double& value, models::Dimension dimension,
                      const About& about) {
  if (!is_absent(value, about)) add(name, word(models::to_text(value, dimension), true));
}

void Writer::choice(std::string_view name, int& index, std::span<const std::string_view> words,
                    const About&) {
  add(name, word(std::string(words[static_cast<std::size_t>(index)]), true));
}

bool Writer::group(std::string_view name, bool present, const About&, const Item& item) {
  if (!present) return false;
  Value inner;
  Writer writer(inner);
  item(writer, 0);
  add(name, std::move(inner));
  return true;
}

void Writer::list(std::string_view name, std::size_t count, const About&,
                  const std::function<void(std::size_t)>&, const Item& item) {
  auto list = made(Value::Kind::list);
  for (std::size_t i = 0; i < count; ++i) {
    Writer writer(list.items.emplace_back());
    item(writer, i);
  }
  add(name, std::move(list));
}

void Writer::table(std::string_view name, std::vector<std::string>& keys, const About&,
                   const std::function<void(std::size_t)>&, const Item& item) {
  Value inner;
  Writer writer(inner);
  for (std::size_t i = 0; i < keys.size(); ++i) item(writer, i);
  add(name, std::move(inner));
}

}  // namespace scenarios
