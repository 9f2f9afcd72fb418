#include "optimizers/bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "models/units.h"
#include "optimizers/joint_bound.h"

namespace optimizers {

using models::Event;
using models::Metric;
using models::Problem;
using models::Workload;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
/// Leaves room for the rounding of sums of doubles.
constexpr double safety = 1 - 1e-9;
constexpr double picosecond = 1e-12;

double least_jitter(const Workload& workload) {
  return 1 - workload.jitter;
}

/// The longest chain of operators, each where it and all before it end earliest; with what must
/// travel between them, nothing ever waiting. Picoseconds, for each network.
class PathBound {
 public:
  explicit PathBound(const LeastCosts& costs) : costs_(costs), problem_(costs.problem()) {}

  std::vector<double> values() {
    const int devices = problem_.devices;
    end_.assign(at(problem_.tensors) * at(devices), infinite);
    for (int tensor = 0; tensor < problem_.inputs; ++tensor) {
      std::vector<double> made(at(devices), infinite);
      at(made, problem_.stream_with(tensor).source) = 0;
      spread(tensor, made, costs_.whole_bytes(tensor, problem_.input_format));
    }
    for (int op = 0; op < problem_.operators; ++op) run(op);
    std::vector<double> longest(problem_.streams.size(), 0);
    for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
      if (at(problem_.is_output, tensor) == 0) continue;
      const auto s = at(problem_.stream_of_tensor, tensor);
      at(longest, s) = std::max(at(longest, s),
                                at(end_, tensor * devices + problem_.streams[at(s)].sink) * safety);
    }
    return longest;
  }

 private:
  /// When each device can have the tensor at the earliest.
  void spread(int tensor, const std::vector<double>& made, double bytes) {
    const int devices = problem_.devices;
    const int stream = at(problem_.stream_of_tensor, tensor);
    const double jitter = least_jitter(problem_.streams[at(stream)].workload());
    const auto row = at(tensor) * at(devices);
    for (int to = 0; to < devices; ++to)
      at(end_, row + at(to)) = std::min(end_[row + at(to)], made[at(to)]);
    for (int from = 0; from < devices; ++from) {
      if (made[at(from)] == infinite) continue;
      for (int to = 0; to < devices; ++to) {
        if (to == from) continue;
        const int route = from * devices + to;
        const double takes = bytes * costs_.narrowest_pace(route) / picosecond * jitter +
                             static_cast<double>(at(problem_.route_latency, route));
        end_[row + at(to)] = std::min(end_[row + at(to)], made[at(from)] + takes);
      }
    }
  }

  void run(int op) {
    const int devices = problem_.devices;
    std::vector<double> ready(at(devices), 0);
    for (auto k = at(problem_.input_begin, op); k < at(problem_.input_begin, op + 1); ++k)
      for (int d = 0; d < devices; ++d)
        ready[at(d)] = std::max(ready[at(d)], at(end_, at(problem_.input_tensor, k) * devices + d));
    for (auto tensor = at(problem_.output_begin, op); tensor < at(problem_.output_begin, op + 1);
         ++tensor) {
      const int stream = at(problem_.stream_of_tensor, tensor);
      const double jitter = least_jitter(problem_.streams[at(stream)].workload());
      // Formats differ in time and in what they send: each is followed to the devices by itself.
      for (int format = 0; format < problem_.compute_formats; ++format) {
        std::vector<double> made(at(devices), infinite);
        for (const auto& option : problem_.options(op))
          if (option.precision == format)
            made[option.device] = ready[option.device] + costs_.lasting(op, option) * jitter;
        spread(tensor, made, costs_.whole_bytes(tensor, format));
      }
    }
  }

  const LeastCosts& costs_;
  const Problem& problem_;
  std::vector<double> end_;  ///< [tensor x device]
};

/// Everything that bounds are made of, worked out as it is asked for.
class Workings {
 public:
  explicit Workings(const Problem& problem) : problem_(problem), costs_(problem), forest_(costs_) {
    for (const auto& stream : problem.streams)
      jitter_ = std::min(jitter_, least_jitter(stream.workload()));
    has_bursts_ = std::ranges::any_of(
        problem.events, [](const auto& event) { return event.what == Event::What::burst; });
  }

