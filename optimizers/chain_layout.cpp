#include "optimizers/chain_layout.h"

#include <algorithm>
#include <limits>
#include <map>

namespace optimizers {

using models::Plan;
using models::Problem;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
/// How much dearer an operator counts where it would have to leave its segment.
constexpr double escape = 4;

/// The cheapest option of those on a device, or anywhere if `device` is negative.
template <class Cost>
double cheapest(const Problem& problem, int op, int device, int precision, Cost cost,
                Problem::Option& chosen) {
  double least = infinite;
  bool wanted = false;
  for (const auto option : problem.options(op)) {
    if (device >= 0 && option.device != device) continue;
    const bool match = precision == Policy::any || option.precision == precision;
    if (wanted && !match) continue;
    const double each = cost(option);
    if (match == wanted && each >= least) continue;
    wanted = match;
    least = each;
    chosen = option;
  }
  return least;
}

}  // namespace

ChainLayout::ChainLayout(const Problem& problem, std::vector<std::int32_t> order,
                         const Policy& policy)
    : problem_(problem), order_(std::move(order)), policy_(policy) {
  find_classes();
  measure_routes();
  measure_crossings();
  double time = 0, energy = 0;
  for (int op = 0; op < problem.operators; ++op) {
    double shortest = infinite, least = infinite;
    for (const auto option : problem.options(op)) {
      const auto index = problem.cost_index(op, option.device, option.precision);
      shortest = std::min(shortest, static_cast<double>(problem.duration[index]));
      least = std::min(least, problem.energy[index]);
    }
    time += shortest;
    energy += least;
  }
  if (time > 0) time_scale_ = time;
  if (energy > 0) energy_scale_ = energy;
  for (int cls = 0; cls < classes(); ++cls) cost_class(cls);
  find_reach_of_memory();
}

/// Alike are devices of one kind, room and slots that the same operators may use alike.
void ChainLayout::find_classes() {
  std::map<std::int32_t, std::int32_t> lists;  // of options, one operator of each
  for (int op = 0; op < problem_.operators; ++op) lists.emplace(at(problem_.option_begin, op), op);
  std::vector<std::vector<std::int64_t>> about(static_cast<std::size_t>(problem_.devices));
  for (int device = 0; device < problem_.devices; ++device)
    about[static_cast<std::size_t>(device)] = {at(problem_.device_kind, device),
                                               at(problem_.capacity, device),
                                               at(problem_.slots, device)};
  for (const auto& [begin, op] : lists) {
    for (auto& each : about) each.push_back(0);
    for (const auto option : problem_.options(op))
      at(about, option.device).back() |= std::int64_t{1} << option.precision;
  }
  std::map<std::vector<std::int64_t>, std::int32_t> numbers;
  for (int device = 0; device < problem_.devices; ++device) {
    const auto number =
        numbers.try_emplace(at(about, device), static_cast<std::int32_t>(numbers.size()))
            .first->second;
    class_.push_back(number);
    members_.resize(numbers.size());
    at(members_, number).push_back(device);
  }
}

void ChainLayout::measure_routes() {
  Plan plan;
  plan.lanes.resize(static_cast<std::size_t>(problem_.links));
  set_width(problem_, policy_.width, plan);
  for (int route = 0; route < problem_.devices * problem_.devices; ++route) {
    double least = infinite;
    for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
      const auto link = at(problem_.channel_link, at(problem_.route_channel, k));
      least = std::min(least, at(plan.lanes, link) * at(problem_.lane_bandwidth, link));
    }
    bandwidth_.push_back(least);
    if (least < infinite) best_bandwidth_ = std::max(best_bandwidth_, least);
  }
}

void ChainLayout::measure_crossings() {
  const auto format =
      policy_.precision == Policy::any ? int{problem_.input_format} : policy_.precision;
  std::vector<std::int32_t> position(order_.size());
  for (std::size_t k = 0; k < order_.size(); ++k)
    at(position, order_[k]) = static_cast<std::int32_t>(k);
  bytes_.assign(order_.size() + 2, 0);  // differences first
  double inputs = 0, outputs = 0;
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
    const auto size = static_cast<double>(at(problem_.bytes, tensor * problem_.formats + format));
    if (at(problem_.is_output, tensor) != 0) outputs += size;
    const auto maker = at(problem_.producer, tensor);
    if (maker < 0) {
      inputs += size;
      continue;
    }
    std::int32_t last = -1;
    for (auto k = at(problem_.reader_begin, tensor); k < at(problem_.reader_begin, tensor + 1); ++k)
      last = std::max(last, at(position, at(problem_.reader, k)));
    if (last < 0) continue;
    at(bytes_, at(position, maker) + 1) += size;
    at(bytes_, last + 1) -= size;
  }
  for (std::size_t k = 1; k < bytes_.size(); ++k) bytes_[k] += bytes_[k - 1];
  bytes_[0] = inputs;
  bytes_[order_.size()] = outputs;
}

