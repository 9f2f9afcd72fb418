#include "scenarios/section.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

namespace scenarios {

using models::About;
using models::InputError;

namespace {

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

/// Throws unless low <= value <= high; `show` writes a number as the user would.
template <class Show>
void check_range(double value, const About& about, std::string_view written, Show show) {
  // Beyond it, products such as the energy of a plan would be infinite.
  if (std::abs(value) > 1e30)
    throw InputError(std::string(written) + " is too large; at most 1e30 of the basic unit");
  const bool too_low = value < about.low || (about.above_low && value == about.low);
  if (!too_low && value <= about.high) return;
  const bool both = std::isfinite(about.low) && std::isfinite(about.high);
  const std::string text(written);
  if (both && !about.above_low)
    throw InputError(text + " is outside " + show(about.low) + " to " + show(about.high));
  if (too_low)
    throw InputError(text + " must be " + (about.above_low ? "greater than " : "at least ") +
                     show(about.low));
  throw InputError(text + " must be at most " + show(about.high));
}

/// A number on its own; what stands after it is most often a unit that is not wanted here.
template <class Number>
Number number(const std::string& text, const About& about) {
  constexpr bool whole = std::is_integral_v<Number>;
  Number value{};
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) throw InputError(quoted(text) + " is too large");
  if (error != std::errc{} || !std::isfinite(static_cast<double>(value)))
    throw InputError(quoted(text) + " is not a number");
  if (rest != end)
    throw InputError(quoted(text) + (whole ? " is not a whole number without a unit"
                                           : " is not a number without a unit"));
  check_range(static_cast<double>(value), about, text,
              [](double bound) { return models::shortest(bound); });
  return value;
}

const std::string& scalar(const Value& value) {
  if (value.kind == Value::Kind::nothing) throw InputError("has no value");
  if (value.kind != Value::Kind::scalar)
    throw InputError("expected a single value, found " + std::string(name_of(value.kind)));
  return value.text;
}

const Value& expected(const Value& value, Value::Kind kind, std::string_view example) {
  if (value.kind != kind)
    throw InputError("expected " + std::string(name_of(kind)) + ", found " +
                     std::string(name_of(value.kind)) + "; write it like " + std::string(example));
  return value;
}

}  // namespace

Section::Section(const Value& mapping, Faults& faults)
    : mapping_(mapping), faults_(faults), faults_before_(faults.size()) {
  if (mapping_.kind != Value::Kind::mapping)
    fault(mapping_.place,
          "expected 'key: value' lines, found " + std::string(name_of(mapping_.kind)));
}

void Section::fault(const models::Place& place, std::string what) {
  faults_.push_back({place, std::move(what)});
}

const Value* Section::value_of(std::string_view name, const About& about) {
  known_.emplace_back(name);
  const auto* value = mapping_.find(name);
  if (!value && !about.optional)
    missing_.push_back({std::string(name), std::string(about.meaning)});
  return value;
}

template <class Parse>
void Section::read(std::string_view name, const About& about, Parse parse) {
  const auto* value = value_of(name, about);
  if (!value) return;
  try {
    parse(*value);
  } catch (const InputError& error) {
    fault(value->place, std::string(name) + ": " + error.what());
  }
}

void Section::visit(std::string_view name, std::string& value, const About& about) {
  read(name, about, [&](const Value& node) { value = scalar(node); });
}

void Section::visit(std::string_view name, bool& value, const About& about) {
  read(name, about, [&](const Value& node) {
    const auto& text = scalar(node);
    if (text != "true" && text != "false")
      throw InputError(quoted(text) + " is neither true nor false");
    value = text == "true";
  });
}

void Section::visit(std::string_view name, std::int64_t& value, const About& about) {
  read(name, about, [&](const Value& node) { value = number<std::int64_t>(scalar(node), about); });
}

void Section::visit(std::string_view name, double& value, const About& about) {
  read(name, about, [&](const Value& node) { value = number<double>(scalar(node), about); });
}

void Section::visit(std::string_view name, models::Time& value, const About& about) {
  read(name, about, [&](const Value& node) {
    const auto parsed = models::parse_time(scalar(node));
    check_range(models::seconds(parsed), about, node.text,
                [](double bound) { return models::shortest(bound) + " s"; });
    value = parsed;
  });
}

void Section::visit(std::string_view name, models::Bytes& value, const About& about) {
  read(name, about, [&](const Value& node) {
    const auto parsed = models::parse_bytes(scalar(node));
    check_range(static_cast<double>(parsed.count), about, node.text,
                [](double bound) { return models::shortest(bound) + " B"; });
    value = parsed;
  });
}

void Section::visit(std::string_view name, std::vector<std::string>& value, const About& about) {
  read(name, about, [&](const Value& node) {
    std::vector<std::string> words;
    for (const auto& item : expected(node, Value::Kind::list, "[a, b]").items)
      words.push_back(scalar(item));
    value = std::move(words);
  });
}

