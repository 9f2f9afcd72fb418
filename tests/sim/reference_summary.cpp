#include "tests/sim/reference_summary.h"

#include <algorithm>
#include <numeric>

#include "models/index.h"

namespace reference {
namespace {

using models::at;
using models::Plan;
using models::Problem;
using Kind = models::Timeline::Kind;

/// One summary in the making.
class Summary {
 public:
  Summary(const Problem& problem, const Plan& plan, const Lowered& lowered,
          const Happened& happened)
      : problem_(problem), plan_(plan), lowered_(lowered), happened_(happened) {
    requests_ = static_cast<std::int64_t>(happened.requests.size());
    for (const auto& request : happened.requests) last_ = std::max(last_, request.completed);
    makespan_ = last_ - happened.requests.front().arrival;
  }

  models::Outcome outcome() {
    out_.score.requests = requests_;
    out_.score.makespan = models::Time(makespan_);
    add_latencies();
    add_devices();
    add_channels();
    add_loads();
    add_tasks();
    out_.score.energy_joules = out_.energy.total() / static_cast<double>(requests_);
    return std::move(out_);
  }

 private:
  template <class Visit>
  void each_step(Visit visit) const {
    for (const auto& steps : happened_.steps)
      for (std::size_t t = 0; t < steps.size(); ++t) visit(lowered_.tasks[t], steps[t]);
  }

  void add_latencies() {
    std::vector<std::int64_t> completions;
    for (const auto& request : happened_.requests) {
      out_.latencies.push_back(request.completed - request.arrival);
      completions.push_back(request.completed);
    }
    auto sorted = out_.latencies;
    std::sort(sorted.begin(), sorted.end());
    std::sort(completions.begin(), completions.end());
    auto& score = out_.score;
    const auto sum = std::accumulate(sorted.begin(), sorted.end(), std::int64_t{0});
    score.latency_mean = models::Time(sum / requests_);
    // Nearest rank: the smallest value with at least so many per cent at or below it.
    const auto percentile = [&](std::int64_t percent) {
      std::int64_t rank = 1;
      while (rank * 100 < percent * requests_) ++rank;
      return models::Time(sorted[at(rank - 1)]);
    };
    score.latency_p50 = percentile(50);
    score.latency_p95 = percentile(95);
    score.latency_p99 = percentile(99);
    const auto n = requests_, m = n / 2;
    score.period_seconds =
        n >= 4 ? static_cast<double>(completions[at(n - 1)] - completions[at(m - 1)]) * 1e-12 /
                     static_cast<double>(n - m)
               : static_cast<double>(makespan_) * 1e-12 / static_cast<double>(n);
  }

  void add_devices() {
    for (int d = 0; d < problem_.devices; ++d) {
      models::DeviceUse use;
      use.name = problem_.device_name(d);
      use.time = happened_.free[at(d)];
      double convert = 0, compute = 0, switching = 0;
      each_step([&](const Task& task, const Happened::Step& step) {
        if (task.kind == Kind::transfer || task.device != d) return;
        const bool is_compute = task.kind == Kind::compute;
        (is_compute ? use.time.compute : use.time.convert) += step.end - step.work;
        (is_compute ? compute : convert) += task.joules;
        use.time.switching += step.work - step.start;
        if (step.switched) switching += problem_.switch_energy[at(d)];
      });
      const auto busy = use.time.compute + use.time.convert + use.time.switching;
      const double powered = problem_.device_gated[at(d)]
                                 ? static_cast<double>(busy) / problem_.slots[at(d)]
                                 : static_cast<double>(makespan_);
      const double idle = problem_.static_power[at(d)] * powered * 1e-12;
      out_.energy.compute += compute;
      out_.energy.convert += convert;
      out_.energy.switching += switching;
      out_.energy.static_devices += idle;
      use.joules = compute + convert + switching + idle;
      use.capacity = problem_.capacity[at(d)];
      use.weights = lowered_.weights[at(d)];
      use.per_request = lowered_.per_request[at(d)];
      use.observed_peak = use.weights + happened_.most_admitted * use.per_request;
      out_.score.memory_bytes = std::max(out_.score.memory_bytes, use.weights + use.per_request);
      out_.devices.push_back(use);
    }
  }

  void add_channels() {
    for (int c = 0; c < problem_.channels; ++c) {
      const int link = problem_.channel_link[at(c)];
      models::ChannelUse use;
      use.name = problem_.channel_name(c);
      each_step([&](const Task& task, const Happened::Step& step) {
        if (std::count(task.channels.begin(), task.channels.end(), c) == 0) return;
        use.bytes += task.bytes;
        use.busy += task.fair ? fair_time(step.sent, link) : step.released - step.start;
      });
      if (makespan_ > 0)
        use.utilisation = static_cast<double>(use.busy) / static_cast<double>(makespan_);
      out_.channels.push_back(use);
    }
    each_step([&](const Task& task, const Happened::Step&) {
      if (task.kind == Kind::transfer) out_.energy.transfer += task.joules;
    });
    for (int l = 0; l < problem_.links; ++l)
      out_.energy.static_links +=
          problem_.lane_power[at(l)] * plan_.lanes[at(l)] * powered(l) * 1e-12;
  }

