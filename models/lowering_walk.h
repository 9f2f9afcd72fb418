#pragma once

// Part of models/lowering.h: the walk through the operators, and what it adds up.
#include "models/lowering.h"

namespace models {

template <class Emitter>
Lowering<Emitter>::Lowering(const Problem& problem, Emitter& emitter)
    : problem_(problem),
      emitter_(emitter),
      places_(at(problem.tensors) * at(problem.devices)),
      memory_(at(problem.devices)),
      first_reader_(at(problem.devices), nobody),
      weight_held_(at(problem.shared_weights) * at(problem.devices) * at(problem.compute_formats)) {
  totals_.devices.resize(at(problem.devices));
  totals_.channel_work.resize(at(problem.channels));
  totals_.link_bandwidth.resize(at(problem.links));
  std::vector<int> one_of(at(problem.kinds));  // a device of each kind
  for (int d = 0; d < problem.devices; ++d) one_of[at(problem.device_kind[at(d)])] = d;
  for (const int d : one_of)
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
void Lowering<Emitter>::lower(const Plan& plan, int stream) {
  reset(plan, stream);
  add_up_operators();
  for (int t = stream_->first_input; t < stream_->end_input; ++t)
    add_product(t, stream_->source, problem_.input_format, emitter_.present(), true);
  send_products(stream_->source);
  for (auto& each : memory_) each.peak = std::max(each.peak, each.held);
  add_operators();
  finish();
}

template <class Emitter>
void Lowering<Emitter>::reset(const Plan& plan, int stream) {
  plan_ = &plan;
  stream_ = &problem_.streams[at(stream)];
  order_ = plan.order;
  if (problem_.streams.size() > 1) {
    order_store_.clear();
    for (const auto op : plan.order)
      if (op >= stream_->first_operator && op < stream_->end_operator) order_store_.push_back(op);
    order_ = order_store_;
  }
  totals_.strict = plan.discipline == Plan::Discipline::strict;
  totals_.fault = {};
  carried_noise_ = 0;
  totals_.compute_energy = totals_.convert_energy = totals_.transfer_energy = totals_.noise = 0;
  totals_.transferred_bytes = 0;
  std::fill(totals_.devices.begin(), totals_.devices.end(), Totals::DeviceLoad{});
  std::fill(totals_.channel_work.begin(), totals_.channel_work.end(), 0);
  for (std::size_t l = 0; l < totals_.link_bandwidth.size(); ++l)
    totals_.link_bandwidth[l] = static_cast<double>(plan.lanes[l]) * problem_.lane_bandwidth[l];
  transfers_.clear();
  conversions_.clear();
  instances_.clear();
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

/// What operators add up to, whatever their tensors do: a pass of its own, since two short loops
/// keep their variables in registers where one long loop would not. Precision switches are known
/// here.
template <class Emitter>
void Lowering<Emitter>::add_up_operators() {
  const auto* const cells = cells_.data();
  const auto* const kinds = problem_.device_kind.data();
  const auto* const once = once_.data();
  auto* const rows = operator_rows_.data();
  const auto* const on = plan_->device.data();
  const auto* const in = plan_->precision.data();
  auto* const loads = totals_.devices.data();
  const auto operators = at(problem_.operators), formats = at(problem_.compute_formats);
  double energy = 0, noise = 0;
  std::int32_t position = 0;
  for (const auto op : order_) {
    const auto o = at(op);
    const std::size_t d = on[o];
    const auto precision = in[o];
    const auto& cost = cells[(at(kinds[d]) * formats + precision) * operators + o];
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

  for (const auto op : order_) {
    const auto& row = rows[at(op)];
    if (row.converts) [[unlikely]] {
      add_converted(op);
      continue;
    }
    const auto here = row.home;
    const std::size_t d = here >> 8;
    const auto precision = static_cast<std::uint8_t>(here);
    const auto* const size = sizes + precision * tensor_count;
    auto& memory = memories[d];
    auto begun = emitter_.begin();
    std::int64_t given_back = 0;
    for (auto i = row.first_input; i < row.end_input; ++i) {
      auto& it = instances_[place(input_tensor[i], d)];
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
        add_place(static_cast<std::int32_t>(t), static_cast<int>(d),
                  {.bytes = size[t],
                   .maker = maker,
                   .readers = static_cast<std::int32_t>(tensor.reader_count),
                   .format = precision});
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

template <class Emitter>
void Lowering<Emitter>::finish() {
  totals_.noise += carried_noise_;
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
    if (load.per_request > 0 && problem_.requests() > 1)
      totals_.admission_limit = std::min(totals_.admission_limit,
                                         (problem_.capacity[d] - load.weights) / load.per_request);
  }
  totals_.admission_limit = std::max<std::int64_t>(1, totals_.admission_limit);
}

}  // namespace models
