#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/plan.h"
#include "models/problem.h"
#include "models/totals.h"
#include "models/units.h"

namespace models {

/// Turns a plan into what executing one request means, task by task in canonical order: conversions
/// and transfers of the network's inputs, then for every operator in rank order the conversions
/// made for it, itself, the conversions its wires need, and its transfers (docs/execution-model.md,
/// sections 2 and 5). The only place that knows these rules.
///
/// What becomes of the tasks is the emitter's affair: TaskGraph records them, the static evaluator
/// times them on the fly. A task begins with begin() and reads(), and is complete with one of the
/// others; what those answer is handed to readers (a number, an end time):
/// - `Handle present()`: of a network input at the source
/// - `Begun begin()`, `void reads(Begun&, Handle)`: kept in registers
/// - `Handle compute(Begun, op, device, precision, is_free, busy)`: `busy` with the precision
/// switch
/// - `Handle convert(Begun, tensor, device, from, to, duration, energy)`
/// - `Handle transfer(Begun, tensor, from, to, route, format, bytes, duration, energy)`
/// - `void ends_at_sink(Handle)`: the request waits for it
///
/// A template because this is the innermost loop of every search. Built again and again in place:
/// after warming up nothing is allocated.
template <class Emitter>
class Lowering {
 public:
  using Handle = typename Emitter::Handle;

  Lowering(const Problem& problem, Emitter& emitter);

  /// Walks through `plan`, which must pass check_plan.
  void lower(const Plan& plan);
  const Totals& totals() const { return totals_; }

 private:
  static constexpr std::int32_t nobody = std::numeric_limits<std::int32_t>::max();
  static constexpr std::uint8_t no_precision = Totals::no_precision;

  struct Instance {  ///< a tensor in one format on one device
    std::int64_t bytes = 0;
    Handle maker{};
    std::int32_t readers = 0;  ///< local tasks yet to read it; `kept` more if held to the end
    std::int32_t next = -1;    ///< the next conversion of the same tensor on the same device
    std::uint8_t format = 0;
  };
  /// Added to the readers of what is held to the end: sent away, for the sink, or unread.
  static constexpr std::int32_t kept = 1 << 30;
  struct Target {          ///< a device that needs a tensor made elsewhere, or a conversion
    std::int64_t key = 0;  ///< order at one place: rank above, output position below
    std::int32_t tensor = 0;
    std::int32_t device = 0;
    std::uint8_t format = 0;
  };
  struct Memory {  ///< of one device while walking through its tasks
    std::int64_t held = 0;
    std::int64_t peak = 0;
    std::int64_t arrivals = 0;
    std::int64_t sum = 0;  ///< of everything ever made: R under `ready` or with several slots
  };
  /// Where and in which format an operator runs, in one word: compared at once.
  using Home = std::uint32_t;
  static Home home(std::uint32_t device, std::uint32_t precision) {
    return device << 8 | precision;
  }

  struct OperatorRow {  ///< what the walk needs of one operator, side by side
    // Of the problem.
    std::uint32_t first_input = 0, end_input = 0, first_output = 0, end_output = 0;
    bool free = false;
    bool shares_weights = false;
    // Of the plan.
    bool converts = false;  ///< some input of its may need a conversion
    Home home = 0;
    std::int32_t position = 0;  ///< in the order
    std::int64_t busy = 0;      ///< picoseconds, with the precision switch before it
    std::int64_t workspace = 0;
  };
  // Tables of the problem, turned so that what follows each other in the walk is close in memory:
  // neighbours in the order mostly share device and format.
  struct CellCost {  ///< [device x compute format x operator]
    std::int64_t duration = 0;
    double energy = 0;
    std::int64_t workspace = 0;
  };
  struct OnceCost {  ///< [compute format x operator]
    std::int64_t weights = 0;
    double noise = 0;
  };
  struct TensorRow {
    std::uint32_t first_reader = 0, reader_count = 0;
    bool fixed = false;
    bool plain = false;  ///< real-valued, read by someone, not for the sink
  };

