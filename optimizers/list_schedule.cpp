#include "optimizers/list_schedule.h"

#include <algorithm>
#include <limits>

#include "optimizers/seconds.h"

namespace optimizers {

using models::Plan;
using models::Problem;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::int64_t picoseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e12);
}

}  // namespace

void set_width(const Problem& problem, int width, Plan& plan) {
  for (int link = 0; link < problem.links; ++link) {
    const auto begin = at(problem.lane_begin, link), end = at(problem.lane_begin, link + 1);
    const auto chosen = width == 0 ? end - 1 : width == 1 ? begin : (begin + end) / 2;
    at(plan.lanes, link) = static_cast<std::uint16_t>(at(problem.lane_option, chosen));
  }
}

ListScheduler::ListScheduler(const Problem& problem, const Graph& graph)
    : problem_(problem), graph_(graph) {
  double time = 0, energy = 0;
  for (int op = 0; op < problem.operators; ++op) {
    double shortest = infinite, least = infinite;
    for (const auto option : problem.options(op)) {
      const auto index = problem.cost_index(op, option.device, option.precision);
      shortest = std::min(shortest, static_cast<double>(problem.duration[index]) * picosecond);
      least = std::min(least, problem.energy[index]);
    }
    time += shortest;
    energy += least;
  }
  for (int device = 0; device < problem.devices; ++device)
    if (at(problem.device_gated, device) == 0) standing_watts_ += at(problem.static_power, device);
  energy += standing_watts_ * time;
  if (time > 0) time_scale_ = time;
  if (energy > 0) energy_scale_ = energy;
}

void ListScheduler::schedule(const Policy& policy, Plan& plan) {
  start(policy, plan);
  set_priorities();
  for (int op = 0; op < problem_.operators; ++op)
    if (at(missing_, op) == 0) make_ready(op);
  for (int k = 0; k < problem_.operators; ++k) {
    const int op = next_ready();
    at(listed_, op) = k;
    place(op);
    for (const auto reader : graph_.readers(op))
      if (--at(missing_, reader) == 0) make_ready(reader);
  }
  if (!problem_.choices.rank) return;
  std::sort(plan.order.begin(), plan.order.end(), [this](std::int32_t a, std::int32_t b) {
    if (at(starts_, a) != at(starts_, b)) return at(starts_, a) < at(starts_, b);
    return at(listed_, a) < at(listed_, b);
  });
}

void ListScheduler::start(const Policy& policy, Plan& plan) {
  policy_ = policy;
  plan_ = &plan;
  reset(problem_, plan);
  set_width(problem_, policy.width, plan);
  for (int tensor = 0; tensor < problem_.tensors && policy.wire != Plan::as_produced; ++tensor)
    for (int target = 0; target < problem_.devices; ++target)
      if (at(problem_.is_fixed, tensor) == 0)
        at(plan.wire, tensor * problem_.devices + target) = policy.wire;
  mark_permitted();
  time_routes();

  const auto operators = static_cast<std::size_t>(problem_.operators);
  const auto devices = static_cast<std::size_t>(problem_.devices);
  ready_.clear();
  missing_.resize(operators);
  for (int op = 0; op < problem_.operators; ++op)
    at(missing_, op) = static_cast<std::int32_t>(graph_.makers(op).size());
  starts_.assign(operators, 0);
  ends_.assign(operators, 0);
  listed_.assign(operators, 0);
  format_.assign(static_cast<std::size_t>(problem_.tensors), problem_.input_format);
  arrived_.assign(static_cast<std::size_t>(problem_.tensors) * devices, -1);
  channel_free_.assign(static_cast<std::size_t>(problem_.channels), 0);
  busy_.resize(devices);
  for (int device = 0; device < problem_.devices; ++device) {
    at(busy_, device).resize(static_cast<std::size_t>(at(problem_.slots, device)));
    for (auto& slot : at(busy_, device)) slot.clear();
  }
  last_precision_.assign(devices, -1);
  used_.assign(devices, 0);
  makespan_ = 0;
}

void ListScheduler::mark_permitted() {
  bound_.assign(static_cast<std::size_t>(problem_.operators), 0);
  if (policy_.precision == Policy::any) return;
  for (int op = 0; op < problem_.operators; ++op)
    for (const auto option : problem_.options(op))
      if (option.precision == policy_.precision) at(bound_, op) = 1;
}

