#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "models/error.h"
#include "optimizers/algorithms.h"

namespace optimizers {

namespace {

/// Letters to insert, delete or replace to get from one word to the other (Levenshtein 1966).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const Entry> catalogue() {
  // clang-format off
  static const std::array entries = {
      random_entry(),
      greedy_entry(),
      annealing_entry(),
      genetic_entry(),
      islands_entry(),
      portfolio_entry(),
      integer_entry(),
      exhaustive_entry(),
      heft_entry(),
      peft_entry(),
      cpop_entry(),
      tempering_entry(),
      chain_entry(),
      beam_entry(),
      blocks_entry(),
      multilevel_entry(),
      local_entry(),
  };
  // clang-format on
  return entries;
}

const Entry& find(std::string_view name) {
  const Entry* nearest = nullptr;
  std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
  std::string names;
  for (const auto& entry : catalogue()) {
    if (entry.name == name) return entry;
    if (const auto far = distance(name, entry.name); far < best) {
      best = far;
      nearest = &entry;
    }
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  std::string message = "there is no optimizer '" + std::string(name) + "'";
  if (nearest != nullptr)
    message += "; did you mean '" + std::string(nearest->name) + "'?";
  else
    message += ".";
  throw models::InputError(message + " There are: " + names);
}

std::unique_ptr<Optimizer> make(std::string_view name, const Task& task) {
  const auto& entry = find(name);
  Settings settings;
  for (const auto& parameter : entry.parameters) settings.push_back(parameter.standard);
  return entry.make(task, settings);
}

}  // namespace optimizers
