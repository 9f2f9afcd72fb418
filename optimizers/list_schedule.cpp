#include "optimizers/list_schedule.h"

#include <algorithm>
#include <limits>

namespace optimizers {

using models::Plan;
using models::Problem;

namespace {

constexpr double picosecond = 1e-12;

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
    double shortest = std::numeric_limits<double>::infinity(), least = shortest;
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
  rank_upward();
  for (int k = 0; k < problem_.operators; ++k) {
    const int op = next_ready();
    at(listed_, op) = k;
    place(op);
    at(missing_, op) = -1;
    for (const auto reader : graph_.readers(op)) --at(missing_, reader);
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
  for (int tensor = 0; tensor < problem_.tensors; ++tensor)
    for (int target = 0; target < problem_.devices; ++target)
      if (at(problem_.is_fixed, tensor) == 0)
        at(plan.wire, tensor * problem_.devices + target) = policy.wire;

  const auto operators = static_cast<std::size_t>(problem_.operators);
  const auto devices = static_cast<std::size_t>(problem_.devices);
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

bool ListScheduler::permitted(int op, Problem::Option option) const {
  if (policy_.precision == Policy::any || option.precision == policy_.precision) return true;
  for (const auto other : problem_.options(op))
    if (other.precision == policy_.precision) return false;
  return true;
}

double ListScheduler::mean_duration(int op) const {
  double sum = 0;
  int count = 0;
  for (const auto option : problem_.options(op)) {
    if (!permitted(op, option)) continue;
    const auto index = problem_.cost_index(op, option.device, option.precision);
    sum += static_cast<double>(std::max<std::int64_t>(problem_.duration[index], 0));
    ++count;
  }
  return sum / count;
}

void ListScheduler::rank_upward() {
  const auto format =
      policy_.precision == Policy::any ? int{problem_.input_format} : policy_.precision;
  double latency = 0, per_byte = 0;  // means over the pairs of different devices
  const int pairs = std::max(1, problem_.devices * (problem_.devices - 1));
  for (int route = 0; route < problem_.devices * problem_.devices; ++route) {
    if (narrowest(route) == 0) continue;
    latency += static_cast<double>(at(problem_.route_latency, route)) / pairs;
    per_byte += 1e12 / narrowest(route) / pairs;
  }
  upward_.assign(static_cast<std::size_t>(problem_.operators), 0);
  for (int op = problem_.operators - 1; op >= 0; --op) {  // the network's order is topological
    double longest = 0;
    for (auto tensor = at(problem_.output_begin, op); tensor < at(problem_.output_begin, op + 1);
         ++tensor) {
      const double way =
          latency +
          per_byte * static_cast<double>(at(problem_.bytes, tensor * problem_.formats + format));
      for (auto k = at(problem_.reader_begin, tensor); k < at(problem_.reader_begin, tensor + 1);
           ++k)
        longest = std::max(longest, way + at(upward_, at(problem_.reader, k)));
    }
    at(upward_, op) = mean_duration(op) + longest;
  }
}

int ListScheduler::next_ready() const {
  int best = -1;
  for (int op = 0; op < problem_.operators; ++op)
    if (at(missing_, op) == 0 && (best < 0 || at(upward_, op) > at(upward_, best))) best = op;
  return best;
}

void ListScheduler::place(int op) {
  Problem::Option chosen;
  Fit chosen_fit;
  double least = std::numeric_limits<double>::infinity();
  double least_misfit = least;
  for (const auto option : problem_.options(op)) {
    if (!permitted(op, option)) continue;
    const Fit candidate = fit(op, option);
    const double bad = badness(candidate);
    if (candidate.misfit > least_misfit || (candidate.misfit == least_misfit && bad >= least))
      continue;
    least = bad;
    least_misfit = candidate.misfit;
    chosen = option;
    chosen_fit = candidate;
  }
  commit(op, chosen, chosen_fit);
}

double ListScheduler::badness(const Fit& fit) const {
  const double later = static_cast<double>(std::max<std::int64_t>(fit.end - makespan_, 0));
  const double joules = fit.joules + later * picosecond * standing_watts_;
  return (1 - policy_.energy_weight) * static_cast<double>(fit.end) * picosecond / time_scale_ +
         policy_.energy_weight * joules / energy_scale_;
}

double ListScheduler::narrowest(int route) const {
  double least = 0;
  for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
    const auto link = at(problem_.channel_link, at(problem_.route_channel, k));
    const double bandwidth = at(plan_->lanes, link) * at(problem_.lane_bandwidth, link);
    if (least == 0 || bandwidth < least) least = bandwidth;
  }
  return least;
}

std::int64_t ListScheduler::transfer(int tensor, int format, int route) const {
  const double bandwidth = narrowest(route);
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
    std::int64_t begin = ready;
    for (const auto& taken : at(at(busy_, device), slot)) {
      if (begin + length <= taken.start) break;
      begin = std::max(begin, taken.end);
    }
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
  if (fit.end == fit.start) return;
  auto& slot = at(at(busy_, device), fit.slot);
  const auto place = std::find_if(slot.begin(), slot.end(),
                                  [&](const Busy& taken) { return taken.start >= fit.start; });
  slot.insert(place, {fit.start, fit.end});
}

}  // namespace optimizers
