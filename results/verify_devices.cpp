#include <algorithm>
#include <queue>
#include <set>
#include <tuple>
#include <utility>

#include "models/units.h"
#include "results/verify_checks.h"

namespace results {
namespace {

using models::Timeline;
using Records = std::vector<const Timeline::Record*>;
using Heap = std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>>;

/// One device and what it executed, in the order of starts.
class DeviceCheck {
 public:
  DeviceCheck(const Execution& execution, std::size_t device, Records records, Findings& findings)
      : execution_(execution),
        number_(static_cast<int>(device)),
        device_(execution.timeline.devices[device]),
        records_(std::move(records)),
        findings_(findings),
        where_("device '" + device_.name + "'") {}

  void run() const {
    check_slots();
    check_switching();
    check_starts();
    if (!execution_.timeline.strict)
      check_ready_order();
    else if (execution_.timeline.streams.size() > 1)
      check_networks();
  }

 private:
  void check_slots() const {
    Records by_slot = records_;
    std::stable_sort(by_slot.begin(), by_slot.end(), [](const auto* a, const auto* b) {
      return std::tuple(a->slot, a->start, a->released) <
             std::tuple(b->slot, b->start, b->released);
    });
    const Timeline::Record* last = nullptr;
    for (const auto* record : by_slot) {
      if (record->slot < 0 || record->slot >= device_.slots) {
        findings_.add("slots", where_, record->start,
                      execution_.name(*record) + " runs in slot " + std::to_string(record->slot) +
                          " of " + std::to_string(device_.slots));
      } else if (last && last->slot == record->slot && record->start < last->released) {
        findings_.add("slots", where_, record->start,
                      execution_.name(*record) + " starts in the slot of " +
                          execution_.name(*last) + ", which runs until " + instant(last->released));
      }
      last = record;
    }
  }

  void check_switching() const {
    const Timeline::Record* last = nullptr;
    for (const auto* record : records_) {
      const auto& task = execution_.task(*record);
      const bool pays = task.switches && last && execution_.task(*last).format != task.format;
      if (execution_.platform.changes()) {
        check_amount(*record, pays);
        if (task.switches) last = record;
        continue;
      }
      const auto expected = pays ? device_.switch_time : 0;
      if (record->work - record->start != expected) {
        findings_.add("switching", where_, record->start,
                      execution_.name(*record) + " pays " + instant(record->work - record->start) +
                          " instead of " + instant(expected) + " for switching from " +
                          (last ? execution_.task(*last).format : "nothing") + " to " +
                          task.format);
      }
      if (task.switches) last = record;
    }
  }

  /// At the speeds that the device had: ends are rounded up to whole picoseconds.
  void check_amount(const Timeline::Record& record, bool pays) const {
    const auto asked = static_cast<double>(execution_.asked(record, execution_.duration(record)) +
                                           (pays ? device_.switch_time : 0));
    const auto& platform = execution_.platform;
    const double slack = asked * 1e-9 + 0.01 * (1 + platform.pace(number_, record.released));
    const double done = platform.work(number_, record.start, record.released);
    const double before = platform.work(number_, record.start, record.released - 1);
    if (before > asked + slack || (!record.lost && done < asked - slack))
      findings_.add("work", where_, record.start,
                    execution_.name(record) + " does " + models::shortest(done) +
                        " ps of work at full speed instead of " + models::shortest(asked));
    if (!pays && record.work != record.start)
      findings_.add("switching", where_, record.start,
                    execution_.name(record) + " pays for a switch that it does not make");
  }

  /// Strict order within every network, and that nobody waits beside a free slot.
  void check_starts() const {
    const bool strict = execution_.timeline.strict;
    Heap free;
    for (int slot = 0; slot < device_.slots; ++slot) {
      free.push(std::numeric_limits<std::int64_t>::min());
    }
    Records last(execution_.timeline.streams.size());
    Records last_first(last.size());  // first attempts only
    for (const auto* record : records_) {
      const auto stream = static_cast<std::size_t>(execution_.task(*record).stream);
      auto earliest = std::max(execution_.waits_since(*record), free.top());
      // Under `ready` whoever started before started while this one waited: all slots were taken
      // until the first of them was free again.
      if (strict && last[stream]) earliest = std::max(earliest, last[stream]->start);
      if (strict && !execution_.again(*record)) {
        const auto* one = std::exchange(last_first[stream], record);
        if (one && execution_.before(*record, *one))
          findings_.add("order", where_, record->start,
                        execution_.name(*record) + " starts after " + execution_.name(*one));
      }
      earliest = execution_.platform.device_up(number_, earliest);
      if (record->start > earliest) {
        findings_.add("waiting", where_, record->start,
                      execution_.name(*record) + " could have started at " + instant(earliest));
      }
      free.pop();
      free.push(record->released);
      last[stream] = record;
    }
  }

  /// Strict, several networks: of those whose turn has come in their own, the first by priority.
  void check_networks() const {
    std::vector<Records> queue(execution_.timeline.streams.size());
    for (const auto* record : records_)
      queue[static_cast<std::size_t>(execution_.task(*record).stream)].push_back(record);
    std::vector<std::size_t> next(queue.size());
    for (const auto* record : records_) {
      ++next[static_cast<std::size_t>(execution_.task(*record).stream)];
      for (std::size_t s = 0; s < queue.size(); ++s) {
        if (next[s] == queue[s].size()) continue;
        const auto* other = queue[s][next[s]];
        auto turn = execution_.waits_since(*other);
        if (next[s] > 0) turn = std::max(turn, queue[s][next[s] - 1]->start);
        if (turn >= record->start || !execution_.before(*other, *record)) continue;
        findings_.add("order", where_, record->start,
                      execution_.name(*record) + " starts before " + execution_.name(*other) +
                          ", whose turn has come at " + instant(turn));
      }
    }
  }

