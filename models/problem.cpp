#include "models/problem.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "models/accuracy/noise.h"
#include "models/error.h"
#include "models/index.h"
#include "models/platform/expenses.h"
#include "models/problem_parts.h"

namespace models {

std::string Problem::channel_name(int channel) const {
  const auto& link = platform->links[at(channel_link[at(channel)])];
  if (link.duplex == Link::Duplex::half) return link.name;
  const bool forward = channel_forward[at(channel)] != 0;
  return link.name + ":" + link.ends[forward ? 0 : 1] + "->" + link.ends[forward ? 1 : 0];
}

Plan Problem::first_plan() const {
  Plan plan;
  for (int o = 0; o < operators; ++o) {
    plan.device.push_back(options(o).front().device);
    plan.precision.push_back(options(o).front().precision);
  }
  plan.order.resize(at(operators));
  std::iota(plan.order.begin(), plan.order.end(), 0);
  plan.wire.assign(at(tensors) * at(devices), Plan::as_produced);
  for (const auto budget : lane_budget) plan.lanes.push_back(static_cast<std::uint16_t>(budget));
  plan.discipline = choices.discipline;
  return plan;
}

std::vector<NetworkUse> Problem::uses() const {
  std::vector<NetworkUse> all;
  for (const auto& stream : streams) all.push_back(stream.use);
  return all;
}

std::int64_t Problem::requests() const {
  std::int64_t sum = 0;
  for (const auto& stream : streams) sum += stream.workload().requests;
  for (const auto& event : events)
    if (event.what == Event::What::burst) sum += event.count * event.times;
  return sum;
}

namespace {

void check_uses(const std::vector<NetworkUse>& networks) {
  if (networks.empty()) throw InputError("there is no network to run");
  std::set<std::string> names;
  for (const auto& use : networks) {
    use.network->check();
    check(use.workload);
    const std::string who = use.name.empty() ? "" : "network '" + use.name + "': ";
    if (networks.size() > 1 && use.name.empty()) throw InputError("each network needs a 'name'");
    if (!names.insert(use.name).second)
      throw InputError("two networks are named '" + use.name + "'; rename one");
    if (use.priority < 0 || use.priority > NetworkUse::least_urgent)
      throw InputError(who + "'priority' must be 0 to " + std::to_string(NetworkUse::least_urgent));
    if (use.deadline < Time{}) throw InputError(who + "'deadline' must not be negative");
  }
}

/// One network as it is, several side by side.
std::shared_ptr<const Network> joined(const std::vector<NetworkUse>& networks) {
  if (networks.size() == 1) return networks.front().network;
  std::vector<NamedNetwork> named;
  for (const auto& use : networks) named.push_back({use.name, use.network.get()});
  return std::make_shared<Network>(side_by_side(named));
}

void refuse_uncosted(const Network& network) {
  std::string names;
  int count = 0;
  for (const auto& op : network.operators)
    if (op.costing == Costing::not_costed && ++count <= 5)
      names += (count == 1 ? "" : ", ") + ("'" + op.name + "' (" + op.type + ")");
  if (count == 0) return;
  throw InputError("network '" + network.name + "': " + std::to_string(count) +
                   " operators cannot be costed: " + names + (count > 5 ? ", ..." : "") +
                   "; set 'unknown_operators: bandwidth' to cost them by their bytes");
}

int format_index(Problem& p, Precision precision) {
  const auto found = std::ranges::find(p.format, precision);
  if (found != p.format.end()) return static_cast<int>(found - p.format.begin());
  p.format.push_back(precision);
  return size_of(p.format) - 1;
}

void number_formats(Problem& p) {
  if (p.choices.precisions.empty()) throw InputError("'precisions' names no format");
  for (const auto precision : p.choices.precisions) {
    if (!is_compute(precision))
      throw InputError("precision '" + name_of(precision) +
                       "' exists only on the wire; operators can have " +
                       compute_precision_names());
    format_index(p, precision);
  }
  p.compute_formats = size_of(p.format);
  p.wire_option = {Plan::as_produced};
  for (const auto wire : p.choices.wires) {
    const auto index = static_cast<std::uint8_t>(format_index(p, wire));
    if (std::ranges::find(p.wire_option, index) == p.wire_option.end())
      p.wire_option.push_back(index);
  }
  p.input_format = static_cast<std::uint8_t>(format_index(p, Precision::fp32));
  p.formats = size_of(p.format);
  for (const auto each : p.format) p.format_noise.push_back(noise_to_signal(each));
}

void place_ends(Problem& p) {
  p.devices = size_of(p.platform->devices);
  int first_operator = 0, first_input = 0;
  for (auto& stream : p.streams) {
    const auto& workload = stream.workload();
    stream.source =
        workload.source.empty() ? 0 : device_named(*p.platform, workload.source, "source");
    stream.sink =
        workload.sink.empty() ? stream.source : device_named(*p.platform, workload.sink, "sink");
    if (workload.requests <= ArrivalTimes::most_listed) stream.arrivals = workload.arrival_times();
    stream.first_operator = first_operator;
    stream.end_operator = first_operator += size_of(stream.use.network->operators);
    stream.first_input = first_input;
    stream.end_input = first_input += size_of(stream.use.network->inputs);
  }
  p.stream_of_tensor.resize(at(p.tensors));
  for (int s = 0; s < size_of(p.streams); ++s) {
    const auto& stream = p.streams[at(s)];
    const auto fill = [&](int begin, int end) {
      std::fill(p.stream_of_tensor.begin() + begin, p.stream_of_tensor.begin() + end, s);
    };
    fill(stream.first_input, stream.end_input);
    fill(p.output_begin[at(stream.first_operator)], p.output_begin[at(stream.end_operator)]);
  }
}

void compile(Problem& p) {
  refuse_uncosted(*p.network);
  number_formats(p);
  number_tensors(p);
  place_ends(p);
  check_sizes(p);
  find_kinds(p);
  cost_operators(p);
  place_weights(p);
  size_tensors(p);
  carry_noise(p);
  describe_platform(p);
  list_options(p);
  check_durations(p);
}

std::shared_ptr<Problem> compiled(std::vector<NetworkUse> networks,
                                  std::shared_ptr<const Platform> platform, const Choices& choices,
                                  std::int64_t batch) {
  auto problem = std::make_shared<Problem>();
  if (batch > 1)
    for (auto& use : networks)
      use.network = std::make_shared<Network>(batched(*use.network, batch));
  problem->network = joined(networks);
  problem->platform = std::move(platform);
  problem->choices = choices;
  problem->batch = batch;
  for (auto& use : networks) {
    auto& stream = problem->streams.emplace_back();
    stream.use = std::move(use);
  }
  compile(*problem);
  return problem;
}

/// The choices with rules about a device of `count` n said of all its copies.
Choices with_copies(Choices choices, const Platform& platform) {
  for (auto& rule : choices.rules) {
    std::vector<std::string> devices;
    for (const auto& name : rule.devices) {
      const int device = platform.device_index(name);
      const auto count = device < 0 ? 1 : platform.devices[at(device)].count;
      for (std::int64_t copy = 1; copy <= count; ++copy)
        devices.push_back(name_of_copy(name, copy));
    }
    if (!devices.empty()) rule.devices = std::move(devices);
  }
  return choices;
}

}  // namespace

std::shared_ptr<const Problem> make_problem(std::vector<NetworkUse> networks,
                                            std::shared_ptr<const Platform> given,
                                            const Choices& said, std::vector<Event> events) {
  check_uses(networks);
  given->check_parts();  // its routes are resolved below
  const auto choices = with_copies(said, *given);
  const auto platform = std::make_shared<const Platform>(with_copies(*given));
  if (platform->devices.empty()) throw InputError("a platform needs at least one device");
  std::int64_t largest = 1;
  for (const auto& use : networks) largest = std::max(largest, use.workload.batch);
  auto problem = compiled(networks, platform, choices, 1);
  for (std::int64_t b = 2; b <= largest; ++b)
    problem->batched.push_back(compiled(networks, platform, choices, b));
  problem->events = std::move(events);
  check_events(*problem);
  check_durations(*problem);  // with bursts, and with what slows everything down
  return problem;
}

std::shared_ptr<const Problem> make_problem(std::shared_ptr<const Network> network,
                                            std::shared_ptr<const Platform> platform,
                                            const Workload& workload, const Choices& choices) {
  return make_problem({{.name = {}, .network = std::move(network), .workload = workload}},
                      std::move(platform), choices);
}

}  // namespace models
