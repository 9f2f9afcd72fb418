#include "scenarios/claims.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "models/units.h"

namespace scenarios {

using models::About;
using models::InputError;
using models::Visitor;

namespace {

using Cells = std::vector<std::pair<std::string, std::string>>;

/// A claim as it is written, before words are looked up.
struct Draft {
  std::string metric;
  std::string at_least;
  std::string at_most;
  std::string equals;
  std::string within;
  bool feasible = true;
  Cells where;
  Cells compared_to;
};

void describe_cells(std::string_view name, Cells& cells, Visitor& v, const About& about) {
  std::vector<std::string> keys;
  v.table(
      name, keys, about, [&](std::size_t count) { cells.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        cells[i].first = keys[i];
        inner.visit(keys[i], cells[i].second, {.meaning = "the value swept"});
      });
}

void describe(Draft& draft, Visitor& v) {
  v.visit("metric", draft.metric, {.meaning = "a metric of 'list metrics'", .optional = true});
  describe_cells("where", draft.where, v,
                 {.meaning = "the runs it is about: swept path and value", .optional = true});
  v.visit("at_least", draft.at_least, {.meaning = "lower bound, with unit", .optional = true});
  v.visit("at_most", draft.at_most, {.meaning = "upper bound, with unit", .optional = true});
  v.visit("equals", draft.equals, {.meaning = "value, with unit", .optional = true});
  v.visit(
      "within", draft.within,
      {.meaning = "how far from 'equals' it may be: '1 %', or with the unit", .optional = true});
  describe_cells("compared_to", draft.compared_to, v,
                 {.meaning = "runs whose mean the bounds are factors of", .optional = true});
  v.visit("feasible", draft.feasible,
          {.meaning = "whether any plan holds all limits; instead of a metric", .optional = true});
}

double plain_number(const std::string& text) {
  double value = 0;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || !std::isfinite(value))
    throw InputError("'" + text + "' is not a number without a unit");
  return value;
}

/// A bound in the unit of its metric, or a factor.
double bound(const std::string& text, const Claim& claim) {
  const auto unit = models::about(*claim.metric).unit;
  if (claim.compared_to || unit == "1") return plain_number(text);
  if (unit == "s") return models::seconds(models::parse_time(text));
  if (unit == "B") return static_cast<double>(models::parse_bytes(text).count);
  if (unit == "mm2") return models::parse_quantity(text, models::Dimension::area);
  return models::parse_quantity(
      text, unit == "J" ? models::Dimension::energy : models::Dimension::frequency);
}

double slack(const std::string& text, double value, const Claim& claim) {
  const auto percent = text.find('%');
  if (percent == std::string::npos) return std::abs(bound(text, claim));
  const auto number = text.substr(0, text.find_last_not_of(' ', percent - 1) + 1);
  return std::abs(value * plain_number(number) / 100);
}

/// Turns the words of one claim into bounds; faults carry the place of the word.
class ClaimReader {
 public:
  ClaimReader(const Value& node, const Sweep& sweep, Faults& faults)
      : node_(node), sweep_(sweep), faults_(faults), section_(node, faults) {}

  Claim read() {
    Draft draft;
    describe(draft, section_);
    section_.finish();
    Claim claim;
    claim.place = node_.place;
    claim.text = to_json(node_);
    claim.where = cells("where", std::move(draft.where));
    if (node_.find("compared_to")) claim.compared_to = cells("compared_to", draft.compared_to);
    if (node_.find("feasible")) claim.feasible = draft.feasible;
    check_kind(claim);
    if (node_.find("metric")) read_bounds(draft, claim);
    return claim;
  }

 private:
  void fault(std::string_view key, const std::string& why) {
    const auto* value = node_.find(key);
    faults_.push_back({value ? value->place : node_.place, std::string(key) + ": " + why});
  }

