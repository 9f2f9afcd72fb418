#include "scenarios/sweep.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace scenarios {

using models::InputError;

namespace {

/// Values of one path, or none and a fault.
std::vector<Value> values_of(const Value::Entry& entry, Faults& faults) {
  if (entry.value.kind == Value::Kind::list && !entry.value.items.empty()) return entry.value.items;
  faults.push_back({entry.value.place,
                    "sweep: expected the values of '" + entry.key + "' as a list, like [1, 2]"});
  return {};
}

/// Paths in lockstep: one mapping of lists of equal length.
void add_together(const Value& group, Sweep& sweep, Faults& faults) {
  Axis axis;
  for (const auto& entry : group.entries) {
    auto values = values_of(entry, faults);
    if (values.empty()) return;
    if (axis.steps.empty()) axis.steps.resize(values.size());
    if (axis.steps.size() != values.size()) {
      faults.push_back({entry.value.place, "sweep: '" + entry.key + "' has " +
                                               std::to_string(values.size()) + " values, '" +
                                               axis.paths.front() + "' beside it has " +
                                               std::to_string(axis.steps.size())});
      return;
    }
    axis.paths.push_back(entry.key);
    for (std::size_t i = 0; i < values.size(); ++i) axis.steps[i].push_back(std::move(values[i]));
  }
  if (!axis.paths.empty()) sweep.axes.push_back(std::move(axis));
}

void add_axes(const Value& mapping, Sweep& sweep, Faults& faults) {
  if (mapping.kind != Value::Kind::mapping) {
    faults.push_back({mapping.place, "sweep: expected 'path: [values]' lines, found " +
                                         std::string(name_of(mapping.kind))});
    return;
  }
  for (const auto& entry : mapping.entries) {
    if (entry.key != "together") {
      Axis axis;
      axis.paths = {entry.key};
      for (auto& value : values_of(entry, faults)) axis.steps.push_back({std::move(value)});
      if (!axis.steps.empty()) sweep.axes.push_back(std::move(axis));
      continue;
    }
    for (const auto& group : values_of(entry, faults)) {
      if (group.kind == Value::Kind::mapping)
        add_together(group, sweep, faults);
      else
        faults.push_back({group.place, "sweep: expected 'path: [values]' lines below 'together'"});
    }
  }
}

/// A path that is swept twice would keep only its last value.
void check_paths(const Sweep& sweep, const Value& mapping, Faults& faults) {
  std::vector<std::string> seen;
  for (const auto& axis : sweep.axes)
    for (const auto& path : axis.paths) {
      const auto first = path.substr(0, path.find('.'));
      if (first == "sweep" || first == "seeds" || first == "expect" || first == "name")
        faults.push_back({mapping.place, "sweep: '" + path + "' cannot be swept"});
      if (std::ranges::find(seen, path) != seen.end())
        faults.push_back({mapping.place, "sweep: '" + path + "' is swept twice"});
      seen.push_back(path);
    }
}

std::uint64_t seed_of(const Value& value) {
  std::uint64_t seed = 0;
  const auto end = value.text.data() + value.text.size();
  const auto [rest, error] = std::from_chars(value.text.data(), end, seed);
  if (value.kind != Value::Kind::scalar || error != std::errc{} || rest != end)
    throw InputError("seeds: expected a list of whole numbers, like [1, 2, 3], or how many");
  return seed;
}

std::vector<std::uint64_t> seeds_of(const Value& value) {
  constexpr std::uint64_t most = 10'000;
  std::vector<std::uint64_t> seeds;
  if (value.kind == Value::Kind::list) {
    for (const auto& item : value.items) seeds.push_back(seed_of(item));
  } else {
    const auto count = seed_of(value);
    if (count > most) throw InputError("seeds: " + value.text + " is outside 1 to 10000");
    for (std::uint64_t seed = 1; seed <= count; ++seed) seeds.push_back(seed);
  }
  if (seeds.empty() || seeds.size() > most) throw InputError("seeds: give 1 to 10000 of them");
  auto sorted = seeds;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    throw InputError("seeds: a seed is given twice");
  return seeds;
}

void drop_what_is_set(Sweep& sweep, const Overrides& overrides) {
  for (const auto& one : overrides.set) {
    const auto path = one.substr(0, one.find('='));
    for (auto& axis : sweep.axes) {
      const auto found = std::ranges::find(axis.paths, path);
      if (found == axis.paths.end()) continue;
      for (auto& step : axis.steps) step.erase(step.begin() + (found - axis.paths.begin()));
      axis.paths.erase(found);
    }
  }
  std::erase_if(sweep.axes, [](const Axis& axis) { return axis.paths.empty(); });
}

}  // namespace

