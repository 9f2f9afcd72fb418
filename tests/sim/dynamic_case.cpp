#include "tests/sim/dynamic_case.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "models/index.h"
#include "models/network/onnx.h"
#include "models/network/zoo_builder.h"
#include "models/task_graph.h"
#include "results/plan_json.h"
#include "scenarios/scenario.h"

namespace dynamic_case {

using models::at;
using models::Network;
using models::Precision;
using models::Problem;
using models::Random;
using models::Time;
using random_case::one_of;

namespace {

/// FNV-1a: a number that depends on the words alone.
std::uint64_t hash(std::uint64_t seed, const std::string& words) {
  std::uint64_t value = 14695981039346656037u ^ (seed * 0x9e3779b97f4a7c15);
  for (const char each : words) value = (value ^ static_cast<unsigned char>(each)) * 1099511628211u;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93;
  return value ^ (value >> 32);
}

std::shared_ptr<const Network> built(const NetworkPlan& plan) {
  models::ZooBuilder builder(plan.name);
  std::vector<std::string> names;
  std::vector<std::int64_t> elements;
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    names.push_back(builder.input(plan.name + "in" + std::to_string(i), {plan.inputs[i]}));
    elements.push_back(plan.inputs[i]);
  }
  std::set<int> read;
  for (const auto& step : plan.steps) {
    const auto a = at(step.reads.front()), b = at(step.reads.back());
    auto size = elements[a];
    if (step.type == "Scale") {
      builder.add("Mul", step.name, {names[a], builder.weight(step.name + ".w", {size})});
    } else if (step.type != "Join" || a == b) {
      builder.add(step.type == "Join" ? "Relu" : step.type, step.name, {names[a]});
    } else if (elements[a] == elements[b]) {
      builder.add("Add", step.name, {names[a], names[b]});
    } else {
      builder.add("Concat", step.name, {names[a], names[b]}, {{"axis", std::int64_t{0}}});
      size += elements[b];
    }
    read.insert(step.reads.begin(), step.reads.end());
    names.push_back(step.name);
    elements.push_back(size);
  }
  std::vector<std::string> outputs;
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    if (plan.steps[i].is_output || !read.contains(static_cast<int>(plan.inputs.size() + i)))
      outputs.push_back(plan.steps[i].name);
  return std::make_shared<Network>(builder.network(outputs));
}

/// The option with the least hash of its name.
template <class Options, class NameOf>
std::size_t drawn(std::uint64_t seed, const std::string& what, const Options& options,
                  NameOf name_of) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < std::size(options); ++i)
    if (hash(seed, what + "|" + name_of(options[i])) <
        hash(seed, what + "|" + name_of(options[best])))
      best = i;
  return best;
}

/// Makers first, else by the hashes of names.
std::vector<int> order_of(std::uint64_t seed, const Network& network) {
  std::vector<int> order;
  std::vector<bool> placed(network.operators.size());
  while (order.size() < placed.size()) {
    int best = -1;
    std::uint64_t least = 0;
    for (std::size_t o = 0; o < placed.size(); ++o) {
      const auto& op = network.operators[o];
      const bool ready = std::ranges::all_of(op.inputs, [&](int t) {
        const int producer = t < 0 ? -1 : network.tensors[at(t)].producer;
        return producer < 0 || placed[at(producer)];
      });
      const auto value = hash(seed, "order" + op.name);
      if (placed[o] || !ready || (best >= 0 && value > least)) continue;
      best = static_cast<int>(o);
      least = value;
    }
    order.push_back(best);
    placed[at(best)] = true;
  }
  return order;
}