  static std::size_t at(auto index) { return static_cast<std::size_t>(index); }
  /// Of a tensor on a device, among instances_.
  std::size_t place(auto tensor, auto device) const {
    return at(device) * at(problem_.tensors) + at(tensor);
  }
  std::size_t wire_of(auto tensor, auto device) const {
    return at(tensor) * at(problem_.devices) + at(device);
  }
  std::int64_t size_of(auto tensor, auto format) const {
    return sizes_[at(format) * at(problem_.tensors) + at(tensor)];
  }

  void reset(const Plan& plan);
  void add_up_operators();
  void add_operators();
  void add_converted(std::int32_t op);
  void convert_inputs(std::int32_t op, int device, std::uint8_t precision);
  bool add_product(std::int32_t tensor, int device, std::uint8_t made_in, Handle maker, bool input);
  void send_products(int device);
  void add_wire_conversions(int device);
  void add_transfers(int device);
  void add_transfer(const Target& target, int device);
  std::int32_t find_instance(std::int32_t tensor, int device, std::uint8_t format) const;
  void add_conversion(std::int32_t tensor, int device, std::uint8_t format, bool keep);
  void note_wire_noise(const Target& target, int device);
  void hold_shared_weights(std::int32_t op, int device, std::uint8_t precision);
  void fail(bool of_operator, std::int32_t subject, int device, std::uint8_t format);
  void finish();
  template <class Visit>
  void for_readers(std::int32_t tensor, Visit visit) const;

  const Problem& problem_;
  Emitter& emitter_;
  const Plan* plan_ = nullptr;
  Totals totals_;
  std::vector<OperatorRow> operator_rows_;
  std::vector<TensorRow> tensor_rows_;
  std::vector<CellCost> cells_;
  std::vector<OnceCost> once_;
  std::vector<std::int64_t> sizes_;  ///< [format x tensor] bytes

