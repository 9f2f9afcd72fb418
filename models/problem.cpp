#include "models/problem.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "models/accuracy/noise.h"
#include "models/error.h"
#include "models/index.h"
#include "models/platform/expenses.h"
#include "models/problem_parts.h"

namespace models {
namespace {

int size_of(const auto& container) {
  return static_cast<int>(container.size());
}

/// Fills a Problem, one aspect after the other.
class Compiler {
 public:
  explicit Compiler(Problem& problem)
      : p_(problem), network_(*problem.network), platform_(*problem.platform) {}

  void compile() {
    refuse_uncosted();
    number_formats();
    number_tensors();
    connect();
    place_ends();
    check_sizes(p_);
    find_kinds(p_);
    cost_operators(p_);
    place_weights();
    size_tensors();
    carry_noise();
    describe_devices();
    describe_links();
    describe_routes();
    list_options(p_);
    check_durations(p_);
  }

 private:
  void refuse_uncosted() const {
    std::string names;
    int count = 0;
    for (const auto& op : network_.operators)
      if (op.costing == Costing::not_costed && ++count <= 5)
        names += (count == 1 ? "" : ", ") + ("'" + op.name + "' (" + op.type + ")");
    if (count == 0) return;
    throw InputError("network '" + network_.name + "': " + std::to_string(count) +
                     " operators cannot be costed: " + names + (count > 5 ? ", ..." : "") +
                     "; set 'unknown_operators: bandwidth' to cost them by their bytes");
  }

  int format_index(Precision precision) {
    const auto found = std::ranges::find(p_.format, precision);
    if (found != p_.format.end()) return static_cast<int>(found - p_.format.begin());
    p_.format.push_back(precision);
    return size_of(p_.format) - 1;
  }

  void number_formats() {
    if (p_.choices.precisions.empty()) throw InputError("'precisions' names no format");
    for (const auto precision : p_.choices.precisions) {
      if (!is_compute(precision))
        throw InputError("precision '" + name_of(precision) +
                         "' exists only on the wire; operators can have " +
                         compute_precision_names());
      format_index(precision);
    }
    p_.compute_formats = size_of(p_.format);
    p_.wire_option = {Plan::as_produced};
    for (const auto wire : p_.choices.wires) {
      const auto index = static_cast<std::uint8_t>(format_index(wire));
      if (std::ranges::find(p_.wire_option, index) == p_.wire_option.end())
        p_.wire_option.push_back(index);
    }
    p_.input_format = static_cast<std::uint8_t>(format_index(Precision::fp32));
    p_.formats = size_of(p_.format);
    for (const auto each : p_.format) p_.format_noise.push_back(noise_to_signal(each));
  }

  void number_tensors() {
    number_.assign(network_.tensors.size(), -1);
    const auto add = [&](int tensor, int producer) {
      number_[at(tensor)] = size_of(p_.tensor_of);
      p_.tensor_of.push_back(tensor);
      p_.producer.push_back(producer);
    };
    for (const int input : network_.inputs) add(input, -1);
    p_.inputs = size_of(p_.tensor_of);
    p_.operators = size_of(network_.operators);
    for (int o = 0; o < p_.operators; ++o) {
      p_.output_begin.push_back(size_of(p_.tensor_of));
      for (const int output : network_.operators[at(o)].outputs)
        if (output >= 0) add(output, o);
    }
    p_.output_begin.push_back(size_of(p_.tensor_of));
    p_.tensors = size_of(p_.tensor_of);
  }

  void connect() {
    std::vector<std::vector<int>> readers(at(p_.tensors));
    for (int o = 0; o < p_.operators; ++o) {
      p_.input_begin.push_back(size_of(p_.input_tensor));
      std::set<int> read;
      for (const int input : network_.operators[at(o)].inputs)
        if (input >= 0 && number_[at(input)] >= 0) read.insert(number_[at(input)]);
      for (const int t : read) {
        p_.input_tensor.push_back(t);
        readers[at(t)].push_back(o);
      }
    }
    p_.input_begin.push_back(size_of(p_.input_tensor));
    for (const auto& each : readers) {
      p_.reader_begin.push_back(size_of(p_.reader));
      p_.reader.insert(p_.reader.end(), each.begin(), each.end());
    }
    p_.reader_begin.push_back(size_of(p_.reader));
    p_.is_output.assign(at(p_.tensors), 0);
    for (const int output : network_.outputs) p_.is_output[at(number_[at(output)])] = 1;
  }

