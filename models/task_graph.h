#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/plan.h"
#include "models/problem.h"
#include "models/timeline.h"

namespace models {

/// What executing one request under a plan means, task by task: operators, conversions, transfers and
/// what each reads (docs/execution-model.md, section 2). Every engine executes this graph; the static
/// evaluators score it. Built again and again in place: after warming up, building allocates nothing.
///
/// Tasks stand in canonical order: conversions and transfers of the network's inputs, then for every
/// operator in rank order the conversions made for it, itself, the conversions its wires need, and
/// its transfers. Strict resources keep to this order.
class TaskGraph {
 public:
  static constexpr std::uint8_t no_precision = 255;
  using Kind = Timeline::Kind;

  struct Task {
    std::int64_t duration = 0;   ///< picoseconds of slot time, or of holding links (uncontended)
    std::int64_t bytes = 0;      ///< payload of a transfer, rounded to packets
    double energy = 0;           ///< joules
    std::int32_t subject = 0;    ///< operator of a compute task, else tensor
    std::int32_t first_dep = 0;  ///< into deps(); ends where the next task's begin
    std::int32_t route = -1;     ///< of a transfer: sender * devices + receiver
    std::int16_t device = 0;     ///< of a transfer: the sender
    std::int16_t target = -1;    ///< of a transfer: the receiver
    Kind kind = Kind::compute;
    std::uint8_t from = 0;       ///< format read (conversions), sent (transfers)
    std::uint8_t to = 0;         ///< format made
    std::uint8_t precision = no_precision;  ///< that takes part in switching
  };

  /// The first thing that cannot be done.
  struct Fault {
    bool found = false;
    bool of_operator = true;    ///< `subject` is an operator, else a tensor
    std::int32_t subject = 0;
    std::int32_t device = 0;
    std::uint8_t format = 0;
  };

  /// Sums over one request, for one device.
  struct DeviceLoad {
    std::int64_t work = 0;         ///< picoseconds of compute and conversions
    std::int64_t switches = 0;     ///< in canonical order, within one request
    std::uint8_t first = no_precision;  ///< compute precision of the first task that has one
    std::uint8_t last = no_precision;
    std::int64_t weights = 0;      ///< bytes
    std::int64_t per_request = 0;  ///< bytes: R of section 5
  };

  explicit TaskGraph(const Problem& problem);

  /// Replaces the graph by that of `plan`, which must pass check_plan.
  void build(const Plan& plan);

  const Problem& problem() const { return problem_; }
  std::span<const Task> tasks() const { return {tasks_.data(), task_count_}; }
  std::span<const std::int32_t> deps() const { return {deps_.data(), dep_count_}; }
  std::span<const std::int32_t> deps_of(std::size_t task) const {
    const auto begin = static_cast<std::size_t>(tasks_[task].first_dep);
    return {deps_.data() + begin, static_cast<std::size_t>(tasks_[task + 1].first_dep) - begin};
  }
  /// Tasks that must have ended for the request to be complete; empty if inputs are the outputs.
  std::span<const std::int32_t> finals() const { return finals_; }
  std::span<const DeviceLoad> devices() const { return loads_; }
  std::span<const std::int64_t> channel_work() const { return channel_work_; }  ///< picoseconds
  std::span<const double> link_bandwidth() const { return bandwidth_; }  ///< bytes per second
  std::span<const std::int32_t> route(const Task& transfer) const;

  /// Network inputs read at the source, by task: (task, tensor).
  struct InputRead {
    std::int32_t task = 0;
    std::int32_t tensor = 0;
  };
  std::span<const InputRead> input_reads() const { return input_reads_; }

  bool strict() const { return strict_; }
  const Fault& fault() const { return fault_; }
  double compute_energy() const { return compute_energy_; }  ///< joules per request
  double convert_energy() const { return convert_energy_; }
  double transfer_energy() const { return transfer_energy_; }
  std::int64_t transferred_bytes() const { return transferred_; }
  double noise() const { return noise_; }  ///< noise-to-signal ratio at the outputs, estimated
  /// Requests that can be admitted at once; at least 1, also where not even one fits.
  std::int64_t admission_limit() const { return admission_limit_; }
  std::int64_t memory_over() const { return memory_over_; }    ///< bytes over capacity, all devices
  std::int64_t memory_bytes() const { return memory_bytes_; }  ///< largest weights + R

