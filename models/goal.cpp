#include "models/goal.h"

#include <algorithm>
#include <cmath>

#include "models/units.h"

namespace models {
namespace {

// Plans that run miss their limits by less than the first, plans that leave requests unfinished
// come next, then plans that do not fit into memory, plans that use unsupported formats last.
constexpr double cannot_finish = 1e5;
constexpr double cannot_fit = 1e6;
constexpr double cannot_run = 2e6;

double capped(double misses) {
  return std::min(misses, 0.5 * cannot_fit);
}

/// The objective's metric as a number to be made small.
double cost_of(const Goal::Objective& objective, const Score& score) {
  const double value = score.value(objective.metric);
  return about(objective.metric).smaller_is_better ? value : 1 / value;
}

/// By which part of the bound it is missed; at most 0 when it holds.
double miss(Metric metric, double bound, const Score& score) {
  const double value = score.value(metric);
  const double over = about(metric).smaller_is_better ? value - bound : bound - value;
  return over / (bound != 0 ? std::abs(bound) : 1);
}

double miss(const Goal::Limit& limit, const Score& score) {
  return miss(limit.metric, limit.bound, score);
}

std::string percent(double part) {
  if (part >= 0.095) return pretty(std::round(part * 100));
  return pretty(std::max(std::round(part * 1000) / 10, 0.1));
}

/// Of a limit that is missed by that part of it: from ten times on nobody thinks in per cent.
std::string by_how_much(double part, bool is_most) {
  constexpr double many = 10;
  if (is_most && part + 1 >= many) return pretty(part + 1) + " times the limit";
  if (!is_most && part < 1 && 1 / (1 - part) >= many)
    return "the limit is " + pretty(1 / (1 - part)) + " times that";
  return percent(part) + (is_most ? " % over" : " % under");
}

void append(std::string& text, const std::string& more) {
  if (!text.empty()) text += "; ";
  text += more;
}

}  // namespace

double Goal::cost(const Score& score) const {
  double sum = 0;
  for (const auto& each : objectives) {
    const double scale = about(each.metric).smaller_is_better ? each.scale : 1 / each.scale;
    sum += each.weight * cost_of(each, score) / scale;
  }
  for (const auto& each : penalties)
    sum += each.weight * std::max(0.0, miss(each.metric, each.threshold, score));
  return sum;
}

double Goal::violation(const Score& score) const {
  const double over = static_cast<double>(score.memory_over) /
                      static_cast<double>(std::max<std::int64_t>(score.memory_bytes, 1));
  // What does not run has no latency or energy that limits could be held against.
  if (!score.supported) return cannot_run + capped(over);
  if (score.memory_over > 0) return cannot_fit + capped(over);
  if (score.unfinished > 0)
    return cannot_finish * (1 + static_cast<double>(score.unfinished) /
                                    static_cast<double>(std::max<std::int64_t>(score.requests, 1)));
  double misses = 0;
  for (const auto& limit : limits) misses += std::max(0.0, miss(limit, score));
  return std::min(misses, 0.5 * cannot_finish);
}

std::string Goal::complaint(const Score& score) const {
  std::string text;
  if (!score.supported)
    append(text, "an operator runs in a format that its device does not support");
  if (score.memory_over > 0)
    append(text, pretty(Bytes{score.memory_over}) + " do not fit into the devices' memory");
  if (score.unfinished > 0)
    append(text, std::to_string(score.unfinished) + " of " + std::to_string(score.requests) +
                     " requests cannot complete");
  if (!text.empty()) return text;
  for (const auto& limit : limits) {
    const double part = miss(limit, score);
    if (part <= 0) continue;
    const auto& entry = about(limit.metric);
    std::string words = std::string(entry.name) + " is " +
                        pretty(limit.metric, score.value(limit.metric)) + ", limit " +
                        pretty(limit.metric, limit.bound);
    if (limit.bound != 0) words += ": " + by_how_much(part, entry.smaller_is_better);
    append(text, words);
  }
  return text;
}

void Goal::values(const Score& score, std::span<double> out) const {
  for (std::size_t i = 0; i < objectives.size(); ++i) out[i] = cost_of(objectives[i], score);
}

void Goal::normalise(const Score& reference) {
  for (auto& each : objectives) {
    const double value = reference.value(each.metric);
    each.scale = value > 0 && std::isfinite(value) ? value : 1;
  }
}

double gap(double cost, double bound) {
  if (!(cost > 0)) return cost <= bound ? 0 : 1;
  return std::clamp((cost - bound) / cost, 0.0, 1.0);
}

bool dominates(const Goal& goal, const Score& a, const Score& b) {
  const double misses_a = goal.violation(a), misses_b = goal.violation(b);
  if (misses_a != misses_b) return misses_a < misses_b;
  if (misses_a > 0) return false;
  bool better = false;
  for (const auto& each : goal.objectives) {
    const double of_a = cost_of(each, a), of_b = cost_of(each, b);
    if (of_a > of_b) return false;
    better = better || of_a < of_b;
  }
  return better;
}

}  // namespace models
