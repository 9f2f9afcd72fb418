#pragma once

#include <memory>
#include <string>

#include "models/problem.h"
#include "models/timeline.h"

/// A network of three operators on two devices: what the tests of results/ share.
namespace small_case {

/// "a" reads the input, "b" and "c" read what "a" makes, "c" reads "b" too and makes the output.
inline std::shared_ptr<models::Network> network() {
  using models::Tensor;
  auto network = std::make_shared<models::Network>();
  network->name = "three";
  const auto tensor = [&](const std::string& name, Tensor::Role role, int producer) {
    Tensor it;
    it.name = name;
    it.shape = {1000};
    it.role = role;
    it.producer = producer;
    network->tensors.push_back(it);
  };
  tensor("x", Tensor::Role::input, -1);
  tensor("ya", Tensor::Role::computed, 0);
  tensor("yb", Tensor::Role::computed, 1);
  tensor("yc", Tensor::Role::computed, 2);
  const auto add = [&](const std::string& name, std::vector<int> inputs, int output) {
    models::Operator op;
    op.name = name;
    op.type = "Relu";
    op.inputs = std::move(inputs);
    op.outputs = {output};
    op.costing = models::Costing::counted;
    op.element_operations = 1000;
    network->operators.push_back(op);
  };
  add("a", {0}, 1);
  add("b", {1}, 2);
  add("c", {1, 2}, 3);
  network->inputs = {0};
  network->outputs = {3};
  return network;
}

inline models::Device device(const std::string& name) {
  models::Device device;
  device.name = name;
  device.memory = {1'000'000};
  device.memory_bandwidth = {1e9};
  device.formats = {{models::Precision::fp32, {1e9}, {1e9}, {1e-12}},
                    {models::Precision::int8, {4e9}, {4e9}, {1e-12}}};
  return device;
}

inline std::shared_ptr<models::Platform> platform() {
  auto platform = std::make_shared<models::Platform>();
  platform->name = "pair";
  platform->devices = {device("npu"), device("server")};
  models::Link link;
  link.name = "d2d";
  link.ends = {"npu", "server"};
  link.lanes = 4;
  link.lane_rate = {1e9};
  platform->links = {link};
  return platform;
}

inline std::shared_ptr<const models::Problem> problem() {
  models::Choices choices;
  choices.precisions = {models::Precision::fp32, models::Precision::int8};
  choices.wires = {models::Precision::int8};
  return models::make_problem(network(), platform(), {}, choices);
}

/// Everything differs from the standards.
inline models::Plan plan() {
  models::Plan plan;
  plan.device = {0, 1, 0};
  plan.precision = {1, 0, 1};
  plan.order = {0, 1, 2};
  plan.wire.assign(8, models::Plan::as_produced);
  plan.wire[1 * 2 + 1] = 0;  // "ya" to the server as fp32
  plan.lanes = {2};
  plan.discipline = models::Plan::Discipline::ready;
  return plan;
}

/// Two requests of a chain a -> transfer -> b on two devices, strict, written by hand:
///   npu:    a0 [0, 10)   a1 [10, 20)
///   link:   t0 [10, 14)  t1 [20, 24)      latency 2
///   server: b0 [16, 23)  b1 [26, 33)
inline models::Timeline timeline() {
  using models::Timeline;
  Timeline it;
  it.streams.resize(1);
  it.devices = {{"npu", 1, 100, 10, 20, 3}, {"server", 1, 100, 10, 20, 3}};
  it.channels = {{"d2d:npu->server", false, 1e12}};
  Timeline::Task a, t, b;
  a.name = "a";
  a.format = "fp32";
  a.duration = 10;
  a.switches = true;
  t.kind = Timeline::Kind::transfer;
  t.name = "ya";
  t.format = "fp32";
  t.target = 1;
  t.channels = {0};
  t.reads = {0};
  t.duration = 4;
  t.latency = 2;
  t.bytes = 4;
  b.name = "b";
  b.format = "fp32";
  b.device = 1;
  b.reads = {1};
  b.duration = 7;
  b.switches = true;
  b.to_sink = true;
  it.tasks = {a, t, b};
  it.records = {{0, 0, 0, 0, 0, 0, 10, 10},    {0, 1, 0, 10, 10, 10, 14, 16},
                {1, 0, 0, 0, 10, 10, 20, 20},  {0, 2, 0, 16, 16, 16, 23, 23},
                {1, 1, 0, 20, 20, 20, 24, 26}, {1, 2, 0, 26, 26, 26, 33, 33}};
  it.requests = {{0, 0, 23}, {0, 0, 33}};
  return it;
}

/// Two flows of 100 bytes over one link of 1 byte per picosecond, the second one 50 ps later:
/// alone, shared, alone. They end at 150 and 200.
inline models::Timeline fair_timeline() {
  using models::Timeline;
  Timeline it;
  it.streams.resize(1);
  it.devices = {{"npu", 1, 100, 0, 0, 0}, {"server", 1, 100, 0, 0, 0}};
  it.channels = {{"bus", true, 1e12}};
  Timeline::Task first;
  first.kind = Timeline::Kind::transfer;
  first.name = "x";
  first.target = 1;
  first.channels = {0};
  first.bytes = 100;
  first.to_sink = true;
  it.tasks = {first};
  it.records = {{0, 0, 0, 0, 0, 0, 150, 150}, {1, 0, 0, 50, 50, 50, 200, 200}};
  it.rates = {{0, 0, 0, 0, 1e12}, {0, 0, 50, 0, 0.5e12}, {1, 0, 50, 0, 0.5e12},
              {0, 0, 150, 0, 0},  {1, 0, 150, 0, 1e12},  {1, 0, 200, 0, 0}};
  it.requests = {{0, 0, 150}, {50, 50, 200, 0, 1, 50}};
  return it;
}

}  // namespace small_case
