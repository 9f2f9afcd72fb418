#include "optimizers/bounds/relaxation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace optimizers {

using models::Goal;
using models::Metric;
using models::Workload;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Writes a goal down, part by part.
class Relaxing {
 public:
  explicit Relaxing(MetricBounds& bounds)
      : bounds_(bounds), problem_(bounds.problem()), costs_(bounds.costs()) {}

  /// What limits on accuracy and energy and the memory for weights leave to plans.
  std::vector<Allowance> allowances(const Goal& goal) {
    std::vector<Allowance> all = {{{}, true}};
    for (int op = 0; op < problem_.operators; ++op)
      for (const auto& option : problem_.options(op))
        all[0].use.push_back(
            static_cast<double>(
                at(problem_.weight_bytes, op * problem_.compute_formats + option.precision)) /
            std::max(1.0, static_cast<double>(at(problem_.capacity, option.device))));
    for (const auto& limit : goal.limits)
      if (auto allowance = allowed(limit); !allowance.use.empty())
        all.push_back(std::move(allowance));
    return all;
  }

  /// Parts of a limit on accuracy or energy that each option takes; infinite where it takes more
  /// than all. Empty for what does not add up over operators.
  Allowance allowed(const Goal::Limit& limit) {
    const bool of_energy = limit.metric == Metric::energy;
    if (!of_energy && (limit.metric != Metric::accuracy_loss || limit.bound >= 1)) return {};
    double there_is = limit.bound / safety;
    if (of_energy)
      there_is -=
          bounds_.idle_power() * bounds_.of(Metric::makespan).value / bounds_.requests() * safety;
    Allowance allowance;
    for (int op = 0; op < problem_.operators; ++op)
      for (const auto& option : problem_.options(op)) {
        const double used =
            of_energy ? costs_.joules(op, option)
                      : at(problem_.noise, op * problem_.compute_formats + option.precision);
        allowance.use.push_back(used <= 0 ? 0 : used > there_is ? infinite : used / there_is);
      }
    return allowance;
  }

  /// Adds an objective's part of the cost.
  void add(const Goal::Objective& one, Relaxation& to) {
    if (!(one.weight > 0)) return;
    const auto& workload = problem_.streams[0].workload();
    const double n = bounds_.requests();
    const bool closed = workload.arrivals == Workload::Arrivals::closed;
    const double rounds = closed ? std::ceil(n / static_cast<double>(workload.in_flight)) : 1;
    const double speed = bounds_.jitter() / costs_.most_speed();
    const auto per_makespan = [&](double weight) {
      to.times.terms.push_back({weight, rounds * bounds_.jitter(), n * speed});
    };
    const double weight = one.weight / one.scale;
    switch (one.metric) {
      case Metric::latency_mean: {
        const double k = std::min(static_cast<double>(workload.in_flight), n);
        const double loads = closed ? k * (2 * n - k + 1) / 2 / n : 0;  // the last k of 1 ... n
        to.times.terms.push_back({weight, bounds_.jitter(), loads * speed});
        return;
      }
      case Metric::latency_p50:
      case Metric::latency_p95:
      case Metric::latency_p99:
        to.times.terms.push_back({weight, bounds_.jitter(), 0});
        return;
      case Metric::makespan:
        per_makespan(weight);
        return;
      case Metric::throughput:
        per_makespan(one.weight * one.scale / n);
        return;
      case Metric::period_bound:
        to.times.terms.push_back({weight, 0, 1});
        return;
      case Metric::energy:
        add_joules(weight, to.base);
        per_makespan(weight * bounds_.idle_power() / n);
        return;
      default:
        to.fixed += safety * weight * bounds_.of(one.metric).value;
    }
  }

 private:
  void add_joules(double weight, Forest::Prices& to) const {
    const auto own = bounds_.joules();
    for (std::size_t k = 0; k < own.option.size(); ++k) to.option[k] += weight * own.option[k];
    for (std::size_t r = 0; r < own.per_byte.size(); ++r)
      to.per_byte[r] += weight * own.per_byte[r];
  }

  MetricBounds& bounds_;
  const models::Problem& problem_;
  const LeastCosts& costs_;
};

}  // namespace

std::optional<Relaxation> relaxation_of(MetricBounds& bounds, const Goal& goal) {
  const auto& problem = bounds.problem();
  if (problem.streams.size() > 1 || bounds.has_bursts() || !problem.batched.empty())
    return std::nullopt;
  Relaxing relaxing(bounds);
  Relaxation relaxation{Forest::Prices(bounds.forest()), {}, relaxing.allowances(goal), 0};
  for (const auto& one : goal.objectives) relaxing.add(one, relaxation);
  return relaxation;
}

}  // namespace optimizers
