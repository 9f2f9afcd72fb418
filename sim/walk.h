#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "models/index.h"
#include "models/pile.h"
#include "models/plan.h"
#include "models/totals.h"
#include "models/units.h"
#include "sim/walk_log.h"
#include "sim/walk_tables.h"

namespace sim {

using models::Pile;

/// The same quantity in several plans side by side.
template <class Number, int lanes>
struct alignas(lanes * sizeof(Number)) Lanes {
  Number at[lanes] = {};
};

/// Where every device and channel, every tensor under way and every sum stands while walking
/// through a plan in rank order; of several plans side by side, the lanes.
template <int lanes>
struct WalkState {
  using Whole = Lanes<std::int64_t, lanes>;
  using Real = Lanes<double, lanes>;
  struct Device {
    Whole free;  ///< when it is free again; of a single slot
    Whole held, peak, arrivals;
    Whole sum;  ///< of everything ever made: the memory of several slots
    Whole work, weights, switches;
    Lanes<std::uint8_t, lanes> last;  ///< precision of the last task that has one
  };
  struct Channel {
    Whole free, work;
  };
  struct Sums {
    Real compute_energy, convert_energy, transfer_energy;
    Real noise;    ///< of operators
    Real carried;  ///< of conversions and wires
    Whole bytes, completed;
    Lanes<std::uint8_t, lanes> unsupported;
  };

  std::vector<Whole> slots;  ///< when what is read is present, see WalkLog
  std::vector<Device> devices;
  std::vector<Channel> channels;
  std::vector<Real> bandwidth;  ///< [link] as planned
  Sums sums;
  Whole arrival;
};

/// One walk through the operators of a plan in rank order: what the lowering means
/// (models/lowering.h), found and timed at once, without a list of tasks. Whoever makes a tensor
/// hands the instant of its presence, and the bytes to be given back, to everyone who reads it, so
/// that reading is contiguous. Works on one lane of a WalkState at a time.
///
/// `everything`: several number formats; else placement only. Every device of several lanes has one
/// slot. Plans are strict and links fifo.
template <bool everything, int lanes>
class Walk {
 public:
  explicit Walk(const WalkTables& tables);

  /// Where operators run, and in which formats; [operator], of the plan in each lane.
  struct View {
    const std::uint16_t* device = nullptr;
    const std::uint8_t* precision = nullptr;
  };
  struct WireChange {
    std::int32_t index = 0;
    std::uint8_t format = 0;
  };

  /// Before walking through `plan` in the only lane, of a request that arrives at `arrival`.
  void begin(const models::Plan& plan, std::int64_t arrival);
  /// What precedes the first operator: conversions and transfers of the network's inputs.
  template <class Log>
  void start(int lane, Log& log);
  /// An operator and all that goes with it. What it adds to the sums of operators goes to `energy`
  /// and `noise`, which the caller may keep in registers.
  template <class Log>
  void step(std::int32_t op, int lane, Log& log, double& energy, double& noise);
  /// The operators from `position` on, in the only lane.
  template <class Log>
  void run_from(std::size_t position, Log& log);

  /// The end of a task on a device with several slots; of one lane.
  std::int64_t run_in_slot(std::size_t device, std::int64_t ready, std::int64_t duration);
  void clear_slots();

  static constexpr std::uint8_t no_precision = models::Totals::no_precision;
  /// What a reader gives back is written as twice the bytes. An odd number says that the tensor
  /// must be converted first: from the format in the bits above the second, which says whether the
  /// conversion is the last to read what it converts.
  std::int64_t& give(std::uint32_t edge, int lane) {
    return give_[edge + static_cast<std::size_t>(lane) * tables_.edges];
  }

  WalkState<lanes> state;
  std::array<View, lanes> view;
  const std::uint8_t* wire = nullptr;  ///< as Plan::wire, of all lanes
  std::array<std::vector<WireChange>, lanes> wire_changes;
  std::vector<std::uint8_t> weight_held;  ///< [shared weight x device x compute format], one lane
  /// Lanes whose links are as wide as in the plan that the lanes start from; and how long routes
  /// were last held there, on small platforms. Of several lanes.
  std::array<bool, lanes> same_widths{};
  void forget_held() { std::fill(held_.begin(), held_.end(), Held{}); }
  /// [tensor] a bit per lane: made, sent or read otherwise than in the plan that the lanes start
  /// from. What readers of others give back is written down already. Of several lanes.
  std::vector<std::uint8_t> affected;

