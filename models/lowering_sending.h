#pragma once

// Part of models/lowering.h: what is converted and sent because readers are elsewhere.
#include "models/lowering.h"

namespace models {

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
    carried_noise_ += carried * problem_.format_noise[format];

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
  instances_.push_back({.bytes = made,
                        .maker = maker,
                        .readers = readers + (keep ? kept : 0),
                        .next = next,
                        .format = format});
}

/// Conversions made for one operator, in the order of their producers' ranks.
template <class Emitter>
void Lowering<Emitter>::convert_inputs(std::int32_t op, int device, std::uint8_t precision) {
  const auto& row = operator_rows_[at(op)];
  if (row.end_input - row.first_input == 1) {
    const auto tensor = problem_.input_tensor[row.first_input];
    if (find_instance(tensor, device, precision) < 0)
      add_conversion(tensor, device, precision, false);
    return;
  }
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

/// The conversions that wires need, and the transfers, of tensors just made on `device`.
template <class Emitter>
void Lowering<Emitter>::send_products(int device) {
  if (!conversions_.empty()) add_wire_conversions(device);
  if (!transfers_.empty()) add_transfers(device);
  conversions_.clear();
  transfers_.clear();
}

/// The usual case of add_product, without lists.
template <class Emitter>
bool Lowering<Emitter>::add_product_of_one_reader(std::int32_t tensor, int device,
                                                  std::uint8_t made_in, Handle maker) {
  const auto t = at(tensor);
  auto& reader = operator_rows_[at(problem_.reader[tensor_rows_[t].first_reader])];
  auto& own = add_place(
      tensor, device,
      {.bytes = size_of(tensor, made_in), .maker = maker, .readers = 1, .format = made_in});
  const auto there = static_cast<std::int32_t>(reader.home >> 8);
  if (there == device) {
    reader.converts |= static_cast<std::uint8_t>(reader.home) != made_in;
    return !transfers_.empty();
  }
  auto wire = plan_->wire[wire_of(tensor, there)];
  if (wire == Plan::as_produced) wire = made_in;
  const auto output = tensor - problem_.output_begin[at(problem_.producer[t])];
  const std::int64_t key = std::int64_t{reader.position} << 32 | output;
  transfers_.push_back({key, tensor, there, wire});
  if (wire == made_in)
    own.readers = kept;
  else
    conversions_.push_back({key, tensor, device, wire});
  return true;
}

/// Registers a tensor just made on `device`: its instance, and who needs it sent or converted.
/// Answers whether anything is to be sent.
template <class Emitter>
bool Lowering<Emitter>::add_product(std::int32_t tensor, int device, std::uint8_t made_in,
                                    Handle maker, bool input) {
  const auto t = at(tensor);
  const auto& row = tensor_rows_[t];
  if (row.plain && row.reader_count == 1 && !input)
    return add_product_of_one_reader(tensor, device, made_in, maker);
  const bool fixed = row.fixed;
  auto& own = add_place(tensor, device,
                        {.bytes = size_of(tensor, made_in), .maker = maker, .format = made_in});
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
    if (stream_->sink == device) {
      keep = true;
      if (!input) emitter_.ends_at_sink(maker);
    } else {
      needs(stream_->sink, problem_.operators);
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
  const auto bytes = in_packets(size, problem_.route_packet[route]);
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
  Instance arrival{.bytes = size, .maker = sent, .format = target.format};
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
  if (problem_.is_output[t] && target.device == stream_->sink) {
    arrival.readers += kept;
    emitter_.ends_at_sink(sent);
  }
  add_place(target.tensor, target.device, arrival);
}

/// A wire coarser than what was made rounds what all readers beyond it get.
template <class Emitter>
void Lowering<Emitter>::note_wire_noise(const Target& target, int device) {
  const auto made_in = instances_[place(target.tensor, device)].format;
  if (problem_.format_noise[target.format] <= problem_.format_noise[made_in]) return;
  double carried =
      target.device == stream_->sink ? problem_.output_sensitivity[at(target.tensor)] : 0;
  for_readers(target.tensor, [&](std::int32_t, std::int32_t there, std::uint8_t, std::size_t r) {
    if (there == target.device) carried += problem_.reader_sensitivity[r];
  });
  carried_noise_ += carried * problem_.format_noise[target.format];
}

}  // namespace models
