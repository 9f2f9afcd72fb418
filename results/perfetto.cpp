#include "results/perfetto.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/units.h"
#include "results/json_writer.h"

namespace results {
namespace {

using models::Timeline;

constexpr int device_process = 1;
constexpr int link_process = 2;
constexpr int request_process = 3;
constexpr int platform_process = 4;

/// Rounded down, towards the past for times before zero too.
std::int64_t nanoseconds(std::int64_t picoseconds) {
  return picoseconds >= 0 ? picoseconds / 1000 : -((-picoseconds + 999) / 1000);
}

/// "12.345": microseconds with exactly three decimals, by whole numbers only.
std::string microseconds(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const auto size = negative ? -nanoseconds : nanoseconds;
  const auto digits = std::to_string(1000 + size % 1000);
  return (negative ? "-" : "") + std::to_string(size / 1000) + "." + digits.substr(1);
}

/// Gives spans that overlap rows of their own: the first row that is free again.
class Rows {
 public:
  int row(std::int64_t start, std::int64_t end) {
    // Compared as they will be drawn: what overlaps only below a nanosecond still touches there.
    start = nanoseconds(start), end = nanoseconds(end);
    for (std::size_t i = 0; i < free_from_.size(); ++i) {
      if (free_from_[i] > start) continue;
      free_from_[i] = end;
      return static_cast<int>(i);
    }
    free_from_.push_back(end);
    return static_cast<int>(free_from_.size()) - 1;
  }
  int count() const { return static_cast<int>(free_from_.size()); }

 private:
  std::vector<std::int64_t> free_from_;
};

class Writer {
 public:
  explicit Writer(const Timeline& timeline) : timeline_(timeline) {
    for (const auto& record : timeline.records) last_ = std::max(last_, record.end);
    for (const auto& change : timeline.changes) last_ = std::max(last_, change.when);
    int track = 0;
    for (const auto& device : timeline.devices) {
      device_track_.push_back(track);
      track += device.slots;
    }
    place_transfers();
  }

  std::string text() {
    write_names();
    for (std::size_t r = 0; r < timeline_.requests.size(); ++r) {
      const auto& request = timeline_.requests[r];
      span(request_process, request_rows_[r], name_of(r), request.arrival, end_of(request), "");
    }
    write_changes();
    for (std::size_t i = 0; i < timeline_.records.size(); ++i) write_record(i);
    return "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[" + events_ + "\n]}\n";
  }

 private:
  const Timeline::Task& task(const Timeline::Record& record) const {
    return timeline_.tasks[static_cast<std::size_t>(record.task)];
  }

  /// What does not complete is drawn to the end.
  std::int64_t end_of(const Timeline::Request& request) const {
    return request.completed < 0 ? std::max(last_, request.arrival) : request.completed;
  }

  /// "request 3", "requests 3 to 6 of see".
  std::string name_of(std::size_t index) const {
    const auto& request = timeline_.requests[index];
    const auto more = std::ssize(request.more);
    const auto& network = timeline_.streams[static_cast<std::size_t>(request.stream)].name;
    const bool one = timeline_.streams.size() == 1 && more == 0;
    const auto number = one ? static_cast<std::int64_t>(index) : request.number;
    return (more > 0 ? "requests " : "request ") + std::to_string(number) +
           (more > 0 ? " to " + std::to_string(number + more) : "") +
           (network.empty() ? "" : " of " + network) +
           (request.completed < 0 ? " (unfinished)" : "");
  }

  std::string link_name(int link) const {
    for (const auto& channel : timeline_.channels)
      if (channel.link == link) return channel.name.substr(0, channel.name.find(':'));
    return "link " + std::to_string(link);
  }

