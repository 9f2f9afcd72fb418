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
      loads_(at(problem.devices)),
      channel_work_(at(problem.channels)),
      bandwidth_(at(problem.links)),
      position_(at(problem.operators)),
      instances_(at(problem.tensors) * at(problem.devices)),
      memory_(at(problem.devices)),
      first_reader_(at(problem.devices), nobody),
      weight_held_(at(problem.shared_weights) * at(problem.devices) * at(problem.compute_formats)) {
  tasks_.reserve(at(problem.operators) * 3);
  deps_.reserve(problem.input_tensor.size() * 3);
}

std::span<const std::int32_t> TaskGraph::route(const Task& transfer) const {
  const auto begin = at(problem_.route_begin[at(transfer.route)]);
  const auto end = at(problem_.route_begin[at(transfer.route) + 1]);
  return std::span(problem_.route_channel).subspan(begin, end - begin);
}

void TaskGraph::build(const Plan& plan) {
  reset(plan);
  add_products(0, problem_.inputs, problem_.source, problem_.input_format, -1);
  for (auto& each : memory_) each.peak = each.held;
  for (const auto op : plan.order) add_operator(op);
  finish();
}

void TaskGraph::reset(const Plan& plan) {
  plan_ = &plan;
  strict_ = plan.discipline == Plan::Discipline::strict;
  tasks_.clear();
  deps_.clear();
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

/// The task about to be added reads the instance.
void TaskGraph::depend_on(std::int32_t instance, std::int32_t tensor) {
  const auto maker = instances_[at(instance)].task;
  if (maker >= 0)
    deps_.push_back(maker);
  else
    input_reads_.push_back({static_cast<std::int32_t>(tasks_.size()), tensor});
}

void TaskGraph::fail(bool of_operator, std::int32_t subject, int device, std::uint8_t format) {
  if (!fault_.found) fault_ = {true, of_operator, subject, device, format};
}

void TaskGraph::hold_weights(std::int32_t op, int device, std::uint8_t precision) {
  const auto formats = at(problem_.compute_formats);
  loads_[at(device)].weights += problem_.weight_bytes[at(op) * formats + precision];
  if (problem_.shared_weights == 0) return;
  for (auto s = problem_.shared_begin[at(op)]; s < problem_.shared_begin[at(op) + 1]; ++s) {
    const auto weight = at(problem_.shared_weight[at(s)]);
    auto& held = weight_held_[(weight * at(problem_.devices) + at(device)) * formats + precision];
    if (!held) loads_[at(device)].weights += problem_.shared_weight_bytes[weight * formats + precision];
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
  Task task;
  task.kind = Kind::convert;
  task.subject = tensor;
  task.device = static_cast<std::int16_t>(device);
  task.from = from_format;
  task.to = format;
  task.first_dep = static_cast<std::int32_t>(deps_.size());
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

  const auto index = static_cast<std::int32_t>(instances_.size());
  instances_.push_back({made, static_cast<std::int32_t>(tasks_.size()), readers,
                        instances_[at(from)].next, format, keep});
  instances_[at(from)].next = index;
  tasks_.push_back(task);
  return index;
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

void TaskGraph::add_operator(std::int32_t op) {
  const auto o = at(op);
  const int device = plan_->device[o];
  const auto precision = plan_->precision[o];
  const auto cell = problem_.cost_index(op, device, precision);

  // Conversions made for it come first, in the order of their producers' ranks.
  const auto first = problem_.input_begin[o], end = problem_.input_begin[o + 1];
  conversions_.clear();
  for (auto i = first; i < end; ++i) {
    const auto tensor = problem_.input_tensor[at(i)];
    if (find_instance(tensor, device, precision) >= 0) continue;
    const auto producer = problem_.producer[at(tensor)];
    const auto rank = producer < 0 ? -1 : position_[at(producer)];
    conversions_.push_back({(std::int64_t{rank} + 1) << 32 | tensor, tensor, device, precision});
  }
  if (conversions_.size() > 1)
    std::ranges::sort(conversions_, {}, &Target::key);
  for (const auto& each : conversions_) instance_for(each.tensor, device, precision);

  Task task;
  task.kind = Kind::compute;
  task.subject = op;
  task.device = static_cast<std::int16_t>(device);
  task.from = task.to = precision;
  task.first_dep = static_cast<std::int32_t>(deps_.size());
  task.duration = problem_.duration[cell];
  task.energy = problem_.energy[cell];
  if (task.duration < 0) {
    fail(true, op, device, precision);
    task.duration = 0;
  }
  auto& load = loads_[at(device)];
  if (!problem_.is_free[o]) {
    task.precision = precision;
    if (load.first == no_precision) load.first = precision;
    load.switches += load.last != no_precision && load.last != precision;
    load.last = precision;
    noise_ += problem_.noise[o * at(problem_.compute_formats) + precision];
  }
  load.work += task.duration;
  compute_energy_ += task.energy;
  hold_weights(op, device, precision);

  read_now_.clear();
  for (auto i = first; i < end; ++i) {
    const auto instance = find_instance(problem_.input_tensor[at(i)], device, precision);
    depend_on(instance, problem_.input_tensor[at(i)]);
    read_now_.push_back(instance);
  }
  const auto index = static_cast<std::int32_t>(tasks_.size());
  tasks_.push_back(task);

  const auto made_first = problem_.output_begin[o], made_end = problem_.output_begin[o + 1];
  const auto formats = at(problem_.formats);
  for (auto t = made_first; t < made_end; ++t)
    make(device, problem_.bytes[at(t) * formats + precision]);
  auto& memory = memory_[at(device)];
  memory.peak = std::max(memory.peak, memory.held + problem_.workspace[cell]);
  memory.sum += problem_.workspace[cell];
  for (const auto instance : read_now_) read(instance, device);

  add_products(made_first, made_end, device, precision, index);
}

/// Everything that follows the making of tensors [first, end) on `device`: their instances, the
/// conversions that wires need, and the transfers.
void TaskGraph::add_products(std::int32_t first, std::int32_t end, int device,
                             std::uint8_t made_in, std::int32_t maker) {
  transfers_.clear();
  conversions_.clear();
  for (auto t = first; t < end; ++t) add_product(t, device, made_in, maker);
  if (!conversions_.empty()) add_wire_conversions(device);
  if (!transfers_.empty()) add_transfers(device);
}

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

void TaskGraph::note_wire_noise(std::int32_t tensor, int target, std::uint8_t format) {
  const auto made_in = instances_[at(tensor * problem_.devices) +
                                  at(tasks_.back().device)].format;
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
    Task task;
    task.kind = Kind::transfer;
    task.subject = each.tensor;
    task.device = static_cast<std::int16_t>(device);
    task.target = static_cast<std::int16_t>(each.device);
    task.from = task.to = each.format;
    task.route = route;
    task.bytes = packet == 1 ? bytes : (bytes + packet - 1) / packet * packet;
    task.first_dep = static_cast<std::int32_t>(deps_.size());
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
    arrival = {bytes, static_cast<std::int32_t>(tasks_.size()), 0, -1, each.format, false};
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
      finals_.push_back(static_cast<std::int32_t>(tasks_.size()));
    }
    tasks_.push_back(task);
    note_wire_noise(each.tensor, each.device, each.format);
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