 private:
  using Row = WalkTables::Row;
  using Tensor = WalkTables::Tensor;
  struct Target {
    std::int64_t key = 0;  ///< order at one place: rank above, output position below
    std::int32_t tensor = 0;
    std::int32_t device = 0;
    std::uint8_t format = 0;
    bool frees = false;    ///< of a conversion: the last to read what it converts
    std::int64_t end = 0;  ///< of a conversion
  };
  static bool by_key(const Target& a, const Target& b) { return a.key < b.key; }
  static constexpr std::int32_t nobody = std::numeric_limits<std::int32_t>::max();

  std::size_t device_of(std::int32_t op, int lane) const { return view[at(lane)].device[op]; }
  std::uint8_t precision_of(std::int32_t op, int lane) const {
    if constexpr (everything) return view[at(lane)].precision[op];
    return 0;
  }
  static std::size_t at(auto index) { return static_cast<std::size_t>(index); }
  std::int64_t size_of(std::int32_t tensor, std::uint8_t format) const {
    return tables_.sizes[format * tables_.tensor_count + at(tensor)];
  }
  std::uint32_t hand() const { return static_cast<std::uint32_t>(tables_.edges); }

  std::int64_t run(std::size_t device, std::int64_t ready, std::int64_t duration, int lane) {
    auto& it = state.devices[device];
    if (lanes == 1 && !tables_.single_slots && tables_.problem.slots[device] != 1) [[unlikely]]
      return run_in_slot(device, ready, duration);
    auto& free = it.free.at[lane];
    return free = (ready > free ? ready : free) + duration;
  }
  bool stays(std::int32_t reader, std::size_t device, std::uint8_t precision, int lane) const {
    return device_of(reader, lane) == device && precision_of(reader, lane) == precision;
  }
  /// The usual case of add_product: whether all who read it do so where and as it was made.
  template <class Log>
  bool all_stay(std::int32_t tensor, std::size_t device, std::uint8_t made_in, std::int64_t size,
                std::int64_t end, int lane, Log& log) {
    const auto& row = tables_.tensors[at(tensor)];
    if (!row.plain) return false;
    const auto* const readers = tables_.readers.data();
    for (auto r = row.first_reader; r < row.end_reader; ++r)
      if (!stays(readers[r].op, device, made_in, lane)) return false;
    for (auto r = row.first_reader; r < row.end_reader; ++r) {
      state.slots[readers[r].edge].at[lane] = end;
      give(readers[r].edge, lane) = 0;
      if constexpr (Log::keeps) log.out(readers[r].edge);
    }
    give(readers[row.end_reader - 1].edge, lane) = size * 2;  // readers come in the order
    return true;
  }
  std::int64_t switching(const Row& row, std::size_t device, std::uint8_t precision, int lane,
                         bool& first);
  void hold_shared_weights(std::int32_t op, std::size_t device, std::uint8_t precision);
  template <class Log>
  std::int64_t convert_inputs(std::int32_t op, std::size_t device, std::uint8_t precision, int lane,
                              std::int64_t& given, Log& log);
  template <class Log>
  std::int64_t convert(std::int32_t tensor, std::size_t device, std::uint8_t from, std::uint8_t to,
                       std::int64_t ready, bool frees, std::uint32_t slot, int lane, Log& log);
  template <class Log>
  bool add_product(std::int32_t tensor, std::size_t device, std::uint8_t made_in, std::int64_t end,
                   bool input, int lane, Log& log);
  template <class Log>
  void hand_out(std::int32_t tensor, std::size_t device, std::uint8_t format, std::int64_t present,
                bool keep, std::uint64_t wires, int lane, Log& log);
  template <class Log>
  void send(std::size_t device, std::uint8_t made_in, std::int64_t end, int lane, Log& log);
  template <class Log>
  void convert_for_wires(std::size_t device, std::uint8_t made_in, std::int64_t end, int lane,
                         Log& log);
  template <class Log>
  void transfer(const Target& target, std::size_t device, std::uint8_t made_in, std::int64_t ready,
                std::uint32_t slot, int lane, Log& log);
  std::int64_t held(std::size_t route, std::int64_t bytes, int lane);
  std::int64_t held_at(std::size_t route, std::int64_t bytes, int lane) const;
  std::uint8_t wire_of(std::int32_t tensor, std::size_t target, int lane) const;
  double carried(std::int32_t tensor, std::size_t device, int format, int lane) const;

  const WalkTables& tables_;
  std::vector<std::int64_t> give_;  ///< [lane x edge]

  struct Held {
    std::int64_t bytes = -1;
    std::int64_t duration = 0;
  };
  std::vector<Held> held_;  ///< [route] the last transfer