 private:
  struct Instance {  ///< a tensor in one format on one device
    std::int64_t bytes = 0;
    std::int32_t task = -1;  ///< that makes it; -1: present when the request is admitted
    std::int32_t readers = 0;  ///< local tasks yet to read it
    std::int32_t next = -1;    ///< the next conversion of the same tensor on the same device
    std::uint8_t format = 0;
    bool keep = false;  ///< held to the end: sent away, for the sink, or unread
  };
  struct Target {  ///< a device that needs a tensor made elsewhere, or a conversion for a wire
    std::int64_t key = 0;  ///< first reader's rank, then output position, then format
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

  struct OperatorRow {  ///< what the walk needs of one operator, side by side
    std::int32_t first_input = 0, end_input = 0, first_output = 0, end_output = 0;
    bool free = false;
    bool shares_weights = false;
  };
  struct TensorRow {
    std::int32_t only_reader = -1;  ///< -1: none, several, or the sink
    bool fixed = false;
  };

  void reset(const Plan& plan);
  void add_operators();
  void convert_inputs(std::int32_t op, int device, std::uint8_t precision);
  void add_product(std::int32_t tensor, int device, std::uint8_t made_in, std::int32_t maker);
  void send_products(int device);
  void add_wire_conversions(int device);
  void add_transfers(int device);
  Task& new_task();
  void add_dep(std::int32_t maker);
  std::int32_t instance_for(std::int32_t tensor, int device, std::uint8_t format);
  std::int32_t find_instance(std::int32_t tensor, int device, std::uint8_t format) const;
  std::int32_t add_conversion(std::int32_t tensor, int device, std::int32_t from,
                              std::uint8_t format, std::int32_t readers, bool keep);
  std::int32_t count_readers(std::int32_t tensor, int device, std::uint8_t format) const;
  double sensitivity_of(std::int32_t tensor, int device, std::uint8_t format) const;
  void note_wire_noise(std::int32_t tensor, int device, int target, std::uint8_t format);
  void make(int device, std::int64_t bytes);
  void read(std::int32_t instance, int device);
  void depend_on(std::int32_t instance, std::int32_t tensor);
  void fail(bool of_operator, std::int32_t subject, int device, std::uint8_t format);
  void hold_shared_weights(std::int32_t op, int device, std::uint8_t precision);
  void finish();

  const Problem& problem_;
  const Plan* plan_ = nullptr;
  bool strict_ = true;
  std::vector<Task> tasks_;  ///< longer than task_count_: the entry behind the last ends its deps
  std::size_t task_count_ = 0;
  std::vector<std::int32_t> deps_;
  std::size_t dep_count_ = 0;
  std::vector<std::int32_t> finals_;
  std::vector<InputRead> input_reads_;
  std::vector<DeviceLoad> loads_;
  std::vector<std::int64_t> channel_work_;
  std::vector<double> bandwidth_;
  Fault fault_;
  double compute_energy_ = 0, convert_energy_ = 0, transfer_energy_ = 0, noise_ = 0;
  std::int64_t transferred_ = 0, admission_limit_ = 1, memory_over_ = 0, memory_bytes_ = 0;

  std::vector<OperatorRow> operator_rows_;
  std::vector<TensorRow> tensor_rows_;

  // Scratch, sized once.
  std::vector<std::int32_t> position_;     ///< [operator] place in the order
  std::vector<Instance> instances_;        ///< [tensor * devices + device], then conversions
  std::vector<Memory> memory_;             ///< [device]
  std::vector<std::int32_t> first_reader_; ///< [device] while looking at one tensor, or `nobody`
  std::vector<std::int32_t> touched_;      ///< devices with a first_reader_
  std::vector<Target> transfers_, conversions_;
  std::vector<std::uint8_t> weight_held_;  ///< [shared weight x device x compute format]
};

/// Why the plan cannot be executed, in the user's words: operator, device and format, or the device,
/// the bytes over and its largest tensors. Empty when it can.
std::string infeasibility(const TaskGraph& graph, const Plan& plan);

}  // namespace models
