#include "scenarios/yaml.h"

#include <yaml-cpp/eventhandler.h>  // the only file that knows yaml-cpp
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace scenarios {

using models::InputError;
using models::Place;

namespace {

constexpr std::size_t most_values = 250'000;
constexpr std::size_t deepest = 40;

std::size_t depth(const Value& value) {
  std::size_t most = 0;
  for (const auto& item : value.items) most = std::max(most, depth(item));
  for (const auto& entry : value.entries) most = std::max(most, depth(entry.value));
  return most + 1;
}

/// Builds a Value from what the parser reports, so that limits hold while it reads.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string file) : file_(std::move(file)) {}

  Value result() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(at(mark, Value::Kind::nothing), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end())
      throw InputError(place(mark), "an alias cannot stand inside what it names");
    if (open_.size() + depth(known->second) > deepest) throw too_deep(place(mark));
    values_ += size(known->second) - 1;
    finish(known->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    if (!tag.empty() && tag != "?" && tag != "!") throw tagged(mark, tag);
    auto value = at(mark, Value::Kind::scalar);
    value.text = text;
    value.quoted = tag == "!";
    finish(std::move(value), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(mark, Value::Kind::list, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(mark, Value::Kind::mapping, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Value value;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
  };

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  Value at(const YAML::Mark& mark, Value::Kind kind) const {
    Value value;
    value.kind = kind;
    value.place = place(mark);
    return value;
  }
  InputError tagged(const YAML::Mark& mark, const std::string& tag) const {
    return {place(mark), "the tag '" + tag + "' means nothing here; leave it out"};
  }
  static InputError too_deep(const Place& where) {
    return {where, "nested more than " + std::to_string(deepest) + " levels deep"};
  }

  void start(const YAML::Mark& mark, Value::Kind kind, const std::string& tag,
             YAML::anchor_t anchor) {
    if (!tag.empty() && tag != "?" && tag != "!") throw tagged(mark, tag);
    if (open_.size() >= deepest) throw too_deep(place(mark));
    if (!open_.empty() && open_.back().value.kind == Value::Kind::mapping && !open_.back().has_key)
      throw InputError(place(mark), "a key must be a word");
    open_.push_back({at(mark, kind), anchor, false});
  }
  void end() {
    auto done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.value), done.anchor);
  }
  void finish(Value value, YAML::anchor_t anchor) {
    if (++values_ > most_values)
      throw InputError(value.place, "more than " + std::to_string(most_values) + " values");
    if (anchor != 0) {
      values_ += size(value);
      anchors_[anchor] = value;
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& [parent, unused, has_key] = open_.back();
    if (parent.kind == Value::Kind::list)
      parent.items.push_back(std::move(value));
    else if (std::exchange(has_key, !has_key))
      set_value(parent.entries.back(), std::move(value));
    else
      add_key(parent, std::move(value));
  }
  static void set_value(Value::Entry& entry, Value value) {
    entry.value = std::move(value);
    // yaml-cpp places an absent value at whatever comes next.
    if (entry.value.kind == Value::Kind::nothing) entry.value.place = entry.place;
  }
  static void add_key(Value& mapping, Value key) {
    if (key.kind != Value::Kind::scalar || key.text.empty())
      throw InputError(key.place, "a key must be a word");
    if (mapping.find(key.text)) throw InputError(key.place, "'" + key.text + "' is given twice");
    mapping.entries.push_back({std::move(key.text), std::move(key.place), {}});
  }

  std::string file_;
  Value root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Value> anchors_;
  std::size_t values_ = 0;
};

/// How many bytes the UTF-8 letter at the start of the text takes; 0 where it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  const std::size_t length = first < 0x80                     ? 1
                             : first >= 0xc2 && first <= 0xdf ? 2
                             : first >= 0xe0 && first <= 0xef ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool outside = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return overlong || outside ? 0 : length;
}

/// What yaml-cpp would take in silence or explain badly.
void check_letters(std::string_view text, const std::string& file) {
  Place place{file, 1, 1};
  bool indenting = true;
  for (std::size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text.substr(i));
    if (length == 0) throw InputError(place, "not UTF-8 text");
    const char letter = text[i];
    if (static_cast<unsigned char>(letter) < 0x20 && letter != '\n' && letter != '\r' &&
        letter != '\t')
      throw InputError(place, "a control character; is this a text file?");
    if (letter == '\t' && indenting)
      throw InputError(place, "a tab in the indentation; use spaces");
    indenting = letter == '\n' || (indenting && letter == ' ');
    place.column = letter == '\n' ? 1 : place.column + 1;
    place.line += letter == '\n' ? 1 : 0;
    i += length;
  }
}

Value nothing_at(const Place& place) {
  Value value;
  value.place = place;
  return value;
}

}  // namespace

Value parse_yaml(std::string_view text, const std::string& file_name) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  check_letters(text, file_name);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    Builder builder(file_name);
    if (!parser.HandleNextDocument(builder)) return nothing_at({file_name, 1, 1});
    Builder second(file_name);
    if (parser.HandleNextDocument(second)) {
      const auto extra = second.result();
      throw InputError(extra.place, "a second document; keep one per file");
    }
    return builder.result();
  } catch (const YAML::Exception& error) {
    throw InputError(Place{file_name, error.mark.line + 1, error.mark.column + 1}, error.msg);
  }
}

}  // namespace scenarios