void ChainLayout::cost_class(int cls) {
  const int device = members(cls).front();
  const double slots = at(problem_.slots, device);
  std::vector<double> time(1, 0), cost;
  std::vector<std::int64_t> weights(1, 0);
  std::vector<Problem::Option> options;
  for (const auto op : order_) {
    const auto time_of = [&](Problem::Option option) {
      return static_cast<double>(
          problem_.duration[problem_.cost_index(op, option.device, option.precision)]);
    };
    const auto cost_of = [&](Problem::Option option) {
      const auto index = problem_.cost_index(op, option.device, option.precision);
      return (1 - policy_.energy_weight) * time_of(option) / time_scale_ +
             policy_.energy_weight * problem_.energy[index] / energy_scale_;
    };
    Problem::Option chosen;
    double factor = 1;
    double least = cheapest(problem_, op, device, policy_.precision, cost_of, chosen);
    if (least == infinite) {
      factor = escape;
      least = cheapest(problem_, op, -1, policy_.precision, cost_of, chosen);
    }
    options.push_back(chosen);
    cost.push_back(factor * least);
    time.push_back(time.back() + factor * time_of(chosen) / slots);
    weights.push_back(weights.back() +
                      at(problem_.weight_bytes, op * problem_.compute_formats + chosen.precision));
  }
  time_.push_back(std::move(time));
  cost_.push_back(std::move(cost));
  weights_.push_back(std::move(weights));
  option_.push_back(std::move(options));
}

void ChainLayout::find_reach_of_memory() {
  const double widest = *std::max_element(bytes_.begin(), bytes_.end());
  for (int cls = 0; cls < classes(); ++cls) {
    const auto capacity = at(problem_.capacity, members(cls).front());
    const auto left = capacity - 2 * static_cast<std::int64_t>(widest);  // it comes and goes
    room_.push_back(left > capacity / 2 ? left : capacity / 2);
    auto& fits = fits_.emplace_back();
    int end = 0;
    for (int begin = 0; begin <= length(); ++begin) {
      end = std::max(end, begin);
      while (end < length() &&
             at(at(weights_, cls), end + 1) - at(at(weights_, cls), begin) <= room(cls))
        ++end;
      fits.push_back(end);
    }
  }
}

int ChainLayout::reach(int cls, int begin, double most) const {
  const auto& time = at(time_, cls);
  const auto first = time.begin() + begin;
  const auto last = time.begin() + at(at(fits_, cls), begin);
  const double limit = *first + most;
  return static_cast<int>(std::upper_bound(first, last + 1, limit) - time.begin()) - 1;
}

double ChainLayout::transfer(int from, int to, double bytes) const {
  return from == to ? 0 : bytes / at(bandwidth_, from * problem_.devices + to) * 1e12;
}

double ChainLayout::transfer_cost(int from, int to, double bytes) const {
  if (from == to) return 0;
  const int route = from * problem_.devices + to;
  const double time =
      transfer(from, to, bytes) + static_cast<double>(at(problem_.route_latency, route));
  return (1 - policy_.energy_weight) * time / time_scale_ +
         policy_.energy_weight * 8 * bytes * at(problem_.route_energy_per_bit, route) /
             energy_scale_;
}

void ChainLayout::write(const std::vector<std::int32_t>& device, Plan& plan) const {
  reset(problem_, plan);
  set_width(problem_, policy_.width, plan);
  for (std::size_t k = 0; k < order_.size(); ++k) {
    const auto& option = at(at(option_, class_of(device[k])), k);
    const bool is_there = class_of(option.device) == class_of(device[k]);
    at(plan.device, order_[k]) = is_there ? static_cast<std::uint16_t>(device[k]) : option.device;
    at(plan.precision, order_[k]) = option.precision;
  }
  if (problem_.choices.rank) plan.order = order_;
}

}  // namespace optimizers
