#include "scenarios/plan_recipe.h"

#include "models/error.h"
#include "models/index.h"
#include "models/problem.h"
#include "models/task_graph.h"
#include "results/output.h"
#include "results/plan_json.h"
#include "results/plan_names.h"

namespace scenarios {
namespace {

using models::at;
using models::Problem;

/// Where inputs come from: a device that no plan names.
constexpr const char* outside = "outside the plan";

models::Device device(const std::string& name) {
  models::Device device;
  device.name = name;
  device.memory = {std::int64_t{1} << 50};
  device.memory_bandwidth = {1e12};
  for (int format = 0; format < models::compute_precisions; ++format)
    device.formats.push_back({static_cast<models::Precision>(format), {1e12}, {1e12}, {}});
  return device;
}

models::Link link(const std::string& name, std::vector<std::string> ends, std::int64_t lanes) {
  models::Link link;
  link.name = name;
  link.ends = std::move(ends);
  link.lanes = lanes;
  link.widths = {lanes};
  link.lane_rate = {1e12};
  return link;
}

/// Devices and links of the names the plan uses: what they can do does not matter here, since no
/// time is asked for.
std::shared_ptr<const models::Platform> platform_of(const results::PlanNames& names) {
  auto platform = std::make_shared<models::Platform>();
  platform->name = names.platform;
  platform->switches = {"a switch of infer"};
  for (const auto& name : names.devices) platform->devices.push_back(device(name));
  platform->devices.push_back(device(outside));
  for (const auto& each : platform->devices)
    platform->links.push_back(
        link("a link of infer to " + each.name, {each.name, platform->switches[0]}, 1));
  for (const auto& [name, lanes] : names.lanes)
    platform->links.push_back(link(name, {outside, platform->switches[0]}, lanes));
  return platform;
}

/// The device that the sink was, for plans that do not say it: outputs have a wire format to it,
/// though nobody there reads them.
std::string sink_of(const Problem& problem, const models::Plan& plan) {
  for (int tensor = 0; tensor < problem.tensors; ++tensor) {
    if (!problem.is_output[at(tensor)]) continue;
    for (int device = 0; device < problem.devices; ++device) {
      const auto wire = plan.wire[at(tensor) * at(problem.devices) + at(device)];
      if (wire == models::Plan::as_produced || problem.home(tensor, plan) == device) continue;
      bool read_there = false;
      for (auto r = problem.reader_begin[at(tensor)]; r < problem.reader_begin[at(tensor) + 1]; ++r)
        read_there = read_there || plan.device[at(problem.reader[at(r)])] == device;
      if (!read_there) return problem.device_name(device);
    }
  }
  return outside;
}

}  // namespace

hardware::Recipe plan_recipe(const std::string& plan_file,
                             const std::shared_ptr<const models::Network>& folded,
                             const models::Network& whole) {
  const auto text = results::read_file(plan_file);
  const auto names = results::plan_names(text, plan_file);
  const auto platform = platform_of(names);
  models::Choices choices;
  choices.precisions.clear();
  for (int format = 0; format < models::compute_precisions; ++format)
    choices.precisions.push_back(static_cast<models::Precision>(format));
  choices.wires.assign(names.wires.begin(), names.wires.end());
  models::Workload workload;
  workload.source = outside;
  workload.sink = outside;
  auto problem = make_problem(folded, platform, workload, choices);
  auto plan = results::read_plan(text, plan_file, *problem);
  workload.sink = names.sink.empty() ? sink_of(*problem, plan) : names.sink;
  problem = make_problem(folded, platform, workload, choices);
  models::TaskGraph graph(*problem);
  graph.build(plan);
  return hardware::recipe_of(whole, graph);
}

}  // namespace scenarios
