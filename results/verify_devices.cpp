#include <algorithm>
#include <queue>
#include <set>
#include <tuple>

#include "results/verify_checks.h"

namespace results {
namespace {

using models::Timeline;
using Records = std::vector<const Timeline::Record*>;
using Heap = std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>>;

bool before(const Timeline::Record& a, const Timeline::Record& b) {
  return std::pair(a.request, a.task) < std::pair(b.request, b.task);
}

/// One device and what it executed, in the order of starts.
class DeviceCheck {
 public:
  DeviceCheck(const Execution& execution, const Timeline::Device& device, Records records,
              Findings& findings)
      : execution_(execution),
        device_(device),
        records_(std::move(records)),
        findings_(findings),
        where_("device '" + device.name + "'") {}

  void run() const {
    check_slots();
    check_switching();
    check_starts();
    if (!execution_.timeline.strict) check_ready_order();
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

  /// Strict order, and that nobody waits beside a free slot.
  void check_starts() const {
    const bool strict = execution_.timeline.strict;
    Heap free;
    for (int slot = 0; slot < device_.slots; ++slot) {
      free.push(std::numeric_limits<std::int64_t>::min());
    }
    const Timeline::Record* last = nullptr;
    for (const auto* record : records_) {
      if (strict && last && before(*record, *last)) {
        findings_.add("order", where_, record->start,
                      execution_.name(*record) + " starts after " + execution_.name(*last));
      }
      auto earliest = std::max(record->ready, free.top());
      // Under `ready` whoever started before started while this one waited: all slots were taken
      // until the first of them was free again.
      if (strict && last) earliest = std::max(earliest, last->start);
      if (record->start > earliest) {
        findings_.add("waiting", where_, record->start,
                      execution_.name(*record) + " could have started at " + instant(earliest));
      }
      free.pop();
      free.push(record->released);
      last = record;
    }
  }

  /// Whoever starts is the first, by (request, position), of those that are ready.
  void check_ready_order() const {
    Records by_ready = records_;
    std::stable_sort(by_ready.begin(), by_ready.end(),
                     [](const auto* a, const auto* b) { return a->ready < b->ready; });
    const auto less = [](const auto* a, const auto* b) { return before(*a, *b); };
    std::set<const Timeline::Record*, decltype(less)> waiting(less);
    std::size_t next = 0;
    for (const auto* record : records_) {
      for (; next < by_ready.size() && by_ready[next]->ready <= record->start; ++next) {
        waiting.insert(by_ready[next]);
      }
      check_first(*record, waiting);
      waiting.erase(record);
    }
  }

  template <class Waiting>
  void check_first(const Timeline::Record& record, const Waiting& waiting) const {
    for (const auto* other : waiting) {
      if (!before(*other, record)) return;
      // What became ready in a later round of the same instant came too late.
      if (other->ready == record.start && !execution_.ready_at_once(*other)) continue;
      findings_.add("order", where_, record.start,
                    execution_.name(record) + " starts before " + execution_.name(*other) +
                        ", which is ready since " + instant(other->ready));
      return;
    }
  }

  const Execution& execution_;
  const Timeline::Device& device_;
  Records records_;
  Findings& findings_;
  std::string where_;
};

/// One fifo channel and what it carried, in the order of starts.
void check_channel(const Execution& execution, const Timeline::Channel& channel,
                   const Records& records, Findings& findings) {
  const std::string where = "link '" + channel.name + "'";
  const bool strict = execution.timeline.strict;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& record = *records[i];
    const auto& task = execution.task(record);
    const double held = static_cast<double>(task.duration) * 1e-12;
    const double carried = held * channel.bandwidth * (1 + 1e-9) + channel.bandwidth * 1e-12;
    if (static_cast<double>(task.bytes) > carried) {
      findings.add("capacity", where, record.start,
                   execution.name(record) + " sends " + std::to_string(task.bytes) + " B in " +
                       instant(task.duration) + ", faster than the link");
    }
    if (i == 0) continue;
    const auto& last = *records[i - 1];
    if (record.start < last.released) {
      findings.add("capacity", where, record.start,
                   execution.name(record) + " is sent while " + execution.name(last) +
                       " holds the link until " + instant(last.released));
    }
    const bool later =
        strict ? before(record, last)
               : record.ready < last.ready || (record.ready == last.ready && before(record, last) &&
                                               execution.ready_at_once(record));
    if (later) {
      findings.add("order", where, record.start,
                   execution.name(record) + " is sent after " + execution.name(last));
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
    DeviceCheck(execution, timeline.devices[d], std::move(by_device[d]), findings).run();
  }
}

void check_fifo(const Execution& execution, Findings& findings) {
  const auto& timeline = execution.timeline;
  std::vector<Records> by_channel(timeline.channels.size());
  for (const auto& record : timeline.records) {
    const auto& task = execution.task(record);
    if (task.kind != Timeline::Kind::transfer || execution.is_fair(task)) continue;
    std::int64_t earliest = record.ready;
    for (const int channel : task.channels) {
      auto& sent = by_channel[static_cast<std::size_t>(channel)];
      if (!sent.empty()) earliest = std::max(earliest, sent.back()->released);
      sent.push_back(&record);
    }
    if (record.start > earliest) {
      findings.add("waiting", execution.name(record), record.start,
                   "it could have been sent at " + instant(earliest));
    }
  }
  for (std::size_t c = 0; c < by_channel.size(); ++c) {
    check_channel(execution, timeline.channels[c], by_channel[c], findings);
  }
}

}  // namespace results
