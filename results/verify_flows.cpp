#include <algorithm>
#include <cmath>

#include "results/verify_checks.h"

namespace results {
namespace {

using models::Timeline;

/// Relative differences that rounding may make.
constexpr double rounding = 1e-9;
constexpr double fair_rounding = 1e-6;
/// Picoseconds: ends that are so near to a whole picosecond count as being there, so changes so
/// near to each other are of one instant.
constexpr double margin = 2e-3;

struct Flow {
  const Timeline::Record* record = nullptr;
  std::int32_t before = -1;  ///< the attempt before it
  double rate = 0;           ///< bytes per picosecond
  double sent = 0;           ///< bytes
  double fastest = 0;
  std::int64_t when = 0;
  double fraction = 0;
  bool started = false;
  bool ended = false;
};

/// Replays the fair flows, one change of rates after the other.
class Replay {
 public:
  Replay(const Execution& execution, Findings& findings)
      : execution_(execution),
        findings_(findings),
        on_channel_(execution.timeline.channels.size()) {
    const auto& timeline = execution.timeline;
    flow_of_.assign(timeline.tasks.size() * timeline.requests.size(), -1);
    for (const auto& record : timeline.records) {
      if (!execution.is_fair(execution.task(record))) continue;
      auto& newest = flow_of_[execution.place(record.request, record.task)];
      flows_.push_back({});
      flows_.back().record = &record;
      flows_.back().before = newest;
      newest = static_cast<std::int32_t>(flows_.size()) - 1;
    }
  }

  void run() {
    const auto& rates = execution_.timeline.rates;
    for (std::size_t i = 0; i < rates.size();) {
      std::vector<int> touched;
      do {
        change(rates[i], touched);
        ++i;
      } while (i < rates.size() && std::abs(between(rates[i - 1], rates[i])) <= margin);
      std::sort(touched.begin(), touched.end());
      touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
      const auto now = rates[i - 1].when;
      for (const int channel : touched) check_channel(channel, now);
      if (i < rates.size() && between(rates[i - 1], rates[i]) < 0) {
        findings_.add("shape", "the rates", rates[i].when, "they are not in order of time");
      }
    }
    for (const auto& flow : flows_) check_end(flow);
  }

 private:
  /// Picoseconds.
  static double between(const Timeline::Rate& from, const Timeline::Rate& to) {
    return static_cast<double>(to.when - from.when) + (to.fraction - from.fraction);
  }
  /// The attempt that a rate is of: the latest that may flow then. -1: none.
  std::int32_t attempt(const Timeline::Rate& rate) const {
    auto index = flow_of_[execution_.place(rate.request, rate.task)];
    while (index >= 0) {
      const auto& flow = flows_[static_cast<std::size_t>(index)];
      if (flow.before < 0 || flow.record->start + task(flow).latency < rate.when) break;
      const auto& older = flows_[static_cast<std::size_t>(flow.before)];
      const bool over =
          older.ended || (!older.started && older.record->lost &&
                          older.record->released <= rate.when);  // lost before it flowed
      if (flow.record->start + task(flow).latency == rate.when && over) break;
      index = flow.before;
    }
    return index;
  }
  const Timeline::Task& task(const Flow& flow) const { return execution_.task(*flow.record); }

  void change(const Timeline::Rate& rate, std::vector<int>& touched) {
    const auto index = attempt(rate);
    if (index < 0) {
      findings_.add("shape", "the rates", rate.when,
                    "a rate is of a task that is no fair transfer");
      return;
    }
    auto& flow = flows_[static_cast<std::size_t>(index)];
    const auto& channels = task(flow).channels;
    if (flow.ended) {
      findings_.add("work", execution_.name(*flow.record), rate.when, "it flows after its end");
      return;
    }
    if (!flow.started) {
      check_start(flow, rate);
      for (const int c : channels) on_channel_[static_cast<std::size_t>(c)].push_back(index);
    }
    flow.sent +=
        flow.rate * (static_cast<double>(rate.when - flow.when) + (rate.fraction - flow.fraction));
    flow.when = rate.when;
    flow.fraction = rate.fraction;
    flow.rate = rate.bytes_per_second * 1e-12;
    flow.fastest = std::max(flow.fastest, flow.rate);
    // One that a failure stops at the instant at which it would begin to flow has this rate only.
    const bool never = flow.record->lost && flow.record->released == rate.when;
    flow.ended = (flow.started || never) && rate.bytes_per_second == 0 && is_end(flow, rate);
    flow.started = true;
    touched.insert(touched.end(), channels.begin(), channels.end());
    if (!flow.ended) return;
    for (const int c : channels) std::erase(on_channel_[static_cast<std::size_t>(c)], index);
  }