  // Scratch, sized once.
  std::vector<Instance> instances_;         ///< [tensor x device], then conversions
  std::vector<Memory> memory_;              ///< [device]
  std::vector<std::int32_t> first_reader_;  ///< [device] while looking at one tensor, or `nobody`
  std::vector<std::int32_t> touched_;       ///< devices with a first_reader_
  std::vector<Target> transfers_, conversions_;
  std::vector<std::uint8_t> weight_held_;  ///< [shared weight x device x compute format]
};

template <class Emitter>
Lowering<Emitter>::Lowering(const Problem& problem, Emitter& emitter)
    : problem_(problem),
      emitter_(emitter),
      instances_(at(problem.tensors) * at(problem.devices)),
      memory_(at(problem.devices)),
      first_reader_(at(problem.devices), nobody),
      weight_held_(at(problem.shared_weights) * at(problem.devices) * at(problem.compute_formats)) {
  totals_.devices.resize(at(problem.devices));
  totals_.channel_work.resize(at(problem.channels));
  totals_.link_bandwidth.resize(at(problem.links));
  for (int d = 0; d < problem.devices; ++d)
    for (int p = 0; p < problem.compute_formats; ++p)
      for (int o = 0; o < problem.operators; ++o) {
        const auto i = problem.cost_index(o, d, p);
        cells_.push_back({problem.duration[i], problem.energy[i], problem.workspace[i]});
      }
  const auto formats = at(problem.formats), compute_formats = at(problem.compute_formats);
  for (std::size_t p = 0; p < compute_formats; ++p)
    for (std::size_t o = 0; o < at(problem.operators); ++o)
      once_.push_back(
          {problem.weight_bytes[o * compute_formats + p], problem.noise[o * compute_formats + p]});
  for (std::size_t f = 0; f < formats; ++f)
    for (std::size_t t = 0; t < at(problem.tensors); ++t)
      sizes_.push_back(problem.bytes[t * formats + f]);
  const auto number = [](std::int32_t index) { return static_cast<std::uint32_t>(index); };
  for (std::size_t o = 0; o < at(problem.operators); ++o)
    operator_rows_.push_back(
        {.first_input = number(problem.input_begin[o]),
         .end_input = number(problem.input_begin[o + 1]),
         .first_output = number(problem.output_begin[o]),
         .end_output = number(problem.output_begin[o + 1]),
         .free = problem.is_free[o] != 0,
         .shares_weights = problem.shared_begin[o] != problem.shared_begin[o + 1]});
  for (std::size_t t = 0; t < at(problem.tensors); ++t) {
    const auto first = problem.reader_begin[t];
    const auto count = problem.reader_begin[t + 1] - first;
    const bool fixed = problem.is_fixed[t] != 0;
    tensor_rows_.push_back(
        {number(first), number(count), fixed, count > 0 && !fixed && !problem.is_output[t]});
  }
}

template <class Emitter>
void Lowering<Emitter>::lower(const Plan& plan) {
  reset(plan);
  add_up_operators();
  for (int t = 0; t < problem_.inputs; ++t)
    add_product(t, problem_.source, problem_.input_format, emitter_.present(), true);
  send_products(problem_.source);
  for (auto& each : memory_) each.peak = std::max(each.peak, each.held);
  add_operators();
  finish();
}

template <class Emitter>
void Lowering<Emitter>::reset(const Plan& plan) {
  plan_ = &plan;
  totals_.strict = plan.discipline == Plan::Discipline::strict;
  totals_.fault = {};
  totals_.compute_energy = totals_.convert_energy = totals_.transfer_energy = totals_.noise = 0;
  totals_.transferred_bytes = 0;
  std::fill(totals_.devices.begin(), totals_.devices.end(), Totals::DeviceLoad{});
  std::fill(totals_.channel_work.begin(), totals_.channel_work.end(), 0);
  for (std::size_t l = 0; l < totals_.link_bandwidth.size(); ++l)
    totals_.link_bandwidth[l] = static_cast<double>(plan.lanes[l]) * problem_.lane_bandwidth[l];
  transfers_.clear();
  conversions_.clear();
  instances_.resize(at(problem_.tensors) * at(problem_.devices));
  std::fill(memory_.begin(), memory_.end(), Memory{});
  if (problem_.shared_weights > 0) std::fill(weight_held_.begin(), weight_held_.end(), 0);
}

/// Calls visit(reader, device, precision, index into reader tables) for all readers of a tensor.
template <class Emitter>
template <class Visit>
void Lowering<Emitter>::for_readers(std::int32_t tensor, Visit visit) const {
  const auto& row = tensor_rows_[at(tensor)];
  for (auto r = row.first_reader; r < row.first_reader + row.reader_count; ++r) {
    const auto reader = problem_.reader[r];
    const auto there = operator_rows_[at(reader)].home;
    visit(reader, static_cast<std::int32_t>(there >> 8), static_cast<std::uint8_t>(there),
          std::size_t{r});
  }
}

template <class Emitter>
void Lowering<Emitter>::fail(bool of_operator, std::int32_t subject, int device,
                             std::uint8_t format) {
  if (!totals_.fault.found) totals_.fault = {true, of_operator, subject, device, format};
}

template <class Emitter>
void Lowering<Emitter>::hold_shared_weights(std::int32_t op, int device, std::uint8_t precision) {
  const auto formats = at(problem_.compute_formats);
  for (auto s = problem_.shared_begin[at(op)]; s < problem_.shared_begin[at(op) + 1]; ++s) {
    const auto weight = at(problem_.shared_weight[at(s)]);
    auto& held = weight_held_[(weight * at(problem_.devices) + at(device)) * formats + precision];
    if (!held)
      totals_.devices[at(device)].weights +=
          problem_.shared_weight_bytes[weight * formats + precision];
    held = 1;
  }
}

/// The instance that a reader on `device` in `format` takes, or -1 if it has yet to be converted.
template <class Emitter>
std::int32_t Lowering<Emitter>::find_instance(std::int32_t tensor, int device,
                                              std::uint8_t format) const {
  auto i = static_cast<std::int32_t>(place(tensor, device));
  if (tensor_rows_[at(tensor)].fixed) return i;
  while (i >= 0 && instances_[at(i)].format != format) i = instances_[at(i)].next;
  return i;
}

/// Converts the tensor as it was made on, or came to, `device`; a new instance follows it.
template <class Emitter>
void Lowering<Emitter>::add_conversion(std::int32_t tensor, int device, std::uint8_t format,
                                       bool keep) {
  const auto formats = at(problem_.formats);
  const auto base = place(tensor, device);
  const auto from = instances_[base].format;
  const auto d = at(device);
  if (!problem_.handles_format[d * formats + from]) fail(false, tensor, device, from);
  if (!problem_.handles_format[d * formats + format]) fail(false, tensor, device, format);

  std::int32_t readers = 0;
  double carried = 0;  // noise at the outputs per noise that this rounding adds
  for_readers(tensor, [&](std::int32_t, std::int32_t there, std::uint8_t in, std::size_t r) {
    if (there != device || in != format) return;
    ++readers;
    carried += problem_.reader_sensitivity[r];
  });
  if (problem_.format_noise[format] > problem_.format_noise[from])
    totals_.noise += carried * problem_.format_noise[format];

  const auto made = size_of(tensor, format);
  const auto touched = static_cast<double>(made + instances_[base].bytes);
  const auto duration =
      rounded_up(problem_.convert_overhead[d] + touched / problem_.convert_bandwidth[d]).count();
  const double energy = touched * problem_.convert_energy[d];
  totals_.convert_energy += energy;
  totals_.devices[d].work += duration;
  auto begun = emitter_.begin();
  emitter_.reads(begun, instances_[base].maker);
  const Handle maker = emitter_.convert(begun, tensor, device, from, format, duration, energy);

  auto& memory = memory_[d];
  memory.held += made;
  memory.sum += made;
  memory.peak = std::max(memory.peak, memory.held);
  if (--instances_[base].readers == 0) memory.held -= instances_[base].bytes;
  const auto next = instances_[base].next;
  instances_[base].next = static_cast<std::int32_t>(instances_.size());
  instances_.push_back({made, maker, readers + (keep ? kept : 0), next, format});
}

/// Conversions made for one operator, in the order of their producers' ranks.
template <class Emitter>
void Lowering<Emitter>::convert_inputs(std::int32_t op, int device, std::uint8_t precision) {
  const auto& row = operator_rows_[at(op)];
  for (auto i = row.first_input; i < row.end_input; ++i) {
    const auto tensor = problem_.input_tensor[i];
    if (find_instance(tensor, device, precision) >= 0) continue;
    const auto producer = problem_.producer[at(tensor)];
    const auto rank = producer < 0 ? -1 : operator_rows_[at(producer)].position;
    conversions_.push_back({(std::int64_t{rank} + 1) << 32 | tensor, tensor, device, precision});
  }
  if (conversions_.size() > 1) std::ranges::sort(conversions_, {}, &Target::key);
  for (const auto& each : conversions_) add_conversion(each.tensor, device, precision, false);
  conversions_.clear();
}

/// What operators add up to, whatever their tensors do: a pass of its own, since two short loops
/// keep their variables in registers where one long loop would not. Precision switches are known
/// here.
template <class Emitter>
void Lowering<Emitter>::add_up_operators() {
  const auto* const cells = cells_.data();
  const auto* const once = once_.data();
  auto* const rows = operator_rows_.data();
  const auto* const on = plan_->device.data();
  const auto* const in = plan_->precision.data();
  auto* const loads = totals_.devices.data();
  const auto operators = at(problem_.operators), formats = at(problem_.compute_formats);
  double energy = 0, noise = 0;
  std::int32_t position = 0;
  for (const auto op : plan_->order) {
    const auto o = at(op);
    const std::size_t d = on[o];
    const auto precision = in[o];
    const auto& cost = cells[(d * formats + precision) * operators + o];
    const auto& fixed = once[precision * operators + o];
    auto& row = rows[o];
    auto& load = loads[d];
    auto duration = cost.duration;
    if (duration < 0) [[unlikely]] {
      fail(true, op, on[o], precision);
      duration = 0;
    }
    row.home = home(on[o], precision);
    row.converts = false;
    row.position = position++;
    row.workspace = cost.workspace;
    load.work += duration;
    load.weights += fixed.weights;
    energy += cost.energy;
    noise += fixed.noise;
    if (load.last != precision && !row.free) {
      if (load.last != no_precision) {
        ++load.switches;
        duration += problem_.switch_time[d];
      }
      load.last = precision;
    }
    row.busy = duration;
    if (row.shares_weights) [[unlikely]]
      hold_shared_weights(op, on[o], precision);
  }
  totals_.compute_energy = energy;
  totals_.noise += noise;
}

/// The walk in rank order. What is rare (conversions, transfers) is done elsewhere; tables are read
/// through local pointers, which the compiler need not fetch again after a store.
template <class Emitter>
void Lowering<Emitter>::add_operators() {
  const auto* const rows = operator_rows_.data();
  const auto* const tensors = tensor_rows_.data();
  const auto* const input_tensor = problem_.input_tensor.data();
  const auto* const reader = problem_.reader.data();
  const auto* const sizes = sizes_.data();
  auto* const memories = memory_.data();
  const auto tensor_count = at(problem_.tensors);

  for (const auto op : plan_->order) {
    const auto& row = rows[at(op)];
    if (row.converts) [[unlikely]] {
      add_converted(op);
      continue;
    }
    const auto here = row.home;
    const std::size_t d = here >> 8;
    const auto precision = static_cast<std::uint8_t>(here);
    auto* const instances = instances_.data() + d * tensor_count;  // of this device
    const auto* const size = sizes + precision * tensor_count;
    auto& memory = memories[d];
    auto begun = emitter_.begin();
    std::int64_t given_back = 0;
    for (auto i = row.first_input; i < row.end_input; ++i) {
      auto& it = instances[input_tensor[i]];
      emitter_.reads(begun, it.maker);
      if (--it.readers == 0) given_back += it.bytes;
    }
    const Handle maker =
        emitter_.compute(begun, op, static_cast<int>(d), precision, row.free, row.busy);

    auto held = memory.held;
    bool sends = false;
    for (auto t = row.first_output; t < row.end_output; ++t) {
      held += size[t];
      const auto& tensor = tensors[t];
      bool stays = tensor.plain;
      for (auto r = tensor.first_reader, end = r + tensor.reader_count; r < end; ++r)
        stays &= rows[reader[r]].home == here;
      if (stays) [[likely]]
        instances[t] = {size[t], maker, static_cast<std::int32_t>(tensor.reader_count), -1,
                        precision};
      else
        sends |=
            add_product(static_cast<std::int32_t>(t), static_cast<int>(d), precision, maker, false);
    }
    memory.peak = std::max(memory.peak, held + row.workspace);
    memory.sum += held - memory.held + row.workspace;
    memory.held = held - given_back;
    if (sends) [[unlikely]]
      send_products(static_cast<int>(d));
  }
}

/// An operator some of whose inputs may have to be converted.
template <class Emitter>
void Lowering<Emitter>::add_converted(std::int32_t op) {
  const auto o = at(op);
  const auto& row = operator_rows_[o];
  const int device = plan_->device[o];
  const auto precision = plan_->precision[o];
  convert_inputs(op, device, precision);

  auto begun = emitter_.begin();
  std::int64_t given_back = 0, made = 0;
  for (auto i = row.first_input; i < row.end_input; ++i) {
    const auto tensor = problem_.input_tensor[i];
    auto& it = instances_[at(find_instance(tensor, device, precision))];
    emitter_.reads(begun, it.maker);
    if (--it.readers == 0) given_back += it.bytes;
  }
  const Handle maker = emitter_.compute(begun, op, device, precision, row.free, row.busy);
  for (auto t = row.first_output; t < row.end_output; ++t) {
    made += size_of(t, precision);
    add_product(static_cast<std::int32_t>(t), device, precision, maker, false);
  }
  auto& memory = memory_[at(device)];
  memory.peak = std::max(memory.peak, memory.held + made + row.workspace);
  memory.sum += made + row.workspace;
  memory.held += made - given_back;
  send_products(device);
}

/// The conversions that wires need, and the transfers, of tensors just made on `device`.
template <class Emitter>
void Lowering<Emitter>::send_products(int device) {
  if (!conversions_.empty()) add_wire_conversions(device);
  if (!transfers_.empty()) add_transfers(device);
  conversions_.clear();
  transfers_.clear();
}

/// Registers a tensor just made on `device`: its instance, and who needs it sent or converted.
/// Answers whether anything is to be sent.
template <class Emitter>
bool Lowering<Emitter>::add_product(std::int32_t tensor, int device, std::uint8_t made_in,
                                    Handle maker, bool input) {
  const auto t = at(tensor);
  const bool fixed = tensor_rows_[t].fixed;
  auto& own = instances_[place(tensor, device)];
  own = {size_of(tensor, made_in), maker, 0, -1, made_in};
  if (input) {  // made at the start
    memory_[at(device)].held += own.bytes;
    memory_[at(device)].sum += own.bytes;
  }

  bool keep = false;

  // Who reads it where: local formats as a mask, the first reader on every other device.
  std::uint64_t local = 0;
  touched_.clear();
  const auto needs = [&](std::int32_t there, std::int32_t rank) {
    auto& first = first_reader_[at(there)];
    if (first == nobody) touched_.push_back(there);
    first = std::min(first, rank);
  };
  for_readers(tensor, [&](std::int32_t reader, std::int32_t there, std::uint8_t in, std::size_t) {
    if (there != device)
      needs(there, operator_rows_[at(reader)].position);
    else if (fixed || in == made_in)
      ++own.readers;
    else {
      local |= std::uint64_t{1} << in;
      operator_rows_[at(reader)].converts = true;
    }
  });
  if (problem_.is_output[t]) {
    if (problem_.sink == device) {
      keep = true;
      if (!input) emitter_.ends_at_sink(maker);
    } else {
      needs(problem_.sink, problem_.operators);
    }
  }

  std::uint64_t wires = 0;
  const auto output = tensor - (input ? 0 : problem_.output_begin[at(problem_.producer[t])]);
  for (const auto target : touched_) {
    auto wire = plan_->wire[wire_of(tensor, target)];
    if (wire == Plan::as_produced || fixed) wire = made_in;
    const std::int64_t key = std::int64_t{first_reader_[at(target)]} << 32 | output;
    first_reader_[at(target)] = nobody;
    transfers_.push_back({key, tensor, target, wire});
    if (wire == made_in) {
      keep = true;
      continue;
    }
    if (!(wires >> wire & 1)) conversions_.push_back({key, tensor, device, wire});
    for (auto& each : conversions_)
      if (each.tensor == tensor && each.format == wire) each.key = std::min(each.key, key);
    wires |= std::uint64_t{1} << wire;
  }
  if ((local | wires) != 0) own.readers += std::popcount(local | wires);
  if (keep || own.readers == 0) own.readers += kept;
  return !transfers_.empty();
}

template <class Emitter>
void Lowering<Emitter>::add_wire_conversions(int device) {
  // Local operators that read the conversion as well count among its readers.
  for (auto& each : conversions_)
    for_readers(
        each.tensor, [&](std::int32_t reader, std::int32_t there, std::uint8_t in, std::size_t) {
          if (there == device && in == each.format)
            each.key = std::min(each.key, std::int64_t{operator_rows_[at(reader)].position} << 32 |
                                              (each.key & 0xffffffff));
        });
  std::ranges::sort(conversions_, [&](const Target& a, const Target& b) {
    if (a.key != b.key) return a.key < b.key;
    return problem_.format[a.format] < problem_.format[b.format];
  });
  for (const auto& each : conversions_) add_conversion(each.tensor, device, each.format, true);
}

template <class Emitter>
void Lowering<Emitter>::add_transfers(int device) {
  if (transfers_.size() > 1) std::ranges::sort(transfers_, {}, &Target::key);
  for (const auto& each : transfers_) add_transfer(each, device);
}

template <class Emitter>
void Lowering<Emitter>::add_transfer(const Target& target, int device) {
  const auto t = at(target.tensor);
  const auto source = at(find_instance(target.tensor, device, target.format));
  const auto route = at(device) * at(problem_.devices) + at(target.device);
  const auto size = size_of(target.tensor, target.format);
  const auto packet = problem_.route_packet[route];
  const auto bytes = packet == 1 ? size : (size + packet - 1) / packet * packet;
  const auto channels =
      std::span(problem_.route_channel)
          .subspan(at(problem_.route_begin[route]),
                   at(problem_.route_begin[route + 1] - problem_.route_begin[route]));
  double narrowest = std::numeric_limits<double>::infinity();
  for (const auto c : channels)
    narrowest = std::min(narrowest, totals_.link_bandwidth[at(problem_.channel_link[at(c)])]);
  const auto duration = transfer_time({bytes}, {narrowest}).count();
  for (const auto c : channels)
    totals_.channel_work[at(c)] +=
        problem_.route_fair[route]
            ? fair_work(bytes, totals_.link_bandwidth[at(problem_.channel_link[at(c)])])
            : duration;
  const double energy = static_cast<double>(bytes) * 8 * problem_.route_energy_per_bit[route];
  totals_.transfer_energy += energy;
  totals_.transferred_bytes += bytes;
  note_wire_noise(target, device);

  auto begun = emitter_.begin();
  emitter_.reads(begun, instances_[source].maker);
  const Handle sent =
      emitter_.transfer(begun, target.tensor, device, target.device,
                        static_cast<std::int32_t>(route), target.format, bytes, duration, energy);

  // The arrival: counted from the start of the request, given back when last read there.
  Instance arrival{size, sent, 0, -1, target.format};
  std::uint64_t others = 0;
  for_readers(target.tensor,
              [&](std::int32_t reader, std::int32_t there, std::uint8_t in, std::size_t) {
                if (there != target.device) return;
                if (tensor_rows_[t].fixed || in == target.format) {
                  ++arrival.readers;
                  return;
                }
                others |= std::uint64_t{1} << in;
                operator_rows_[at(reader)].converts = true;
              });
  if (others != 0) arrival.readers += std::popcount(others);
  memory_[at(target.device)].arrivals += size;
  if (problem_.is_output[t] && target.device == problem_.sink) {
    arrival.readers += kept;
    emitter_.ends_at_sink(sent);
  }
  instances_[place(target.tensor, target.device)] = arrival;
}

/// A wire coarser than what was made rounds what all readers beyond it get.
template <class Emitter>
void Lowering<Emitter>::note_wire_noise(const Target& target, int device) {
  const auto made_in = instances_[place(target.tensor, device)].format;
  if (problem_.format_noise[target.format] <= problem_.format_noise[made_in]) return;
  double carried =
      target.device == problem_.sink ? problem_.output_sensitivity[at(target.tensor)] : 0;
  for_readers(target.tensor, [&](std::int32_t, std::int32_t there, std::uint8_t, std::size_t r) {
    if (there == target.device) carried += problem_.reader_sensitivity[r];
  });
  totals_.noise += carried * problem_.format_noise[target.format];
}

template <class Emitter>
void Lowering<Emitter>::finish() {
  totals_.memory_over = totals_.memory_bytes = 0;
  totals_.admission_limit = std::numeric_limits<std::int64_t>::max();
  for (std::size_t d = 0; d < memory_.size(); ++d) {
    auto& load = totals_.devices[d];
    const auto& memory = memory_[d];
    const bool ordered = totals_.strict && problem_.slots[d] == 1;
    load.per_request = (ordered ? memory.peak : memory.sum) + memory.arrivals;
    const auto needed = load.weights + load.per_request;
    totals_.memory_bytes = std::max(totals_.memory_bytes, needed);
    totals_.memory_over += std::max<std::int64_t>(0, needed - problem_.capacity[d]);
    if (load.per_request > 0 && problem_.workload.requests > 1)
      totals_.admission_limit = std::min(totals_.admission_limit,
                                         (problem_.capacity[d] - load.weights) / load.per_request);
  }
  totals_.admission_limit = std::max<std::int64_t>(1, totals_.admission_limit);
}

}  // namespace models
