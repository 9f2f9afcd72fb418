#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "tests/sim/reference.h"

namespace reference {
namespace {

using models::Plan;
using models::Problem;
using Kind = models::Timeline::Kind;

template <class T>
auto at(const std::vector<T>& values, int index) {
  return values.at(static_cast<std::size_t>(index));
}

/// Lowers one plan: section 2 of the execution model, rule by rule.
class Lowering {
 public:
  Lowering(const Problem& problem, const Plan& plan)
      : problem_(problem), plan_(plan), rank_(plan.order.size()) {
    for (std::size_t i = 0; i < plan.order.size(); ++i)
      rank_.at(static_cast<std::size_t>(plan.order[i])) = static_cast<int>(i);
  }

  Lowered lowered() {
    for (int t = 0; t < problem_.tensors; ++t) send_and_convert(t);
    for (int t = 0; t < problem_.inputs; ++t) result_.inputs.push_back(home(t));
    put_in_order();
    add_memory();
    return std::move(result_);
  }

 private:
  /// A conversion that somebody needs: one per (tensor, device, precision).
  struct Conversion {
    int from = -1;
    int first_reader = std::numeric_limits<int>::max();
    bool for_wire = false;
  };
  struct Transfer {
    Version what;
    int target = -1;
    int first_reader = std::numeric_limits<int>::max();
  };

  int sink_rank() const { return problem_.operators; }
  int producer_rank(int t) const {
    const int producer = at(problem_.producer, t);
    return producer < 0 ? -1 : at(rank_, producer);
  }
  int output_position(int t) const {
    const int producer = at(problem_.producer, t);
    return producer < 0 ? t : t - at(problem_.output_begin, producer);
  }
  /// Where and in which format a tensor is made.
  Version home(int t) const {
    const int producer = at(problem_.producer, t);
    if (producer < 0) return {t, problem_.streams.front().source, problem_.input_format};
    return {t, at(plan_.device, producer), at(plan_.precision, producer)};
  }
  std::vector<int> readers(int t) const {
    return {problem_.reader.begin() + at(problem_.reader_begin, t),
            problem_.reader.begin() + at(problem_.reader_begin, t + 1)};
  }
  std::int64_t bytes(const Version& v) const {
    return at(problem_.bytes, v.tensor * problem_.formats + v.format);
  }
  /// The format in which a tensor lies on a device before any conversion there.
  int format_on(int t, int device) const {
    const auto made = home(t);
    if (made.device == device || at(problem_.is_fixed, t)) return made.format;
    const auto wire = at(plan_.wire, t * problem_.devices + device);
    return wire == Plan::as_produced ? made.format : wire;
  }
  Version read_by(int t, int op) const {
    const int device = at(plan_.device, op);
    return {t, device, at(problem_.is_fixed, t) ? format_on(t, device) : at(plan_.precision, op)};
  }

  void need_conversion(const Version& what, int from, int reader, bool for_wire) {
    if (what.format == from) return;
    auto& conversion = conversions_[what];
    conversion.from = from;
    conversion.first_reader = std::min(conversion.first_reader, reader);
    conversion.for_wire |= for_wire;
  }

  void send_and_convert(int t) {
    const auto made = home(t);
    std::map<int, int> first_reader;  // of each target
    for (const int op : readers(t)) {
      const int device = at(plan_.device, op);
      need_conversion(read_by(t, op), format_on(t, device), at(rank_, op), false);
      if (device == made.device) continue;
      const auto [place, is_new] = first_reader.emplace(device, at(rank_, op));
      place->second = std::min(place->second, at(rank_, op));
    }
    if (at(problem_.is_output, t)) {
      if (made.device != problem_.streams.front().sink)
        first_reader.emplace(problem_.streams.front().sink, sink_rank());
      result_.outputs.push_back(
          {t, problem_.streams.front().sink, format_on(t, problem_.streams.front().sink)});
    }
    for (const auto& [target, reader] : first_reader) {
      const Version sent{t, made.device, format_on(t, target)};
      need_conversion(sent, made.format, reader, true);
      transfers_.push_back({sent, target, reader});
    }
  }