void Section::visit(std::string_view name, std::vector<std::int64_t>& value, const About& about) {
  read(name, about, [&](const Value& node) {
    std::vector<std::int64_t> numbers;
    for (const auto& item : expected(node, Value::Kind::list, "[1, 2]").items)
      numbers.push_back(number<std::int64_t>(scalar(item), about));
    value = std::move(numbers);
  });
}

void Section::quantity(std::string_view name, double& value, models::Dimension dimension,
                       const About& about) {
  read(name, about, [&](const Value& node) {
    const double parsed = models::parse_quantity(scalar(node), dimension);
    check_range(parsed, about, node.text, [&](double bound) {
      return models::shortest(bound) + " " + std::string(models::base_unit(dimension));
    });
    value = parsed;
  });
}

void Section::choice(std::string_view name, int& index, std::span<const std::string_view> words,
                     const About& about) {
  read(name, about, [&](const Value& node) {
    const auto found = std::ranges::find(words, std::string_view(scalar(node)));
    if (found != words.end()) {
      index = static_cast<int>(found - words.begin());
      return;
    }
    const std::vector<std::string> known(words.begin(), words.end());
    std::string all;
    for (const auto& word : known) all += (all.empty() ? "" : ", ") + word;
    throw InputError(quoted(node.text) + " is none of " + all + suggestion(node.text, known));
  });
}

void Section::read_items(const Value& value, const Item& item, std::size_t index) {
  Section inner(value, faults_);
  if (value.kind != Value::Kind::mapping) return;
  try {
    item(inner, index);
  } catch (const InputError& error) {
    inner.refuse("", error.what());
  }
  inner.finish();
}

bool Section::group(std::string_view name, bool, const About& about, const Item& item) {
  const auto* value = value_of(name, about);
  if (value) read_items(*value, item, 0);
  return value != nullptr;
}

void Section::list(std::string_view name, std::size_t, const About& about,
                   const std::function<void(std::size_t)>& resize, const Item& item) {
  read(name, about, [&](const Value& node) {
    const auto& items = expected(node, Value::Kind::list, "'- name: a' lines").items;
    resize(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) read_items(items[i], item, i);
  });
}

void Section::table(std::string_view name, std::vector<std::string>& keys, const About& about,
                    const std::function<void(std::size_t)>& resize, const Item& item) {
  read(name, about, [&](const Value& node) {
    const auto& entries = expected(node, Value::Kind::mapping, "{key: value}").entries;
    keys.clear();
    for (const auto& entry : entries) keys.push_back(entry.key);
    resize(keys.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      Section inner(node, faults_);
      try {
        item(inner, i);
      } catch (const InputError& error) {
        inner.fault(entries[i].value.place, entries[i].key + ": " + error.what());
      }
    }
  });
}

void Section::refuse(std::string_view name, const std::string& why) {
  if (faults_.size() != faults_before_ || !missing_.empty()) return;
  const auto bracket = name.find('[');
  const auto key = name.substr(0, bracket);
  const auto* value = mapping_.find(key);
  if (!value) return fault(mapping_.place, name.empty() ? why : std::string(name) + ": " + why);
  if (bracket != std::string_view::npos) {
    std::size_t index = 0;
    std::from_chars(name.data() + bracket + 1, name.data() + name.size(), index);
    if (index < value->items.size()) value = &value->items[index];
  }
  fault(value->place, std::string(key) + ": " + why);
}

void Section::finish() {
  if (mapping_.kind != Value::Kind::mapping) return;
  std::vector<std::string> absent;
  for (const auto& key : known_)
    if (!mapping_.find(key)) absent.push_back(key);
  for (const auto& entry : mapping_.entries) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    // What is already given is not what was meant, unless nothing else is near.
    auto hint = suggestion(entry.key, absent);
    if (hint.empty()) hint = suggestion(entry.key, known_);
    std::erase_if(missing_, [&](const Missing& one) {
      return hint.find("'" + one.name + "'") != std::string::npos;
    });
    fault(entry.place, "unknown key '" + entry.key + "'" + hint);
  }
  for (const auto& one : missing_)
    fault(mapping_.place, "'" + one.name + "' is missing (" + one.meaning + ")");
}

namespace {

void sort(Faults& faults) {
  std::vector<std::string> files;
  for (const auto& fault : faults)
    if (std::ranges::find(files, fault.place.file) == files.end())
      files.push_back(fault.place.file);
  std::ranges::stable_sort(faults, {}, [&](const Fault& fault) {
    return std::tuple(std::ranges::find(files, fault.place.file) - files.begin(), fault.place.line,
                      fault.place.column);
  });
}

}  // namespace

void throw_first(Faults faults) {
  sort(faults);
  if (!faults.empty()) throw faults.front().error();
}

std::vector<InputError> sorted(Faults faults) {
  sort(faults);
  std::vector<InputError> errors;
  for (const auto& fault : faults) {
    const auto error = fault.error();
    const auto same = [&](const InputError& other) {
      return std::string_view(other.what()) == error.what();
    };
    if (std::ranges::none_of(errors, same)) errors.push_back(error);
  }
  return errors;
}

}  // namespace scenarios
