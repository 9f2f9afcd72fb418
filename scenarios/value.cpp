#include "scenarios/value.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

namespace scenarios {

using models::InputError;

const Value* Value::find(std::string_view key) const {
  const auto entry = std::ranges::find(entries, key, &Entry::key);
  return entry == entries.end() ? nullptr : &entry->value;
}

Value* Value::find(std::string_view key) {
  const auto entry = std::ranges::find(entries, key, &Entry::key);
  return entry == entries.end() ? nullptr : &entry->value;
}

Value Value::take(std::string_view key) {
  const auto entry = std::ranges::find(entries, key, &Entry::key);
  if (entry == entries.end()) return {};
  Value taken = std::move(entry->value);
  entries.erase(entry);
  return taken;
}

std::size_t size(const Value& value) {
  std::size_t sum = 1;
  for (const auto& item : value.items) sum += size(item);
  for (const auto& entry : value.entries) sum += size(entry.value);
  return sum;
}

std::string_view name_of(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::nothing:
      return "nothing";
    case Value::Kind::scalar:
      return "a single value";
    case Value::Kind::list:
      return "a list";
    case Value::Kind::mapping:
      return "a mapping";
  }
  return "";
}

namespace {

bool is_bare(const std::string& text) {
  if (text == "true" || text == "false") return true;
  // JSON's numbers are fewer than from_chars reads: no "inf", no "1.", no ".5", no "007".
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  if (text.size() <= first || text[first] < '0' || text[first] > '9') return false;
  if (text[first] == '0' && text.size() > first + 1 && text[first + 1] != '.') return false;
  if (text.back() < '0' || text.back() > '9' || text.find(".e") != std::string::npos) return false;
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && rest == text.data() + text.size();
}

}  // namespace

std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (code < 0x20 || code == 0x7f) {
      out += "\\u00";
      out += digits[code >> 4];
      out += digits[code & 15];
    } else {
      out += letter;
    }
  }
  return out + '"';
}

std::string to_json(const Value& value) {
  std::string out;
  switch (value.kind) {
    case Value::Kind::nothing:
      return "null";
    case Value::Kind::scalar:
      return !value.quoted && is_bare(value.text) ? value.text : json_string(value.text);
    case Value::Kind::list:
      for (const auto& item : value.items) out += (out.empty() ? "" : ", ") + to_json(item);
      return "[" + out + "]";
    case Value::Kind::mapping:
      for (const auto& entry : value.entries)
        out += (out.empty() ? "" : ", ") + json_string(entry.key) + ": " + to_json(entry.value);
      return "{" + out + "}";
  }
  return out;
}

std::string label_of(const Value& value) {
  if (value.kind == Value::Kind::scalar) return value.text;
  if (value.kind == Value::Kind::list) {
    std::string all;
    for (const auto& item : value.items) all += (all.empty() ? "" : "+") + label_of(item);
    return all;
  }
  for (const auto* key : {"name", "file", "builtin"})
    if (const auto* named = value.find(key); named && named->kind == Value::Kind::scalar)
      return named->text;
  return to_json(value);
}

namespace {

/// Splits "platform.links" into its first part and the rest.
std::pair<std::string_view, std::string_view> split(std::string_view path) {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) return {path, {}};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

const Value* element(const Value& list, std::string_view part) {
  for (const auto& item : list.items)
    if (const auto* name = item.find("name"); name && name->text == part) return &item;
  std::size_t index = 0;
  const auto [rest, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc{} || rest != part.data() + part.size()) return nullptr;
  return index < list.items.size() ? &list.items[index] : nullptr;
}

std::string listed(const Value& list) {
  std::string names;
  for (const auto& item : list.items)
    if (const auto* name = item.find("name"); name)
      names += (names.empty() ? "" : ", ") + name->text;
  return names.empty() ? "it has " + std::to_string(list.items.size()) + " elements, counted from 0"
                       : "there are: " + names;
}

/// The entry that the path leads to next, made if it is missing, and what remains of the path. A
/// key may itself hold dots: one that is there and starts the path is taken whole, the longest
/// first.
std::pair<Value*, std::string_view> entry_of(Value& mapping, std::string_view path,
                                             const models::Place& place) {
  Value::Entry* longest = nullptr;
  for (auto& entry : mapping.entries) {
    const bool fits = path.starts_with(entry.key) &&
                      (path.size() == entry.key.size() || path[entry.key.size()] == '.');
    if (fits && (!longest || entry.key.size() > longest->key.size())) longest = &entry;
  }
  if (longest) {
    const auto used = std::min(path.size(), longest->key.size() + 1);
    return {&longest->value, path.substr(used)};
  }
  const auto [key, rest] = split(path);
  mapping.entries.push_back({std::string(key), place, {}});
  mapping.entries.back().value.place = place;
  return {&mapping.entries.back().value, rest};
}

}  // namespace

void put(Value& root, std::string_view path, Value value) {
  const auto place = value.place;
  const auto complain = [&, whole = path](const std::string& why) {
    return InputError(place, "'" + std::string(whole) + "' " + why);
  };
  Value* at = &root;
  if (path.empty()) throw complain("is no path; write it like 'optimizer.budget'");
  for (auto rest = path; !rest.empty();) {
    const auto part = split(rest).first;
    if (part.empty()) throw complain("has an empty part");
    if (at->kind == Value::Kind::nothing) {
      at->kind = Value::Kind::mapping;
      at->place = place;
    }
    if (at->kind == Value::Kind::scalar)
      throw complain("leads through '" + at->text + "', which is a single value");
    if (at->kind == Value::Kind::mapping) {
      std::tie(at, rest) = entry_of(*at, rest, place);
    } else {
      const auto& list = *at;
      at = const_cast<Value*>(element(*at, part));
      if (!at) throw complain("has no element '" + std::string(part) + "'; " + listed(list));
      rest = split(rest).second;
    }
  }
  *at = std::move(value);
}

models::Place place_of(const Value& root, std::string_view path) {
  const Value* at = &root;
  while (!path.empty()) {
    const auto [part, rest] = split(path);
    const auto* next = at->kind == Value::Kind::list ? element(*at, part) : at->find(part);
    if (!next) break;
    at = next;
    path = rest;
  }
  return at->place;
}

std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : text) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001b3;
  }
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(hash >> shift) & 15];
  return digits;
}

namespace {

/// The number of letters to add, drop, change or swap with the next to turn one word into the
/// other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
      row[j] = std::min({row[j - 1] + 1, last[j] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last.back();
}

}  // namespace

std::string suggestion(std::string_view wrong, const std::vector<std::string>& known) {
  if (wrong.size() > 64) return "";
  const auto closest = std::ranges::min_element(
      known, {}, [&](const std::string& word) { return distance(wrong, word); });
  // A short word is near to everything: ask that most of its letters agree.
  const auto near = wrong.size() < 4 ? std::size_t{1} : std::size_t{2};
  if (closest == known.end() || distance(wrong, *closest) > near) return "";
  return "; did you mean '" + *closest + "'?";
}

}  // namespace scenarios