models::Plan plan_of(std::uint64_t seed, const Problem& problem) {
  auto plan = problem.first_plan();
  for (int o = 0; o < problem.operators; ++o) {
    const auto options = problem.options(o);
    const auto& chosen =
        options[drawn(seed, problem.operator_name(o), options, [&](const Problem::Option& each) {
          return problem.device_name(each.device) + models::name_of(problem.format[each.precision]);
        })];
    plan.device[at(o)] = chosen.device;
    plan.precision[at(o)] = chosen.precision;
  }
  plan.order = order_of(seed, *problem.network);
  for (int t = 0; t < problem.tensors; ++t)
    for (int d = 0; d < problem.devices; ++d) {
      const auto place = problem.tensor_name(t) + ">" + problem.device_name(d);
      if (hash(seed, "wire" + place) % 2 == 0) continue;
      const auto option = drawn(seed, place, problem.wire_option, [&](std::uint8_t each) {
        return each < problem.format.size() ? models::name_of(problem.format[each]) : "produced";
      });
      plan.wire[at(t * problem.devices + d)] = problem.wire_option[option];
    }
  for (int l = 0; l < problem.links; ++l) {
    const auto first = at(problem.lane_begin[at(l)]);
    const auto options =
        std::span(problem.lane_option).subspan(first, at(problem.lane_begin[at(l) + 1]) - first);
    plan.lanes[at(l)] = static_cast<std::uint16_t>(
        options[drawn(seed, problem.link_name(l), options,
                      [](std::int32_t lanes) { return std::to_string(lanes); })]);
  }
  return plan;
}

NetworkPlan random_network(Random& random, const std::string& name) {
  NetworkPlan made;
  made.name = name;
  for (auto count = 1 + random.below(2); count > 0; --count)
    made.inputs.push_back(one_of<std::int64_t>(random, {64, 128, 256}));
  for (auto count = 1 + random.below(7), i = std::int64_t{0}; i < count; ++i) {
    NetworkPlan::Step step;
    step.name = name + "_" + std::to_string(i);
    step.type = one_of<std::string>(random, {"Relu", "Scale", "Join", "Join", "Identity"});
    const auto readable = static_cast<std::int64_t>(made.inputs.size()) + i;
    for (int k = 0; k < 2; ++k)
      step.reads.push_back(static_cast<int>(
          random.chance(0.5) ? readable - 1 - random.below(std::min<std::int64_t>(2, readable))
                             : random.below(readable)));
    step.is_output = random.chance(0.1);
    made.steps.push_back(step);
  }
  return made;
}