  /// Speeds and bandwidths as counters, outages as spans, in a process of their own.
  void write_changes() {
    using What = Timeline::Change::What;
    if (timeline_.changes.empty()) return;
    name(platform_process, -1, "platform");
    std::map<std::string, std::int64_t> down;  // since when
    std::map<std::string, int> track;
    const auto close = [&](const std::string& what, std::int64_t until) {
      const auto since = down.find(what);
      if (since == down.end()) return;
      const auto [place, is_new] = track.try_emplace(what, static_cast<int>(track.size()));
      if (is_new) name(platform_process, place->second, what);
      span(platform_process, place->second, what + " out of order", since->second, until, "");
      down.erase(since);
    };
    for (const auto& change : timeline_.changes) {
      const auto index = static_cast<std::size_t>(change.index);
      const bool of_link = change.what == What::link_down || change.what == What::link_up;
      if (change.what == What::bandwidth) {
        counter("bandwidth of " + timeline_.channels[index].name, "B/s", change);
        continue;
      }
      const auto what = of_link ? link_name(change.index) : timeline_.devices[index].name;
      if (change.what == What::speed) counter("speed of " + what, "part", change);
      if (change.what == What::device_down || change.what == What::link_down)
        down.try_emplace(what, change.when);
      if (change.what == What::device_up || change.what == What::link_up) close(what, change.when);
    }
    while (!down.empty()) close(down.begin()->first, last_);
  }

  void counter(const std::string& what, const std::string& unit, const Timeline::Change& change) {
    event(R"("ph":"C",)" + track_text(platform_process, 0) + R"(,"name":)" + json_text(what) +
          R"(,"ts":)" + microseconds(nanoseconds(change.when)) + R"(,"args":{)" + json_text(unit) +
          ":" + models::shortest(change.value) + "}");
  }

  /// Fifo channels have one row; on fair ones flows overlap, and so do requests.
  void place_transfers() {
    std::vector<Rows> rows(timeline_.channels.size());
    record_of_.assign(timeline_.tasks.size() * timeline_.requests.size(), -1);
    transfer_rows_.resize(timeline_.records.size());
    for (std::size_t i = 0; i < timeline_.records.size(); ++i) {
      const auto& record = timeline_.records[i];
      record_of_[place(record.request, record.task)] = static_cast<std::int64_t>(i);
      for (const int channel : task(record).channels) {
        transfer_rows_[i].push_back(
            rows[static_cast<std::size_t>(channel)].row(record.start, record.released));
      }
    }
    int track = 0;
    for (const auto& row : rows) {
      channel_track_.push_back(track);
      channel_rows_.push_back(std::max(1, row.count()));
      track += channel_rows_.back();
    }
    Rows requests;
    for (const auto& request : timeline_.requests) {
      request_rows_.push_back(requests.row(request.arrival, end_of(request)));
    }
  }

  std::size_t place(std::int32_t request, int number) const {
    return static_cast<std::size_t>(request) * timeline_.tasks.size() +
           static_cast<std::size_t>(number);
  }

  void write_names() {
    name(device_process, -1, "devices");
    for (std::size_t d = 0; d < timeline_.devices.size(); ++d) {
      const auto& device = timeline_.devices[d];
      for (int slot = 0; slot < device.slots; ++slot) {
        name(device_process, device_track_[d] + slot,
             device.slots == 1 ? device.name : device.name + " slot " + std::to_string(slot));
      }
    }
    name(link_process, -1, "links");
    for (std::size_t c = 0; c < timeline_.channels.size(); ++c) {
      for (int row = 0; row < channel_rows_[c]; ++row) {
        name(link_process, channel_track_[c] + row,
             timeline_.channels[c].name + (row == 0 ? "" : " (" + std::to_string(row + 1) + ")"));
      }
    }
    name(request_process, -1, "requests");
  }

  void write_record(std::size_t index) {
    const auto& record = timeline_.records[index];
    const auto& about = task(record);
    const std::string args = R"("request":)" + std::to_string(record.request) + R"(,"format":)" +
                             json_text(about.format);
    const std::string lost = record.lost ? " (lost)" : "";
    if (about.kind == Timeline::Kind::transfer) {
      for (std::size_t hop = 0; hop < about.channels.size(); ++hop) {
        const auto channel = static_cast<std::size_t>(about.channels[hop]);
        span(link_process, channel_track_[channel] + transfer_rows_[index][hop], about.name + lost,
             record.start, record.released, args + R"(,"bytes":)" + std::to_string(about.bytes));
      }
      if (!record.lost) write_flow(index);
      return;
    }
    const int track = device_track_[static_cast<std::size_t>(about.device)] + record.slot;
    if (record.work > record.start) {
      span(device_process, track, "switch to " + about.format, record.start, record.work, args);
    }
    const auto what =
        (about.kind == Timeline::Kind::convert ? "convert " + about.name : about.name) + lost;
    span(device_process, track, what, record.work, record.released, args);
  }

