#include "results/plan_json.h"

#include "models/index.h"
#include "results/hash.h"
#include "results/json_writer.h"

namespace results {
namespace {

using models::at;
using models::Plan;
using models::Problem;

void write_header(JsonWriter& json, const Problem& problem, const Plan& plan) {
  json.member("format", "partwise-plan").member("version", 1);
  json.key("network").begin_object(JsonWriter::Layout::line);
  json.member("name", problem.network->name).member("hash", network_hash(*problem.network));
  json.end_object();
  json.member("platform", problem.platform->name);
  json.member("discipline", plan.discipline == Plan::Discipline::strict ? "strict" : "ready");
}

void write_operators(JsonWriter& json, const Problem& problem, const Plan& plan) {
  json.key("operators").begin_object();
  for (int op = 0; op < problem.operators; ++op) {
    json.key(problem.operator_name(op)).begin_object(JsonWriter::Layout::line);
    json.member("device", problem.device_name(plan.device[at(op)]));
    json.member("precision", models::name_of(problem.format[plan.precision[at(op)]]));
    json.end_object();
  }
  json.end_object();
  json.key("order").begin_list();
  for (const int op : plan.order) json.value(problem.operator_name(op));
  json.end_list();
}

void write_wires(JsonWriter& json, const Problem& problem, const Plan& plan) {
  json.key("wires").begin_list();
  for (int tensor = 0; tensor < problem.tensors; ++tensor) {
    for (int device = 0; device < problem.devices; ++device) {
      const auto format = plan.wire[at(tensor) * at(problem.devices) + at(device)];
      if (format == Plan::as_produced) continue;
      json.begin_object(JsonWriter::Layout::line);
      json.member("tensor", problem.tensor_name(tensor));
      json.member("to", problem.device_name(device));
      json.member("format", models::name_of(problem.format[format]));
      json.end_object();
    }
  }
  json.end_list();
}

}  // namespace

std::string write_plan(const Problem& problem, const Plan& plan,
                       const std::vector<NamedValue>& platform) {
  JsonWriter json;
  json.begin_object();
  write_header(json, problem, plan);
  if (!platform.empty()) {
    json.key("platform_values").begin_object();
    for (const auto& value : platform) json.member(value.name, value.value);
    json.end_object();
  }
  json.key("lanes").begin_object(JsonWriter::Layout::line);
  for (int link = 0; link < problem.links; ++link) {
    json.member(problem.link_name(link), plan.lanes[at(link)]);
  }
  json.end_object();
  write_operators(json, problem, plan);
  write_wires(json, problem, plan);
  if (problem.streams.size() == 1)
    json.member("sink", problem.device_name(problem.streams.front().sink));
  for (const char* later : {"splits", "fusions", "batches", "events"}) {
    json.key(later).begin_list().end_list();
  }
  return json.end_object().text();
}

Plan tidy(const Problem& problem, Plan plan) {
  for (int tensor = 0; tensor < problem.tensors; ++tensor) {
    const int from = problem.home(tensor, plan);
    for (int device = 0; device < problem.devices; ++device) {
      bool asked = problem.is_output[at(tensor)] != 0 && device == problem.stream_with(tensor).sink;
      for (auto r = problem.reader_begin[at(tensor)]; r < problem.reader_begin[at(tensor) + 1];
           ++r) {
        asked = asked || plan.device[at(problem.reader[at(r)])] == device;
      }
      auto& wire = plan.wire[at(tensor) * at(problem.devices) + at(device)];
      if (!asked || device == from || problem.is_fixed[at(tensor)]) wire = Plan::as_produced;
    }
  }
  return plan;
}

std::string network_hash(const models::Network& network) {
  Hash hash;
  const auto add_all = [&](const std::vector<int>& all) {
    hash.add_number(static_cast<std::int64_t>(all.size()));
    for (const int one : all) hash.add_number(one);
  };
  hash.add_number(static_cast<std::int64_t>(network.operators.size()));
  for (const auto& op : network.operators) {
    hash.add_text(op.name);
    hash.add_text(op.type);
    add_all(op.inputs);
    add_all(op.outputs);
  }
  hash.add_number(static_cast<std::int64_t>(network.tensors.size()));
  for (const auto& tensor : network.tensors) {
    hash.add_text(tensor.name);
    hash.add_number(static_cast<std::int64_t>(tensor.type));
    hash.add_number(static_cast<std::int64_t>(tensor.shape.size()));
    for (const auto size : tensor.shape) hash.add_number(size);
  }
  add_all(network.inputs);
  add_all(network.outputs);
  return hash.text();
}

}  // namespace results
