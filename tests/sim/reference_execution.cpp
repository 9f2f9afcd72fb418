#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "models/index.h"
#include "tests/sim/reference.h"
#include "tests/sim/reference_flows.h"
#include "tests/sim/reference_summary.h"

namespace reference {
namespace {

using models::at;
using models::Plan;
using models::Problem;
using models::Workload;
using Kind = models::Timeline::Kind;

constexpr auto never = std::numeric_limits<std::int64_t>::max();

/// Sections 3 to 5: what happens, instant by instant.
class Execution {
 public:
  Execution(const Problem& problem, const Plan& plan, const Lowered& lowered)
      : problem_(problem),
        strict_(plan.discipline == Plan::Discipline::strict),
        tasks_(lowered.tasks),
        lowered_(lowered),
        flows_(capacities(problem, plan)),
        channel_free_(at(problem.channels), true),
        last_format_(at(problem.devices), -1) {
    for (int d = 0; d < problem.devices; ++d) slots_.emplace_back(at(problem.slots[at(d)]), true);
    requests_.resize(at(problem.streams.front().workload().requests));
    for (std::size_t r = 0; r < requests_.size(); ++r) {
      requests_[r].steps.resize(tasks_.size());
      if (problem.streams.front().workload().arrivals != Workload::Arrivals::closed)
        requests_[r].arrival = problem.streams.front().arrivals[r].count();
      else if (static_cast<std::int64_t>(r) < problem.streams.front().workload().in_flight)
        requests_[r].arrival = 0;
    }
    now_ = requests_.front().arrival;
  }

  Happened happened() {
    while (now_ != never) {
      do {
        take_in();
        dispatch();
      } while (ends_at_present());
      const auto next = next_instant();
      if (next != never) account(next - now_);
      now_ = next;
    }
    return collected();
  }

 private:
  enum class State { waiting, ready, running, released, done };
  struct Step : Happened::Step {
    State state = State::waiting;
    bool flowing = false;  ///< a fair transfer after its latency
  };
  struct Request {
    std::int64_t arrival = never;
    std::int64_t admitted = never;
    std::int64_t completed = never;
    std::set<Version> present;
    std::vector<Step> steps;
    bool active() const { return admitted != never && completed == never; }
  };

  static std::vector<long double> capacities(const Problem& problem, const Plan& plan) {
    std::vector<long double> result;
    for (const int link : problem.channel_link)
      result.push_back(
          static_cast<long double>(problem.lane_bandwidth[at(link)] * plan.lanes[at(link)]) *
          1e-12L);
    return result;
  }

  double jitter(int request, int task) const {
    return models::jitter_factor(problem_.streams.front().workload(), request, task);
  }
  /// Picoseconds, or bytes of a fair flow.
  std::int64_t jittered(std::int64_t amount, int request, int task) const {
    const auto exact = static_cast<double>(amount) * jitter(request, task);
    return static_cast<std::int64_t>(std::ceil(exact));
  }

  template <class Visit>
  void each_active(Visit visit) {
    for (std::size_t r = 0; r < requests_.size(); ++r) {
      if (!requests_[r].active()) continue;
      for (std::size_t t = 0; t < tasks_.size(); ++t)
        visit(static_cast<int>(r), static_cast<int>(t), requests_[r].steps[t]);
    }
  }

  // Taking in what ended.

  void take_in() {
    for (const auto& [r, t] : flows_.advance(static_cast<long double>(now_)))
      learn(requests_[at(r)].steps[at(t)], now_);
    each_active([&](int r, int t, Step& step) { end_step(r, t, step); });
    complete_requests();
    admit_requests();
    each_active([&](int r, int t, Step& step) {
      const auto& reads = tasks_[at(t)].reads;
      const auto& present = requests_[at(r)].present;
      if (step.state != State::waiting ||
          !std::all_of(reads.begin(), reads.end(), [&](auto& v) { return present.contains(v); }))
        return;
      step.state = State::ready;
      step.ready = now_;
    });
  }

  static void learn(Step& step, std::int64_t when) { step.released = step.end = when; }

