#include <algorithm>

#include "results/verify_checks.h"

namespace results {
namespace {

using models::Timeline;

/// Takes and gives of something that there is a number of, over time.
class Stock {
 public:
  void take(std::int64_t from, std::int64_t to) {
    // What is given back at an instant can be taken at the same one.
    if (from == to) return;
    steps_.push_back({from, 1});
    steps_.push_back({to, -1});
  }

  void check(int most, const std::string& rule, const Timeline::Device& device,
             Findings& findings) {
    std::ranges::sort(steps_);
    std::int64_t taken = 0;
    for (const auto& [when, step] : steps_) {
      taken += step;
      if (taken <= most) continue;
      findings.add(rule, "device '" + device.name + "'", when,
                   std::to_string(taken) + " are taken, there are " + std::to_string(most));
      return;
    }
  }

 private:
  std::vector<std::pair<std::int64_t, int>> steps_;
};

/// When the buffer of an arrival is free again: when the last of those that read it has started
/// (for the first time), or at once when nobody does.
std::int64_t buffer_free(const Execution& execution, const Timeline::Record& record,
                         const std::vector<std::vector<int>>& readers) {
  if (record.lost) return record.released;
  const auto& all = readers[static_cast<std::size_t>(record.task)];
  std::int64_t last = record.end;
  for (const int reader : all) {
    const auto* first = execution.first_of[execution.place(record.request, reader)];
    if (first == nullptr) return PlatformHistory::never;
    last = std::max(last, first->start);
  }
  return last;
}

void check_stocks(const Execution& execution, Findings& findings) {
  const auto& timeline = execution.timeline;
  std::vector<std::vector<int>> readers(timeline.tasks.size());
  for (std::size_t t = 0; t < timeline.tasks.size(); ++t)
    for (const int read : timeline.tasks[t].reads)
      readers[static_cast<std::size_t>(read)].push_back(static_cast<int>(t));
  std::vector<Stock> buffers(timeline.devices.size()), engines(timeline.devices.size());
  for (const auto& record : timeline.records) {
    const auto& task = execution.task(record);
    if (task.kind != Timeline::Kind::transfer || task.target < 0) continue;
    const auto from = static_cast<std::size_t>(task.device);
    const auto to = static_cast<std::size_t>(task.target);
    buffers[to].take(record.start, buffer_free(execution, record, readers));
    engines[from].take(record.start, record.released);
    if (to != from) engines[to].take(record.start, record.released);
  }
  for (std::size_t d = 0; d < timeline.devices.size(); ++d) {
    const auto& device = timeline.devices[d];
    if (device.buffers > 0) buffers[d].check(device.buffers, "buffers", device, findings);
    if (device.copy_engines > 0)
      engines[d].check(device.copy_engines, "copy engines", device, findings);
  }
}

void check_failures(const Execution& execution, Findings& findings) {
  for (const auto& record : execution.timeline.records) {
    const auto& task = execution.task(record);
    const bool ends_nowhere = execution.request(record).completed < 0;
    if (record.lost && !ends_nowhere && !execution.platform.fails(task, record.released))
      findings.add("failure", execution.name(record), record.released,
                   "an attempt is lost then, but nothing that it needs fails");
    if (execution.platform.fails_between(task, record.start, record.released))
      findings.add("failure", execution.name(record), record.start,
                   "it goes on while what it needs is out of order");
  }
}

}  // namespace

void check_limits(const Execution& execution, Findings& findings) {
  check_stocks(execution, findings);
  if (execution.platform.changes() ||
      std::ranges::any_of(execution.timeline.records, &Timeline::Record::lost))
    check_failures(execution, findings);
}

}  // namespace results
