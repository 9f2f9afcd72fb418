#include "optimizers/directions.h"

#include <algorithm>

#include "optimizers/seconds.h"

namespace optimizers {

using models::Plan;
using models::Problem;
using models::Random;
using models::Score;
using What = models::Change::What;

Directions::Directions(const Problem& problem, const models::Goal& goal, const Graph& graph)
    : problem_(problem), goal_(goal), graph_(graph), loads_(problem) {
  for (int s = 0; s < static_cast<int>(problem.streams.size()); ++s)
    tasks_.push_back(std::make_unique<models::TaskGraph>(problem, s));
}

void Directions::look_at(const Plan& plan, const Score& score) {
  plan_ = plan;
  loads_.start(plan);
  prices_ = Prices(problem_, goal_, score);
  const auto devices = static_cast<std::size_t>(problem_.devices);
  is_overfull_.assign(devices, 0);
  if (prices_.weight_byte > 0) {
    measure_memory();
    note_overfull();
  }
  seconds_per_byte_.assign(devices * devices, 0);
  for (std::size_t route = 0; route < seconds_per_byte_.size(); ++route)
    for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k) {
      const int link = at(problem_.channel_link, at(problem_.route_channel, k));
      seconds_per_byte_[route] = std::max(
          seconds_per_byte_[route], 1 / (at(problem_.lane_bandwidth, link) * at(plan.lanes, link)));
    }
  is_critical_.assign(static_cast<std::size_t>(problem_.operators), 0);
  if (prices_.latency > 0) follow_critical_path();
}

void Directions::measure_memory() {
  needs_.assign(static_cast<std::size_t>(problem_.devices), 0);
  for (const auto& tasks : tasks_) {
    tasks->build(plan_);
    for (std::size_t d = 0; d < needs_.size(); ++d)
      needs_[d] += tasks->totals().devices[d].weights + tasks->totals().devices[d].per_request;
  }
}

/// Those beyond their memory; if none is, the one that needs most.
void Directions::note_overfull() {
  bool any = false;
  for (std::size_t d = 0; d < needs_.size(); ++d)
    any |= (is_overfull_[d] = needs_[d] > at(problem_.capacity, d) ? 1 : 0) != 0;
  const auto most = std::max_element(needs_.begin(), needs_.end());
  if (!any) at(is_overfull_, most - needs_.begin()) = 1;
}

/// Bytes of its weights, its outputs and, where it comes to, of what it reads.
std::int64_t Directions::footprint(int op, Problem::Option option, bool arrives) const {
  auto bytes = at(problem_.weight_bytes, op * problem_.compute_formats + option.precision);
  const auto tensor = [&](int t) {
    return at(problem_.bytes, t * problem_.formats + option.precision);
  };
  for (auto t = at(problem_.output_begin, op); t < at(problem_.output_begin, op + 1); ++t)
    bytes += tensor(t);
  if (!arrives) return bytes;
  for (auto i = at(problem_.input_begin, op); i < at(problem_.input_begin, op + 1); ++i)
    bytes += tensor(at(problem_.input_tensor, i));
  return bytes + problem_.workspace[problem_.cost_index(op, option.device, option.precision)];
}

std::int64_t Directions::travel_time(int tensor, int from, int to) const {
  if (from == to) return 0;
  const auto route = from * problem_.devices + to;
  const int maker = at(problem_.producer, tensor);
  int format = at(plan_.wire, tensor * problem_.devices + to);
  if (format == Plan::as_produced)
    format = maker < 0 ? problem_.input_format : at(plan_.precision, maker);
  const auto bytes = at(problem_.bytes, tensor * problem_.formats + format);
  return at(problem_.route_latency, route) +
         static_cast<std::int64_t>(static_cast<double>(bytes) * at(seconds_per_byte_, route) *
                                   1e12);
}

/// One request, its operators in order on their devices, links free whenever they are wanted: from
/// the last to end back along what each waited for.
void Directions::follow_critical_path() {
  end_.assign(static_cast<std::size_t>(problem_.operators), 0);
  before_.assign(end_.size(), -1);
  free_.assign(static_cast<std::size_t>(problem_.devices), 0);
  last_.assign(free_.size(), -1);
  int latest = -1;
  for (const auto op : plan_.order) {
    const int device = at(plan_.device, op);
    std::int64_t start = at(free_, device);
    at(before_, op) = at(last_, device);
    for (auto i = at(problem_.input_begin, op); i < at(problem_.input_begin, op + 1); ++i) {
      const int tensor = at(problem_.input_tensor, i);
      const int maker = at(problem_.producer, tensor);
      const auto there = (maker < 0 ? 0 : at(end_, maker)) +
                         travel_time(tensor, problem_.home(tensor, plan_), device);
      if (there <= start) continue;
      start = there;
      at(before_, op) = maker;
    }
    const auto takes = problem_.duration[problem_.cost_index(op, device, at(plan_.precision, op))];
    at(end_, op) = at(free_, device) = start + std::max<std::int64_t>(0, takes);
    at(last_, device) = op;
    if (latest < 0 || at(end_, op) > at(end_, latest)) latest = op;
  }
  for (int op = latest; op >= 0; op = at(before_, op)) at(is_critical_, op) = 1;
}

