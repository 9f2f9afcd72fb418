#include "models/task_graph.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "models/units.h"

namespace models {
namespace {

constexpr std::int32_t nobody = std::numeric_limits<std::int32_t>::max();

std::size_t at(auto index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

TaskGraph::TaskGraph(const Problem& problem)
    : problem_(problem),
      tasks_(at(problem.operators) * 2 + 2),
      deps_(problem.input_tensor.size() * 2 + 2),
      loads_(at(problem.devices)),
      channel_work_(at(problem.channels)),
      bandwidth_(at(problem.links)),
      position_(at(problem.operators)),
      instances_(at(problem.tensors) * at(problem.devices)),
      memory_(at(problem.devices)),
      first_reader_(at(problem.devices), nobody),
      weight_held_(at(problem.shared_weights) * at(problem.devices) * at(problem.compute_formats)) {
  for (std::size_t o = 0; o < at(problem.operators); ++o)
    operator_rows_.push_back({problem.input_begin[o], problem.input_begin[o + 1],
                              problem.output_begin[o], problem.output_begin[o + 1],
                              problem.is_free[o] != 0,
                              problem.shared_begin[o] != problem.shared_begin[o + 1]});
  for (std::size_t t = 0; t < at(problem.tensors); ++t) {
    const auto first = problem.reader_begin[t];
    const bool only = problem.reader_begin[t + 1] - first == 1 && !problem.is_output[t];
    tensor_rows_.push_back({only ? problem.reader[at(first)] : -1, problem.is_fixed[t] != 0});
  }
}

/// Room for one task more and the end mark behind it; its dependencies begin here.
TaskGraph::Task& TaskGraph::new_task() {
  if (task_count_ + 1 >= tasks_.size()) tasks_.resize(tasks_.size() * 2);
  auto& task = tasks_[task_count_++];
  task.first_dep = static_cast<std::int32_t>(dep_count_);
  return task;
}

void TaskGraph::add_dep(std::int32_t maker) {
  if (dep_count_ == deps_.size()) deps_.resize(deps_.size() * 2);
  deps_[dep_count_++] = maker;
}

std::span<const std::int32_t> TaskGraph::route(const Task& transfer) const {
  const auto begin = at(problem_.route_begin[at(transfer.route)]);
  const auto end = at(problem_.route_begin[at(transfer.route) + 1]);
  return std::span(problem_.route_channel).subspan(begin, end - begin);
}

void TaskGraph::build(const Plan& plan) {
  reset(plan);
  for (int t = 0; t < problem_.inputs; ++t)
    add_product(t, problem_.source, problem_.input_format, -1);
  send_products(problem_.source);
  for (auto& each : memory_) each.peak = each.held;
  add_operators();
  finish();
}

void TaskGraph::reset(const Plan& plan) {
  plan_ = &plan;
  strict_ = plan.discipline == Plan::Discipline::strict;
  task_count_ = dep_count_ = 0;
  transfers_.clear();
  conversions_.clear();
  finals_.clear();
  input_reads_.clear();
  instances_.resize(at(problem_.tensors) * at(problem_.devices));
  std::fill(loads_.begin(), loads_.end(), DeviceLoad{});
  std::fill(memory_.begin(), memory_.end(), Memory{});
  std::fill(channel_work_.begin(), channel_work_.end(), 0);
  if (problem_.shared_weights > 0) std::fill(weight_held_.begin(), weight_held_.end(), 0);
  fault_ = {};
  compute_energy_ = convert_energy_ = transfer_energy_ = noise_ = 0;
  transferred_ = 0;
  for (std::size_t l = 0; l < bandwidth_.size(); ++l)
    bandwidth_[l] = static_cast<double>(plan.lanes[l]) * problem_.lane_bandwidth[l];
  for (std::size_t k = 0; k < plan.order.size(); ++k)
    position_[at(plan.order[k])] = static_cast<std::int32_t>(k);
}

void TaskGraph::make(int device, std::int64_t bytes) {
  auto& memory = memory_[at(device)];
  memory.held += bytes;
  memory.sum += bytes;
}

void TaskGraph::read(std::int32_t instance, int device) {
  auto& it = instances_[at(instance)];
  if (--it.readers == 0 && !it.keep) memory_[at(device)].held -= it.bytes;
}

/// The newest task reads the instance.
void TaskGraph::depend_on(std::int32_t instance, std::int32_t tensor) {
  const auto maker = instances_[at(instance)].task;
  if (maker >= 0)
    add_dep(maker);
  else
    input_reads_.push_back({static_cast<std::int32_t>(task_count_) - 1, tensor});
}

void TaskGraph::fail(bool of_operator, std::int32_t subject, int device, std::uint8_t format) {
  if (!fault_.found) fault_ = {true, of_operator, subject, device, format};
}

void TaskGraph::hold_shared_weights(std::int32_t op, int device, std::uint8_t precision) {
  const auto formats = at(problem_.compute_formats);
  for (auto s = problem_.shared_begin[at(op)]; s < problem_.shared_begin[at(op) + 1]; ++s) {
    const auto weight = at(problem_.shared_weight[at(s)]);
    auto& held = weight_held_[(weight * at(problem_.devices) + at(device)) * formats + precision];
    if (!held)
      loads_[at(device)].weights += problem_.shared_weight_bytes[weight * formats + precision];
    held = 1;
  }
}

std::int32_t TaskGraph::find_instance(std::int32_t tensor, int device, std::uint8_t format) const {
  auto i = static_cast<std::int32_t>(tensor * problem_.devices + device);
  if (problem_.is_fixed[at(tensor)]) return i;
  while (i >= 0 && instances_[at(i)].format != format) i = instances_[at(i)].next;
  return i;
}

std::int32_t TaskGraph::count_readers(std::int32_t tensor, int device, std::uint8_t format) const {
  std::int32_t count = 0;
  for (auto r = problem_.reader_begin[at(tensor)]; r < problem_.reader_begin[at(tensor) + 1]; ++r) {
    const auto reader = at(problem_.reader[at(r)]);
    count += plan_->device[reader] == device &&
             (plan_->precision[reader] == format || problem_.is_fixed[at(tensor)]);
  }
  return count;
}

double TaskGraph::sensitivity_of(std::int32_t tensor, int device, std::uint8_t format) const {
  double sum = 0;
  for (auto r = problem_.reader_begin[at(tensor)]; r < problem_.reader_begin[at(tensor) + 1]; ++r) {
    const auto reader = at(problem_.reader[at(r)]);
    if (plan_->device[reader] == device && plan_->precision[reader] == format)
      sum += problem_.reader_sensitivity[at(r)];
  }
  return sum;
}

/// The conversion reads `from` and makes a new instance; both are on `device`.
std::int32_t TaskGraph::add_conversion(std::int32_t tensor, int device, std::int32_t from,
                                       std::uint8_t format, std::int32_t readers, bool keep) {
  const auto formats = at(problem_.formats);
  const auto from_format = instances_[at(from)].format;
  const auto handled = at(device) * formats;
  if (!problem_.handles_format[handled + from_format]) fail(false, tensor, device, from_format);
  if (!problem_.handles_format[handled + format]) fail(false, tensor, device, format);

  const auto made = problem_.bytes[at(tensor) * formats + format];
  const auto touched = static_cast<double>(made + instances_[at(from)].bytes);
  const auto index = static_cast<std::int32_t>(task_count_);
  auto& task = new_task();
  task.kind = Kind::convert;
  task.subject = tensor;
  task.device = static_cast<std::int16_t>(device);
  task.from = from_format;
  task.to = format;
  task.precision = no_precision;
  task.duration = rounded_up(problem_.convert_overhead[at(device)] +
                             touched / problem_.convert_bandwidth[at(device)])
                      .count();
  task.energy = touched * problem_.convert_energy[at(device)];
  convert_energy_ += task.energy;
  loads_[at(device)].work += task.duration;
  depend_on(from, tensor);

  make(device, made);
  auto& memory = memory_[at(device)];
  memory.peak = std::max(memory.peak, memory.held);
  read(from, device);

  const auto made_instance = static_cast<std::int32_t>(instances_.size());
  instances_.push_back({made, index, readers, instances_[at(from)].next, format, keep});
  instances_[at(from)].next = made_instance;
  return made_instance;
}

/// The instance that a reader on `device` in `format` takes, converted now if it does not exist.
std::int32_t TaskGraph::instance_for(std::int32_t tensor, int device, std::uint8_t format) {
  const auto found = find_instance(tensor, device, format);
  if (found >= 0) return found;
  const auto base = static_cast<std::int32_t>(tensor * problem_.devices + device);
  const auto base_format = instances_[at(base)].format;
  if (problem_.format_noise[format] > problem_.format_noise[base_format])
    noise_ += sensitivity_of(tensor, device, format) * problem_.format_noise[format];
  return add_conversion(tensor, device, base, format, count_readers(tensor, device, format), false);
}

/// Conversions made for one operator, in the order of their producers' ranks.
void TaskGraph::convert_inputs(std::int32_t op, int device, std::uint8_t precision) {
  const auto& row = operator_rows_[at(op)];
  for (auto i = row.first_input; i < row.end_input; ++i) {
    const auto tensor = problem_.input_tensor[at(i)];
    if (find_instance(tensor, device, precision) >= 0) continue;
    const auto producer = problem_.producer[at(tensor)];
    const auto rank = producer < 0 ? -1 : position_[at(producer)];
    conversions_.push_back({(std::int64_t{rank} + 1) << 32 | tensor, tensor, device, precision});
  }
  if (conversions_.size() > 1) std::ranges::sort(conversions_, {}, &Target::key);
  for (const auto& each : conversions_) instance_for(each.tensor, device, precision);
  conversions_.clear();
}

/// The walk in rank order: the innermost loop of every search. What is rare (conversions, transfers,
/// tensors with several readers) is done elsewhere; tables are read through local pointers because
/// the compiler must otherwise fetch them again after every store.
void TaskGraph::add_operators() {
  const auto* const rows = operator_rows_.data();
  const auto* const tensors = tensor_rows_.data();
  const auto* const input_tensor = problem_.input_tensor.data();
  const auto* const bytes = problem_.bytes.data();
  const auto* const on = plan_->device.data();
  const auto* const in = plan_->precision.data();
  const auto devices = at(problem_.devices), formats = at(problem_.formats);
  const auto compute_formats = at(problem_.compute_formats);
  double energy = 0, noise = 0;

  for (const auto op : plan_->order) {
    const auto o = at(op);
    const auto row = rows[o];
    const int device = on[o];
    const auto precision = in[o];
    const auto d = at(device);

    bool converts = false;
    for (auto i = row.first_input; i < row.end_input; ++i) {
      const auto t = at(input_tensor[i]);
      converts |= instances_[t * devices + d].format != precision && !tensors[t].fixed;
    }
    if (converts) [[unlikely]]
      convert_inputs(op, device, precision);

    const auto cell = (o * devices + d) * compute_formats + precision;
    const auto index = static_cast<std::int32_t>(task_count_);
    auto& task = new_task();
    task.kind = Kind::compute;
    task.subject = op;
    task.device = static_cast<std::int16_t>(device);
    task.from = task.to = precision;
    task.duration = problem_.duration[cell];
    task.energy = problem_.energy[cell];
    energy += task.energy;
    if (task.duration < 0) [[unlikely]] {
      fail(true, op, device, precision);
      task.duration = 0;
    }
    auto& load = loads_[d];
    task.precision = no_precision;
    if (!row.free) {
      task.precision = precision;
      if (load.first == no_precision) load.first = precision;
      load.switches += load.last != no_precision && load.last != precision;
      load.last = precision;
      noise += problem_.noise[o * compute_formats + precision];
    }
    load.work += task.duration;
    load.weights += problem_.weight_bytes[o * compute_formats + precision];
    if (row.shares_weights) [[unlikely]]
      hold_shared_weights(op, device, precision);

    auto& memory = memory_[d];
    std::int64_t made = 0;
    for (auto t = row.first_output; t < row.end_output; ++t) made += bytes[at(t) * formats + precision];
    const auto workspace = problem_.workspace[cell];
    memory.held += made;
    memory.sum += made + workspace;
    memory.peak = std::max(memory.peak, memory.held + workspace);
    for (auto i = row.first_input; i < row.end_input; ++i) {
      const auto tensor = input_tensor[i];
      auto instance = static_cast<std::int32_t>(at(tensor) * devices + d);
      if (converts) [[unlikely]]
        instance = find_instance(tensor, device, precision);
      auto& it = instances_[at(instance)];
      depend_on(instance, tensor);
      if (--it.readers == 0 && !it.keep) memory.held -= it.bytes;
    }

    for (auto t = row.first_output; t < row.end_output; ++t) {
      const auto reader = tensors[t].only_reader;
      if (reader >= 0 && on[reader] == device && (in[reader] == precision || tensors[t].fixed))
        instances_[at(t) * devices + d] = {bytes[at(t) * formats + precision], index, 1, -1,
                                           precision, false};
      else
        add_product(t, device, precision, index);
    }
    if (!transfers_.empty()) [[unlikely]]
      send_products(device);
  }
  compute_energy_ += energy;
  noise_ += noise;
  tasks_[task_count_].first_dep = static_cast<std::int32_t>(dep_count_);
}

/// The conversions that wires need, and the transfers, of tensors just made on `device`.
void TaskGraph::send_products(int device) {
  if (!conversions_.empty()) add_wire_conversions(device);
  if (!transfers_.empty()) add_transfers(device);
  conversions_.clear();
  transfers_.clear();
}

/// Registers a tensor just made on `device`: its instance, and who needs it sent or converted.
void TaskGraph::add_product(std::int32_t tensor, int device, std::uint8_t made_in,
                            std::int32_t maker) {
  const auto t = at(tensor);
  const bool fixed = problem_.is_fixed[t] != 0;
  const auto base = t * at(problem_.devices) + at(device);
  auto& own = instances_[base];
  own = {problem_.bytes[t * at(problem_.formats) + made_in], maker, 0, -1, made_in, false};
  if (maker < 0) make(device, own.bytes);  // an input at the source: made at the start

  // Who reads it where: local formats as a mask, the first reader on every other device.
  std::uint64_t local = 0;
  touched_.clear();
  for (auto r = problem_.reader_begin[t]; r < problem_.reader_begin[t + 1]; ++r) {
    const auto reader = at(problem_.reader[at(r)]);
    const int there = plan_->device[reader];
    if (there == device) {
      const auto format = plan_->precision[reader];
      if (fixed || format == made_in)
        ++own.readers;
      else
        local |= std::uint64_t{1} << format;
      continue;
    }
    if (first_reader_[at(there)] == nobody) touched_.push_back(there);
    first_reader_[at(there)] = std::min(first_reader_[at(there)], position_[reader]);
  }
  if (problem_.is_output[t]) {
    if (problem_.sink == device) {
      own.keep = true;
      if (maker >= 0 && (finals_.empty() || finals_.back() != maker)) finals_.push_back(maker);
    } else {
      if (first_reader_[at(problem_.sink)] == nobody) touched_.push_back(problem_.sink);
      first_reader_[at(problem_.sink)] =
          std::min(first_reader_[at(problem_.sink)], static_cast<std::int32_t>(problem_.operators));
    }
  }

  std::uint64_t wires = 0;
  const std::int32_t place = tensor - (maker < 0 ? 0 : problem_.output_begin[at(problem_.producer[t])]);
  for (const auto target : touched_) {
    auto wire = plan_->wire[t * at(problem_.devices) + at(target)];
    if (wire == Plan::as_produced || fixed) wire = made_in;
    const auto rank = first_reader_[at(target)];
    first_reader_[at(target)] = nobody;
    const std::int64_t key = (std::int64_t{rank} << 32) | std::int64_t{place};
    transfers_.push_back({key, tensor, target, wire});
    if (wire == made_in) {
      own.keep = true;
      continue;
    }
    if (!(wires >> wire & 1)) conversions_.push_back({key, tensor, device, wire});
    else
      for (auto& each : conversions_)
        if (each.tensor == tensor && each.format == wire) each.key = std::min(each.key, key);
    wires |= std::uint64_t{1} << wire;
  }
  own.readers += std::popcount(local | wires);
  if (own.readers == 0) own.keep = true;  // unread: held to the end
}

void TaskGraph::add_wire_conversions(int device) {
  // A conversion that local operators read as well may have one of them as its first reader.
  for (auto& each : conversions_) {
    const auto t = at(each.tensor);
    for (auto r = problem_.reader_begin[t]; r < problem_.reader_begin[t + 1]; ++r) {
      const auto reader = at(problem_.reader[at(r)]);
      if (plan_->device[reader] == device && plan_->precision[reader] == each.format)
        each.key = std::min(each.key, (std::int64_t{position_[reader]} << 32) |
                                          (each.key & 0xffffffff));
    }
  }
  if (conversions_.size() > 1)
    std::ranges::sort(conversions_, [&](const Target& a, const Target& b) {
      return a.key != b.key ? a.key < b.key
                            : problem_.format[a.format] < problem_.format[b.format];
    });
  for (const auto& each : conversions_) {
    const auto base = static_cast<std::int32_t>(each.tensor * problem_.devices + device);
    const auto base_format = instances_[at(base)].format;
    if (problem_.format_noise[each.format] > problem_.format_noise[base_format])
      noise_ += sensitivity_of(each.tensor, device, each.format) *
                problem_.format_noise[each.format];
    add_conversion(each.tensor, device, base, each.format,
                   count_readers(each.tensor, device, each.format), true);
  }
}

void TaskGraph::note_wire_noise(std::int32_t tensor, int device, int target, std::uint8_t format) {
  const auto made_in = instances_[at(tensor) * at(problem_.devices) + at(device)].format;
  if (problem_.format_noise[format] <= problem_.format_noise[made_in]) return;
  double sum = target == problem_.sink ? problem_.output_sensitivity[at(tensor)] : 0;
  for (auto r = problem_.reader_begin[at(tensor)]; r < problem_.reader_begin[at(tensor) + 1]; ++r)
    if (plan_->device[at(problem_.reader[at(r)])] == target)
      sum += problem_.reader_sensitivity[at(r)];
  noise_ += sum * problem_.format_noise[format];
}

void TaskGraph::add_transfers(int device) {
  if (transfers_.size() > 1) std::ranges::sort(transfers_, {}, &Target::key);
  for (const auto& each : transfers_) {
    const auto t = at(each.tensor);
    const auto source = find_instance(each.tensor, device, each.format);
    const auto route = static_cast<std::int32_t>(device * problem_.devices + each.device);
    const auto packet = problem_.route_packet[at(route)];
    const auto bytes = problem_.bytes[t * at(problem_.formats) + each.format];
    const auto index = static_cast<std::int32_t>(task_count_);
    auto& task = new_task();
    task.kind = Kind::transfer;
    task.precision = no_precision;
    task.subject = each.tensor;
    task.device = static_cast<std::int16_t>(device);
    task.target = static_cast<std::int16_t>(each.device);
    task.from = task.to = each.format;
    task.route = route;
    task.bytes = packet == 1 ? bytes : (bytes + packet - 1) / packet * packet;
    depend_on(source, each.tensor);
    double narrowest = std::numeric_limits<double>::infinity();
    for (const auto c : this->route(task))
      narrowest = std::min(narrowest, bandwidth_[at(problem_.channel_link[at(c)])]);
    task.duration = transfer_time({task.bytes}, {narrowest}).count();
    for (const auto c : this->route(task)) channel_work_[at(c)] += task.duration;
    task.energy = static_cast<double>(task.bytes) * 8 * problem_.route_energy_per_bit[at(route)];
    transfer_energy_ += task.energy;
    transferred_ += task.bytes;

    // The arrival: counted from the start of the request, given back when last read there.
    auto& arrival = instances_[t * at(problem_.devices) + at(each.device)];
    arrival = {bytes, index, 0, -1, each.format, false};
    std::uint64_t others = 0;
    for (auto r = problem_.reader_begin[t]; r < problem_.reader_begin[t + 1]; ++r) {
      const auto reader = at(problem_.reader[at(r)]);
      if (plan_->device[reader] != each.device) continue;
      if (problem_.is_fixed[t] || plan_->precision[reader] == each.format)
        ++arrival.readers;
      else
        others |= std::uint64_t{1} << plan_->precision[reader];
    }
    arrival.readers += std::popcount(others);
    memory_[at(each.device)].arrivals += bytes;
    if (problem_.is_output[t] && each.device == problem_.sink) {
      arrival.keep = true;
      finals_.push_back(index);
    }
    note_wire_noise(each.tensor, device, each.device, each.format);
  }
}

void TaskGraph::finish() {
  memory_over_ = memory_bytes_ = 0;
  admission_limit_ = std::numeric_limits<std::int64_t>::max();
  for (std::size_t d = 0; d < loads_.size(); ++d) {
    auto& load = loads_[d];
    const auto& memory = memory_[d];
    const bool ordered = strict_ && problem_.slots[d] == 1;
    load.per_request = (ordered ? memory.peak : memory.sum) + memory.arrivals;
    const auto needed = load.weights + load.per_request;
    memory_bytes_ = std::max(memory_bytes_, needed);
    memory_over_ += std::max<std::int64_t>(0, needed - problem_.capacity[d]);
    if (load.per_request > 0)
      admission_limit_ =
          std::min(admission_limit_, (problem_.capacity[d] - load.weights) / load.per_request);
  }
  admission_limit_ = std::max<std::int64_t>(1, admission_limit_);
}

}  // namespace models
