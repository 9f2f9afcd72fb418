#include "sim/stall_text.h"

#include "models/index.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;

std::string task_name(const Workbench& bench, int stream, int task) {
  const auto& problem = bench.problem();
  const auto& it = bench.graph(at(stream)).tasks()[at(task)];
  switch (it.kind) {
    case TaskGraph::Kind::compute:
      return "operator '" + problem.operator_name(it.subject) + "' on '" +
             problem.device_name(it.device) + "'";
    case TaskGraph::Kind::convert:
      return "the conversion of tensor '" + problem.tensor_name(it.subject) + "' on '" +
             problem.device_name(it.device) + "'";
    case TaskGraph::Kind::transfer:
      break;
  }
  return "the transfer of tensor '" + problem.tensor_name(it.subject) + "' from '" +
         problem.device_name(it.device) + "' to '" + problem.device_name(it.target) + "'";
}

std::string reason(const Workbench& bench, const Wait& wait) {
  const auto& problem = bench.problem();
  const auto device = [&] { return "device '" + problem.device_name(wait.resource) + "'"; };
  const auto link = [&] { return "link '" + problem.link_name(wait.resource) + "'"; };
  switch (wait.what) {
    case Wait::For::memory:
      return "waits for memory of " + device();
    case Wait::For::device_back:
      return "waits for " + device() + ", which has failed, to return";
    case Wait::For::speed:
      return "stands still: " + device() + " does not go on";
    case Wait::For::result:
      if (wait.other < 0) return "waits for its turn on " + device();
      return "waits for its turn on " + device() + ", where " +
             task_name(bench, wait.stream, wait.other) + " comes first and lacks what it reads";
    case Wait::For::link_back:
      return "waits for " + link() + ", which has failed, to return";
    case Wait::For::bandwidth:
      return "stands still: " + link() + " carries nothing";
    case Wait::For::turn:
      return "waits for its turn on " + link();
    case Wait::For::buffer:
      return "waits for a buffer of " + device();
    case Wait::For::copy_engine:
      return "waits for a copy engine of " + device();
  }
  return {};
}

std::string requests(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " request" : " requests");
}

}  // namespace

std::string text_of(const Stall& stall, const Workbench& bench) {
  if (stall.unfinished == 0) return {};
  std::string text = requests(stall.unfinished) + " cannot complete; at " +
                     models::pretty(models::Time(stall.when)) + " nothing can happen any more:";
  for (const auto& wait : stall.waits) {
    const auto& name = bench.problem().streams[at(wait.stream)].use.name;
    text += "\n  request " + std::to_string(wait.number + 1);
    if (!name.empty()) text += " of '" + name + "'";
    if (wait.task >= 0) text += ", " + task_name(bench, wait.stream, wait.task);
    text += " " + reason(bench, wait);
  }
  if (stall.waits.size() == Stall::most) text += "\n  ...";
  if (stall.gathering > 0)
    text += "\n  " + requests(stall.gathering) + " not executed: waiting for others of a batch";
  if (stall.absent > 0)
    text += "\n  " + requests(stall.absent) + " not arrived: others must complete first";
  return text;
}

}  // namespace sim
