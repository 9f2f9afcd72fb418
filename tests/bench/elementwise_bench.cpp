// How fast elementwise operators, reductions and quantisation are, next to a memcpy that moves as
// many bytes (half of them read, half written): the two take turns in one run, so that what else
// happens on the machine happens to both. Ratio: time of the memcpy by time of the operator.
// Usage: elementwise_bench [million elements]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "hardware/catalogue.h"
#include "models/network/tensor_value.h"

namespace {

using hardware::Layout;
using models::ElementType;
using models::Shape;

struct Case {
  const char* name;
  std::string type;
  std::vector<Layout> inputs;
  Layout output;
  std::map<std::string, models::Attribute> attributes = {};
  std::optional<models::Precision> native = std::nullopt;
  double wanted = 0;  ///< of the memcpy's speed; 0: not bound by memory
};

/// Of this thread's own time, so that others on the machine count for less.
double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double seconds(const auto& work) {
  const double start = now();
  work();
  return now() - start;
}

models::FreshValue filled(const Layout& layout) {
  auto made = models::fresh_value(layout.type, layout.shape);
  std::memset(made.fresh.data(), 0, made.fresh.size());
  if (layout.type == ElementType::float32) {
    auto* x = reinterpret_cast<float*>(made.fresh.data());
    for (std::int64_t i = 0; i < layout.elements(); ++i)
      x[i] = 0.5F + static_cast<float>(i % 1013) / 400;
  }
  if (layout.shape.empty() && layout.type == ElementType::float32)
    *reinterpret_cast<float*>(made.fresh.data()) = 2;
  if (layout.type == ElementType::int64) *reinterpret_cast<std::int64_t*>(made.fresh.data()) = 1;
  return made;
}

hardware::Prepared prepared(const Case& what, const models::Operator& op) {
  hardware::Request request;
  request.op = &op;
  request.opset = op.type == "Clip" ? 6 : 13;
  for (const auto& layout : what.inputs) request.inputs.push_back({{layout, nullptr}});
  request.outputs = {what.output};
  request.precision = what.native.value_or(models::Precision::fp32);
  if (!what.native) return hardware::find_plain(what.type)->make(request);
  return std::move(*hardware::find_native(what.type)->make(request));
}

/// Whether it is as fast as wanted.
bool measure(const Case& what) {
  models::Operator op;
  op.name = what.name;
  op.type = what.type;
  op.attributes = what.attributes;
  const auto kernel = prepared(what, op);
  std::vector<models::FreshValue> inputs;
  std::vector<const std::byte*> from;
  std::size_t bytes = what.output.bytes();
  for (const auto& layout : what.inputs) {
    inputs.push_back(filled(layout));
    from.push_back(inputs.back().fresh.data());
    bytes += layout.bytes();
  }
  const auto output = filled(what.output);
  std::byte* to = output.fresh.data();
  const auto size = static_cast<std::int64_t>(kernel.workspace);
  const auto workspace = models::fresh_value(ElementType::uint8, {size});
  const Layout half{ElementType::uint8, {static_cast<std::int64_t>(bytes / 2)}};
  const auto source = filled(half), target = filled(half);
  std::vector<double> ours, theirs;
  for (int round = 0; round < 9; ++round) {
    ours.push_back(seconds([&] { kernel.kernel->run(from, {&to, 1}, workspace.fresh.data()); }));
    theirs.push_back(seconds(
        [&] { std::memcpy(target.fresh.data(), source.fresh.data(), source.fresh.size()); }));
  }
  std::ranges::sort(ours);
  std::ranges::sort(theirs);
  const double time = ours[ours.size() / 2];
  const double ratio = theirs[theirs.size() / 2] / time;
  const bool good = ratio >= what.wanted;
  std::printf(
      "%-34s %7.2f GB/s %7.2f ns/element %6.2f of memcpy%s  %s\n", what.name,
      static_cast<double>(bytes) / time / 1e9,
      time * 1e9 / static_cast<double>(std::max(what.output.elements(), what.inputs[0].elements())),
      ratio, good ? "" : "  TOO SLOW", kernel.implementation.c_str());
  return good;
}

std::vector<Case> cases(std::int64_t n) {
  const auto reals = [](Shape shape, bool last = false) {
    return Layout{ElementType::float32, std::move(shape), last, 0};
  };
  const auto of = [](ElementType type, Shape shape) { return Layout{type, std::move(shape)}; };
  using E = ElementType;
  const Shape all = {n}, image = {n / (64 * 3136), 64, 56, 56}, table = {n / 1024, 1024},
              thin = {n / 3, 3};
  const double memory = 0.7;
  const auto fp32 = models::Precision::fp32;
  const models::Attribute rows = std::vector<std::int64_t>{1},
                          columns = std::vector<std::int64_t>{0};
  std::vector<Case> list = {
      {"Add, equal shapes", "Add", {reals(all), reals(all)}, reals(all), {}, {}, memory},
      {"Add, a scalar", "Add", {reals(all), reals({})}, reals(all), {}, {}, memory},
      {"Mul, per row's element",
       "Mul",
       {reals(table), reals({1024})},
       reals(table),
       {},
       {},
       memory},
      {"Mul, per row", "Mul", {reals(table), reals({n / 1024, 1})}, reals(table), {}, {}, memory},
      {"Mul, per channel", "Mul", {reals(image), reals({64, 1, 1})}, reals(image), {}, {}, memory},
      {"Add, three columns", "Add", {reals(thin), reals({3})}, reals(thin), {}, {}, memory},
      {"Add, per row of three",
       "Add",
       {reals(thin), reals({n / 3, 1})},
       reals(thin),
       {},
       {},
       memory},
      {"Div, equal shapes", "Div", {reals(all), reals(all)}, reals(all), {}, {}, memory},
      {"Max, equal shapes", "Max", {reals(all), reals(all)}, reals(all), {}, {}, memory},
      {"Relu", "Relu", {reals(all)}, reals(all), {}, {}, memory},
      {"LeakyRelu", "LeakyRelu", {reals(all)}, reals(all), {}, {}, memory},
      {"Clip", "Clip", {reals(all)}, reals(all), {}, {}, memory},
      {"HardSwish", "HardSwish", {reals(all)}, reals(all), {}, {}, memory},
      {"Floor", "Floor", {reals(all)}, reals(all), {}, {}, memory},
      {"Sqrt", "Sqrt", {reals(all)}, reals(all), {}, {}, memory},
      {"Pow, squares", "Pow", {reals(all), reals({})}, reals(all)},
      {"Less", "Less", {reals(all), reals(all)}, of(E::boolean, all), {}, {}, memory},
      {"Where", "Where", {of(E::boolean, all), reals(all), reals(all)}, reals(all), {}, {}, memory},
      {"Add of int64",
       "Add",
       {of(E::int64, all), of(E::int64, all)},
       of(E::int64, all),
       {},
       {},
       memory},
      {"Add of fp16", "Add", {of(E::float16, all), of(E::float16, all)}, of(E::float16, all)},
      {"Cast to fp16", "Cast", {reals(all)}, of(E::float16, all), {}, {}, memory},
      {"Cast to int32", "Cast", {reals(all)}, of(E::int32, all), {}, {}, memory},
      {"Cast of int64 to fp32", "Cast", {of(E::int64, all)}, reals(all), {}, {}, memory},
      {"Exp", "Exp", {reals(all)}, reals(all)},
      {"Log", "Log", {reals(all)}, reals(all)},
      {"Tanh", "Tanh", {reals(all)}, reals(all)},
      {"Erf", "Erf", {reals(all)}, reals(all)},
      {"Sigmoid", "Sigmoid", {reals(all)}, reals(all)},
      {"Gelu", "Gelu", {reals(all)}, reals(all)},
      {"Softplus", "Softplus", {reals(all)}, reals(all)},
      {"ReduceSum of all", "ReduceSum", {reals(all)}, reals({1}), {}, {}, memory},
      {"ReduceMean of rows",
       "ReduceMean",
       {reals(table)},
       reals({n / 1024, 1}),
       {{"axes", rows}},
       {},
       memory},
      {"ReduceMean of columns",
       "ReduceMean",
       {reals(table)},
       reals({1, 1024}),
       {{"axes", columns}},
       {},
       memory},
      {"ReduceMax of rows",
       "ReduceMax",
       {reals(table)},
       reals({n / 1024, 1}),
       {{"axes", rows}},
       {},
       memory},
      {"ReduceMax of columns",
       "ReduceMax",
       {reals(table)},
       reals({1, 1024}),
       {{"axes", columns}},
       {},
       memory},
      {"ArgMax of rows",
       "ArgMax",
       {reals(table)},
       of(E::int64, {n / 1024, 1}),
       {{"axis", std::int64_t{1}}}},
      {"CumSum of rows", "CumSum", {reals(table), of(E::int64, {})}, reals(table)},
      {"QuantizeLinear",
       "QuantizeLinear",
       {reals(all), reals({})},
       of(E::uint8, all),
       {},
       {},
       memory},
      {"DequantizeLinear",
       "DequantizeLinear",
       {of(E::int8, all), reals({})},
       reals(all),
       {},
       {},
       memory},
  };
  for (const std::string type : {"Add", "Mul"}) {
    list.push_back({type == "Add" ? "native Add" : "native Mul",
                    type,
                    {reals(image, true), reals(image, true)},
                    reals(image),
                    {},
                    fp32,
                    memory});
    list.push_back({type == "Add" ? "native Add, per channel" : "native Mul, per channel",
                    type,
                    {reals(image, true), reals({64, 1, 1})},
                    reals(image),
                    {},
                    fp32,
                    memory});
  }
  list.push_back({"native Tanh", "Tanh", {reals(all)}, reals(all), {}, fp32});
  list.push_back({"native Gelu", "Gelu", {reals(all)}, reals(all), {}, fp32});
  list.push_back(
      {"native Concat of channels",
       "Concat",
       {reals({1, 64, 56, n / (2 * 64 * 56)}, true), reals({1, 64, 56, n / (2 * 64 * 56)}, true)},
       reals({1, 128, 56, n / (2 * 64 * 56)}),
       {{"axis", std::int64_t{1}}},
       fp32,
       memory});
  return list;
}

}  // namespace

int main(int count, char** words) {
  const std::int64_t millions = count > 1 ? std::max(1, std::atoi(words[1])) : 24;
  bool good = true;
  // A multiple of what all shapes above divide by.
  const std::int64_t unit = 3 * 64 * 56 * 56;
  for (const auto& each : cases((millions * 1000000 + unit - 1) / unit * unit))
    good = measure(each) && good;
  return good ? 0 : 1;
}