  void end_step(int r, int t, Step& step) {
    const auto& task = tasks_[at(t)];
    if (step.flowing && step.start + task.latency == now_ && step.end == never &&
        !joined_.contains({r, t})) {
      joined_.insert({r, t});
      step.sent = jittered(task.bytes, r, t);
      flows_.add({r, t}, static_cast<long double>(step.sent), task.channels);
      for (const auto& [fr, ft] : flows_.advance(static_cast<long double>(now_)))
        learn(requests_[at(fr)].steps[at(ft)], now_);
    }
    if (step.state == State::running && step.released == now_) {
      step.state = State::released;
      if (task.kind != Kind::transfer)
        slots_[at(task.device)][at(step.slot)] = true;
      else if (!task.fair)
        for (const int c : task.channels) channel_free_[at(c)] = true;
    }
    if (step.state == State::released && step.end == now_) {
      step.state = State::done;
      requests_[at(r)].present.insert(task.makes.begin(), task.makes.end());
    }
  }

  void complete_requests() {
    for (auto& request : requests_) {
      const bool all = std::all_of(lowered_.outputs.begin(), lowered_.outputs.end(),
                                   [&](auto& v) { return request.present.contains(v); });
      if (!request.active() || !all) continue;
      request.completed = now_;
      const auto next = at(problem_.streams.front().workload().in_flight + completions_++);
      if (problem_.streams.front().workload().arrivals == Workload::Arrivals::closed &&
          next < requests_.size())
        requests_[next].arrival = now_;
    }
  }

  bool has_room() const {
    const auto admitted =
        std::count_if(requests_.begin(), requests_.end(), [](const auto& r) { return r.active(); });
    for (int d = 0; d < problem_.devices; ++d)
      if (lowered_.weights[at(d)] + (admitted + 1) * lowered_.per_request[at(d)] >
          problem_.capacity[at(d)])
        return false;
    return true;
  }

  void admit_requests() {
    for (auto& request : requests_) {
      if (request.admitted != never) continue;
      if (request.arrival > now_ || !has_room()) return;
      request.admitted = now_;
      request.present.insert(lowered_.inputs.begin(), lowered_.inputs.end());
      const auto active = std::count_if(requests_.begin(), requests_.end(),
                                        [](const auto& r) { return r.active(); });
      most_admitted_ = std::max<std::int64_t>(most_admitted_, active);
    }
  }

  // Starting what can start.

  void dispatch() {
    for (int d = 0; d < problem_.devices; ++d) dispatch_device(d);
    while (start_a_fifo_transfer()) {
    }
    each_active([&](int, int t, Step& step) {
      const auto& task = tasks_[at(t)];
      if (task.kind != Kind::transfer || !task.fair || step.state != State::ready) return;
      step.state = State::running;
      step.start = step.work = now_;
      step.flowing = true;
    });
  }

  void dispatch_device(int device) {
    for (;;) {
      auto& slots = slots_[at(device)];
      const auto slot = std::find(slots.begin(), slots.end(), true);
      if (slot == slots.end()) return;
      const auto [r, t] = next_on(device);
      if (r < 0) return;
      *slot = false;
      start_task(r, t, static_cast<int>(slot - slots.begin()));
    }
  }

  /// The task that a device may start now: (request, task), or -1.
  std::pair<int, int> next_on(int device) const {
    for (std::size_t r = 0; r < requests_.size(); ++r)
      for (std::size_t t = 0; t < tasks_.size(); ++t) {
        if (tasks_[t].kind == Kind::transfer || tasks_[t].device != device) continue;
        const auto state = requests_[r].steps[t].state;
        if (state == State::ready) return {static_cast<int>(r), static_cast<int>(t)};
        if (strict_ && state == State::waiting) return {-1, -1};
      }
    return {-1, -1};
  }

  void start_task(int r, int t, int slot) {
    const auto& task = tasks_[at(t)];
    auto& step = requests_[at(r)].steps[at(t)];
    step.state = State::running;
    step.slot = slot;
    step.start = step.work = now_;
    if (task.switches) {
      auto& last = last_format_[at(task.device)];
      if (last >= 0 && last != task.format) {
        step.work += problem_.switch_time[at(task.device)];
        step.switched = true;
      }
      last = task.format;
    }
    step.released = step.end = step.work + jittered(task.duration, r, t);
  }

  bool start_a_fifo_transfer() {
    for (std::size_t r = 0; r < requests_.size(); ++r)
      for (std::size_t t = 0; t < tasks_.size(); ++t) {
        if (requests_[r].steps[t].state != State::ready || !is_fifo(t)) continue;
        const auto& channels = tasks_[t].channels;
        if (!std::all_of(channels.begin(), channels.end(), [&](int c) {
              return channel_free_[at(c)] && first_on(c) == std::pair(r, t);
            }))
          continue;
        auto& step = requests_[r].steps[t];
        step.state = State::running;
        step.start = step.work = now_;
        step.released =
            now_ + jittered(tasks_[t].duration, static_cast<int>(r), static_cast<int>(t));
        step.end = step.released + tasks_[t].latency;
        for (const int c : channels) channel_free_[at(c)] = false;
        return true;
      }
    return false;
  }

