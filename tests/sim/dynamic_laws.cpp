#include "tests/sim/dynamic_laws.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "models/index.h"
#include "results/verify.h"
#include "sim/event_engine.h"

namespace dynamic_case {
namespace {

using models::at;
using models::Outcome;
using models::Timeline;
using Change = Timeline::Change;
using Kind = Timeline::Kind;
using Record = Timeline::Record;

Outcome executed(const Case& what) {
  return sim::make_event_engine(what.problem, {.timeline = true})->execute(what.plan);
}

/// Something held from one instant to another.
struct Span {
  std::int64_t from = 0, until = 0, amount = 1;
};

/// What is given back at an instant is free at that instant.
std::int64_t most_at_once(const std::vector<Span>& spans) {
  std::map<std::int64_t, std::int64_t> change;
  for (const auto& span : spans)
    if (span.until > span.from) {
      change[span.from] += span.amount;
      change[span.until] -= span.amount;
    }
  std::int64_t now = 0, most = 0;
  for (const auto& [when, by] : change) most = std::max(most, now += by);
  return most;
}

class Checker {
 public:
  Checker(const Case& what, Outcome outcome)
      : case_(what), outcome_(std::move(outcome)), timeline_(outcome_.timeline) {}

  std::vector<std::string> broken(Counts& counts) {
    check_score();
    check_parts();
    check_requests();
    check_records();
    check_devices();
    check_links();
    check_memory();
    check_limits();
    check_orders();
    check_bound();
    check_energy();
    for (const auto& violation : results::verify(timeline_, 3))
      fail() << "verify: " << results::to_text(violation);
    ++counts.executed;
    counts.stalled += outcome_.score.unfinished > 0;
    counts.lost += std::ranges::any_of(timeline_.records, &Record::lost);
    counts.several += timeline_.streams.size() > 1;
    counts.batched += std::ranges::any_of(timeline_.requests,
                                          [](const auto& each) { return !each.more.empty(); });
    counts.limited += std::ranges::any_of(timeline_.devices, [](const auto& each) {
      return each.buffers > 0 || each.copy_engines > 0;
    });
    counts.changed += !timeline_.changes.empty();
    std::vector<std::string> all;
    for (const auto& each : failures_) all.push_back(each.str());
    return all;
  }

 private:
  std::ostringstream& fail() { return failures_.emplace_back(); }
  template <class A, class B>
  void expect_equal(const A& a, const B& b, const std::string& what) {
    if (!(a == b)) fail() << what << ": " << a << " and " << b;
  }
  const Timeline::Task& task_of(const Record& record) const {
    return timeline_.tasks[at(record.task)];
  }
  const Timeline::Request& request_of(const Record& record) const {
    return timeline_.requests[at(record.request)];
  }
  std::string name(const Record& record) const {
    return "'" + task_of(record).name + "' of request " + std::to_string(record.request) + " at " +
           std::to_string(record.start);
  }
  bool is_fair(const Timeline::Task& task) const {
    return timeline_.channels[at(task.channels.front())].fair;
  }
  /// Of the batch that the record belongs to, jitter included.
  std::int64_t asked(const Record& record, bool bytes) const {
    const auto& task = task_of(record);
    const auto& request = request_of(record);
    const auto& stream = timeline_.streams[at(task.stream)];
    auto amount = bytes ? task.bytes : task.duration;
    if (const auto more = request.more.size(); more > 0)
      amount = bytes ? task.batch_bytes[more - 1] : task.batch_durations[more - 1];
    const auto& workload = case_.problem->streams[at(task.stream)].workload();
    return models::jittered(amount, workload, request.number, record.task - stream.first_task);
  }
  std::int64_t end() const {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (const auto& request : timeline_.requests) first = std::min(first, request.arrival);
    return first + outcome_.score.makespan.count();
  }

