#include "sim/static_evaluator.h"

#include <algorithm>
#include <stdexcept>

#include "models/task_graph.h"
#include "sim/batch_scoring.h"
#include "sim/event_engine.h"
#include "sim/scoring.h"

namespace sim {
namespace {

using models::TaskGraph;

std::size_t at(auto index) {
  return static_cast<std::size_t>(index);
}

class StaticEvaluator final : public BatchScoring {
 public:
  explicit StaticEvaluator(std::shared_ptr<const models::Problem> problem)
      : owned_(std::move(problem)),
        problem_(*owned_),
        graph_(problem_),
        channel_free_(at(problem_.channels)),
        devices_(at(problem_.devices)) {
    if (problem_.fair_links)
      throw std::invalid_argument("the static evaluator is exact for fifo links only");
    std::size_t slots = 0;
    for (std::size_t d = 0; d < devices_.size(); ++d) {
      devices_[d].first_slot = slots;
      slots += at(problem_.slots[d]);
    }
    slot_free_.resize(slots);
    const auto requests = at(problem_.workload.requests);
    tally_.completions.reserve(requests);
    tally_.latencies.reserve(requests);
    tally_.sorted.reserve(requests);
    done_.reserve(requests);
  }

  using BatchScoring::score;
  models::Score score(const models::Plan& plan) override {
    graph_.build(plan);
    tally_.reset(problem_);
    std::fill(channel_free_.begin(), channel_free_.end(), 0);
    std::fill(slot_free_.begin(), slot_free_.end(), 0);
    for (auto& each : devices_) each.last_start = 0, each.last = TaskGraph::no_precision;
    ends_.resize(graph_.tasks().size());
    done_.clear();
    for (std::int64_t r = 0; r < problem_.workload.requests; ++r) execute(r);
    return make_score(graph_, plan, tally_);
  }

 private:
  struct DeviceState {
    std::size_t first_slot = 0;
    std::int64_t last_start = 0;
    std::uint8_t last = TaskGraph::no_precision;
  };

  std::int64_t arrival_of(std::int64_t request) const {
    if (!problem_.arrivals.empty()) return problem_.arrivals[at(request)].count();
    const auto before = request - problem_.workload.in_flight;
    return before < 0 ? 0 : done_[at(before)];
  }

  void execute(std::int64_t request) {
    const auto arrival = arrival_of(request);
    if (request == 0) tally_.first_arrival = arrival;
    // Admitted in order of arrival; `done_` is sorted, so this is when enough have completed.
    const auto before = request - graph_.admission_limit();
    const auto admitted = before < 0 ? arrival : std::max(arrival, done_[at(before)]);

    if (problem_.workload.jitter > 0)
      pass<true>(request, admitted);
    else
      pass<false>(request, admitted);

    std::int64_t completed = admitted;
    for (const auto final : graph_.finals()) completed = std::max(completed, ends_[at(final)]);
    tally_.completions.push_back(completed);
    tally_.latencies.push_back(completed - arrival);
    tally_.last_event = std::max(tally_.last_event, completed);
    if (done_.empty() || done_.back() <= completed)
      done_.push_back(completed);
    else
      done_.insert(std::ranges::upper_bound(done_, completed), completed);
  }

  template <bool jitter>
  void pass(std::int64_t request, std::int64_t admitted) {
    const auto tasks = graph_.tasks();
    const auto* const deps = graph_.deps().data();
    auto* const ends = ends_.data();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const auto& task = tasks[i];
      std::int64_t ready = admitted;
      for (auto k = task.first_dep; k < tasks.data()[i + 1].first_dep; ++k)  // behind the last: end mark
        ready = std::max(ready, ends[deps[k]]);
      auto duration = task.duration;
      if constexpr (jitter)
        duration = models::jittered(duration, problem_.workload, request,
                                    static_cast<std::int64_t>(i));
      ends[i] = task.kind == TaskGraph::Kind::transfer ? send(task, ready, duration)
                                                       : run(task, ready, duration);
    }
  }

  std::int64_t run(const TaskGraph::Task& task, std::int64_t ready, std::int64_t duration) {
    const auto d = at(task.device);
    auto& device = devices_[d];
    auto* const first = slot_free_.data() + device.first_slot;
    auto* const slot = problem_.slots[d] == 1 ? first : std::min_element(first, first + problem_.slots[d]);
    const auto start = std::max({ready, *slot, device.last_start});
    device.last_start = start;
    if (task.precision != TaskGraph::no_precision) {
      if (device.last != task.precision && device.last != TaskGraph::no_precision) {
        duration += problem_.switch_time[d];
        ++tally_.switches[d];
      }
      device.last = task.precision;
    }
    tally_.device_busy[d] += duration;
    return *slot = start + duration;
  }

  std::int64_t send(const TaskGraph::Task& task, std::int64_t ready, std::int64_t duration) {
    auto start = ready;
    const auto route = graph_.route(task);
    for (const auto c : route) start = std::max(start, channel_free_[at(c)]);
    for (const auto c : route) {
      channel_free_[at(c)] = start + duration;
      tally_.channel_busy[at(c)] += duration;
    }
    return start + duration + problem_.route_latency[at(task.route)];
  }

  std::shared_ptr<const models::Problem> owned_;
  const models::Problem& problem_;
  TaskGraph graph_;
  Tally tally_;
  std::vector<std::int64_t> ends_;          ///< [task] of the request at hand
  std::vector<std::int64_t> channel_free_;  ///< [channel]
  std::vector<std::int64_t> slot_free_;     ///< slots of device 0, of device 1, ...
  std::vector<DeviceState> devices_;
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
