#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/error.h"

namespace scenarios {

/// One node of a scenario file, with the place it was written at: nothing, a word, a list or a
/// mapping.
struct Value {
  enum class Kind : unsigned char { nothing, scalar, list, mapping };
  struct Entry;

  Kind kind = Kind::nothing;
  models::Place place;
  std::string text;            ///< of a scalar
  bool quoted = false;         ///< of a scalar: surely text, not a number
  std::vector<Value> items;    ///< of a list
  std::vector<Entry> entries;  ///< of a mapping, in file order

  const Value* find(std::string_view key) const;  ///< nullptr if the mapping lacks it
  Value* find(std::string_view key);
  /// Takes an entry out of a mapping and answers its value; `nothing` if there is none.
  Value take(std::string_view key);
};

struct Value::Entry {
  std::string key;
  models::Place place;
  Value value;
};

/// How many values there are in all, this one included.
std::size_t size(const Value& value);

/// "a list", "a mapping": for messages.
std::string_view name_of(Value::Kind kind);

/// Text as a JSON string, quotes included.
std::string json_string(std::string_view text);

/// The value as JSON on one line; scalars that are not quoted and read as a number, true or false
/// stay bare. The YAML reader reads it back.
std::string to_json(const Value& value);

/// What to call a value in a table of runs: its text, or the name, file or builtin it gives, or
/// JSON.
std::string label_of(const Value& value);

/// Puts `value` at a dotted path such as "platform.links.d2d.lanes": keys of mappings, and elements
/// of lists by their `name` or by their number from 0. Mappings that are missing on the way are
/// made. Throws InputError at the value's place when the path leads through a word or a missing
/// element.
void put(Value& root, std::string_view path, Value value);

/// Where the value at a path was written; of the nearest thing around it where there is none.
models::Place place_of(const Value& root, std::string_view path);

/// 16 hexadecimal digits that depend on every byte of the text (FNV-1a, mixed by splitmix64).
std::string hash_of(std::string_view text);

/// "; did you mean 'lanes'?" when a known word is near the wrong one, else nothing.
std::string suggestion(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace scenarios
