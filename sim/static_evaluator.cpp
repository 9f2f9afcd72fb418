#include "sim/static_evaluator.h"

#include <algorithm>
#include <stdexcept>

#include "models/index.h"
#include "models/lowering.h"
#include "models/task_graph.h"
#include "sim/batch_scoring.h"
#include "sim/event_engine.h"
#include "sim/scoring.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;
using models::Totals;

/// When every device and channel is free again. Tasks are put on in canonical order.
class Resources {
 public:
  explicit Resources(const models::Problem& problem)
      : problem_(problem), channel_free_(at(problem.channels)), devices_(at(problem.devices)) {
    std::size_t slots = 0;
    for (std::size_t d = 0; d < devices_.size(); ++d) {
      devices_[d].first_slot = slots;
      devices_[d].slots = problem.slots[d];
      if (problem.slots[d] > 1) slots += at(problem.slots[d]);
    }
    slot_free_.resize(slots);
  }

  void reset() {
    std::ranges::fill(channel_free_, 0);
    std::ranges::fill(slot_free_, 0);
    for (auto& each : devices_) {
      each.free = each.last_start = 0;
      each.last = Totals::no_precision;
    }
  }

  /// The end of a task that is ready at `ready` and keeps a slot for `duration`, picoseconds.
  std::int64_t run(std::size_t d, std::int64_t ready, std::int64_t duration) {
    auto& device = devices_[d];
    if (device.slots == 1) [[likely]]
      return device.free = std::max(ready, device.free) + duration;
    auto* const first = slot_free_.data() + device.first_slot;
    auto& slot = *std::min_element(first, first + device.slots);
    device.last_start = std::max({ready, slot, device.last_start});
    return slot = device.last_start + duration;
  }

  /// The time of the precision switch that a task pays, of any request.
  std::int64_t switching(std::size_t d, std::uint8_t precision, Tally& tally) {
    auto& device = devices_[d];
    if (precision == Totals::no_precision || precision == device.last) return 0;
    const bool pays = device.last != Totals::no_precision;
    device.last = precision;
    if (!pays) return 0;
    ++tally.switches[d];
    return problem_.switch_time[d];
  }

  std::int64_t send(std::size_t route, std::int64_t ready, std::int64_t duration) {
    auto start = ready;
    const auto begin = at(problem_.route_begin[route]), end = at(problem_.route_begin[route + 1]);
    for (auto k = begin; k < end; ++k)
      start = std::max(start, channel_free_[at(problem_.route_channel[k])]);
    for (auto k = begin; k < end; ++k)
      channel_free_[at(problem_.route_channel[k])] = start + duration;
    return start + duration + problem_.route_latency[route];
  }

 private:
  struct Device {
    std::int64_t free = 0;  ///< of a single slot
    std::int32_t slots = 1;
    std::uint8_t last = Totals::no_precision;
    std::int64_t last_start = 0;  ///< of several slots
    std::size_t first_slot = 0;
  };

  const models::Problem& problem_;
  std::vector<std::int64_t> channel_free_;
  std::vector<std::int64_t> slot_free_;  ///< of devices with several slots
  std::vector<Device> devices_;
};

/// The lowering's emitter for a single request: times tasks as they come and keeps none.
struct Stopwatch {
  using Handle = std::int64_t;  ///< when the result is present

  explicit Stopwatch(Resources& all) : resources(all) {}

  Handle present() const { return arrival; }
  using Begun = std::int64_t;  ///< when what the task reads is present
  Begun begin() const { return arrival; }
  static void reads(Begun& ready, Handle made) { ready = std::max(ready, made); }
  Handle compute(Begun ready, std::int32_t, int device, std::uint8_t, bool, std::int64_t busy) {
    return resources.run(at(device), ready, busy);
  }
  Handle convert(Begun ready, std::int32_t, int device, std::uint8_t, std::uint8_t,
                 std::int64_t duration, double) {
    return resources.run(at(device), ready, duration);
  }
  Handle transfer(Begun ready, std::int32_t, int, int, std::int32_t route, std::uint8_t,
                  std::int64_t, std::int64_t duration, double) {
    return resources.send(at(route), ready, duration);
  }
  void ends_at_sink(Handle end) { completed = std::max(completed, end); }

  Resources& resources;
  std::int64_t arrival = 0, completed = 0;
};

class StaticEvaluator final : public BatchScoring {
 public:
  explicit StaticEvaluator(std::shared_ptr<const models::Problem> problem)
      : owned_(std::move(problem)),
        problem_(*owned_),
        resources_(problem_),
        stopwatch_(resources_),
        single_(problem_, stopwatch_),
        graph_(problem_) {
    if (problem_.fair_links)
      throw std::invalid_argument("the static evaluator is exact for fifo links only");
    const auto requests = at(problem_.streams.front().workload().requests);
    tally_.completions.reserve(requests);
    tally_.latencies.reserve(requests);
    tally_.sorted.reserve(requests);
    done_.reserve(requests);
  }