  /// Scoring sees the same as watching.
  void check_score() {
    const auto score = sim::make_event_evaluator(case_.problem)->score(case_.plan);
    const auto& seen = outcome_.score;
    expect_equal(score.makespan.count(), seen.makespan.count(), "makespan of both faces");
    expect_equal(score.latency_mean.count(), seen.latency_mean.count(), "mean of both faces");
    expect_equal(score.latency_p99.count(), seen.latency_p99.count(), "p99 of both faces");
    expect_equal(score.energy_joules, seen.energy_joules, "energy of both faces");
    expect_equal(score.unfinished, seen.unfinished, "unfinished of both faces");
    expect_equal(score.deadline_misses, seen.deadline_misses, "misses of both faces");
    expect_equal(score.period_seconds, seen.period_seconds, "period of both faces");
    expect_equal(executed(case_).fingerprint, outcome_.fingerprint, "fingerprints");
  }

  void check_parts() {
    std::int64_t sum = 0;
    for (const auto latency : outcome_.latencies) sum += std::max<std::int64_t>(latency, 0);
    expect_equal(outcome_.latency.total(), sum, "parts of latency and latencies");
    for (std::size_t d = 0; d < outcome_.devices.size(); ++d)
      expect_equal(outcome_.devices[d].time.total(),
                   timeline_.devices[d].slots * outcome_.score.makespan.count(),
                   "slot time of " + outcome_.devices[d].name);
  }

  void check_requests() {
    const auto unfinished = std::ranges::count(outcome_.latencies, -1);
    expect_equal(unfinished, outcome_.score.unfinished, "unfinished");
    expect_equal(outcome_.stall.empty(), unfinished == 0, "stall: '" + outcome_.stall + "'");
    expect_equal(std::ssize(outcome_.latencies), case_.problem->requests(), "requests");
    std::int64_t completed = 0, missed = 0;
    for (const auto& request : timeline_.requests) {
      if (request.completed < 0) continue;
      completed += 1 + std::ssize(request.more);
      auto arrivals = request.more;
      arrivals.push_back(request.arrival);
      const auto deadline = timeline_.streams[at(request.stream)].deadline;
      for (const auto arrival : arrivals)
        missed += deadline > 0 && request.completed - arrival > deadline;
      if (request.formed < std::ranges::max(arrivals) || request.admitted < request.formed ||
          request.completed < request.admitted)
        fail() << "a request goes back in time";
    }
    expect_equal(completed + unfinished, std::ssize(outcome_.latencies), "completed");
    for (const auto& network : outcome_.networks)
      missed += deadline_of(network.name) > 0 ? network.unfinished : 0;
    expect_equal(missed, outcome_.score.deadline_misses, "deadlines missed");
  }

  std::int64_t deadline_of(const std::string& network) const {
    for (const auto& stream : timeline_.streams)
      if (stream.name == network) return stream.deadline;
    return 0;
  }

  /// Everything is done once, after what it reads; only losses are repeated.
  void check_records() {
    std::map<std::pair<int, int>, int> done;
    for (const auto& record : timeline_.records) {
      const auto& request = request_of(record);
      auto present = request.admitted;
      for (const int read : task_of(record).reads) {
        std::int64_t when = -1;
        for (const auto& other : timeline_.records)
          if (other.request == record.request && other.task == read && !other.lost)
            when = other.end;
        if (when < 0) fail() << name(record) << " reads what is never made";
        present = std::max(present, when);
      }
      if (request.admitted < 0) fail() << name(record) << " was not admitted";
      expect_equal(record.ready, present, "ready of " + name(record));
      if (record.ready > record.start || record.start > record.work ||
          (record.work > record.released && !record.lost) || record.released > record.end)
        fail() << name(record) << " goes back in time";
      if (!record.lost) ++done[{record.request, record.task}];
    }
    for (std::size_t r = 0; r < timeline_.requests.size(); ++r)
      for (std::size_t t = 0; t < timeline_.tasks.size(); ++t) {
        const auto& request = timeline_.requests[r];
        if (request.stream != timeline_.tasks[t].stream) continue;
        const auto times = done[{static_cast<int>(r), static_cast<int>(t)}];
        if (times > 1 || (times == 0 && request.completed >= 0))
          fail() << "task " << t << " of request " << r << " was done " << times << " times";
      }
  }