  MetricBound of(Metric metric) {
    switch (metric) {
      case Metric::latency_mean:
        return mean_latency();
      case Metric::latency_p50:
        return {metric, percentile(50), "critical path"};
      case Metric::latency_p95:
        return {metric, percentile(95), "critical path"};
      case Metric::latency_p99:
        return {metric, percentile(99), "critical path"};
      case Metric::makespan:
        return makespan();
      case Metric::throughput: {
        const auto least = makespan();
        return {metric, least.value > 0 ? requests() / least.value : infinite, least.from};
      }
      case Metric::period:
        return period();
      case Metric::period_bound:
        return {metric, std::max(0.0, work() - 1) * picosecond, work_words};
      case Metric::energy:
        return energy();
      case Metric::memory:
        return memory();
      case Metric::transferred_bytes:
        return transferred();
      case Metric::load_balance:
        return {metric, 1, "even loads"};
      case Metric::accuracy_loss:
        return accuracy();
      case Metric::deadline_misses:
        return misses();
      case Metric::count_:
        break;
    }
    return {metric, 0, "nothing known"};
  }

  /// Of the weighted sum as a whole: no plan may be the best in all objectives at once. Only for
  /// one network without batches or bursts; else 0.
  double jointly(const models::Goal& goal) {
    if (problem_.streams.size() > 1 || has_bursts_ || !problem_.batched.empty()) return 0;
    Forest::Prices base(forest_);
    TimeTerms times;
    double fixed = 0;
    for (const auto& one : goal.objectives) fixed += add(one, base, times);
    return fixed + joint_bound(costs_, forest_, base, times, allowances(goal)) * safety;
  }