  using BatchScoring::score;
  models::Score score(const models::Plan& plan) override {
    tally_.reset(problem_);
    resources_.reset();
    if (problem_.streams.front().workload().requests == 1 &&
        problem_.streams.front().workload().jitter == 0) {
      score_single(plan);
      return make_score(problem_, single_.totals(), plan, tally_);
    }
    graph_.build(plan);
    ends_.resize(graph_.tasks().size());
    done_.clear();
    for (std::int64_t r = 0; r < problem_.streams.front().workload().requests; ++r) execute(r);
    return make_score(problem_, graph_.totals(), plan, tally_);
  }

 private:
  std::int64_t arrival_of(std::int64_t request) const {
    if (!problem_.streams.front().arrivals.empty())
      return problem_.streams.front().arrivals[at(request)].count();
    const auto before = request - problem_.streams.front().workload().in_flight;
    return before < 0 ? 0 : done_[at(before)];
  }

  /// One request without jitter needs no graph: lowering and timing are one walk.
  void score_single(const models::Plan& plan) {
    const auto arrival = arrival_of(0);
    stopwatch_.arrival = stopwatch_.completed = arrival;
    single_.lower(plan);
    for (std::size_t d = 0; d < tally_.device_busy.size(); ++d) {
      const auto& load = single_.totals().devices[d];
      tally_.switches[d] = load.switches;
      tally_.device_busy[d] = load.work + load.switches * problem_.switch_time[d];
    }
    tally_.channel_busy = single_.totals().channel_work;
    tally_.first_arrival = arrival;
    complete(arrival, stopwatch_.completed);
  }

  void execute(std::int64_t request) {
    const auto arrival = arrival_of(request);
    if (request == 0) tally_.first_arrival = arrival;
    // Admitted in order of arrival; `done_` is sorted, so this is when enough have completed.
    const auto before = request - graph_.totals().admission_limit;
    const auto admitted = before < 0 ? arrival : std::max(arrival, done_[at(before)]);

    if (problem_.streams.front().workload().jitter > 0)
      pass<true>(request, admitted);
    else
      pass<false>(request, admitted);

    std::int64_t completed = admitted;
    for (const auto final : graph_.finals()) completed = std::max(completed, ends_[at(final)]);
    complete(arrival, completed);
    done_.insert(std::ranges::upper_bound(done_, completed), completed);
  }

  void complete(std::int64_t arrival, std::int64_t completed) {
    tally_.completions.push_back(completed);
    tally_.latencies.push_back(completed - arrival);
    tally_.last_event = std::max(tally_.last_event, completed);
  }

  template <bool jitter>
  void pass(std::int64_t request, std::int64_t admitted) {
    const auto tasks = graph_.tasks();
    const auto* const deps = graph_.deps().data();
    auto* const ends = ends_.data();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const auto& task = tasks[i];
      std::int64_t ready = admitted;
      const auto end_dep = tasks.data()[i + 1].first_dep;  // behind the last task is an end mark
      for (auto k = task.first_dep; k < end_dep; ++k) ready = std::max(ready, ends[deps[k]]);
      auto duration = task.duration;
      if constexpr (jitter)
        duration = models::jittered(duration, problem_.streams.front().workload(), request,
                                    static_cast<std::int64_t>(i));
      if (task.kind == TaskGraph::Kind::transfer) {
        for (const auto c : graph_.route(task)) tally_.channel_busy[at(c)] += duration;
        ends[i] = resources_.send(at(task.route), ready, duration);
        continue;
      }
      const auto d = at(task.device);
      duration += resources_.switching(d, task.precision, tally_);
      tally_.device_busy[d] += duration;
      ends[i] = resources_.run(d, ready, duration);
    }
  }

  std::shared_ptr<const models::Problem> owned_;
  const models::Problem& problem_;
  Tally tally_;
  Resources resources_;
  Stopwatch stopwatch_;
  models::Lowering<Stopwatch> single_;
  TaskGraph graph_;
  std::vector<std::int64_t> ends_;  ///< [task] of the request at hand
  std::vector<std::int64_t> done_;  ///< completions so far, sorted
};

}  // namespace

std::unique_ptr<models::Evaluator> make_static_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  return std::make_unique<StaticEvaluator>(std::move(problem));
}

std::unique_ptr<models::Evaluator> make_evaluator(std::shared_ptr<const models::Problem> problem) {
  const bool is_static =
      !problem->fair_links && problem->choices.discipline == models::Plan::Discipline::strict;
  return is_static ? make_static_evaluator(std::move(problem))
                   : make_event_evaluator(std::move(problem));
}

}  // namespace sim
