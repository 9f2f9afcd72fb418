#include "models/task_graph.h"

#include <algorithm>

#include "models/lowering.h"

namespace models {

TaskGraph::TaskGraph(const Problem& problem, int stream)
    : problem_(problem),
      stream_(stream),
      recorder_(problem),
      lowering_(std::make_unique<Lowering<Recorder>>(problem, recorder_)) {
  recorder_.tasks.resize(static_cast<std::size_t>(problem.operators) * 2 + 2);
  recorder_.deps.resize(problem.input_tensor.size() * 2 + 2);
  totals_ = &lowering_->totals();
}

TaskGraph::~TaskGraph() = default;

void TaskGraph::build(const Plan& plan) {
  recorder_.clear();
  lowering_->lower(plan, stream_);
  recorder_.tasks[recorder_.task_count].first_dep = static_cast<std::int32_t>(recorder_.dep_count);
}

std::span<const std::int32_t> TaskGraph::route(const Task& transfer) const {
  const auto index = static_cast<std::size_t>(transfer.route);
  const auto begin = static_cast<std::size_t>(problem_.route_begin[index]);
  const auto end = static_cast<std::size_t>(problem_.route_begin[index + 1]);
  return std::span(problem_.route_channel).subspan(begin, end - begin);
}

void TaskGraph::Recorder::clear() {
  task_count = dep_count = 0;
  finals.clear();
}

TaskGraph::Recorder::Begun TaskGraph::Recorder::begin() {
  if (task_count + 1 >= tasks.size()) tasks.resize(tasks.size() * 2);
  tasks[task_count++].first_dep = static_cast<std::int32_t>(dep_count);
  return {};
}

void TaskGraph::Recorder::reads(Begun, Handle maker) {
  if (maker < 0) return;  // present from the start
  if (dep_count == deps.size()) deps.resize(deps.size() * 2);
  deps[dep_count++] = maker;
}

TaskGraph::Recorder::Handle TaskGraph::Recorder::compute(Begun, std::int32_t op, int device,
                                                         std::uint8_t precision, bool is_free,
                                                         std::int64_t /*busy*/) {
  const auto cell = problem.cost_index(op, device, precision);
  const auto first_dep = newest().first_dep;
  newest() = {.duration = std::max<std::int64_t>(0, problem.duration[cell]),
              .energy = problem.energy[cell],
              .subject = op,
              .first_dep = first_dep,
              .device = static_cast<std::int16_t>(device),
              .kind = Kind::compute,
              .from = precision,
              .to = precision,
              .precision = is_free ? no_precision : precision};
  return number();
}

TaskGraph::Recorder::Handle TaskGraph::Recorder::convert(Begun, std::int32_t tensor, int device,
                                                         std::uint8_t from, std::uint8_t to,
                                                         std::int64_t duration, double energy) {
  const auto first_dep = newest().first_dep;
  newest() = {.duration = duration,
              .energy = energy,
              .subject = tensor,
              .first_dep = first_dep,
              .device = static_cast<std::int16_t>(device),
              .kind = Kind::convert,
              .from = from,
              .to = to};
  return number();
}

TaskGraph::Recorder::Handle TaskGraph::Recorder::transfer(Begun, std::int32_t tensor, int device,
                                                          int target, std::int32_t route,
                                                          std::uint8_t format, std::int64_t bytes,
                                                          std::int64_t duration, double energy) {
  const auto first_dep = newest().first_dep;
  newest() = {.duration = duration,
              .bytes = bytes,
              .energy = energy,
              .subject = tensor,
              .first_dep = first_dep,
              .route = route,
              .device = static_cast<std::int16_t>(device),
              .target = static_cast<std::int16_t>(target),
              .kind = Kind::transfer,
              .from = format,
              .to = format};
  return number();
}

void TaskGraph::Recorder::ends_at_sink(Handle task) {
  if (finals.empty() || finals.back() != task) finals.push_back(task);
}

}  // namespace models