  /// What happened to a device or channel: its value from each instant on.
  std::vector<std::pair<std::int64_t, double>> course(Change::What what, int index,
                                                      double value) const {
    std::vector<std::pair<std::int64_t, double>> all = {{0, value}};
    for (const auto& change : timeline_.changes)
      if (change.what == what && change.index == index) all.emplace_back(change.when, change.value);
    return all;
  }
  static double value_at(const std::vector<std::pair<std::int64_t, double>>& course,
                         std::int64_t when) {
    double value = course.front().second;
    for (const auto& [from, now] : course)
      if (from <= when) value = now;
    return value;
  }
  std::vector<Span> downs(Change::What down, Change::What up, int index) const {
    std::vector<Span> all;
    for (const auto& change : timeline_.changes) {
      if (change.index != index) continue;
      if (change.what == down)
        all.push_back({change.when, std::numeric_limits<std::int64_t>::max()});
      if (change.what == up) all.back().until = change.when;
    }
    return all;
  }

  /// Amounts up to rounding: what was done at the rates there were.
  void expect_done(const Record& record, double done, double asked, double fastest) {
    // Rounded up to a whole picosecond; a margin of a thousandth before.
    if (done < asked - fastest * 2e-3 - asked * 1e-12 || done > asked + fastest * 1.002 + 1e-6)
      fail() << name(record) << " did " << done << " of " << asked;
  }

  void check_devices() {
    for (int d = 0; d < static_cast<int>(timeline_.devices.size()); ++d) {
      const auto speed = course(Change::What::speed, d, 1);
      const auto down = downs(Change::What::device_down, Change::What::device_up, d);
      std::map<int, std::vector<Span>> slots;
      std::string last;
      for (const auto& record : timeline_.records) {
        const auto& task = task_of(record);
        if (task.kind == Kind::transfer || task.device != d) continue;
        slots[record.slot].push_back({record.start, record.released});
        auto amount = static_cast<double>(asked(record, false));
        if (task.switches) {
          if (!last.empty() && last != task.format)
            amount += static_cast<double>(timeline_.devices[at(d)].switch_time);
          last = task.format;
        }
        if (!record.lost) check_rate(record, {speed}, amount);
        for (const auto& each : down) {
          if (record.start >= each.from && record.start < each.until)
            fail() << name(record) << " starts on a failed device";
          if (record.start < each.from && record.released > each.from)
            fail() << name(record) << " runs on a failed device";
        }
      }
      for (const auto& [slot, spans] : slots)
        if (slot < 0 || slot >= timeline_.devices[at(d)].slots || most_at_once(spans) > 1)
          fail() << "slot " << slot << " of device " << d;
    }
  }

  /// The least of the courses, each in parts of its first value, from start to release.
  void check_rate(const Record& record,
                  const std::vector<std::vector<std::pair<std::int64_t, double>>>& courses,
                  double amount) {
    std::vector<std::int64_t> instants = {record.start, record.released};
    for (const auto& course : courses)
      for (const auto& [when, value] : course)
        if (when > record.start && when < record.released) instants.push_back(when);
    std::ranges::sort(instants);
    double narrowest = std::numeric_limits<double>::infinity();
    for (const auto& course : courses) narrowest = std::min(narrowest, course.front().second);
    double done = 0, fastest = 1;
    for (std::size_t i = 0; i + 1 < instants.size(); ++i) {
      double rate = std::numeric_limits<double>::infinity();
      for (const auto& course : courses) rate = std::min(rate, value_at(course, instants[i]));
      rate /= narrowest;
      fastest = std::max(fastest, rate);
      done += rate * static_cast<double>(instants[i + 1] - instants[i]);
    }
    expect_done(record, done, amount, fastest);
  }