  void place_ends() {
    p_.devices = size_of(platform_.devices);
    int first_operator = 0, first_input = 0;
    for (auto& stream : p_.streams) {
      const auto& workload = stream.workload();
      stream.source =
          workload.source.empty() ? 0 : device_named(platform_, workload.source, "source");
      stream.sink =
          workload.sink.empty() ? stream.source : device_named(platform_, workload.sink, "sink");
      if (workload.requests <= ArrivalTimes::most_listed)
        stream.arrivals = workload.arrival_times();
      stream.first_operator = first_operator;
      stream.end_operator = first_operator += size_of(stream.use.network->operators);
      stream.first_input = first_input;
      stream.end_input = first_input += size_of(stream.use.network->inputs);
    }
    p_.stream_of_tensor.resize(at(p_.tensors));
    for (int s = 0; s < size_of(p_.streams); ++s) {
      const auto& stream = p_.streams[at(s)];
      const auto fill = [&](int begin, int end) {
        std::fill(p_.stream_of_tensor.begin() + begin, p_.stream_of_tensor.begin() + end, s);
      };
      fill(stream.first_input, stream.end_input);
      fill(p_.output_begin[at(stream.first_operator)], p_.output_begin[at(stream.end_operator)]);
    }
  }

  std::int64_t weight_size(const Tensor& weight, int format) const {
    if (is_real(weight.type)) return payload(weight.elements(), p_.format[at(format)]).count;
    return (weight.elements() * bits_of(weight.type) + 7) / 8;
  }

  void place_weights() {
    std::map<int, std::set<int>> readers;  // of weights, by tensor
    for (int o = 0; o < p_.operators; ++o)
      for (const int t : network_.operators[at(o)].inputs)
        if (t >= 0 && network_.tensors[at(t)].role == Tensor::Role::weight) readers[t].insert(o);

    p_.weight_bytes.assign(at(p_.operators) * at(p_.compute_formats), 0);
    std::vector<std::vector<int>> shared(at(p_.operators));
    for (const auto& [tensor, operators] : readers) {
      const auto& weight = network_.tensors[at(tensor)];
      if (operators.size() > 1) {
        for (const int o : operators) shared[at(o)].push_back(p_.shared_weights);
        for (int f = 0; f < p_.compute_formats; ++f)
          p_.shared_weight_bytes.push_back(weight_size(weight, f));
        ++p_.shared_weights;
        continue;
      }
      for (int f = 0; f < p_.compute_formats; ++f)
        p_.weight_bytes[at(*operators.begin()) * at(p_.compute_formats) + at(f)] +=
            weight_size(weight, f);
    }
    for (const auto& each : shared) {
      p_.shared_begin.push_back(size_of(p_.shared_weight));
      p_.shared_weight.insert(p_.shared_weight.end(), each.begin(), each.end());
    }
    p_.shared_begin.push_back(size_of(p_.shared_weight));
  }

  void size_tensors() {
    for (int t = 0; t < p_.tensors; ++t) {
      const auto& tensor = network_.tensors[at(p_.tensor_of[at(t)])];
      const bool real = is_real(tensor.type);
      p_.elements.push_back(tensor.elements());
      p_.is_fixed.push_back(!real);
      for (const auto format : p_.format)
        p_.bytes.push_back(real ? payload(tensor.elements(), format).count
                                : (tensor.elements() * bits_of(tensor.type) + 7) / 8);
    }
  }

  /// Each network by itself: noise of one does not reach the outputs of another.
  Sensitivity carried_noise() const {
    Sensitivity all;
    for (const auto& stream : p_.streams) {
      const auto own = sensitivity(*stream.use.network);
      all.tensor.insert(all.tensor.end(), own.tensor.begin(), own.tensor.end());
      all.reading.insert(all.reading.end(), own.reading.begin(), own.reading.end());
    }
    return all;
  }

  void carry_noise() {
    const auto carried = carried_noise();
    p_.noise.assign(at(p_.operators) * at(p_.compute_formats), 0);
    for (int o = 0; o < p_.operators; ++o) {
      if (p_.is_free[at(o)]) continue;
      double made = 0;
      for (int t = p_.output_begin[at(o)]; t < p_.output_begin[at(o) + 1]; ++t)
        made += carried.tensor[at(p_.tensor_of[at(t)])];
      for (int f = 0; f < p_.compute_formats; ++f)
        p_.noise[at(o) * at(p_.compute_formats) + at(f)] =
            std::min(1.0, made) * p_.format_noise[at(f)];
    }
    for (int t = 0; t < p_.tensors; ++t) {
      const auto outputs = p_.stream_with(t).use.network->outputs.size();
      for (int r = p_.reader_begin[at(t)]; r < p_.reader_begin[at(t) + 1]; ++r)
        p_.reader_sensitivity.push_back(p_.is_fixed[at(t)] ? 0
                                                           : carried.reading[at(p_.reader[at(r)])]);
      p_.output_sensitivity.push_back(
          p_.is_output[at(t)] && !p_.is_fixed[at(t)] ? 1.0 / static_cast<double>(outputs) : 0.0);
    }
  }