void add_requests(NetworkPlan& network, Random& random, const models::Platform& platform) {
  network.workload = random_case::random_workload(random, platform, {});
  auto& workload = network.workload;
  workload.requests = std::min<std::int64_t>(workload.requests, 6);
  workload.trace.resize(std::min(workload.trace.size(), at(workload.requests)));
  if (workload.jitter > 0 && random.chance(0.5))
    workload.jitter_shape = models::Workload::JitterShape::exponential;
  if (random.chance(0.3)) {
    workload.batch = 2 + random.below(2);
    workload.batch_wait = Time(one_of<std::int64_t>(random, {0, 128'000, 1'000'000}));
  }
  network.priority = random.below(3);
  network.deadline = Time(one_of<std::int64_t>(random, {0, 1'000'000, 3'000'000}));
}

void dress_up(models::Platform& platform, Random& random) {
  const bool limited = random.chance(0.4);
  for (auto& device : platform.devices) {
    device.model = models::Device::Model::table;
    if (!limited) continue;
    device.buffers = one_of<std::int64_t>(random, {0, 1, 1, 2, 3});
    device.copy_engines = one_of<std::int64_t>(random, {0, 1, 1, 2});
  }
  for (auto& link : platform.links) {
    link.width_change_time = Time(one_of<std::int64_t>(random, {0, 64'000, 200'000}));
    link.width_change_energy = {1e-7};
  }
}

/// An instant that often falls together with others.
Time random_instant(Random& random) {
  return Time(random.below(80) * 64'000 + (random.chance(0.3) ? random.below(64'000) : 0));
}

void add_event(Case& made, Random& random) {
  using What = models::Event::What;
  models::Event event;
  event.at = random_instant(random);
  if (random.chance(0.3)) {
    event.times = 1 + random.below(4);
    if (event.times > 1) event.every = Time(1 + random.below(1'000'000));
  }
  const auto& devices = made.platform.devices;
  const auto& links = made.platform.links;
  const auto device = [&] {
    return devices[at(random.below(static_cast<std::int64_t>(devices.size())))].name;
  };
  const bool on_link = !links.empty() && random.chance(0.5);
  const auto link = [&] {
    return links[at(random.below(static_cast<std::int64_t>(links.size())))].name;
  };
  (on_link ? event.link : event.device) = on_link ? link() : device();
  switch (random.below(4)) {
    case 0:
      event.what = What::fails;
      event.times = 1 + random.below(8);
      event.every = Time(event.times == 1 ? 0 : (1 + random.below(8)) * 64'000 + random.below(2));
      if (random.chance(0.9)) {  // and returns
        auto back = event;
        back.what = What::returns;
        back.at += event.times == 1 ? Time(random.below(20) * 64'000)
                                    : Time(random.below(event.every.count()));
        made.events.push_back(back);
      }
      break;
    case 1:
      event.what = What::load;
      event.value = one_of(random, {0.0, 0.25, 0.5, 0.9});
      break;
    case 2:
      event.what = on_link ? What::lanes : What::speed;
      if (on_link) {
        const auto widths = links[at(made.platform.link_index(event.link))].allowed_widths();
        event.count = widths[at(random.below(static_cast<std::int64_t>(widths.size())))];
      } else {
        event.value = one_of(random, {0.0, 0.3, 0.5, 1.0, 2.0});
        if (event.value == 0 && random.chance(0.9)) {  // and goes on
          auto on = event;
          on.value = 1;
          on.at += Time(random.below(20) * 64'000);
          made.events.push_back(on);
        }
      }
      break;
    default:
      event.what = What::burst;
      event.device = event.link = "";
      event.network =
          made.networks[at(random.below(static_cast<std::int64_t>(made.networks.size())))].name;
      event.count = 1 + random.below(3);
  }
  made.events.push_back(event);
}

/// Sometimes leaves just enough memory for few requests.
void tighten(Case& made, Random& random) {
  const auto& problem = *made.problem;
  for (int d = 0; d < problem.devices; ++d) {
    if (!random.chance(0.3)) continue;
    std::int64_t weights = 0, most = 0;
    for (int s = 0; s < static_cast<int>(problem.streams.size()); ++s) {
      const auto batch = problem.streams[at(s)].workload().batch;
      const auto& largest = batch == 1 ? problem : *problem.batched[at(batch) - 2];
      models::TaskGraph graph(largest, s);
      graph.build(made.plan);
      weights += graph.totals().devices[at(d)].weights;
      most = std::max(most, graph.totals().devices[at(d)].per_request);
    }
    made.platform.devices[at(d)].memory = {
        std::max<std::int64_t>(1, weights + most + random.below(2 * most + 1))};
  }
}

}  // namespace

void compile(Case& what) {
  constexpr std::int64_t durations[] = {0, 64'000, 128'000, 256'000, 512'000, 512'000};
  auto platform = what.platform;
  for (auto& device : platform.devices)
    for (const auto& network : what.networks)
      for (const auto& step : network.steps)
        for (const auto& format : device.formats) {
          const auto value =
              hash(what.seed, step.name + device.name + models::name_of(format.precision));
          device.durations.push_back({network.name + "/" + step.name,
                                      format.precision,
                                      Time(durations[value % 6]),
                                      {static_cast<double>(1 + value % 5) * 1e-6}});
        }
  std::vector<models::NetworkUse> uses;
  for (const auto& network : what.networks)
    uses.push_back(
        {network.name, built(network), network.workload, network.priority, network.deadline});
  what.problem = models::make_problem(uses, std::make_shared<models::Platform>(platform),
                                      what.choices, what.events);
  const auto discipline = what.choices.discipline;
  what.plan = plan_of(what.seed, *what.problem);
  what.plan.discipline = discipline;
}

Case make(std::uint64_t seed, random_case::Wanted::Links links,
          models::Plan::Discipline discipline) {
  Random random(seed);
  Case made;
  made.seed = seed;
  random_case::Wanted wanted;
  wanted.links = links;
  made.platform = random_case::random_platform(random, wanted);
  dress_up(made.platform, random);
  for (auto count = 1 + random.below(3), i = std::int64_t{0}; i < count; ++i) {
    made.networks.push_back(random_network(random, "n" + std::to_string(i)));
    add_requests(made.networks.back(), random, made.platform);
  }
  if (random.chance(0.7)) made.choices.precisions.push_back(Precision::fp16);
  if (random.chance(0.4)) made.choices.precisions.push_back(Precision::int8);
  if (random.chance(0.5)) made.choices.wires.push_back(Precision::int8);
  made.choices.discipline = discipline;
  for (auto count = random.below(9); count > 0; --count) add_event(made, random);
  compile(made);
  if (random.chance(0.5)) {
    tighten(made, random);
    compile(made);
  }
  return made;
}

Case renumbered(const Case& from, Random& random) {
  const auto shuffle = [&](auto& values) {
    for (std::size_t i = values.size(); i > 1; --i)
      std::swap(values[i - 1], values[at(random.below(static_cast<std::int64_t>(i)))]);
  };
  Case to = from;
  for (std::size_t s = 0; s < to.networks.size(); ++s) {
    auto& network = to.networks[s];
    network.workload.source = from.problem->device_name(from.problem->streams[s].source);
    network.workload.sink = from.problem->device_name(from.problem->streams[s].sink);
    // Steps in another order, makers first.
    const auto inputs = static_cast<int>(network.inputs.size());
    std::vector<int> here(at(inputs) + network.steps.size(), -1);
    for (int i = 0; i < inputs; ++i) here[at(i)] = i;
    const auto old = std::move(network.steps);
    network.steps.clear();
    while (network.steps.size() < old.size()) {
      const auto i = at(random.below(static_cast<std::int64_t>(old.size())));
      auto step = old[i];
      if (here[at(inputs) + i] >= 0) continue;
      for (auto& read : step.reads) read = here[at(read)];
      if (std::ranges::min(step.reads) < 0) continue;
      here[at(inputs) + i] = inputs + static_cast<int>(network.steps.size());
      network.steps.push_back(step);
    }
  }
  shuffle(to.platform.devices);
  shuffle(to.platform.links);
  compile(to);
  return to;
}

namespace {

/// Whether the changed case compiles and still fails; if so it is taken.
bool taken(Case& from, Case smaller, const std::function<bool(const Case&)>& fails) {
  try {
    compile(smaller);
    if (!fails(smaller)) return false;
  } catch (const std::exception&) {
    return false;  // another case altogether
  }
  from = std::move(smaller);
  return true;
}

/// Whoever read the step reads what it read first.
void remove_step(NetworkPlan& network, std::size_t index) {
  const auto inputs = static_cast<int>(network.inputs.size());
  const auto gone = inputs + static_cast<int>(index);
  const auto instead = network.steps[index].reads.front();
  network.steps.erase(network.steps.begin() + static_cast<std::ptrdiff_t>(index));
  for (auto& step : network.steps)
    for (auto& read : step.reads) read = read == gone ? instead : read > gone ? read - 1 : read;
}

bool without_a_network(Case& from, const std::function<bool(const Case&)>& fails) {
  for (std::size_t i = 0; from.networks.size() > 1 && i < from.networks.size(); ++i) {
    auto smaller = from;
    const auto name = smaller.networks[i].name;
    smaller.networks.erase(smaller.networks.begin() + static_cast<std::ptrdiff_t>(i));
    std::erase_if(smaller.events, [&](const auto& event) { return event.network == name; });
    if (taken(from, std::move(smaller), fails)) return true;
  }
  return false;
}

bool without_a_part(Case& from, const std::function<bool(const Case&)>& fails) {
  for (std::size_t i = 0; i < from.events.size(); ++i) {
    auto smaller = from;
    smaller.events.erase(smaller.events.begin() + static_cast<std::ptrdiff_t>(i));
    if (taken(from, std::move(smaller), fails)) return true;
  }
  for (std::size_t n = 0; n < from.networks.size(); ++n)
    for (std::size_t i = 0; i < from.networks[n].steps.size(); ++i) {
      auto smaller = from;
      remove_step(smaller.networks[n], i);
      if (taken(from, std::move(smaller), fails)) return true;
    }
  return false;
}

/// One change for the simpler, of networks, events and platform.
std::vector<std::function<void(Case&)>> simplifications(const Case& from) {
  std::vector<std::function<void(Case&)>> all;
  for (std::size_t n = 0; n < from.networks.size(); ++n) {
    const auto add = [&](auto change) { all.push_back([=](Case& it) { change(it.networks[n]); }); };
    add([](NetworkPlan& it) { it.workload.requests = (it.workload.requests + 1) / 2; });
    add([](NetworkPlan& it) { it.workload.requests -= it.workload.requests > 1; });
    add([](NetworkPlan& it) { it.workload.jitter = 0; });
    add([](NetworkPlan& it) { it.workload.batch = 1, it.workload.batch_wait = {}; });
    add([](NetworkPlan& it) { it.workload.batch_wait = {}; });
    add([](NetworkPlan& it) { it.priority = 0; });
    add([](NetworkPlan& it) { it.deadline = {}; });
    add([](NetworkPlan& it) {
      for (auto& step : it.steps) step.is_output = false;
    });
  }
  for (std::size_t e = 0; e < from.events.size(); ++e)
    all.push_back([=](Case& it) { it.events[e].times = 1, it.events[e].every = {}; });
  for (std::size_t d = 0; d < from.platform.devices.size(); ++d) {
    all.push_back([=](Case& it) { it.platform.devices[d].buffers = 0; });
    all.push_back([=](Case& it) { it.platform.devices[d].copy_engines = 0; });
    all.push_back([=](Case& it) { it.platform.devices[d].memory = {1'000'000'000}; });
    all.push_back([=](Case& it) { it.platform.devices[d].slots = 1; });
    all.push_back([=](Case& it) { it.platform.devices[d].switch_time = {}; });
  }
  for (std::size_t l = 0; l < from.platform.links.size(); ++l)
    all.push_back([=](Case& it) { it.platform.links[l].latency = {}; });
  all.push_back([](Case& it) { it.choices.precisions.resize(1); });
  all.push_back([](Case& it) { it.choices.wires.clear(); });
  return all;
}

/// What a simplification leaves as it was is not tried.
std::string essence(const Case& it) {
  scenarios::Scenario scenario;
  scenario.platform = it.platform;
  scenario.events = it.events;
  scenario.choices = it.choices;
  scenario.networks.clear();
  for (const auto& network : it.networks) {
    auto& entry = scenario.networks.emplace_back();
    entry.name = network.name;
    entry.workload = network.workload;
    entry.priority = network.priority;
    entry.deadline = network.deadline;
    for (const auto& step : network.steps) entry.name += step.is_output ? "+" : "-";
  }
  return scenarios::to_json(scenario);
}

bool simplified(Case& from, const std::function<bool(const Case&)>& fails) {
  const auto before = essence(from);
  for (const auto& simplify : simplifications(from)) {
    auto smaller = from;
    simplify(smaller);
    for (auto& network : smaller.networks)
      network.workload.trace.resize(
          std::min(network.workload.trace.size(), at(network.workload.requests)));
    if (essence(smaller) != before && taken(from, std::move(smaller), fails)) return true;
  }
  return false;
}

}  // namespace

Case shrunk(Case from, const std::function<bool(const Case&)>& fails) {
  while (without_a_network(from, fails) || without_a_part(from, fails) || simplified(from, fails)) {
  }
  return from;
}

void write(const Case& what, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  scenarios::Scenario scenario;
  scenario.name = "case-" + std::to_string(what.seed);
  scenario.folder = folder;
  scenario.platform = *what.problem->platform;
  scenario.events = what.events;
  scenario.choices = what.choices;
  scenario.goal.objectives = {{}};
  scenario.networks.clear();
  for (const auto& network : what.networks) {
    const auto file = network.name + ".onnx";
    models::write_onnx(*built(network), folder / file);
    scenarios::NetworkEntry entry;
    entry.name = network.name;
    entry.network.file = file;
    entry.workload = network.workload;
    entry.priority = network.priority;
    entry.deadline = network.deadline;
    scenario.networks.push_back(entry);
  }
  std::ofstream(folder / "scenario.yaml") << scenarios::to_json(scenario) << '\n';
  std::ofstream(folder / "plan.json") << results::write_plan(*what.problem, what.plan);
}

}  // namespace dynamic_case