  // Scratch.
  std::vector<std::int32_t> first_reader_;  ///< [device] while looking at one tensor, or `nobody`
  Pile<std::int32_t> touched_;              ///< devices with a first_reader_
  Pile<Target> transfers_, conversions_;
  struct Local {
    std::int32_t tensor = 0;
    std::uint64_t wires = 0;
    bool keep = false;
  };
  Pile<Local> local_;  ///< to be handed out when what wires need is converted
  std::vector<std::size_t> first_slot_;
  std::vector<std::int64_t> slot_free_, last_start_;  ///< of devices with several slots
};

template <bool everything, int lanes>
template <class Log>
inline void Walk<everything, lanes>::step(std::int32_t op, int lane, Log& log, double& energy,
                                          double& noise) {
  const auto& row = tables_.rows[at(op)];
  const auto d = device_of(op, lane);
  const auto precision = precision_of(op, lane);
  const auto& cell = tables_.cells[tables_.cells_of[d] + precision * tables_.operators + at(op)];
  auto& device = state.devices[d];
  auto busy = cell.duration;
  if (busy < 0) [[unlikely]] {
    state.sums.unsupported.at[lane] = 1;
    busy = 0;
  }
  const auto duration = busy;
  energy += cell.energy;
  bool first = false;
  if constexpr (everything) {
    noise += tables_.noise[precision * tables_.operators + at(op)];
    if (!row.free && device.last.at[lane] != precision)
      busy += switching(row, d, precision, lane, first);
  }
  device.work.at[lane] += duration;
  if constexpr (lanes == 1) {
    device.weights.at[lane] += cell.weights;
    if (row.shares_weights) [[unlikely]]
      hold_shared_weights(op, d, precision);
  }

  auto* const slots = state.slots.data();
  auto* const gives = give_.data() + static_cast<std::size_t>(lane) * tables_.edges;
  auto ready = state.arrival.at[lane];
  std::int64_t given = 0, seen = 0;
  for (auto e = row.first_edge; e < row.end_edge; ++e) {
    const auto present = slots[e].at[lane];
    ready = present > ready ? present : ready;
    given += gives[e];
    if constexpr (everything) seen |= gives[e];
  }
  if (everything && (seen & 1)) [[unlikely]]
    ready = convert_inputs(op, d, precision, lane, given, log);
  given >>= 1;
  const auto end = run(d, ready, busy, lane);
  if constexpr (Log::keeps) {
    auto& task = log.begin(WalkLog::Kind::compute, static_cast<std::uint32_t>(d), row.first_edge,
                           row.end_edge);
    task.busy = busy;
    task.first_of_precision = first;
    auto& detail = log.detail();
    detail.duration = duration;
    detail.energy = cell.energy;
    detail.format = precision;
    detail.precision = row.free ? no_precision : precision;
  }

  std::int64_t made = 0;
  bool sends = false;
  if (row.sole && stays(static_cast<std::int32_t>(row.sole_reader), d, precision, lane))
      [[likely]] {
    made = size_of(static_cast<std::int32_t>(row.first_output), precision);
    slots[row.sole_edge].at[lane] = end;
    gives[row.sole_edge] = made * 2;
    if constexpr (Log::keeps) log.out(row.sole_edge);
  } else {
    for (auto t = row.first_output; t < row.end_output; ++t) {
      const auto tensor = static_cast<std::int32_t>(t);
      const auto size = size_of(tensor, precision);
      made += size;
      if (!all_stay(tensor, d, precision, size, end, lane, log))
        sends |= add_product(tensor, d, precision, end, false, lane, log);
    }
  }
  auto& held = device.held.at[lane];
  auto& peak = device.peak.at[lane];
  const auto before = held + made, most = before + cell.workspace;
  peak = most > peak ? most : peak;
  held = before - given;
  if (lanes == 1 && !tables_.single_slots) device.sum.at[lane] += made + cell.workspace;
  if (sends) [[unlikely]]
    send(d, precision, end, lane, log);
}

template <bool everything, int lanes>
template <class Log>
void Walk<everything, lanes>::run_from(std::size_t position, Log& log) {
  static_assert(lanes == 1);
  double energy = state.sums.compute_energy.at[0], noise = state.sums.noise.at[0];
  const auto* const order = tables_.order.data();
  for (auto k = position, count = tables_.operators; k < count; ++k)
    step(order[k], 0, log, energy, noise);
  state.sums.compute_energy.at[0] = energy;
  state.sums.noise.at[0] = noise;
}

}  // namespace sim

// The rarer parts.
#include "sim/walk_parts.h"  // IWYU pragma: export