void Directions::add_makers_of(int channel) {
  for (const auto& edge : graph_.edges()) {
    const int from = at(plan_.device, edge.maker), to = at(plan_.device, edge.reader);
    if (from == to) continue;
    const auto route = from * problem_.devices + to;
    for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k)
      if (at(problem_.route_channel, k) == channel) {
        pool_.push_back(edge.maker);
        pool_.push_back(edge.reader);
      }
  }
}

/// Which operators to look at: those that the priced thing is made of.
void Directions::collect(models::Resource bottleneck, Random& random) {
  pool_.clear();
  const bool all = prices_.joule > 0 || prices_.noise > 0 || prices_.transferred_byte > 0;
  using Kind = models::Resource::Kind;
  for (int op = 0; op < problem_.operators; ++op) {
    const int device = at(plan_.device, op);
    if (all || at(is_critical_, op) != 0 ||
        (prices_.weight_byte > 0 && at(is_overfull_, device) != 0) ||
        (prices_.period > 0 && bottleneck == models::Resource{Kind::device, device}))
      pool_.push_back(op);
  }
  if (!all && prices_.period > 0 && bottleneck.kind == Kind::channel)
    add_makers_of(bottleneck.index);
  std::sort(pool_.begin(), pool_.end());
  pool_.erase(std::unique(pool_.begin(), pool_.end()), pool_.end());
  if (pool_.size() <= most_operators) return;
  for (std::size_t k = 0; k < most_operators; ++k)
    std::swap(pool_[k],
              at(pool_, static_cast<std::int64_t>(k) +
                            random.below(std::ssize(pool_) - static_cast<std::int64_t>(k))));
  pool_.resize(most_operators);
}

/// Time (of the critical path alone) and energy of its tensors' ways if it were on the device.
double Directions::travel_cost(int op, int device) const {
  double cost = 0;
  const auto add = [&](int tensor, int from, int to) {
    if (from == to) return;
    const auto route = from * problem_.devices + to;
    const auto bytes = static_cast<double>(at(problem_.bytes, tensor * problem_.formats));
    cost += prices_.joule * bytes * 8 * at(problem_.route_energy_per_bit, route) +
            prices_.transferred_byte * bytes;
    if (at(is_critical_, op) != 0)
      cost += prices_.latency * picosecond * static_cast<double>(travel_time(tensor, from, to));
  };
  for (auto i = at(problem_.input_begin, op); i < at(problem_.input_begin, op + 1); ++i) {
    const int tensor = at(problem_.input_tensor, i);
    add(tensor, problem_.home(tensor, plan_), device);
  }
  for (auto t = at(problem_.output_begin, op); t < at(problem_.output_begin, op + 1); ++t) {
    for (auto r = at(problem_.reader_begin, t); r < at(problem_.reader_begin, t + 1); ++r)
      add(t, device, at(plan_.device, at(problem_.reader, r)));
    if (at(problem_.is_output, t) != 0) add(t, device, problem_.stream_with(t).sink);
  }
  return cost;
}

/// A byte on a device that is too full costs, one that would make another too full as well.
double Directions::memory_cost(int op, Problem::Option option) const {
  if (!(prices_.weight_byte > 0)) return 0;
  const bool arrives = option.device != at(plan_.device, op);
  const auto bytes = footprint(op, option, arrives);
  const bool full =
      at(is_overfull_, option.device) != 0 ||
      (arrives && at(needs_, option.device) + bytes > at(problem_.capacity, option.device));
  return full ? prices_.weight_byte * static_cast<double>(bytes) : 0;
}

/// What the priced things cost, as far as they depend on the operator alone.
double Directions::cost_of(int op, Problem::Option option) const {
  const auto cell = problem_.cost_index(op, option.device, option.precision);
  double cost = prices_.joule * problem_.energy[cell] + memory_cost(op, option) +
                travel_cost(op, option.device);
  if (at(problem_.is_free, op) == 0)
    cost += prices_.noise * at(problem_.noise, op * problem_.compute_formats + option.precision);
  if (at(is_critical_, op) != 0)
    cost += prices_.latency * picosecond * static_cast<double>(problem_.duration[cell]);
  return cost;
}