  void check_links() {
    for (int c = 0; c < static_cast<int>(timeline_.channels.size()); ++c) {
      const auto& channel = timeline_.channels[at(c)];
      const auto down = downs(Change::What::link_down, Change::What::link_up, channel.link);
      std::vector<Span> holds;
      for (const auto& record : timeline_.records) {
        const auto& task = task_of(record);
        if (task.kind != Kind::transfer ||
            std::ranges::find(task.channels, c) == task.channels.end())
          continue;
        if (!channel.fair) holds.push_back({record.start, record.released});
        for (const auto& each : down) {
          if (record.start >= each.from && record.start < each.until)
            fail() << name(record) << " starts on a failed link";
          if (record.start < each.from && record.released > each.from)
            fail() << name(record) << " goes on over a failed link";
        }
      }
      if (most_at_once(holds) > 1) fail() << "two transfers at once on " << channel.name;
    }
    for (const auto& record : timeline_.records)
      if (task_of(record).kind == Kind::transfer && !record.lost) check_transfer(record);
  }

  void check_transfer(const Record& record) {
    const auto& task = task_of(record);
    if (is_fair(task)) {
      expect_equal(record.work, record.start + task.latency, "latency of " + name(record));
      check_bytes(record);
      return;
    }
    expect_equal(record.end, record.released + task.latency, "latency of " + name(record));
    std::vector<std::vector<std::pair<std::int64_t, double>>> courses;
    for (const int c : task.channels)
      courses.push_back(course(Change::What::bandwidth, c, timeline_.channels[at(c)].bandwidth));
    check_rate(record, courses, static_cast<double>(asked(record, false)));
  }

  /// A fair transfer sends its bytes at the rates that were told.
  void check_bytes(const Record& record) {
    double sent = 0, rate = 0, fastest = 0;
    double since = static_cast<double>(record.work);
    for (const auto& each : timeline_.rates) {
      if (each.request != record.request || each.task != record.task) continue;
      const auto when = static_cast<double>(each.when) + each.fraction;
      if (each.when < record.work || each.when > record.released) continue;
      sent += rate * (when - since) * 1e-12;
      since = when;
      rate = each.bytes_per_second;
      fastest = std::max(fastest, rate);
    }
    if (rate != 0) fail() << name(record) << " never stops to flow";
    const auto bytes = static_cast<double>(asked(record, true));
    if (std::abs(sent - bytes) > bytes * 1e-9 + fastest * 1e-12 * 2)
      fail() << name(record) << " sent " << sent << " of " << bytes << " bytes";
  }

  void check_memory() {
    const auto devices = timeline_.devices.size();
    for (std::size_t d = 0; d < devices; ++d) {
      std::vector<Span> held, seen;  // what comes and goes in one instant is seen as well
      for (const auto& request : timeline_.requests) {
        if (request.admitted < 0) continue;
        const auto until = request.completed < 0 ? end() + 1 : request.completed;
        const auto& needs = timeline_.streams[at(request.stream)].needs;
        held.push_back({request.admitted, until, needs[request.more.size() * devices + d]});
        seen.push_back(held.back());
        ++seen.back().until;
      }
      const auto most = most_at_once(held) + timeline_.devices[d].weights;
      if (most > timeline_.devices[d].capacity) fail() << most << " bytes admitted on device " << d;
      if (outcome_.devices[d].observed_peak > most_at_once(seen) + timeline_.devices[d].weights)
        fail() << outcome_.devices[d].observed_peak << " bytes seen on device " << d
               << ", admitted " << most;
    }
  }