  bool handles(const Device& device, Precision format) const {
    if (format == Precision::fp32 || device.support(format)) return true;
    if (is_compute(format)) return false;
    return std::ranges::any_of(device.formats,
                               [](const auto& each) { return is_integer(each.precision); });
  }

  void describe_devices() {
    const auto expenses = expenses_of(platform_);
    p_.area = expenses.area;
    p_.price = expenses.price;
    for (const auto& device : platform_.devices) {
      p_.capacity.push_back(device.memory.count);
      p_.slots.push_back(static_cast<std::int32_t>(device.slots));
      p_.switch_time.push_back(device.switch_time.count());
      p_.switch_energy.push_back(device.switch_energy.value);
      p_.static_power.push_back(device.static_power.value);
      p_.device_gated.push_back(device.gated);
      p_.convert_overhead.push_back(seconds(device.launch_overhead));
      p_.convert_bandwidth.push_back(device.memory_bandwidth.value /
                                     static_cast<double>(device.slots));
      p_.convert_energy.push_back(device.memory_energy.value);
      for (const auto format : p_.format) p_.handles_format.push_back(handles(device, format));
    }
  }

  void describe_links() {
    p_.links = size_of(platform_.links);
    for (int l = 0; l < p_.links; ++l) {
      const auto& link = platform_.links[at(l)];
      const bool half = link.duplex == Link::Duplex::half;
      first_channel_.push_back(p_.channels);
      p_.channels += half ? 1 : 2;
      for (int c = half ? 1 : 0; c < 2; ++c) {
        p_.channel_link.push_back(l);
        p_.channel_forward.push_back(half || c == 0);
      }
      p_.lane_bandwidth.push_back(link.bandwidth(1).value);
      p_.lane_budget.push_back(static_cast<std::int32_t>(link.lanes));
      p_.lane_power.push_back(link.lane_idle_power.value);
      p_.link_gated.push_back(link.gated);
      p_.link_fair.push_back(link.sharing == Link::Sharing::fair);
      p_.link_energy_per_bit.push_back(link.energy.value);
      p_.lane_begin.push_back(size_of(p_.lane_option));
      if (p_.choices.lanes)
        for (const auto width : link.allowed_widths())
          p_.lane_option.push_back(static_cast<std::int32_t>(width));
      else
        p_.lane_option.push_back(static_cast<std::int32_t>(link.lanes));
    }
    p_.lane_begin.push_back(size_of(p_.lane_option));
  }

  void describe_routes() {
    const auto pairs = at(p_.devices) * at(p_.devices);
    p_.route_begin.reserve(pairs + 1);
    p_.route_latency.reserve(pairs);
    p_.route_packet.reserve(pairs);
    p_.route_energy_per_bit.reserve(pairs);
    p_.route_fair.reserve(pairs);
    resolve_routes(platform_, [&](std::span<const Hop> hops) { describe_route(hops); });
    p_.route_begin.push_back(size_of(p_.route_channel));
  }

  void describe_route(std::span<const Hop> hops) {
    p_.route_begin.push_back(size_of(p_.route_channel));
    std::int64_t latency = 0, packet = 1;
    double energy = 0;
    bool fair = false;
    for (const auto& hop : hops) {
      const auto& link = platform_.links[at(hop.link)];
      const bool half = link.duplex == Link::Duplex::half;
      p_.route_channel.push_back(first_channel_[at(hop.link)] + (half || hop.forward ? 0 : 1));
      latency += link.latency.count();
      packet = std::max(packet, link.packet.count);
      energy += link.energy.value;
      fair = link.sharing == Link::Sharing::fair;
    }
    p_.route_latency.push_back(latency);
    p_.route_packet.push_back(packet);
    p_.route_energy_per_bit.push_back(energy);
    p_.route_fair.push_back(fair);
    p_.fair_links |= fair;
  }

  Problem& p_;
  const Network& network_;
  const Platform& platform_;
  std::vector<int> number_;         ///< tensor number by index in Network::tensors, -1 for weights
  std::vector<int> first_channel_;  ///< by link
};

}  // namespace

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
  Compiler(*problem).compile();
  return problem;
}

}  // namespace

namespace {

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