void Directions::try_options(int op, Random& random, std::vector<Step>& steps) {
  const Problem::Option now{at(plan_.device, op), at(plan_.precision, op)};
  const auto options = problem_.options(op);
  const double before = cost_of(op, now);
  const auto period = loads_.bound().period;
  for (std::size_t k = 0; k < std::min(options.size(), most_options); ++k) {
    const auto option = options.size() <= most_options
                            ? options[k]
                            : at(options, random.below(std::ssize(options)));
    const bool moves = option.device != now.device, changes = option.precision != now.precision;
    if (!moves && !changes) continue;
    double gain = before - cost_of(op, option);
    if (prices_.period > 0)
      gain +=
          prices_.period *
          models::seconds(period - loads_.after_move(op, option.device, option.precision).period);
    if (!(gain > 0)) continue;
    const models::Change device{What::device, op, option.device};
    const models::Change precision{What::precision, op, option.precision};
    steps.push_back({gain, moves ? device : precision, precision, moves && changes ? 2 : 1});
  }
}

/// Other formats for what the operator sends.
void Directions::try_wires(int op, std::vector<Step>& steps) {
  const auto period = loads_.bound().period;
  for (auto t = at(problem_.output_begin, op); t < at(problem_.output_begin, op + 1); ++t)
    for (auto r = at(problem_.reader_begin, t); r < at(problem_.reader_begin, t + 1); ++r) {
      const int to = at(plan_.device, at(problem_.reader, r));
      if (to == at(plan_.device, op) || at(problem_.is_fixed, t) != 0) continue;
      const auto entry = t * problem_.devices + to;
      for (const auto format : problem_.wire_option) {
        if (format == at(plan_.wire, entry)) continue;
        const models::Change change{What::wire, entry, format};
        const double gain = prices_.period * models::seconds(period - loads_.after(change).period);
        if (gain > 0) steps.push_back({gain, change, change, 1});
      }
    }
}

void Directions::find(const Plan& plan, const Score& score, Random& random,
                      std::vector<Step>& steps) {
  steps.clear();
  look_at(plan, score);
  collect(score.bottleneck, random);
  for (const auto op : pool_) try_options(op, random, steps);
  if (prices_.period > 0 && score.bottleneck.kind == models::Resource::Kind::channel &&
      problem_.wire_option.size() > 1)
    for (const auto op : pool_) try_wires(op, steps);
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& a, const Step& b) { return a.gain > b.gain; });
  if (steps.size() > most_steps) steps.resize(most_steps);
}

bool Directions::repair(const Score& score, Random& random, Plan& plan) {
  if (score.memory_over > 0) return free_memory(score, random, plan);
  const double missing = goal_.violation(score);
  if (!(missing > 0)) return false;
  std::vector<Step> steps;
  find(plan, score, random, steps);
  return make_some(steps, missing, plan);
}

/// Moves some, looks at what the devices need then, and goes on until all fits.
bool Directions::free_memory(const Score& score, Random& random, Plan& plan) {
  constexpr int most_rounds = 32;
  std::vector<Step> steps;
  bool changed = false;
  for (int round = 0; round < most_rounds; ++round) {
    find(plan, score, random, steps);
    std::int64_t over = 0;
    for (std::size_t d = 0; d < needs_.size(); ++d)
      over += std::max<std::int64_t>(0, needs_[d] - at(problem_.capacity, d));
    if (over == 0 || !make_some(steps, prices_.weight_byte * static_cast<double>(over), plan))
      return changed;
    changed = true;
  }
  return changed;
}

/// The most promising ones, one per operator, until they should have gained what is missing.
bool Directions::make_some(std::span<const Step> steps, double missing, Plan& plan) {
  std::vector<std::uint8_t> touched(static_cast<std::size_t>(problem_.operators), 0);
  double gained = 0;
  bool changed = false;
  for (const auto& step : steps) {
    if (gained >= missing) break;
    if (step.device.what != What::wire && at(touched, step.device.index) != 0) continue;
    if (step.device.what == What::device && prices_.weight_byte > 0) {
      const auto device = step.device.value;
      const auto bytes = footprint(
          step.device.index,
          {static_cast<std::uint16_t>(device), static_cast<std::uint8_t>(step.precision.value)},
          true);
      if (at(needs_, device) + bytes > at(problem_.capacity, device)) continue;
      at(needs_, device) += bytes;
    }
    if (step.device.what != What::wire) at(touched, step.device.index) = 1;
    models::apply(plan, step.device);
    if (step.changes == 2) models::apply(plan, step.precision);
    gained += step.gain;
    changed = true;
  }
  return changed;
}

}  // namespace optimizers