  void check_limits() {
    std::vector<std::vector<Span>> buffers(timeline_.devices.size()), engines(buffers);
    for (const auto& record : timeline_.records) {
      const auto& task = task_of(record);
      if (task.kind != Kind::transfer) continue;
      // What stands still at the end of a stall is told as lost, but gave nothing back.
      const bool held = record.lost && record.released == end() && outcome_.score.unfinished > 0;
      for (const int d : {task.device, task.target})
        engines[at(d)].push_back({record.start, record.released + held});
      // Until the last task that reads it has started for the first time.
      std::int64_t until = record.end;
      std::size_t readers = 0;
      std::map<int, std::int64_t> first_start;
      for (const auto& reader : timeline_.records)
        if (reader.request == record.request &&
            std::ranges::count(task_of(reader).reads, record.task) > 0)
          first_start.try_emplace(reader.task, reader.start);
      for (std::size_t t = 0; t < timeline_.tasks.size(); ++t)
        readers += std::ranges::count(timeline_.tasks[t].reads, record.task) > 0;
      for (const auto& [reader, start] : first_start) until = std::max(until, start);
      if (first_start.size() < readers) until = end() + 1;
      if (record.lost) until = record.end + held;
      buffers[at(task.target)].push_back({record.start, until});
    }
    for (std::size_t d = 0; d < buffers.size(); ++d) {
      const auto& device = timeline_.devices[d];
      // Who waits for ever for one of them waits because others hold all of them.
      const auto waits_for = [&](const std::string& what) {
        return outcome_.stall.find("a " + what + " of device '" + device.name + "'") !=
               std::string::npos;
      };
      if (waits_for("buffer") && held_at_end(buffers[d]) < device.buffers)
        fail() << "a buffer of device " << d << " is not given back";
      if (waits_for("copy engine") && held_at_end(engines[d]) < device.copy_engines)
        fail() << "a copy engine of device " << d << " is not given back";
      if (device.buffers > 0 && most_at_once(buffers[d]) > device.buffers)
        fail() << "more than " << device.buffers << " buffers of device " << d;
      if (device.copy_engines > 0 && most_at_once(engines[d]) > device.copy_engines)
        fail() << "more than " << device.copy_engines << " copy engines of device " << d;
    }
  }

  std::int64_t held_at_end(const std::vector<Span>& spans) const {
    return std::ranges::count_if(spans, [&](const Span& span) { return span.until > end(); });
  }

  /// Under `strict` first starts on every device and fifo link are in the order of each network.
  void check_orders() {
    if (!timeline_.strict) return;
    std::map<std::tuple<bool, int, int>, std::pair<int, int>> last;
    std::map<std::pair<int, int>, bool> seen;
    for (const auto& record : timeline_.records) {
      const auto& task = task_of(record);
      if (!seen.try_emplace({record.request, record.task}, true).second) continue;
      std::vector<std::pair<bool, int>> places;
      if (task.kind != Kind::transfer) places.emplace_back(false, task.device);
      if (task.kind == Kind::transfer && !is_fair(task))
        for (const int c : task.channels) places.emplace_back(true, c);
      for (const auto& [on_link, index] : places) {
        auto& before = last.try_emplace({on_link, index, task.stream}, -1, -1).first->second;
        const std::pair<int, int> now = {record.request, record.task};
        if (now < before) fail() << name(record) << " is out of order";
        before = now;
      }
    }
  }

  /// Law 8, where nothing goes faster than planned.
  void check_bound() {
    const auto& events = case_.events;
    const bool faster = std::ranges::any_of(events, [](const models::Event& each) {
      return each.what == models::Event::What::lanes || each.value > 1;
    });
    const bool varies = std::ranges::any_of(
        case_.networks, [](const auto& each) { return each.workload.jitter > 0; });
    if (faster || varies || outcome_.score.unfinished > 0) return;
    const auto requests = outcome_.score.requests;
    if (requests * outcome_.score.period_bound.count() > outcome_.score.makespan.count() + requests)
      fail() << requests << " x bound " << outcome_.score.period_bound.count() << " > makespan "
             << outcome_.score.makespan.count();
  }

  void check_energy() {
    const auto& energy = outcome_.energy;
    const bool lost = std::ranges::any_of(timeline_.records, [](const Record& each) {
      return each.lost && each.released > each.start;
    });
    if (energy.lost < 0 || (!lost && energy.lost != 0)) fail() << "lost energy " << energy.lost;
    for (const auto part : {energy.compute, energy.convert, energy.switching, energy.transfer,
                            energy.static_devices, energy.static_links, energy.width_changes})
      if (!(part >= 0)) fail() << "negative energy " << part;
    const auto requests = static_cast<double>(outcome_.score.requests);
    if (std::abs(energy.total() - outcome_.score.energy_joules * requests) > energy.total() * 1e-9)
      fail() << "energy " << energy.total();
    for (const auto& channel : outcome_.channels)
      if (channel.busy < -10) fail() << channel.name << " was busy for " << channel.busy;
  }

