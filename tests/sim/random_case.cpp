#include "tests/sim/random_case.h"

#include <algorithm>
#include <sstream>

#include "models/index.h"
#include "tests/sim/reference.h"

namespace random_case {
namespace {

using models::at;
using models::Choices;
using models::Network;
using models::Plan;
using models::Precision;
using models::Problem;
using models::Random;

template <class T>
void shuffle(Random& random, std::vector<T>& values) {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[at(random.below(static_cast<std::int64_t>(i)))]);
}

/// FNV-1a: a number that depends on the words alone.
std::uint64_t hash(std::uint64_t seed, const std::string& words) {
  std::uint64_t value = 14695981039346656037u ^ (seed * 0x9e3779b97f4a7c15);
  for (const char each : words) value = (value ^ static_cast<unsigned char>(each)) * 1099511628211u;
  return value ^ (value >> 29);
}

/// Operators 0.. in a random order in which makers come first.
std::vector<int> random_order(Random& random, const Network& network) {
  std::vector<int> order;
  std::vector<bool> placed(network.operators.size());
  while (order.size() < network.operators.size()) {
    std::vector<int> ready;
    for (std::size_t o = 0; o < placed.size(); ++o) {
      const auto& inputs = network.operators[o].inputs;
      const bool has_all = std::all_of(inputs.begin(), inputs.end(), [&](int t) {
        const int producer = t < 0 ? -1 : network.tensors[at(t)].producer;
        return producer < 0 || placed[at(producer)];
      });
      if (!placed[o] && has_all) ready.push_back(static_cast<int>(o));
    }
    order.push_back(ready[at(random.below(static_cast<std::int64_t>(ready.size())))]);
    placed[at(order.back())] = true;
  }
  return order;
}

Choices random_choices(Random& random, const models::Network& network,
                       const models::Platform& platform, const Wanted& wanted) {
  Choices choices;
  if (random.chance(0.7)) choices.precisions.push_back(Precision::fp16);
  if (random.chance(0.5)) choices.precisions.push_back(Precision::int8);
  if (random.chance(0.3)) choices.wires.push_back(Precision::fp16);
  if (random.chance(0.5)) choices.wires.push_back(Precision::int8);
  if (random.chance(0.3)) choices.wires.push_back(Precision::int4);
  if (random.chance(0.3)) choices.wires.push_back(models::integer_of_width(12));
  if (random.chance(0.3))
    choices.rules.push_back({network.operators.front().name,
                             {platform.devices.front().name, platform.devices.back().name},
                             {}});
  choices.discipline = wanted.discipline;
  return choices;
}

/// Sometimes leaves just enough memory for few requests, rarely for none.
void tighten(Random& random, Problem& problem, const Plan& plan) {
  const auto lowered = reference::lower(problem, plan);
  for (int d = 0; d < problem.devices; ++d) {
    if (!random.chance(0.3)) continue;
    const auto room = random.chance(0.05) ? -1 : lowered.per_request[at(d)] * random.below(3);
    problem.capacity[at(d)] =
        std::max<std::int64_t>(1, lowered.weights[at(d)] + lowered.per_request[at(d)] + room);
  }
}

Plan renumbered_plan(const Case& from, const Case& to);

}  // namespace

Plan random_plan(Random& random, const Problem& problem) {
  Plan plan = problem.first_plan();
  // Few devices and precisions at a time make long chains on one device likely as well.
  const bool scattered = random.chance(0.6);
  for (int o = 0; o < problem.operators; ++o) {
    if (!scattered && !random.chance(0.3)) continue;
    const auto options = problem.options(o);
    const auto& option = options[at(random.below(static_cast<std::int64_t>(options.size())))];
    plan.device[at(o)] = option.device;
    plan.precision[at(o)] = option.precision;
  }
  plan.order = random_order(random, *problem.network);
  for (auto& wire : plan.wire)
    if (random.chance(0.5))
      wire =
          problem
              .wire_option[at(random.below(static_cast<std::int64_t>(problem.wire_option.size())))];
  for (int l = 0; l < problem.links; ++l) {
    const auto begin = problem.lane_begin[at(l)], end = problem.lane_begin[at(l) + 1];
    plan.lanes[at(l)] =
        static_cast<std::uint16_t>(problem.lane_option[at(begin + random.below(end - begin))]);
  }
  return plan;
}

std::shared_ptr<Problem> compiled(const Case& from) {
  auto problem = std::make_shared<Problem>(*models::make_problem(
      std::make_shared<Network>(from.network), std::make_shared<models::Platform>(from.platform),
      from.workload, from.choices));
  problem->split_kinds();
  constexpr std::int64_t durations[] = {0, 64'000, 128'000, 256'000, 512'000};
  constexpr std::int64_t workspaces[] = {0, 0, 100, 1000};
  for (int o = 0; o < problem->operators; ++o)
    for (int d = 0; d < problem->devices; ++d)
      for (int p = 0; p < problem->compute_formats; ++p) {
        const auto cell = problem->cost_index(o, d, p);
        if (problem->duration[cell] < 0 || problem->is_free[at(o)]) continue;
        const auto drawn =
            hash(from.seed, problem->operator_name(o) + "|" + problem->device_name(d) + "|" +
                                models::name_of(problem->format[at(p)]));
        problem->duration[cell] = durations[drawn % 40 == 0 ? 0 : 1 + drawn % 4];
        problem->energy[cell] = static_cast<double>(1 + drawn % 5) * 1e-6;
        problem->workspace[cell] = workspaces[(drawn >> 8) % 4];
      }
  return problem;
}