  /// A rate of 0 ends a flow, or makes it stand still while a link carries nothing.
  bool is_end(const Flow& flow, const Timeline::Rate& rate) const {
    return !execution_.platform.changes() || flow.record->released - rate.when <= 1;
  }

  void check_start(Flow& flow, const Timeline::Rate& rate) {
    flow.when = rate.when;
    flow.fraction = rate.fraction;
    const auto expected = flow.record->start + task(flow).latency;
    if (rate.when == expected && rate.fraction == 0) return;
    findings_.add("latency", execution_.name(*flow.record), rate.when,
                  "it starts to flow then instead of at " + instant(expected));
  }

  double carried(int channel) const {
    double sum = 0;
    for (const auto f : on_channel_[static_cast<std::size_t>(channel)]) {
      sum += flows_[static_cast<std::size_t>(f)].rate;
    }
    return sum;
  }
  double bandwidth(int channel, std::int64_t when) const {
    return execution_.platform.bandwidth(channel, when) * 1e-12;
  }

  void check_channel(int channel, std::int64_t when) {
    const auto& about = execution_.timeline.channels[static_cast<std::size_t>(channel)];
    if (carried(channel) > bandwidth(channel, when) * (1 + rounding)) {
      findings_.add("capacity", "link '" + about.name + "'", when,
                    "flows of " + std::to_string(carried(channel) * 1e12) + " B/s share " +
                        std::to_string(bandwidth(channel, when) * 1e12) + " B/s");
    }
    for (const auto f : on_channel_[static_cast<std::size_t>(channel)]) {
      check_fair(flows_[static_cast<std::size_t>(f)], when);
    }
  }

  /// Max-min: some channel on its way is full, and nobody flows faster there.
  void check_fair(const Flow& flow, std::int64_t when) {
    for (const int c : task(flow).channels) {
      if (carried(c) < bandwidth(c, when) * (1 - fair_rounding)) continue;
      double fastest = 0;
      for (const auto f : on_channel_[static_cast<std::size_t>(c)]) {
        fastest = std::max(fastest, flows_[static_cast<std::size_t>(f)].rate);
      }
      if (flow.rate >= fastest * (1 - fair_rounding)) return;
    }
    findings_.add("fairness", execution_.name(*flow.record), when,
                  "it flows with " + std::to_string(flow.rate * 1e12) +
                      " B/s and could flow faster at the cost of nobody slower");
  }

  void check_lost(const Flow& flow) {
    const auto asked =
        static_cast<double>(execution_.asked(*flow.record, execution_.bytes(*flow.record)));
    if (flow.sent <= asked * (1 + rounding) + flow.fastest * 0.01) return;
    findings_.add("work", execution_.name(*flow.record), flow.when,
                  "a lost attempt sent more than all of it");
  }

  void check_end(const Flow& flow) {
    const auto& record = *flow.record;
    const std::string name = execution_.name(record);
    const auto earliest = execution_.platform.links_up(task(flow), execution_.waits_since(record));
    if (record.start < earliest ||
        (record.start > earliest && !execution_.is_limited(task(flow)))) {
      findings_.add("waiting", name, record.start, "it could have started at " + instant(earliest));
    }
    if (record.lost) return check_lost(flow);
    if (!flow.ended) {
      findings_.add("work", name, record.start, "it never flows to its end");
      return;
    }
    const auto asked = static_cast<double>(execution_.asked(record, execution_.bytes(record)));
    // Ends are known to a fraction of a picosecond.
    if (std::abs(flow.sent - asked) > asked * rounding + flow.fastest * 0.01) {
      findings_.add("work", name, flow.when,
                    std::to_string(flow.sent) + " B of " + std::to_string(asked) + " B were sent");
    }
    const auto late = record.end - flow.when;
    const bool near = late == 1 ? flow.fraction > 0 : late == 0 && flow.fraction <= margin;
    if (!near || record.released != record.end) {
      findings_.add("latency", name, record.end,
                    "its last byte arrived at " + instant(flow.when) + " and " +
                        std::to_string(flow.fraction) + " ps");
    }
  }

  const Execution& execution_;
  Findings& findings_;
  std::vector<Flow> flows_;
  std::vector<std::int32_t> flow_of_;  ///< [request * tasks + task] newest attempt; -1: no flow
  std::vector<std::vector<std::int32_t>> on_channel_;  ///< flows under way
};

}  // namespace

void check_flows(const Execution& execution, Findings& findings) {
  Replay(execution, findings).run();
}

}  // namespace results