  /// Whoever starts is the first, by (request, position), of those that are ready.
  void check_ready_order() const {
    Records by_ready = records_;
    std::stable_sort(by_ready.begin(), by_ready.end(), [&](const auto* a, const auto* b) {
      return execution_.waits_since(*a) < execution_.waits_since(*b);
    });
    const auto less = [&](const auto* a, const auto* b) { return execution_.before(*a, *b); };
    std::set<const Timeline::Record*, decltype(less)> waiting(less);
    std::size_t next = 0;
    for (const auto* record : records_) {
      for (; next < by_ready.size() && execution_.waits_since(*by_ready[next]) <= record->start;
           ++next) {
        waiting.insert(by_ready[next]);
      }
      check_first(*record, waiting);
      waiting.erase(record);
    }
  }

  template <class Waiting>
  void check_first(const Timeline::Record& record, const Waiting& waiting) const {
    for (const auto* other : waiting) {
      if (!execution_.before(*other, record)) return;
      // What became ready in a later round of the same instant came too late.
      const auto since = execution_.waits_since(*other);
      if (since == record.start && !execution_.ready_at_once(*other)) continue;
      findings_.add("order", where_, record.start,
                    execution_.name(record) + " starts before " + execution_.name(*other) +
                        ", which is ready since " + instant(since));
      return;
    }
  }

  const Execution& execution_;
  int number_;
  const Timeline::Device& device_;
  Records records_;
  Findings& findings_;
  std::string where_;
};

/// Whether, on one channel, `record` should have gone before `last`, which did. Under `strict`
/// first attempts of one network (`last` is one) keep their order; under `ready` all are queued
/// when they become ready.
bool is_late(const Execution& execution, const Timeline::Record& record,
             const Timeline::Record& last) {
  if (execution.timeline.strict) return !execution.again(record) && execution.before(record, last);
  if (record.ready > last.ready) return false;
  if (record.ready == last.ready && !execution.before(record, last)) return false;
  const auto since = execution.waits_since(record);
  return since < last.start || (since == last.start && execution.ready_at_once(record));
}

/// One fifo channel and what it carried, in the order of starts.
void check_channel(const Execution& execution, const Timeline::Channel& channel,
                   const Records& records, Findings& findings) {
  const std::string where = "link '" + channel.name + "'";
  const bool strict = execution.timeline.strict;
  Records before(execution.timeline.streams.size());  // strict: of each network, first attempts
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& record = *records[i];
    const auto duration = execution.duration(record), bytes = execution.bytes(record);
    const double held = static_cast<double>(duration) * 1e-12;
    const double carried = held * channel.bandwidth * (1 + 1e-9) + channel.bandwidth * 1e-12;
    if (static_cast<double>(bytes) > carried) {
      findings.add("capacity", where, record.start,
                   execution.name(record) + " sends " + std::to_string(bytes) + " B in " +
                       instant(duration) + ", faster than the link");
    }
    const auto* rival = i == 0 ? nullptr : records[i - 1];
    auto& own = before[static_cast<std::size_t>(execution.task(record).stream)];
    if (strict) rival = own;
    if (rival && is_late(execution, record, *rival)) {
      findings.add("order", where, record.start,
                   execution.name(record) + " is sent after " + execution.name(*rival));
    }
    if (!execution.again(record)) own = &record;
    if (i == 0) continue;
    const auto& last = *records[i - 1];
    if (record.start < last.released) {
      findings.add("capacity", where, record.start,
                   execution.name(record) + " is sent while " + execution.name(last) +
                       " holds the link until " + instant(last.released));
    }
  }
}

}  // namespace

void check_devices(const Execution& execution, Findings& findings) {
  const auto& timeline = execution.timeline;
  std::vector<Records> by_device(timeline.devices.size());
  for (const auto& record : timeline.records) {
    const auto& task = execution.task(record);
    if (task.kind == Timeline::Kind::transfer) continue;
    by_device[static_cast<std::size_t>(task.device)].push_back(&record);
  }
  for (std::size_t d = 0; d < by_device.size(); ++d) {
    DeviceCheck(execution, d, std::move(by_device[d]), findings).run();
  }
}

void check_fifo(const Execution& execution, Findings& findings) {
  const auto& timeline = execution.timeline;
  std::vector<Records> by_channel(timeline.channels.size());
  for (const auto& record : timeline.records) {
    const auto& task = execution.task(record);
    if (task.kind != Timeline::Kind::transfer || execution.is_fair(task)) continue;
    std::int64_t earliest = execution.waits_since(record);
    for (const int channel : task.channels) {
      auto& sent = by_channel[static_cast<std::size_t>(channel)];
      if (!sent.empty()) earliest = std::max(earliest, sent.back()->released);
      sent.push_back(&record);
    }
    earliest = execution.platform.links_up(task, earliest);
    if (record.start > earliest && !execution.is_limited(task)) {
      findings.add("waiting", execution.name(record), record.start,
                   "it could have been sent at " + instant(earliest));
    }
  }
  for (std::size_t c = 0; c < by_channel.size(); ++c) {
    check_channel(execution, timeline.channels[c], by_channel[c], findings);
  }
}

}  // namespace results