Case make(std::uint64_t seed, const Wanted& wanted) {
  Random random(seed);
  Case made;
  made.seed = seed;
  made.network = random_network(random, wanted.operators);
  made.platform = random_platform(random, wanted);
  made.workload = random_workload(random, made.platform, wanted);
  made.choices = random_choices(random, made.network, made.platform, wanted);
  const auto problem = compiled(made);
  made.plan = random_plan(random, *problem);
  if (wanted.tight && random.chance(0.6)) tighten(random, *problem, made.plan);
  made.problem = problem;
  return made;
}

Case renumbered(const Case& from, Random& random) {
  Case to = from;
  const auto order = random_order(random, from.network);
  for (std::size_t i = 0; i < order.size(); ++i) {
    to.network.operators[i] = from.network.operators[at(order[i])];
    for (const int t : to.network.operators[i].outputs)
      if (t >= 0) to.network.tensors[at(t)].producer = static_cast<int>(i);
  }
  to.workload.source = from.problem->device_name(from.problem->streams.front().source);
  to.workload.sink = from.problem->device_name(from.problem->streams.front().sink);
  shuffle(random, to.platform.devices);
  shuffle(random, to.platform.links);
  const auto problem = compiled(to);
  for (int d = 0; d < problem->devices; ++d)
    problem->capacity[at(d)] =
        from.problem->capacity[at(from.platform.device_index(problem->device_name(d)))];
  to.problem = problem;
  to.plan = renumbered_plan(from, to);
  return to;
}

namespace {

Plan renumbered_plan(const Case& from, const Case& to) {
  const auto& a = *from.problem;
  const auto& b = *to.problem;
  Plan plan = b.first_plan();
  plan.discipline = from.plan.discipline;
  std::vector<int> here(at(a.operators));  // the new number of an old operator
  for (int o = 0; o < a.operators; ++o)
    for (int n = 0; n < b.operators; ++n)
      if (a.operator_name(o) == b.operator_name(n)) here[at(o)] = n;
  const auto device = [&](int old) { return to.platform.device_index(a.device_name(old)); };
  for (int o = 0; o < a.operators; ++o) {
    plan.device[at(here[at(o)])] = static_cast<std::uint16_t>(device(from.plan.device[at(o)]));
    plan.precision[at(here[at(o)])] = from.plan.precision[at(o)];
    plan.order[at(o)] = here[at(from.plan.order[at(o)])];
  }
  for (int t = 0; t < a.tensors; ++t)
    for (int n = 0; n < b.tensors; ++n)
      if (a.tensor_of[at(t)] == b.tensor_of[at(n)])
        for (int d = 0; d < a.devices; ++d)
          plan.wire[at(n * b.devices + device(d))] = from.plan.wire[at(t * a.devices + d)];
  for (int l = 0; l < a.links; ++l)
    plan.lanes[at(to.platform.link_index(a.link_name(l)))] = from.plan.lanes[at(l)];
  return plan;
}

}  // namespace

std::string description(const Case& what) {
  const auto& p = *what.problem;
  std::ostringstream out;
  out << "seed " << what.seed
      << (what.plan.discipline == Plan::Discipline::strict ? " strict" : " ready")
      << (p.fair_links ? " fair" : " fifo") << ", " << p.streams.front().workload().requests
      << " requests, arrivals " << static_cast<int>(p.streams.front().workload().arrivals)
      << " in flight " << p.streams.front().workload().in_flight << ", jitter "
      << p.streams.front().workload().jitter << ", source "
      << p.device_name(p.streams.front().source) << ", sink "
      << p.device_name(p.streams.front().sink) << "\n";
  for (int d = 0; d < p.devices; ++d)
    out << "  " << p.device_name(d) << ": slots " << p.slots[at(d)] << ", capacity "
        << p.capacity[at(d)] << ", switch " << p.switch_time[at(d)] << " ps\n";
  for (int l = 0; l < p.links; ++l)
    out << "  " << p.link_name(l) << ": " << what.plan.lanes[at(l)] << " x "
        << p.lane_bandwidth[at(l)] << " B/s\n";
  for (const int o : what.plan.order) {
    out << "  " << p.operator_name(o) << (p.is_free[at(o)] ? " (free)" : "") << " on "
        << p.device_name(what.plan.device[at(o)]) << " in "
        << models::name_of(p.format[what.plan.precision[at(o)]]) << " reads";
    for (int i = p.input_begin[at(o)]; i < p.input_begin[at(o) + 1]; ++i)
      out << " " << p.tensor_name(p.input_tensor[at(i)]);
    out << "\n";
  }
  return out.str();
}

}  // namespace random_case