namespace {

/// The same run twice would only look like two.
void refuse_repeats(const Sweep& sweep, Faults& faults) {
  for (const auto& axis : sweep.axes) {
    std::set<std::string> seen;
    for (const auto& step : axis.steps) {
      std::string text;
      for (const auto& value : step) text += to_json(value) + "\n";
      if (!seen.insert(text).second)
        faults.push_back(
            {step.front().place, "sweep: '" + axis.paths.front() + "' takes the same value twice"});
    }
  }
}

}  // namespace

Sweep take_sweep(Value& file, const Overrides& overrides, Faults& faults) {
  Sweep sweep;
  if (file.find("sweep")) {
    const auto mapping = file.take("sweep");
    add_axes(mapping, sweep, faults);
    refuse_repeats(sweep, faults);
    check_paths(sweep, mapping, faults);
  }
  if (file.find("seeds")) {
    const auto value = file.take("seeds");
    try {
      sweep.seeds = seeds_of(value);
    } catch (const InputError& error) {
      faults.push_back({value.place, error.what()});
    }
  }
  drop_what_is_set(sweep, overrides);
  if (overrides.seed) sweep.seeds = {*overrides.seed};
  return sweep;
}

std::size_t cell_count(const Sweep& sweep, const Value& file, Faults& faults) {
  std::size_t count = 1;
  for (const auto& axis : sweep.axes) {
    count *= axis.steps.size();
    if (count * sweep.seeds.size() <= most_cells) continue;
    faults.push_back({file.place, "sweep: more than " + std::to_string(most_cells) +
                                      " runs; sweep fewer values"});
    return 0;
  }
  return count;
}

namespace {

/// "platform.links.d2d.lanes" ends with "d2d.lanes", and not with "2d.lanes".
bool ends_with_part(std::string_view path, std::string_view end) {
  return path.ends_with(end) &&
         (path.size() == end.size() || path[path.size() - end.size() - 1] == '.');
}

}  // namespace

Cell make_cell(const Value& file, const Sweep& sweep, std::size_t index) {
  Cell cell{file, {}};
  std::vector<std::size_t> steps(sweep.axes.size());
  for (std::size_t a = sweep.axes.size(); a-- > 0;) {
    steps[a] = index % sweep.axes[a].steps.size();
    index /= sweep.axes[a].steps.size();
  }
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    const auto& axis = sweep.axes[a];
    for (std::size_t p = 0; p < axis.paths.size(); ++p) {
      const auto& value = axis.steps[steps[a]][p];
      put(cell.file, axis.paths[p], value);
      cell.swept.push_back({axis.paths[p], label_of(value), static_cast<int>(a)});
    }
  }
  return cell;
}

std::vector<std::pair<std::string, std::string>> short_names(const Sweep& sweep) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& axis : sweep.axes)
    for (const auto& path : axis.paths) names.emplace_back(path, path);
  const auto is_clear = [&](std::string_view end) {
    const auto same = [&](const auto& other) { return ends_with_part(other.first, end); };
    return end != "seed" && std::ranges::count_if(names, same) == 1;
  };
  for (auto& [path, name] : names) {
    const std::string_view whole = path;
    for (auto dot = whole.rfind('.'); dot != std::string_view::npos;
         dot = whole.rfind('.', dot - 1)) {
      if (is_clear(whole.substr(dot + 1))) {
        name = whole.substr(dot + 1);
        break;
      }
      if (dot == 0) break;
    }
  }
  return names;
}

}  // namespace scenarios