  int least_rank_on(int device) const {
    for (std::size_t i = 0; i < plan_.order.size(); ++i)
      if (at(plan_.device, plan_.order[i]) == device) return static_cast<int>(i);
    return sink_rank();
  }

  void put_in_order() {
    add_after(-1);
    for (int position = 0; position < problem_.operators; ++position) {
      add_conversions([&](const Version&, const Conversion& c) {
        return !c.for_wire && c.first_reader == position;
      });
      add_operator(plan_.order[static_cast<std::size_t>(position)]);
      add_after(position);
    }
  }

  /// Conversions for wires and transfers of what was made at a rank.
  void add_after(int rank) {
    add_conversions([&](const Version& v, const Conversion& c) {
      return c.for_wire && producer_rank(v.tensor) == rank;
    });
    const auto key = [&](const Transfer& t) {
      return std::tuple(t.first_reader, output_position(t.what.tensor), t.what.format,
                        least_rank_on(t.target));
    };
    std::vector<Transfer> here;
    for (const auto& transfer : transfers_)
      if (producer_rank(transfer.what.tensor) == rank) here.push_back(transfer);
    std::sort(here.begin(), here.end(),
              [&](const auto& a, const auto& b) { return key(a) < key(b); });
    for (const auto& transfer : here) add_transfer(transfer);
  }

  template <class Which>
  void add_conversions(Which which) {
    std::vector<std::pair<Version, Conversion>> here;
    for (const auto& each : conversions_)
      if (which(each.first, each.second)) here.push_back(each);
    const auto key = [&](const auto& each) {
      return std::tuple(producer_rank(each.first.tensor), each.second.first_reader,
                        output_position(each.first.tensor), each.first.format);
    };
    std::sort(here.begin(), here.end(),
              [&](const auto& a, const auto& b) { return key(a) < key(b); });
    for (const auto& [to, conversion] : here) add_conversion(to, conversion.from);
  }

  void add_operator(int op) {
    Task task;
    task.kind = Kind::compute;
    task.op = op;
    task.device = at(plan_.device, op);
    task.format = at(plan_.precision, op);
    const auto cost = problem_.cost_index(op, task.device, task.format);
    task.duration = problem_.duration.at(cost);
    if (task.duration < 0) result_.supported = false;
    task.joules = problem_.energy.at(cost);
    task.workspace = problem_.workspace.at(cost);
    task.switches = !at(problem_.is_free, op);
    for (int i = at(problem_.input_begin, op); i < at(problem_.input_begin, op + 1); ++i)
      task.reads.push_back(read_by(at(problem_.input_tensor, i), op));
    for (int t = at(problem_.output_begin, op); t < at(problem_.output_begin, op + 1); ++t)
      task.makes.push_back(home(t));
    result_.tasks.push_back(std::move(task));
  }

  void add_conversion(const Version& to, int from_format) {
    const Version from{to.tensor, to.device, from_format};
    for (const int format : {from.format, to.format})
      if (!at(problem_.handles_format, to.device * problem_.formats + format))
        result_.supported = false;
    Task task;
    task.kind = Kind::convert;
    task.tensor = to.tensor;
    task.device = to.device;
    task.from = from.format;
    task.format = to.format;
    const auto touched = static_cast<double>(bytes(from) + bytes(to));
    task.duration = models::rounded_up(at(problem_.convert_overhead, to.device) +
                                       touched / at(problem_.convert_bandwidth, to.device))
                        .count();
    task.joules = touched * at(problem_.convert_energy, to.device);
    task.reads = {from};
    task.makes = {to};
    result_.tasks.push_back(std::move(task));
  }