  void check_kind(const Claim& claim) {
    const bool has_metric = node_.find("metric");
    if (has_metric == claim.feasible.has_value())
      faults_.push_back({node_.place, "expect: give either 'metric' or 'feasible'"});
    const bool bounded = node_.find("at_least") || node_.find("at_most") || node_.find("equals");
    if (has_metric && !bounded)
      faults_.push_back({node_.place, "expect: give 'at_least', 'at_most' or 'equals'"});
    if (!has_metric && (bounded || claim.compared_to))
      faults_.push_back({node_.place, "expect: bounds need a 'metric'"});
    if (node_.find("within") && !node_.find("equals")) fault("within", "is for 'equals'");
  }

  void read_bounds(const Draft& draft, Claim& claim) {
    claim.metric = models::find_metric(draft.metric);
    if (!claim.metric) {
      std::vector<std::string> names;
      for (const auto& entry : models::metrics()) names.emplace_back(entry.name);
      fault("metric", "'" + draft.metric + "' is no metric" + suggestion(draft.metric, names) +
                          " ('list metrics' shows them all)");
      return;
    }
    read_bound("at_least", draft.at_least, claim, claim.at_least);
    read_bound("at_most", draft.at_most, claim, claim.at_most);
    std::optional<double> middle;
    read_bound("equals", draft.equals, claim, middle);
    if (!middle) return;
    try {
      if (node_.find("within")) claim.slack = slack(draft.within, *middle, claim);
    } catch (const InputError& error) {
      fault("within", error.what());
    }
    claim.at_least = *middle - claim.slack;
    claim.at_most = *middle + claim.slack;
  }

  void read_bound(std::string_view key, const std::string& text, const Claim& claim,
                  std::optional<double>& into) {
    if (!node_.find(key)) return;
    try {
      into = bound(text, claim);
    } catch (const InputError& error) {
      fault(key, error.what());
    }
  }

  /// Replaces short names by whole paths; refuses what is not swept.
  Cells cells(std::string_view key, Cells written) {
    const auto* table = node_.find(key);
    for (auto& [name, value] : written) {
      const auto place = table->find(name) ? table->find(name)->place : table->place;
      const auto path = whole(name);
      if (path.empty()) {
        faults_.push_back({place, std::string(key) + ": '" + name + "' is not swept" +
                                      suggestion(name, names())});
        continue;
      }
      name = path;
      if (!is_swept(path, value))
        faults_.push_back({place, std::string(key) + ": '" + name + "' is never " + value});
    }
    return written;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [path, name] : short_names(sweep_)) {
      all.push_back(path);
      all.push_back(name);
    }
    return all;
  }

  std::string whole(const std::string& written) const {
    for (const auto& [path, name] : short_names(sweep_))
      if (written == path || written == name) return path;
    return written == "seed" ? written : "";
  }

  bool is_swept(const std::string& path, const std::string& value) const {
    if (path == "seed")
      return std::ranges::any_of(sweep_.seeds,
                                 [&](auto seed) { return std::to_string(seed) == value; });
    for (const auto& axis : sweep_.axes)
      for (std::size_t p = 0; p < axis.paths.size(); ++p)
        if (axis.paths[p] == path)
          return std::ranges::any_of(axis.steps,
                                     [&](const auto& step) { return label_of(step[p]) == value; });
    return false;
  }

  const Value& node_;
  const Sweep& sweep_;
  Faults& faults_;
  Section section_;
};

}  // namespace

std::vector<Claim> read_claims(const Value& expect, const Sweep& sweep, Faults& faults) {
  std::vector<Claim> claims;
  if (expect.kind != Value::Kind::list) {
    faults.push_back({expect.place, "expect: expected '- metric: ...' lines, found " +
                                        std::string(name_of(expect.kind))});
    return claims;
  }
  for (const auto& item : expect.items) {
    if (item.kind == Value::Kind::mapping)
      claims.push_back(ClaimReader(item, sweep, faults).read());
    else
      faults.push_back({item.place, "expect: expected '- metric: ...' lines, found " +
                                        std::string(name_of(item.kind))});
  }
  return claims;
}

}  // namespace scenarios
