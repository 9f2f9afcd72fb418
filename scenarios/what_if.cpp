#include "scenarios/what_if.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "models/error.h"
#include "models/index.h"
#include "sim/event_engine.h"

namespace scenarios {
namespace {

using models::at;
using models::Plan;
using models::Platform;
using models::Problem;

constexpr double faster = 1.1;

/// The plan on the same problem, with a platform that differs in one thing.
WhatIf simulated(std::string step, bool beyond, const Problem& base, const Platform& platform,
                 const Plan& plan) {
  WhatIf result{std::move(step), beyond, {}, {}};
  auto choices = base.choices;
  choices.lanes = true;
  try {
    const auto problem = models::make_problem(base.uses(), std::make_shared<Platform>(platform),
                                              choices, base.events);
    const auto outcome = sim::make_event_engine(problem)->execute(plan);
    result.infeasible = outcome.infeasible;
    result.score = outcome.score;
  } catch (const models::InputError& error) {  // such as more lanes than any link can have
    result.infeasible = error.what();
  }
  return result;
}

/// The next width that the link may power, or nothing when the plan powers its budget.
std::optional<std::int64_t> next_width(const models::Link& link, std::int64_t powered) {
  for (const auto width : link.allowed_widths())
    if (width > powered) return width;
  return std::nullopt;
}

void try_links(std::vector<WhatIf>& all, const Problem& problem, const Plan& plan,
               const models::Outcome& outcome) {
  for (int l = 0; l < problem.links; ++l) {
    bool carries = false;
    for (int c = 0; c < problem.channels; ++c)
      carries |= problem.channel_link[at(c)] == l && outcome.channels[at(c)].bytes > 0;
    if (!carries) continue;
    auto platform = *problem.platform;
    auto& link = platform.links[at(l)];
    auto wider = plan;
    const auto powered = std::int64_t{plan.lanes[at(l)]};
    const auto inside = next_width(link, powered);
    const auto width = inside.value_or(powered + 1);
    if (!inside) {
      link.lanes = width;
      if (!link.widths.empty()) link.widths.push_back(width);
    }
    wider.lanes[at(l)] = static_cast<std::uint16_t>(width);
    all.push_back(simulated("link " + link.name + ": " + std::to_string(width) + " lanes, not " +
                                std::to_string(powered),
                            !inside, problem, platform, wider));
  }
}

void try_devices(std::vector<WhatIf>& all, const Problem& problem, const Plan& plan,
                 const models::Outcome& outcome) {
  for (int d = 0; d < problem.devices; ++d) {
    if (outcome.devices[at(d)].load == 0) continue;
    auto platform = *problem.platform;
    auto& device = platform.devices[at(d)];
    device.memory_bandwidth.value *= faster;
    device.array.clock.value *= faster;
    for (auto& format : device.formats) {
      format.matrix_rate.value *= faster;
      format.element_rate.value *= faster;
    }
    for (auto& tabled : device.durations)
      tabled.duration = models::rounded_up(models::seconds(tabled.duration) / faster);
    all.push_back(
        simulated("device " + device.name + ": 10 % faster", true, problem, platform, plan));
  }
}

/// The compute format with the next fewer bits, if the problem has one.
std::optional<std::uint8_t> next_coarser(const Problem& problem, std::uint8_t precision) {
  std::optional<std::uint8_t> best;
  const auto bits = [&](int f) { return element_bits(problem.format[at(f)]); };
  for (int f = 0; f < problem.compute_formats; ++f)
    if (bits(f) < bits(precision) && (!best || bits(f) > bits(*best)))
      best = static_cast<std::uint8_t>(f);
  return best;
}

void try_precisions(std::vector<WhatIf>& all, const Problem& problem, const Plan& plan) {
  for (int d = 0; d < problem.devices; ++d) {
    auto coarser = plan;
    int changed = 0, stuck = 0;
    for (int o = 0; o < problem.operators; ++o) {
      if (plan.device[at(o)] != d) continue;
      const auto next = next_coarser(problem, plan.precision[at(o)]);
      const auto options = problem.options(o);
      const bool possible = next && std::ranges::any_of(options, [&](const auto& option) {
                              return option.device == d && option.precision == *next;
                            });
      if (possible) {
        coarser.precision[at(o)] = *next;
        ++changed;
      } else {
        ++stuck;
      }
    }
    if (changed == 0) continue;
    auto step = "device " + problem.device_name(d) + ": " + std::to_string(changed) +
                " operators one precision down";
    if (stuck > 0) step += ", " + std::to_string(stuck) + " cannot";
    all.push_back(simulated(std::move(step), false, problem, *problem.platform, coarser));
  }
}

void try_memory(std::vector<WhatIf>& all, const Problem& problem, const Plan& plan,
                const models::Outcome& outcome) {
  if (outcome.latency.wait_memory == 0) return;
  const auto fits = [](const models::DeviceUse& use) {
    return (use.capacity - use.weights) / use.per_request;
  };
  std::int64_t admitted = std::numeric_limits<std::int64_t>::max();
  for (const auto& use : outcome.devices)
    if (use.per_request > 0) admitted = std::min(admitted, fits(use));
  auto platform = *problem.platform;
  std::string names;
  for (int d = 0; d < problem.devices; ++d) {
    const auto& use = outcome.devices[at(d)];
    if (use.per_request == 0 || fits(use) > admitted) continue;
    auto& device = platform.devices[at(d)];
    device.memory.count = use.weights + use.per_request * (admitted + 1);
    names += (names.empty() ? "" : ", ") + device.name + " " + models::pretty(device.memory);
  }
  all.push_back(
      simulated("memory for one more request at once: " + names, true, problem, platform, plan));
}

}  // namespace

std::vector<WhatIf> one_step_more(const Parts& parts, const Plan& plan,
                                  const models::Outcome& outcome) {
  std::vector<WhatIf> all;
  const auto& problem = *parts.problem;
  try_links(all, problem, plan, outcome);
  try_devices(all, problem, plan, outcome);
  try_precisions(all, problem, plan);
  try_memory(all, problem, plan, outcome);
  return all;
}

}  // namespace scenarios