  /// From whoever made the tensor, over the transfer, to its readers on the target. A flow event
  /// belongs to the slice that lies around its time.
  void write_flow(std::size_t index) {
    const auto& record = timeline_.records[index];
    const auto& about = task(record);
    if (about.channels.empty()) return;
    const auto link = channel_track_[static_cast<std::size_t>(about.channels.front())] +
                      transfer_rows_[index].front();
    for (const int read : about.reads) {
      const auto maker = record_of_[place(record.request, read)];
      if (maker < 0) continue;
      const auto& from = timeline_.records[static_cast<std::size_t>(maker)];
      if (task(from).kind == Timeline::Kind::transfer) continue;
      flow(device_process, device_track(from), last_instant(from.work, from.released), link_process,
           link, nanoseconds(record.start));
    }
    for (const auto reader : readers(record.task)) {
      const auto number = record_of_[place(record.request, reader)];
      if (number < 0) continue;
      const auto& to = timeline_.records[static_cast<std::size_t>(number)];
      if (task(to).kind == Timeline::Kind::transfer) continue;
      flow(link_process, link, last_instant(record.start, record.released), device_process,
           device_track(to), nanoseconds(to.work));
    }
  }

  /// The last nanosecond that surely lies within the span.
  static std::int64_t last_instant(std::int64_t start, std::int64_t end) {
    return std::max(nanoseconds(start), nanoseconds(end) - 1);
  }

  int device_track(const Timeline::Record& record) const {
    return device_track_[static_cast<std::size_t>(task(record).device)] + record.slot;
  }

  const std::vector<int>& readers(std::int32_t number) {
    if (readers_.empty()) {
      readers_.resize(timeline_.tasks.size());
      for (std::size_t t = 0; t < timeline_.tasks.size(); ++t) {
        for (const int read : timeline_.tasks[t].reads) {
          readers_[static_cast<std::size_t>(read)].push_back(static_cast<int>(t));
        }
      }
    }
    return readers_[static_cast<std::size_t>(number)];
  }

  void event(const std::string& content) {
    events_ += (events_.empty() ? "\n{" : ",\n{") + content + "}";
  }
  static std::string track_text(int process, int track) {
    return R"("pid":)" + std::to_string(process) + R"(,"tid":)" + std::to_string(track);
  }

  /// Of a process when `track` is -1.
  void name(int process, int track, const std::string& text) {
    event(std::string(R"("ph":"M",)") + track_text(process, std::max(track, 0)) + R"(,"name":")" +
          (track < 0 ? "process_name" : "thread_name") + R"(","args":{"name":)" + json_text(text) +
          "}");
  }

  void span(int process, int track, const std::string& what, std::int64_t start, std::int64_t end,
            const std::string& args) {
    event(R"("ph":"X",)" + track_text(process, track) + R"(,"name":)" + json_text(what) +
          R"(,"ts":)" + microseconds(nanoseconds(start)) + R"(,"dur":)" +
          microseconds(nanoseconds(end) - nanoseconds(start)) + R"(,"args":{"start_ps":)" +
          std::to_string(start) + R"(,"end_ps":)" + std::to_string(end) +
          (args.empty() ? "" : "," + args) + "}");
  }

  /// Times in nanoseconds.
  void flow(int from_process, int from_track, std::int64_t from, int to_process, int to_track,
            std::int64_t to) {
    const std::string common =
        R"(,"cat":"transfer","name":"transfer","id":)" + std::to_string(++flows_);
    event(R"("ph":"s",)" + track_text(from_process, from_track) + common + R"(,"ts":)" +
          microseconds(from));
    event(R"("ph":"f","bp":"e",)" + track_text(to_process, to_track) + common + R"(,"ts":)" +
          microseconds(to));
  }

  const Timeline& timeline_;
  std::vector<int> device_track_;   ///< [device] of its first slot
  std::vector<int> channel_track_;  ///< [channel] of its first row
  std::vector<int> channel_rows_;
  std::vector<int> request_rows_;
  std::vector<std::vector<int>> transfer_rows_;  ///< [record] row on each of its channels
  std::vector<std::int64_t> record_of_;          ///< [request * tasks + task]
  std::vector<std::vector<int>> readers_;
  std::int64_t flows_ = 0;
  std::int64_t last_ = 0;  ///< instant of the timeline
  std::string events_;
};

}  // namespace

std::string perfetto_json(const Timeline& timeline) {
  return Writer(timeline).text();
}

}  // namespace results