  const Case& case_;
  Outcome outcome_;
  const Timeline& timeline_;
  std::vector<std::ostringstream> failures_;
};

/// Start, end and loss of everything, by name.
std::multimap<std::string, std::array<std::int64_t, 3>> spans(const Timeline& timeline) {
  std::multimap<std::string, std::array<std::int64_t, 3>> all;
  for (const auto& record : timeline.records) {
    const auto& task = timeline.tasks[at(record.task)];
    auto key = std::to_string(record.request) + " " + task.name + " " +
               timeline.devices[at(task.device)].name;
    if (task.kind == Kind::transfer)
      key += ">" + timeline.devices[at(task.target)].name;
    else
      key += " " + task.format;
    all.insert({key, {record.start, record.end, record.lost}});
  }
  return all;
}

std::string difference(const Outcome& a, const Outcome& b) {
  if (a.infeasible != b.infeasible) return a.infeasible + " / " + b.infeasible;
  if (a.latencies != b.latencies) return "other latencies";
  auto first = spans(a.timeline), second = spans(b.timeline);
  std::vector<std::pair<std::string, std::array<std::int64_t, 3>>> x(first.begin(), first.end()),
      y(second.begin(), second.end());
  std::ranges::sort(x);
  std::ranges::sort(y);
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
    if (x[i] != y[i])
      return x[i].first + " " + std::to_string(x[i].second[0]) + "-" +
             std::to_string(x[i].second[1]) + " / " + y[i].first + " " +
             std::to_string(y[i].second[0]) + "-" + std::to_string(y[i].second[1]);
  if (x.size() != y.size()) return "more or fewer tasks";
  if (a.score.unfinished > 0) return "";  // events that come later prolong it
  const auto close = [](double p, double q) { return std::abs(p - q) <= 1e-9 * std::abs(p); };
  if (!close(a.score.energy_joules, b.score.energy_joules))
    return "energy " + std::to_string(a.score.energy_joules * 1e6) + " / " +
           std::to_string(b.score.energy_joules * 1e6) + " uJ";
  return a.score.makespan == b.score.makespan ? "" : "makespan";
}

}  // namespace

std::vector<std::string> broken_laws(const Case& what, Counts& counts) {
  auto outcome = executed(what);
  if (!outcome.infeasible.empty()) return {};
  return Checker(what, std::move(outcome)).broken(counts);
}

std::vector<std::string> broken_by_renumbering(const Case& what) {
  models::Random random(what.seed);
  const auto why = difference(executed(what), executed(renumbered(what, random)));
  return why.empty() ? std::vector<std::string>{} : std::vector{"renumbered: " + why};
}

std::vector<std::string> broken_by_nothing(const Case& what) {
  using What = models::Event::What;
  const auto event = [](What kind, std::int64_t when, const std::string& device,
                        const std::string& link) {
    models::Event made;
    made.what = kind;
    made.at = models::Time(when);
    made.device = device;
    made.link = link;
    return made;
  };
  auto quiet = what;
  quiet.events.clear();
  compile(quiet);
  auto noisy = quiet;
  for (std::int64_t when = 0; when < 5'000'000; when += 300'000) {
    for (const auto& device : what.platform.devices) {
      noisy.events.push_back(event(What::speed, when, device.name, ""));
      noisy.events.back().value = 1;
      noisy.events.push_back(event(What::load, when + 7, device.name, ""));
    }
    for (const auto& link : what.platform.links)
      noisy.events.push_back(event(What::load, when, "", link.name));
  }
  for (int d = 0; d < what.problem->devices; ++d) {
    const bool used = std::ranges::count(quiet.plan.device, d) > 0 ||
                      std::ranges::any_of(quiet.problem->streams, [&](const auto& stream) {
                        return stream.source == d || stream.sink == d;
                      });
    if (used) continue;
    noisy.events.push_back(event(What::fails, 100'000, what.problem->device_name(d), ""));
    noisy.events.push_back(event(What::returns, 700'000, what.problem->device_name(d), ""));
  }
  compile(noisy);
  const auto why = difference(executed(quiet), executed(noisy));
  return why.empty() ? std::vector<std::string>{} : std::vector{"with idle events: " + why};
}

}  // namespace dynamic_case
