#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/plan.h"
#include "models/problem.h"
#include "models/timeline.h"
#include "models/totals.h"

namespace models {

template <class Emitter>
class Lowering;

/// What executing one request under a plan means, task by task: operators, conversions, transfers
/// and what each reads (docs/execution-model.md, section 2), in canonical order, to which strict
/// resources keep. Every engine executes this graph. Built again and again in place: after warming
/// up, building allocates nothing.
class TaskGraph {
 public:
  static constexpr std::uint8_t no_precision = Totals::no_precision;
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
    std::uint8_t from = 0;                  ///< format read (conversions), sent (transfers)
    std::uint8_t to = 0;                    ///< format made
    std::uint8_t precision = no_precision;  ///< that takes part in switching
  };
  explicit TaskGraph(const Problem& problem, int stream = 0);
  ~TaskGraph();
  TaskGraph(TaskGraph&&) = delete;

  /// Replaces the graph by that of `plan`, which must pass check_plan.
  void build(const Plan& plan);

  const Problem& problem() const { return problem_; }
  const Problem::Stream& stream() const {
    return problem_.streams[static_cast<std::size_t>(stream_)];
  }
  const Totals& totals() const { return *totals_; }
  std::span<const Task> tasks() const { return {recorder_.tasks.data(), recorder_.task_count}; }
  /// The same, and one more behind them, which says where the last one's dependencies end.
  std::span<const Task> tasks_and_end() const {
    return {recorder_.tasks.data(), recorder_.task_count + 1};
  }
  std::span<const std::int32_t> deps() const {
    return {recorder_.deps.data(), recorder_.dep_count};
  }
  std::span<const std::int32_t> deps_of(std::size_t task) const {
    const auto begin = static_cast<std::size_t>(recorder_.tasks[task].first_dep);
    return {recorder_.deps.data() + begin,
            static_cast<std::size_t>(recorder_.tasks[task + 1].first_dep) - begin};
  }
  /// Tasks that must have ended for the request to be complete; empty if inputs are the outputs.
  std::span<const std::int32_t> finals() const { return recorder_.finals; }
  std::span<const std::int32_t> route(const Task& transfer) const;

 private:
  /// The lowering's emitter: writes down what it is told.
  struct Recorder {
    using Handle = std::int32_t;  ///< index of a task
    explicit Recorder(const Problem& of) : problem(of) {}
    static Handle present() { return -1; }
    struct Begun {};
    Begun begin();
    void reads(Begun, Handle maker);
    Handle compute(Begun, std::int32_t op, int device, std::uint8_t precision, bool is_free,
                   std::int64_t busy);
    Handle convert(Begun, std::int32_t tensor, int device, std::uint8_t from, std::uint8_t to,
                   std::int64_t duration, double energy);
    Handle transfer(Begun, std::int32_t tensor, int device, int target, std::int32_t route,
                    std::uint8_t format, std::int64_t bytes, std::int64_t duration, double energy);
    void ends_at_sink(Handle task);
    void clear();
    Task& newest() { return tasks[task_count - 1]; }
    Handle number() const { return static_cast<Handle>(task_count) - 1; }

    const Problem& problem;
    std::vector<Task> tasks;  ///< longer than task_count: the entry behind the last ends its deps
    std::size_t task_count = 0;
    std::vector<std::int32_t> deps;
    std::size_t dep_count = 0;
    std::vector<std::int32_t> finals;
  };

  const Problem& problem_;
  int stream_ = 0;
  Recorder recorder_;
  std::unique_ptr<Lowering<Recorder>> lowering_;
  const Totals* totals_ = nullptr;
};

/// Why the plan cannot be executed, in the user's words: operator, device and format, or the
/// device, the bytes over and its largest tensors. Empty when it can.
std::string infeasibility(const TaskGraph& graph, const Plan& plan);

}  // namespace models
