#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace results {

struct JsonMember;

/// A value of a JSON text that remembers where it stood.
struct JsonValue {
  using List = std::vector<JsonValue>;
  using Object = std::vector<JsonMember>;  ///< in the order of the text, doubles included

  std::variant<std::monostate, bool, std::int64_t, double, std::unique_ptr<std::string>,
               std::unique_ptr<List>, std::unique_ptr<Object>>
      content;
  std::size_t at = 0;  ///< byte in the text where it starts

  const std::string* text() const { return get<std::string>(); }
  const List* list() const { return get<List>(); }
  const Object* object() const { return get<Object>(); }

 private:
  template <class T>
  const T* get() const {
    const auto* owner = std::get_if<std::unique_ptr<T>>(&content);
    return owner ? owner->get() : nullptr;
  }
};

struct JsonMember {
  std::string key;
  std::size_t at = 0;
  JsonValue value;
};

/// A JSON text that was read; everything it refuses, it refuses as InputError with
/// file:line:column.
class JsonDocument {
 public:
  JsonDocument(std::string_view text, std::string file);

  const JsonValue& root() const { return root_; }
  [[noreturn]] void refuse(std::size_t at, const std::string& what) const;

  // The value as what it must be; `name` says in messages what it is.
  const std::string& text(const JsonValue& value, const std::string& name) const;
  std::int64_t whole(const JsonValue& value, const std::string& name,
                     std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                     std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
  double number(const JsonValue& value, const std::string& name) const;
  bool boolean(const JsonValue& value, const std::string& name) const;
  const JsonValue::List& list(const JsonValue& value, const std::string& name) const;
  const JsonValue::Object& object(const JsonValue& value, const std::string& name) const;

 private:
  std::string_view text_;
  std::string file_;
  JsonValue root_;
};

/// An object whose keys are known beforehand. Refuses double keys at once and unknown ones in
/// finish().
class JsonKeys {
 public:
  JsonKeys(const JsonDocument& document, const JsonValue& value, std::string name);
  /// nullptr when it is not there.
  const JsonValue* find(const std::string& key);
  const JsonValue& need(const std::string& key);
  void finish() const;
  std::size_t at() const { return at_; }

 private:
  const JsonDocument& document_;
  const JsonValue::Object& members_;
  std::string name_;
  std::size_t at_;
  std::vector<std::string> known_;
};

/// "; did you mean 'x'?" when one of the candidates is close to the word, else nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace results