bool ListScheduler::permitted(int op, Problem::Option option) const {
  return at(bound_, op) == 0 || option.precision == policy_.precision;
}

void ListScheduler::time_routes() {
  const int routes = problem_.devices * problem_.devices;
  const int pairs = std::max(1, problem_.devices * (problem_.devices - 1));
  bandwidth_.assign(static_cast<std::size_t>(routes), 0);
  mean_latency_ = mean_per_byte_ = 0;
  for (int route = 0; route < routes; ++route) {
    double least = 0;
    for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
      const auto link = at(problem_.channel_link, at(problem_.route_channel, k));
      const double bandwidth = at(plan_->lanes, link) * at(problem_.lane_bandwidth, link);
      if (least == 0 || bandwidth < least) least = bandwidth;
    }
    at(bandwidth_, route) = least;
    if (least == 0) continue;
    mean_latency_ += static_cast<double>(at(problem_.route_latency, route)) / pairs;
    mean_per_byte_ += 1e12 / least / pairs;
  }
}

void ListScheduler::make_ready(int op) {
  ready_.push_back(op);
  std::push_heap(ready_.begin(), ready_.end(), [this](std::int32_t a, std::int32_t b) {
    return at(priority_, a) != at(priority_, b) ? at(priority_, a) < at(priority_, b) : a > b;
  });
}

int ListScheduler::next_ready() {
  std::pop_heap(ready_.begin(), ready_.end(), [this](std::int32_t a, std::int32_t b) {
    return at(priority_, a) != at(priority_, b) ? at(priority_, a) < at(priority_, b) : a > b;
  });
  const int op = ready_.back();
  ready_.pop_back();
  return op;
}

void ListScheduler::place(int op) {
  Problem::Option chosen;
  Fit chosen_fit;
  double least = infinite;
  double least_misfit = least;
  const bool pinned =
      critical_device_ >= 0 && at(critical_, op) != 0 && shortest(op, critical_device_) < infinite;
  for (const auto option : problem_.options(op)) {
    if (!permitted(op, option) || (pinned && option.device != critical_device_)) continue;
    const Fit candidate = fit(op, option);
    const double bad = badness(op, option.device, candidate);
    if (candidate.misfit > least_misfit || (candidate.misfit == least_misfit && bad >= least))
      continue;
    least = bad;
    least_misfit = candidate.misfit;
    chosen = option;
    chosen_fit = candidate;
  }
  commit(op, chosen, chosen_fit);
}

double ListScheduler::badness(int op, int device, const Fit& fit) const {
  const double later = static_cast<double>(std::max<std::int64_t>(fit.end - makespan_, 0));
  const double joules = fit.joules + later * picosecond * standing_watts_;
  double end = static_cast<double>(fit.end);
  if (policy_.method == Policy::Method::peft) end += at(beyond_, op * problem_.devices + device);
  return (1 - policy_.energy_weight) * end * picosecond / time_scale_ +
         policy_.energy_weight * joules / energy_scale_;
}

std::int64_t ListScheduler::transfer(int tensor, int format, int route) const {
  const double bandwidth = at(bandwidth_, route);
  const auto bytes = static_cast<double>(at(problem_.bytes, tensor * problem_.formats + format));
  return bandwidth > 0 ? picoseconds(bytes / bandwidth) : 0;
}

std::int64_t ListScheduler::conversion(int tensor, int from, int to, int device,
                                       double* joules) const {
  if (from == to || at(problem_.is_fixed, tensor) != 0) return 0;
  const auto touched = static_cast<double>(at(problem_.bytes, tensor * problem_.formats + from) +
                                           at(problem_.bytes, tensor * problem_.formats + to));
  *joules += touched * at(problem_.convert_energy, device);
  return picoseconds(at(problem_.convert_overhead, device) +
                     touched / at(problem_.convert_bandwidth, device));
}

int ListScheduler::arriving_format(int tensor, int target) const {
  const auto wire = at(plan_->wire, tensor * problem_.devices + target);
  return wire == Plan::as_produced ? at(format_, tensor) : wire;
}