  void add_transfer(const Transfer& transfer) {
    const auto& sent = transfer.what;
    const int route = sent.device * problem_.devices + transfer.target;
    Task task;
    task.kind = Kind::transfer;
    task.tensor = sent.tensor;
    task.device = sent.device;
    task.target = transfer.target;
    task.format = sent.format;
    const auto packet = at(problem_.route_packet, route);
    task.bytes = (bytes(sent) + packet - 1) / packet * packet;
    task.latency = at(problem_.route_latency, route);
    task.fair = at(problem_.route_fair, route);
    double narrowest = std::numeric_limits<double>::infinity();
    for (int i = at(problem_.route_begin, route); i < at(problem_.route_begin, route + 1); ++i) {
      const int channel = at(problem_.route_channel, i);
      const int link = at(problem_.channel_link, channel);
      task.channels.push_back(channel);
      narrowest = std::min(narrowest, at(problem_.lane_bandwidth, link) * at(plan_.lanes, link));
    }
    task.duration = models::transfer_time({task.bytes}, {narrowest}).count();
    task.joules = 8 * static_cast<double>(task.bytes) * at(problem_.route_energy_per_bit, route);
    task.reads = {sent};
    task.makes = {{sent.tensor, transfer.target, sent.format}};
    result_.tasks.push_back(std::move(task));
  }

  void add_memory() {
    for (int d = 0; d < problem_.devices; ++d) {
      result_.weights.push_back(weights_of(d));
      const bool all = plan_.discipline == Plan::Discipline::ready || at(problem_.slots, d) > 1;
      result_.per_request.push_back(most_held_on(d, all));
      result_.memory_over += std::max<std::int64_t>(
          0, result_.weights.back() + result_.per_request.back() - at(problem_.capacity, d));
    }
  }

  std::int64_t weights_of(int device) const {
    std::int64_t sum = 0;
    std::set<std::pair<int, int>> shared;  // weight, precision
    for (int op = 0; op < problem_.operators; ++op) {
      if (at(plan_.device, op) != device) continue;
      const int precision = at(plan_.precision, op);
      sum += at(problem_.weight_bytes, op * problem_.compute_formats + precision);
      for (int i = at(problem_.shared_begin, op); i < at(problem_.shared_begin, op + 1); ++i)
        shared.emplace(at(problem_.shared_weight, i), precision);
    }
    for (const auto& [weight, precision] : shared)
      sum += at(problem_.shared_weight_bytes, weight * problem_.compute_formats + precision);
    return sum;
  }

  /// R of one device, section 5; with `all` the sum of everything.
  std::int64_t most_held_on(int device, bool all) const {
    std::vector<const Task*> tasks;
    for (const auto& task : result_.tasks)
      if (task.kind != Kind::transfer && task.device == device) tasks.push_back(&task);
    const int end = static_cast<int>(tasks.size());

    std::map<Version, std::pair<int, int>> life;  // from the making to the last reading
    for (const auto& input : result_.inputs)
      if (input.device == device) life[input] = {-1, -1};
    for (const auto& task : result_.tasks)
      if (task.target == device) life[task.makes.front()] = {-1, -1};
    for (int k = 0; k < end; ++k)
      for (const auto& made : tasks[static_cast<std::size_t>(k)]->makes) life[made] = {k, -1};
    for (int k = 0; k < end; ++k)
      for (const auto& read : tasks[static_cast<std::size_t>(k)]->reads) life.at(read).second = k;
    for (const auto& task : result_.tasks)
      if (task.kind == Kind::transfer && task.device == device)
        life.at(task.reads.front()).second = end;
    if (device == problem_.streams.front().sink)
      for (const auto& output : result_.outputs) life.at(output).second = end;
    for (auto& [version, span] : life)
      if (span.second < 0) span.second = end;  // nobody reads it

    std::int64_t most = 0, sum = 0;
    for (int k = -1; k <= end; ++k) {
      const bool is_task = k >= 0 && k < end;
      std::int64_t held = is_task ? tasks[static_cast<std::size_t>(k)]->workspace : 0;
      sum += held;
      for (const auto& [version, span] : life)
        if (span.first <= k && k <= span.second) held += bytes(version);
      most = std::max(most, held);
    }
    for (const auto& [version, span] : life) sum += bytes(version);
    return all ? sum : most;
  }

  const Problem& problem_;
  const Plan& plan_;
  std::vector<int> rank_;
  std::map<Version, Conversion> conversions_;
  std::vector<Transfer> transfers_;
  Lowered result_;
};

}  // namespace

Lowered lower(const Problem& problem, const Plan& plan) {
  return Lowering(problem, plan).lowered();
}

}  // namespace reference