 private:
  /// What limits on accuracy and energy and the memory for weights leave to plans.
  std::vector<Allowance> allowances(const models::Goal& goal) {
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
  Allowance allowed(const models::Goal::Limit& limit) {
    const bool of_energy = limit.metric == Metric::energy;
    if (!of_energy && (limit.metric != Metric::accuracy_loss || limit.bound >= 1)) return {};
    double there_is = limit.bound / safety;
    if (of_energy) there_is -= idle_power() * makespan().value / requests() * safety;
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

  /// Adds an objective's part of the cost; answers what of it no plan changes.
  double add(const models::Goal::Objective& one, Forest::Prices& base, TimeTerms& times) {
    const auto& workload = problem_.streams[0].workload();
    const double n = requests();
    const bool closed = workload.arrivals == Workload::Arrivals::closed;
    const double rounds = closed ? std::ceil(n / static_cast<double>(workload.in_flight)) : 1;
    const double speed = jitter_ / costs_.most_speed();
    const auto per_makespan = [&](double weight) {
      times.terms.push_back({weight, rounds * jitter_, n * speed});
    };
    const double weight = one.weight / one.scale;
    switch (one.metric) {
      case Metric::latency_mean: {
        const double k = std::min(static_cast<double>(workload.in_flight), n);
        const double loads = closed ? k * (2 * n - k + 1) / 2 / n : 0;  // the last k of 1 ... n
        times.terms.push_back({weight, jitter_, loads * speed});
        return 0;
      }
      case Metric::latency_p50:
      case Metric::latency_p95:
      case Metric::latency_p99:
        times.terms.push_back({weight, jitter_, 0});
        return 0;
      case Metric::makespan:
        per_makespan(weight);
        return 0;
      case Metric::throughput:
        per_makespan(one.weight * one.scale / n);
        return 0;
      case Metric::period_bound:
        times.terms.push_back({weight, 0, 1});
        return 0;
      case Metric::energy: {
        const auto own = joules();
        for (std::size_t k = 0; k < own.option.size(); ++k)
          base.option[k] += weight * own.option[k];
        for (std::size_t r = 0; r < own.per_byte.size(); ++r)
          base.per_byte[r] += weight * own.per_byte[r];
        per_makespan(weight * idle_power() / n);
        return 0;
      }
      default:
        return weight * of(one.metric).value;
    }
  }

  static constexpr std::string_view work_words = "work over speed and links";

  double requests() const { return static_cast<double>(problem_.requests()); }

  double work() {
    if (work_ < 0)
      work_ = joint_bound(costs_, forest_, Forest::Prices(forest_), {{{1, 0, 1}}}) / picosecond *
              safety;
    return work_;
  }
  /// The same while requests are executed: events may speed devices up, jitter may shorten.
  double work_done() { return work() * jitter_ / costs_.most_speed(); }

  const std::vector<double>& paths() {
    if (paths_.empty()) paths_ = PathBound(costs_).values();
    return paths_;
  }

  const Workload* lone_closed() const {
    if (problem_.streams.size() > 1 || has_bursts_) return nullptr;
    const auto& workload = problem_.streams[0].workload();
    return workload.arrivals == Workload::Arrivals::closed ? &workload : nullptr;
  }

  /// With K requests under way, the arrival of request i is the completion of request i - K: added
  /// up, the latencies are the last K completions, and the j-th is not before the work of j
  /// requests is done.
  MetricBound mean_latency() {
    double mean = 0;
    for (std::size_t s = 0; s < problem_.streams.size(); ++s)
      mean += costs_.share(static_cast<int>(s)) * paths()[s];
    MetricBound bound{Metric::latency_mean, mean, "critical path"};
    if (const auto* workload = lone_closed()) {
      const auto n = workload->requests, k = std::min(workload->in_flight, n);
      double sum = 0;
      if (work_done() * static_cast<double>(n) > paths()[0])
        for (auto j = n - k + 1; j <= n; ++j)
          sum += std::max(paths()[0], static_cast<double>(j) * work_done());
      if (sum / static_cast<double>(n) > mean)
        bound = {Metric::latency_mean, sum / static_cast<double>(n), "work of requests under way"};
    }
    bound.value = std::max(0.0, bound.value - 1) * picosecond;
    return bound;
  }

  double percentile(int percent) {
    std::vector<std::pair<double, double>> sorted;  // path, share of the requests
    for (std::size_t s = 0; s < problem_.streams.size(); ++s)
      sorted.push_back({paths()[s], costs_.share(static_cast<int>(s))});
    std::ranges::sort(sorted);
    double share = 0;
    for (const auto& [path, part] : sorted) {
      share += part;
      if (share * 100 >= percent * (1 - 1e-9)) return std::max(0.0, path - 1) * picosecond;
    }
    return std::max(0.0, sorted.front().first - 1) * picosecond;
  }

  MetricBound makespan() {
    MetricBound bound{Metric::makespan, requests() * work_done(), work_words};
    const auto raise = [&](double value, std::string_view from) {
      if (value > bound.value) bound = {Metric::makespan, value, from};
    };
    for (std::size_t s = 0; s < problem_.streams.size(); ++s) {
      const auto& workload = problem_.streams[s].workload();
      if (workload.arrivals == Workload::Arrivals::closed) {
        if (has_bursts_) continue;
        const auto rounds = (workload.requests + workload.in_flight - 1) / workload.in_flight;
        raise(static_cast<double>(rounds) * paths()[s], "critical path");
      } else if (const auto& arrivals = problem_.streams[s].arrivals; !arrivals.empty()) {
        const auto span = static_cast<double>((arrivals.back() - arrivals.front()).count());
        raise(span + paths()[s], "last arrival and critical path");
      }
    }
    bound.value = std::max(0.0, bound.value - 1) * picosecond;
    return bound;
  }

  /// From four requests on the period is measured over the later half of the completions; of those
  /// requests, the ones that arrive after that have all of their work before them.
  MetricBound period() {
    const double n = requests();
    if (n < 4) {
      auto bound = makespan();
      return {Metric::period, bound.value / n, bound.from};
    }
    const auto* workload = lone_closed();
    if (workload == nullptr) return {Metric::period, 0, "nothing known"};
    const auto half = static_cast<double>(workload->requests - workload->requests / 2);
    const double later = half - static_cast<double>(workload->in_flight);
    if (later <= 0) return {Metric::period, 0, "nothing known"};
    return {Metric::period, later * work_done() / half * picosecond * safety, work_words};
  }

  /// What the operators and the transfers of the forest take in joules.
  Forest::Prices joules() const {
    Forest::Prices prices(forest_);
    for (int op = 0; op < problem_.operators; ++op) {
      auto k = forest_.first_option(op);
      for (const auto& option : problem_.options(op))
        prices.option[k++] = costs_.joules(op, option);
    }
    for (int from = 0; from < problem_.devices; ++from)
      for (int to = 0; to < problem_.devices; ++to)
        if (const int route = from * problem_.devices + to; from != to)
          at(prices.per_byte, route) = 8 * at(problem_.route_energy_per_bit, route);
    return prices;
  }

  /// Watts that are drawn all the time, whatever the plan.
  double idle_power() const {
    double idle = 0;
    for (int d = 0; d < problem_.devices; ++d)
      if (at(problem_.device_gated, d) == 0) idle += at(problem_.static_power, d);
    const bool changing = std::ranges::any_of(
        problem_.events, [](const auto& event) { return event.what == Event::What::lanes; });
    for (int l = 0; l < problem_.links && !changing; ++l)
      if (at(problem_.link_gated, l) == 0)
        idle += at(problem_.lane_power, l) * at(problem_.lane_option, at(problem_.lane_begin, l));
    return idle;
  }

  MetricBound energy() {
    const double moved = forest_.minimise(joules());
    return {Metric::energy, (moved + idle_power() * makespan().value / requests()) * safety,
            "least energy of each operator, and static power"};
  }

  /// What weights there are on the average device, or what the largest operator needs.
  MetricBound memory() {
    double weights = 0, largest = 0;
    for (int op = 0; op < problem_.operators; ++op) {
      double fewest = infinite, needed = infinite;
      for (const auto& option : problem_.options(op)) {
        const auto own =
            at(problem_.weight_bytes, op * problem_.compute_formats + option.precision);
        fewest = std::min(fewest, static_cast<double>(own));
        needed = std::min(needed, costs_.footprint(op, option));
      }
      weights += fewest;
      largest = std::max(largest, needed);
    }
    const double spread = weights / static_cast<double>(problem_.devices);
    if (spread > largest) return {Metric::memory, std::floor(spread), "weights over devices"};
    return {Metric::memory, largest, "largest operator"};
  }

  MetricBound transferred() {
    Forest::Prices prices(forest_);
    std::fill(prices.per_byte.begin(), prices.per_byte.end(), 1);
    for (int d = 0; d < problem_.devices; ++d) at(prices.per_byte, d * problem_.devices + d) = 0;
    const double bytes = forest_.minimise(prices) * safety;
    return {Metric::transferred_bytes, std::max(0.0, std::floor(bytes - 1e-6)), "what must travel"};
  }

  MetricBound accuracy() {
    double most = 0;
    for (const auto& stream : problem_.streams) {
      double sum = 0;
      for (int op = stream.first_operator; op < stream.end_operator; ++op) {
        double least = infinite;
        for (const auto& option : problem_.options(op))
          least =
              std::min(least, at(problem_.noise, op * problem_.compute_formats + option.precision));
        sum += least;
      }
      most = std::max(most, sum);
    }
    return {Metric::accuracy_loss, std::min(1.0, most * safety), "finest formats"};
  }

  MetricBound misses() {
    double share = 0;
    for (std::size_t s = 0; s < problem_.streams.size(); ++s) {
      const auto deadline = static_cast<double>(problem_.streams[s].use.deadline.count());
      if (deadline > 0 && paths()[s] > deadline + 1) share += costs_.share(static_cast<int>(s));
    }
    return {Metric::deadline_misses, share * safety, "critical path"};
  }

  const Problem& problem_;
  LeastCosts costs_;
  Forest forest_;
  double jitter_ = 1;  ///< least factor of any network
  bool has_bursts_ = false;
  double work_ = -1;
  std::vector<double> paths_;
};

}  // namespace

MetricBound bound_of(const Problem& problem, Metric metric) {
  return Workings(problem).of(metric);
}

Bounds bounds_of(const Problem& problem, const models::Goal& goal) {
  Workings workings(problem);
  Bounds bounds;
  for (const auto& objective : goal.objectives) {
    const auto one = workings.of(objective.metric);
    bounds.objectives.push_back(one);
    const bool small = models::about(objective.metric).smaller_is_better;
    const double value = small ? one.value : 1 / one.value;
    const double scale = small ? objective.scale : 1 / objective.scale;
    bounds.cost += objective.weight * value / scale;
    if (bounds.from.find(one.from) != std::string::npos) continue;
    bounds.from += (bounds.from.empty() ? "" : "; ") + std::string(one.from);
  }
  bounds.cost *= safety;
  const bool several = bounds.objectives.size() > 1;
  if (const double all = workings.jointly(goal); all > bounds.cost) {
    bounds.cost = all;
    bounds.from += several ? ", all at once" : " within memory and limits";
  }
  return bounds;
}

}  // namespace optimizers