ListScheduler::Arrival ListScheduler::arrival(int tensor, int target) const {
  const auto maker = at(problem_.producer, tensor);
  const int home = problem_.home(tensor, *plan_);
  Arrival result{maker < 0 ? 0 : at(ends_, maker), 0, home != target};
  if (!result.sends) return result;
  if (const auto known = at(arrived_, tensor * problem_.devices + target); known >= 0)
    return {known, 0, false};
  const int route = home * problem_.devices + target;
  const int format = arriving_format(tensor, target);
  result.when += conversion(tensor, at(format_, tensor), format, home, &result.joules);
  for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k)
    result.when = std::max(result.when, at(channel_free_, at(problem_.route_channel, k)));
  result.when += transfer(tensor, format, route) + at(problem_.route_latency, route);
  result.joules += 8 * at(problem_.route_energy_per_bit, route) *
                   static_cast<double>(at(problem_.bytes, tensor * problem_.formats + format));
  return result;
}

ListScheduler::Fit ListScheduler::fit(int op, Problem::Option option) const {
  const auto index = problem_.cost_index(op, option.device, option.precision);
  const int device = option.device;
  Fit result;
  result.joules = problem_.energy[index];
  std::int64_t length = std::max<std::int64_t>(problem_.duration[index], 0);
  const bool computes = at(problem_.is_free, op) == 0;
  if (computes && at(last_precision_, device) >= 0 &&
      at(last_precision_, device) != option.precision)
    length += at(problem_.switch_time, device);
  std::int64_t ready = 0;
  for (auto k = at(problem_.input_begin, op); k < at(problem_.input_begin, op + 1); ++k) {
    const int tensor = at(problem_.input_tensor, k);
    const Arrival from = arrival(tensor, device);
    ready = std::max(ready, from.when);
    result.joules += from.joules;
    if (!computes) continue;
    const int home = problem_.home(tensor, *plan_);
    const int format = home == device ? at(format_, tensor) : arriving_format(tensor, device);
    length += conversion(tensor, format, option.precision, device, &result.joules);
  }
  result.start = std::numeric_limits<std::int64_t>::max();
  for (int slot = 0; slot < at(problem_.slots, device); ++slot) {
    const auto begin = at(at(busy_, device), slot).earliest(ready, length);
    if (begin < result.start) {
      result.start = begin;
      result.slot = slot;
    }
  }
  result.end = result.start + length;
  const auto weights = at(problem_.weight_bytes, op * problem_.compute_formats + option.precision);
  const auto needed = at(used_, device) + weights + problem_.workspace[index];
  result.misfit =
      static_cast<double>(std::max<std::int64_t>(0, needed - at(problem_.capacity, device)));
  return result;
}

void ListScheduler::send(int tensor, int target) {
  const Arrival result = arrival(tensor, target);
  if (!result.sends) return;
  at(arrived_, tensor * problem_.devices + target) = result.when;
  const int home = problem_.home(tensor, *plan_);
  const int route = home * problem_.devices + target;
  if (at(problem_.route_fair, route) != 0) return;  // shared, so nobody waits to start
  for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k)
    at(channel_free_, at(problem_.route_channel, k)) =
        result.when - at(problem_.route_latency, route);
}

void ListScheduler::commit(int op, Problem::Option option, const Fit& fit) {
  const int device = option.device;
  for (auto k = at(problem_.input_begin, op); k < at(problem_.input_begin, op + 1); ++k)
    send(at(problem_.input_tensor, k), device);
  at(plan_->device, op) = option.device;
  at(plan_->precision, op) = option.precision;
  at(starts_, op) = fit.start;
  at(ends_, op) = fit.end;
  makespan_ = std::max(makespan_, fit.end);
  at(used_, device) += at(problem_.weight_bytes, op * problem_.compute_formats + option.precision);
  const bool computes = at(problem_.is_free, op) == 0;
  if (computes) at(last_precision_, device) = option.precision;
  auto format = option.precision;
  if (!computes && at(problem_.input_begin, op) < at(problem_.input_begin, op + 1)) {
    const int tensor = at(problem_.input_tensor, at(problem_.input_begin, op));
    format = static_cast<std::uint8_t>(at(format_, tensor));
  }
  for (auto tensor = at(problem_.output_begin, op); tensor < at(problem_.output_begin, op + 1);
       ++tensor)
    at(format_, tensor) = format;
  if (fit.end > fit.start) at(at(busy_, device), fit.slot).take(fit.start, fit.end);
}

}  // namespace optimizers
