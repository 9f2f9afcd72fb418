#include "optimizers/repeats.h"

#include <algorithm>
#include <map>

namespace optimizers {

namespace {

constexpr std::size_t most_lengths = 48;  ///< of blocks, looked at
/// Operators: makers further back count as outside of the block. What all blocks read, such as an
/// attention mask, is the further off the later the block.
constexpr std::int32_t near_by[] = {24, 48, 96, 192};
constexpr std::size_t most_repeats = 1000;  ///< found one after the other

void mix(std::uint64_t& hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15;
  hash ^= hash >> 29;
}

/// Type, costs, sizes, options, and how far back its makers are.
std::uint64_t label(const models::Problem& problem, const Graph& graph, int op, std::int32_t near) {
  std::uint64_t hash = 1;
  const auto add = [&](std::int64_t value) { mix(hash, static_cast<std::uint64_t>(value)); };
  add(graph.type(op));
  const auto costs = static_cast<std::int64_t>(problem.kinds) * problem.compute_formats;
  for (auto k = op * costs; k < (op + 1) * costs; ++k) add(at(problem.duration, k));
  for (int format = 0; format < problem.compute_formats; ++format)
    add(at(problem.weight_bytes, op * problem.compute_formats + format));
  for (auto t = at(problem.output_begin, op); t < at(problem.output_begin, op + 1); ++t)
    add(at(problem.elements, t) * 2 + at(problem.is_output, t));
  for (auto t = at(problem.output_begin, op); t < at(problem.output_begin, op + 1); ++t)
    add(at(problem.is_fixed, t));
  add(-1);
  for (const auto option : problem.options(op)) add(option.device * 256 + option.precision);
  add(-1);
  for (const auto maker : graph.makers(op)) add(std::min(op - maker, near));
  return hash;
}

/// Distances between operators of the same label and the next one, the most frequent first.
std::vector<std::int32_t> likely_lengths(const std::vector<std::uint64_t>& labels) {
  std::map<std::uint64_t, std::int32_t> seen;
  std::map<std::int32_t, std::int32_t> times;
  for (std::size_t op = 0; op < labels.size(); ++op) {
    const auto here = static_cast<std::int32_t>(op);
    const auto [place, fresh] = seen.try_emplace(labels[op], here);
    if (fresh) continue;
    ++times[here - place->second];
    place->second = here;
  }
  std::vector<std::pair<std::int32_t, std::int32_t>> sorted;
  for (const auto& [length, count] : times) sorted.emplace_back(-count, length);
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int32_t> lengths;
  for (std::size_t k = 0; k < std::min(sorted.size(), most_lengths); ++k)
    lengths.push_back(sorted[k].second);
  return lengths;
}

/// All stretches, not yet taken, in which labels come again after `length`.
void add_repeats(const std::vector<std::uint64_t>& labels, const std::vector<std::uint8_t>& taken,
                 std::int32_t length, std::vector<Repeat>& all) {
  const auto count = static_cast<std::int32_t>(labels.size());
  std::int32_t begin = 0;
  for (std::int32_t op = 0; op <= count - length; ++op) {
    const bool same = op < count - length && at(labels, op) == at(labels, op + length) &&
                      at(taken, op) == 0 && at(taken, op + length) == 0;
    if (same) continue;
    if (op - begin >= length) all.push_back({begin, length, (op - begin) / length + 1});
    begin = op + 1;
  }
}

/// The one that spares most first, as long as there are any.
std::vector<Repeat> find_repeats(const std::vector<std::uint64_t>& labels) {
  const auto lengths = likely_lengths(labels);
  std::vector<std::uint8_t> taken(labels.size(), 0);
  std::vector<Repeat> found, all;
  while (found.size() < most_repeats) {
    all.clear();
    for (const auto length : lengths) add_repeats(labels, taken, length, all);
    if (all.empty()) break;
    std::sort(all.begin(), all.end(), [](const Repeat& a, const Repeat& b) {
      const auto spares_a = a.length * (a.count - 1), spares_b = b.length * (b.count - 1);
      if (spares_a != spares_b) return spares_a > spares_b;
      return a.length != b.length ? a.length < b.length : a.first < b.first;
    });
    for (const auto& repeat : all) {
      const auto begin = taken.begin() + repeat.first, end = taken.begin() + repeat.end();
      if (std::find(begin, end, 1) != end) continue;
      std::fill(begin, end, std::uint8_t{1});
      found.push_back(repeat);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Repeat& a, const Repeat& b) { return a.first < b.first; });
  return found;
}

}  // namespace

std::vector<Repeat> find_repeats(const models::Problem& problem, const Graph& graph) {
  std::vector<Repeat> best;
  std::vector<std::uint64_t> labels(static_cast<std::size_t>(problem.operators));
  for (const auto near : near_by) {
    for (int op = 0; op < problem.operators; ++op) at(labels, op) = label(problem, graph, op, near);
    auto found = find_repeats(labels);
    if (distinct_operators(problem, found) < distinct_operators(problem, best))
      best = std::move(found);
  }
  return best;
}

std::int32_t distinct_operators(const models::Problem& problem,
                                const std::vector<Repeat>& repeats) {
  std::int32_t left = problem.operators;
  for (const auto& repeat : repeats) left -= repeat.length * (repeat.count - 1);
  return left;
}

}  // namespace optimizers
