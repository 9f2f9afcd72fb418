#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/error.h"
#include "scenarios/scenario.h"

namespace scenarios {

using models::InputError;

namespace {

using Cells = std::vector<std::pair<std::string, std::string>>;

bool matches(const Run& run, const Cells& cells) {
  return std::ranges::all_of(cells, [&](const auto& cell) {
    if (cell.first == "seed") return std::to_string(run.seed) == cell.second;
    const auto found = std::ranges::find(run.swept, cell.first, &SweptValue::path);
    return found != run.swept.end() && found->label == cell.second;
  });
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string show(double value, models::Metric metric) {
  const auto unit = models::about(metric).unit;
  if (unit == "s") return number(value * 1e3) + " ms";
  if (unit == "J") return number(value * 1e3) + " mJ";
  if (unit == "B") return number(value) + " B";
  return unit == "/s" ? number(value) + " /s" : number(value);
}

/// Whether a run that matches `cells` differs from `run` in nothing but what they are about.
bool alike(const Run& other, const Run& run, const Cells& cells) {
  const auto is_about = [&](const SweptValue& swept) {
    return std::ranges::any_of(run.swept, [&](const SweptValue& one) {
      return one.axis == swept.axis &&
             std::ranges::any_of(cells, [&](const auto& cell) { return cell.first == one.path; });
    });
  };
  return std::ranges::all_of(run.swept, [&](const SweptValue& swept) {
    return is_about(swept) || matches(other, {{swept.path, swept.label}});
  });
}

/// The mean over runs to compare with; nullopt without any that is feasible.
std::optional<double> reference(const Claim& claim, const Run& run,
                                std::span<const Answer> answers) {
  double sum = 0;
  int count = 0;
  for (const auto& answer : answers) {
    const auto& cells = *claim.compared_to;
    if (!answer.feasible || !matches(*answer.run, cells) || !alike(*answer.run, run, cells))
      continue;
    sum += answer.best[static_cast<std::size_t>(*claim.metric)];
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

std::string complaint(const Claim& claim, const Answer& answer, double factor) {
  if (claim.feasible) {
    if (*claim.feasible == answer.feasible) return "";
    return answer.feasible ? "a feasible plan was found, claimed none"
                           : "no feasible plan was found";
  }
  if (!answer.feasible) return "no feasible plan was found";
  const double value = answer.best[static_cast<std::size_t>(*claim.metric)];
  const std::string name(models::about(*claim.metric).name);
  const auto text = [&](std::string_view word, double limit) {
    return name + " is " + show(value, *claim.metric) + ", claimed " + std::string(word) + " " +
           show(limit, *claim.metric);
  };
  if (claim.at_least && value < *claim.at_least * factor)
    return text("at least", *claim.at_least * factor);
  if (claim.at_most && value > *claim.at_most * factor)
    return text("at most", *claim.at_most * factor);
  return "";
}

}  // namespace

std::vector<std::string> broken_claims(std::span<const Claim> claims,
                                       std::span<const Answer> answers) {
  std::vector<std::string> broken;
  for (const auto& claim : claims)
    for (const auto& answer : answers) {
      if (!matches(*answer.run, claim.where)) continue;
      std::optional<double> factor = 1.0;
      if (claim.compared_to) factor = reference(claim, *answer.run, answers);
      if (!factor) continue;
      const auto why = complaint(claim, answer, *factor);
      if (why.empty()) continue;
      const auto& label = answer.run->label;
      broken.push_back(InputError(claim.place, (label.empty() ? "" : label + ": ") + why).what());
    }
  return broken;
}

}  // namespace scenarios