  bool is_fifo(std::size_t t) const { return tasks_[t].kind == Kind::transfer && !tasks_[t].fair; }

  /// Whose turn it is on a channel.
  std::pair<std::size_t, std::size_t> first_on(int channel) const {
    std::pair<std::size_t, std::size_t> first(requests_.size(), 0);
    auto queued = never;
    for (std::size_t r = 0; r < requests_.size(); ++r)
      for (std::size_t t = 0; t < tasks_.size(); ++t) {
        const auto& task = tasks_[t];
        if (!is_fifo(t) || std::count(task.channels.begin(), task.channels.end(), channel) == 0)
          continue;
        const auto& step = requests_[r].steps[t];
        if (strict_ && step.state <= State::ready) return {r, t};
        if (step.state == State::ready && step.ready < queued) {
          queued = step.ready;
          first = {r, t};
        }
      }
    return first;
  }

  // Time.

  bool ends_at_present() {
    bool some = false;
    each_active([&](int r, int t, const Step& step) {
      some |= step.state == State::running && step.released == now_;
      some |= step.state == State::released && step.end == now_;
      some |=
          step.flowing && step.start + tasks_[at(t)].latency == now_ && !joined_.contains({r, t});
    });
    return some;
  }

  std::int64_t next_instant() {
    auto next = never;
    const auto consider = [&](std::int64_t when) {
      if (when > now_) next = std::min(next, when);
    };
    for (const auto& request : requests_) consider(request.arrival);
    each_active([&](int r, int t, const Step& step) {
      if (step.state == State::running) consider(step.released);
      if (step.state == State::released) consider(step.end);
      if (step.flowing && !joined_.contains({r, t})) consider(step.start + tasks_[at(t)].latency);
    });
    if (!flows_.empty())
      consider(std::max(now_ + 1,
                        static_cast<std::int64_t>(std::ceil(flows_.next_end() - Flows::margin))));
    return next == never || is_over() ? never : next;
  }

  bool is_over() const {
    return std::all_of(requests_.begin(), requests_.end(),
                       [](const auto& r) { return r.completed != never; });
  }

  /// Free slots of every device: what they do until the next instant.
  void account(std::int64_t span) {
    free_.resize(at(problem_.devices));
    const bool queue = std::any_of(requests_.begin(), requests_.end(), [&](const auto& r) {
      return r.arrival <= now_ && r.admitted == never;
    });
    for (int d = 0; d < problem_.devices; ++d) {
      const auto& slots = slots_[at(d)];
      const auto sum = span * std::count(slots.begin(), slots.end(), true);
      bool has_tasks = false, has_work = false;
      for (std::size_t t = 0; t < tasks_.size(); ++t) {
        if (tasks_[t].kind == Kind::transfer || tasks_[t].device != d) continue;
        has_tasks = true;
        for (const auto& r : requests_) has_work |= r.active() && r.steps[t].state < State::running;
      }
      auto& part = has_work             ? free_[at(d)].wait_input
                   : has_tasks && queue ? free_[at(d)].wait_memory
                                        : free_[at(d)].idle;
      part += sum;
    }
  }

  Happened collected() {
    free_.resize(at(problem_.devices));
    Happened result;
    result.free = free_;
    result.most_admitted = most_admitted_;
    for (auto& request : requests_) {
      result.requests.push_back({request.arrival, request.admitted, request.completed});
      result.steps.emplace_back(request.steps.begin(), request.steps.end());
    }
    return result;
  }

  const Problem& problem_;
  bool strict_;
  const std::vector<Task>& tasks_;
  const Lowered& lowered_;
  std::vector<Request> requests_;
  Flows flows_;
  std::set<Flows::Id> joined_;
  std::vector<std::vector<bool>> slots_;  ///< [device][slot] is free
  std::vector<bool> channel_free_;
  std::vector<int> last_format_;  ///< [device]
  std::vector<models::SlotTime> free_;
  std::int64_t completions_ = 0;
  std::int64_t most_admitted_ = 0;
  std::int64_t now_ = 0;
};

}  // namespace

models::Outcome execute(const Problem& problem, const Plan& plan) {
  const auto lowered = lower(problem, plan);
  if (!lowered.supported || lowered.memory_over > 0) return infeasible(lowered);
  return summary(problem, plan, lowered, Execution(problem, plan, lowered).happened());
}

}  // namespace reference
