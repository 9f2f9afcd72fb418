#include "results/json_document.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/error.h"
#include "models/units.h"

namespace results {
namespace {

constexpr std::size_t deepest = 64;

/// Walks over a text and says how far it got: the parser tells nobody where values stand.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  const char** reached_;
};

/// Builds the tree from the parser's events. The names are the parser's.
class Builder {
 public:
  Builder(const JsonDocument& document, std::string_view text, JsonValue& root)
      : document_(document), text_(text), reached_(text.data()), root_(root) {}

  CountingIterator begin() { return {text_.data(), &reached_}; }
  CountingIterator end() { return {text_.data() + text_.size(), &reached_}; }

  bool null() { return add({}, start_of_word(4)); }
  bool boolean(bool yes) { return add(yes, start_of_word(yes ? 4 : 5)); }
  bool number_integer(std::int64_t value) { return add(value, start_of_number()); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return add(static_cast<double>(value), start_of_number());
    }
    return add(static_cast<std::int64_t>(value), start_of_number());
  }
  bool number_float(double value, const std::string&) { return add(value, start_of_number()); }
  bool string(std::string& value) {
    return add(std::make_unique<std::string>(std::move(value)), start_of_string());
  }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return open(std::make_unique<JsonValue::Object>()); }
  bool start_array(std::size_t) { return open(std::make_unique<JsonValue::List>()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    key_ = std::move(name);
    key_at_ = start_of_string();
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) {
    if (position() == text_.size() && !open_.empty()) {
      document_.refuse(position(), "the text ends too early; is the file truncated?");
    }
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while ..."
    std::string what = error.what();
    if (const auto place = what.find(", column "); place != std::string::npos) {
      if (const auto colon = what.find(": ", place); colon != std::string::npos) {
        what = what.substr(colon + 2);
      }
    }
    document_.refuse(position() == 0 ? 0 : position() - 1, "this is no valid JSON: " + what);
  }

 private:
  using Content = decltype(JsonValue::content);

  std::size_t position() const { return static_cast<std::size_t>(reached_ - text_.data()); }
  std::size_t start_of_word(std::size_t length) const { return position() - length; }
  std::size_t start_of_number() const {
    const auto in_number = [&](std::size_t at) {
      return std::string_view("0123456789+-.eE").find(text_[at]) != std::string_view::npos;
    };
    auto at = position();
    // The parser has read one character too many, unless the text ends there.
    if (at > 0 && !in_number(at - 1)) --at;
    while (at > 0 && in_number(at - 1)) --at;
    return at;
  }
  std::size_t start_of_string() const {
    auto at = position() - 1;
    for (;;) {
      at = text_.rfind('"', at - 1);
      auto slashes = at;
      while (slashes > 0 && text_[slashes - 1] == '\\') --slashes;
      if ((at - slashes) % 2 == 0) return at;
    }
  }

  JsonValue& place(JsonValue value) {
    if (open_.empty()) return root_ = std::move(value);
    auto& parent = open_.back()->content;
    if (auto* list = std::get_if<std::unique_ptr<JsonValue::List>>(&parent)) {
      (*list)->push_back(std::move(value));
      return (*list)->back();
    }
    auto& object = std::get<std::unique_ptr<JsonValue::Object>>(parent);
    object->push_back({std::move(key_), key_at_, std::move(value)});
    return object->back().value;
  }
  bool add(Content content, std::size_t at) {
    place({std::move(content), at});
    return true;
  }
  bool open(Content content) {
    const auto at = position() - 1;
    if (open_.size() == deepest) document_.refuse(at, "nested too deeply");
    // A value stays where it is while it is open: only the innermost one grows.
    open_.push_back(&place({std::move(content), at}));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const JsonDocument& document_;
  std::string_view text_;
  const char* reached_;
  JsonValue& root_;
  std::vector<JsonValue*> open_;
  std::string key_;
  std::size_t key_at_ = 0;
};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  auto least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const auto d = distance(word, candidate);
    if (d < least) best = &candidate, least = d;
  }
  return best ? "; did you mean '" + *best + "'?" : "";
}

JsonDocument::JsonDocument(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    refuse(0, "the file is empty");
  }
  Builder builder(*this, text_, root_);
  nlohmann::json::sax_parse(builder.begin(), builder.end(), &builder);
}

void JsonDocument::refuse(std::size_t at, const std::string& what) const {
  const auto before = text_.substr(0, at);
  const auto line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  // Columns count characters: bytes that go on one (10xxxxxx) do not count.
  const auto column = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start),
                                    before.end(), [](char c) { return (c & 0xc0) != 0x80; });
  const auto line = std::count(before.begin(), before.end(), '\n');
  throw models::InputError({file_, static_cast<int>(line) + 1, static_cast<int>(column) + 1}, what);
}

const std::string& JsonDocument::text(const JsonValue& value, const std::string& name) const {
  if (!value.text()) refuse(value.at, name + " must be a text in quotes");
  return *value.text();
}

std::int64_t JsonDocument::whole(const JsonValue& value, const std::string& name, std::int64_t low,
                                 std::int64_t high) const {
  const auto* number = std::get_if<std::int64_t>(&value.content);
  if (!number) refuse(value.at, name + " must be a whole number");
  if (*number < low || *number > high) {
    refuse(value.at, name + " must be " +
                         (high == std::numeric_limits<std::int64_t>::max()
                              ? "at least " + std::to_string(low)
                              : "between " + std::to_string(low) + " and " + std::to_string(high)) +
                         ", not " + std::to_string(*number));
  }
  return *number;
}

double JsonDocument::number(const JsonValue& value, const std::string& name) const {
  if (const auto* whole = std::get_if<std::int64_t>(&value.content)) {
    return static_cast<double>(*whole);
  }
  const auto* real = std::get_if<double>(&value.content);
  if (!real) refuse(value.at, name + " must be a number");
  return *real;
}

bool JsonDocument::boolean(const JsonValue& value, const std::string& name) const {
  const auto* yes = std::get_if<bool>(&value.content);
  if (!yes) refuse(value.at, name + " must be true or false");
  return *yes;
}

const JsonValue::List& JsonDocument::list(const JsonValue& value, const std::string& name) const {
  if (!value.list()) refuse(value.at, name + " must be a list [...]");
  return *value.list();
}

const JsonValue::Object& JsonDocument::object(const JsonValue& value,
                                              const std::string& name) const {
  if (!value.object()) refuse(value.at, name + " must be an object {...}");
  return *value.object();
}

JsonKeys::JsonKeys(const JsonDocument& document, const JsonValue& value, std::string name)
    : document_(document),
      members_(document.object(value, name)),
      name_(std::move(name)),
      at_(value.at) {
  for (auto one = members_.begin(); one != members_.end(); ++one) {
    const auto same = [&](const JsonMember& other) { return other.key == one->key; };
    if (std::find_if(members_.begin(), one, same) != one) {
      document_.refuse(one->at, "key '" + one->key + "' is given twice");
    }
  }
}

const JsonValue* JsonKeys::find(const std::string& key) {
  known_.push_back(key);
  for (const auto& member : members_) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const JsonValue& JsonKeys::need(const std::string& key) {
  const auto* value = find(key);
  if (!value) document_.refuse(at_, name_ + " lacks the key '" + key + "'");
  return *value;
}

void JsonKeys::finish() const {
  for (const auto& member : members_) {
    if (std::find(known_.begin(), known_.end(), member.key) == known_.end()) {
      document_.refuse(member.at,
                       "unknown key '" + member.key + "'" + suggestion(member.key, known_));
    }
  }
}

}  // namespace results