  /// How long a fair flow would take with the link to itself, rounded down: a lower bound.
  std::int64_t fair_time(std::int64_t bytes, int link) const {
    const double bandwidth = problem_.lane_bandwidth[at(link)] * plan_.lanes[at(link)];
    return static_cast<std::int64_t>(static_cast<double>(bytes) / bandwidth * 1e12);
  }

  /// How long the lanes of a link draw power. Each direction is half of what draws it.
  double powered(int link) const {
    if (!problem_.link_gated[at(link)]) return static_cast<double>(makespan_);
    double busy = 0, directions = 0;
    for (int c = 0; c < problem_.channels; ++c)
      if (problem_.channel_link[at(c)] == link) {
        busy += static_cast<double>(out_.channels[at(c)].busy);
        ++directions;
      }
    return busy / directions;
  }

  void add_loads() {
    std::vector<double> loads;
    std::int64_t bound = 0;
    for (int d = 0; d < problem_.devices; ++d) {
      std::int64_t load = 0;
      int last = -1;
      for (const auto& task : lowered_.tasks) {
        if (task.kind == Kind::transfer || task.device != d) continue;
        load += task.duration;
        if (!task.switches) continue;
        if (plan_.discipline == Plan::Discipline::strict && last >= 0 && last != task.format)
          load += problem_.switch_time[at(d)];
        last = task.format;
      }
      load /= problem_.slots[at(d)];
      out_.devices[at(d)].load = load;
      loads.push_back(static_cast<double>(load));
      bound = std::max(bound, load);
    }
    for (int c = 0; c < problem_.channels; ++c) bound = std::max(bound, channel_load(c));
    out_.score.period_bound = models::Time(bound);
    const double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
    if (sum > 0)
      out_.score.load_balance =
          *std::max_element(loads.begin(), loads.end()) / (sum / static_cast<double>(loads.size()));
    for (const auto& task : lowered_.tasks) out_.score.transferred_bytes += task.bytes;
  }

  std::int64_t channel_load(int channel) const {
    std::int64_t sum = 0;
    for (const auto& task : lowered_.tasks)
      if (std::count(task.channels.begin(), task.channels.end(), channel) > 0)
        sum +=
            task.fair ? fair_time(task.bytes, problem_.channel_link[at(channel)]) : task.duration;
    return sum;
  }

  std::string format_name(int format) const { return models::name_of(problem_.format[at(format)]); }

  void add_tasks() {
    auto& timeline = out_.timeline;
    timeline.strict = plan_.discipline == Plan::Discipline::strict;
    for (const auto& use : out_.devices) timeline.devices.push_back({.name = use.name});
    for (const auto& task : lowered_.tasks) {
      models::Timeline::Task named;
      named.kind = task.kind;
      named.name =
          task.op >= 0 ? problem_.operator_name(task.op) : problem_.tensor_name(task.tensor);
      named.format = task.from >= 0 ? format_name(task.from) + ">" + format_name(task.format)
                                    : format_name(task.format);
      named.device = task.device;
      named.target = task.target;
      named.channels = task.channels;
      named.duration = task.duration;
      named.latency = task.latency;
      named.bytes = task.bytes;
      named.switches = task.switches;
      timeline.tasks.push_back(named);
    }
    for (std::size_t r = 0; r < happened_.steps.size(); ++r)
      for (std::size_t t = 0; t < happened_.steps[r].size(); ++t) {
        const auto& step = happened_.steps[r][t];
        timeline.records.push_back({static_cast<std::int32_t>(r), static_cast<std::int32_t>(t),
                                    step.slot, step.ready, step.start, step.work, step.released,
                                    step.end});
      }
    timeline.requests = happened_.requests;
  }

  const Problem& problem_;
  const Plan& plan_;
  const Lowered& lowered_;
  const Happened& happened_;
  models::Outcome out_;
  std::int64_t requests_ = 0;
  std::int64_t last_ = 0;
  std::int64_t makespan_ = 0;
};

}  // namespace

models::Outcome summary(const Problem& problem, const Plan& plan, const Lowered& lowered,
                        const Happened& happened) {
  return Summary(problem, plan, lowered, happened).outcome();
}

models::Outcome infeasible(const Lowered& lowered) {
  models::Outcome out;
  out.score.supported = lowered.supported;
  out.score.memory_over = lowered.memory_over;
  out.infeasible = "infeasible";
  return out;
}

std::string key_of(const models::Timeline& timeline, const models::Timeline::Task& task) {
  static const char* const words[] = {"compute ", "convert ", "transfer "};
  const auto device = [&](int d) { return timeline.devices.at(at(d)).name; };
  std::string key = words[static_cast<int>(task.kind)] + task.name;
  if (task.kind == Kind::convert) key += " " + task.format;
  key += " on " + device(task.device);
  if (task.kind == Kind::transfer) key += " to " + device(task.target);
  return key;
}

}  // namespace reference
