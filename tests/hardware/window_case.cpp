#include "tests/hardware/window_case.h"

#include <algorithm>
#include <cmath>

#include "hardware/catalogue.h"
#include "hardware/cpu.h"
#include "models/network/tensor_value.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Precision;

std::size_t place_in(const Layout& layout, std::size_t index) {
  if (!layout.channels_last) return index;
  const auto channels = at(layout.shape[1]);
  const auto area = at(layout.elements()) / channels / at(layout.shape[0]);
  const auto batch = index / (channels * area);
  return batch * channels * area + index % area * channels + index / area % channels;
}

std::vector<double> read(const std::byte* bytes, const Layout& layout) {
  const auto elements = values_of({bytes, layout.bytes()}, layout.type);
  std::vector<double> values(elements.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = elements[place_in(layout, i)] * step_of(layout);
  return values;
}

models::FreshValue memory_of(const std::vector<std::byte>& bytes) {
  auto memory = models::fresh_value(ElementType::uint8, {std::ssize(bytes)});
  std::ranges::copy(bytes, memory.fresh.begin());
  return memory;
}

Request request_of(const WindowCase& window, const models::Operator& op,
                   std::vector<models::FreshValue>& constants) {
  Request request;
  request.op = &op;
  request.opset = window.plain.opset;
  request.precision = window.precision;
  for (std::size_t i = 0; i < window.plain.inputs.size(); ++i) {
    const auto& input = window.plain.inputs[i];
    request.inputs.emplace_back();
    if (!input) continue;
    request.inputs[i] =
        Request::Input{i == 0 ? window.input : Layout{input->type, input->shape}, nullptr};
    if (!window.constants.contains(i)) continue;
    constants.push_back(memory_of(bytes_of(*input)));
    request.inputs[i]->constant = constants.back().value.bytes.get();
  }
  for (const auto& output : window.plain.outputs) {
    request.outputs.emplace_back();
    if (output) request.outputs.back() = Layout{output->type, output->shape};
  }
  if (request.outputs[0]) request.outputs[0] = window.output;
  return request;
}

/// The values of an input as its format has them: those of the first one, which may be integers.
std::vector<double> given(const WindowCase& window, std::size_t input) {
  const auto& values = window.plain.inputs[input]->values;
  if (input != 0) return values;
  auto layout = window.input;
  layout.channels_last = false;
  auto result = codes_of(values, layout).values;
  for (double& value : result) value *= step_of(layout);
  return result;
}

/// What the plain kernel makes in double precision of what the native one is given.
Results wanted(const WindowCase& window) {
  auto plain = window.plain;
  plain.inputs[0]->values = given(window, 0);
  for (auto* list : {&plain.inputs, &plain.outputs})
    for (auto& array : *list)
      if (array && array->type == ElementType::float32) array->type = ElementType::float64;
  Results results;
  for (const auto& output : computed(plain))
    results.push_back(output ? output->values : std::vector<double>{});
  return results;
}

bool same(const Results& a, const Results& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return std::ranges::equal(
        x, y, [](double u, double v) { return u == v || (std::isnan(u) && std::isnan(v)); });
  });
}

/// In parts of the largest value for real formats, in steps for int8.
double tolerance(const WindowCase& window) {
  if (window.output.scale > 0) {
    // Resizing may be rounded to the input's steps before it is to the output's.
    const bool twice = window.output.scale != window.input.scale && window.plain.type == "Resize";
    return 0.501 * static_cast<double>(window.output.scale) +
           (twice ? 0.501 * static_cast<double>(window.input.scale) : 0);
  }
  if (window.precision == Precision::int8) return 1e-5;
  return window.precision == Precision::bf16 ? 0.012 : 1e-5;
}

}  // namespace

WindowCase case_of(PlainCase plain, Precision precision) {
  WindowCase result{std::move(plain), precision, {}, {}, {}};
  const auto type = precision == Precision::bf16   ? ElementType::bfloat16
                    : precision == Precision::int8 ? ElementType::int8
                                                   : ElementType::float32;
  const float scale = precision == Precision::int8 ? 0.0625F : 0.F;
  result.input = {type, result.plain.inputs[0]->shape, false, scale};
  result.output = {type, result.plain.outputs[0]->shape, false, scale};
  return result;
}

double step_of(const Layout& layout) {
  return layout.scale > 0 ? static_cast<double>(layout.scale) : 1;
}

Array codes_of(const std::vector<double>& values, const Layout& layout) {
  Array array{layout.shape, std::vector<double>(values.size()), layout.type};
  for (std::size_t i = 0; i < values.size(); ++i) {
    double x = rounded(values[i] / step_of(layout), layout.type);
    if (layout.type == ElementType::int8) x = std::clamp(x, -128.0, 127.0);
    if (layout.type == ElementType::uint8) x = std::clamp(x, 0.0, 255.0);
    array.values[place_in(layout, i)] = x;
  }
  return array;
}

std::optional<Results> native(const WindowCase& window, std::string* implementation) {
  models::Operator op;
  op.name = "it", op.type = window.plain.type, op.attributes = window.plain.attributes;
  std::vector<models::FreshValue> memory;
  const auto* row = find_native(op.type);
  auto kernel = row->make(request_of(window, op, memory));
  if (!kernel) return std::nullopt;
  memory.clear();
  if (implementation != nullptr) *implementation = kernel->implementation;
  EXPECT_EQ(kernel->implementation.find("ref"), std::string::npos) << kernel->implementation;
  const auto once = [&] {
    std::vector<const std::byte*> inputs;
    std::vector<std::byte*> outputs;
    for (std::size_t i = 0; i < kernel->inputs.size(); ++i) {
      const auto& input = window.plain.inputs[i];
      inputs.push_back(nullptr);
      if (!input || (!kernel->packed.empty() && kernel->packed[i])) continue;
      memory.push_back(memory_of(bytes_of(codes_of(given(window, i), kernel->inputs[i]))));
      inputs.back() = memory.back().value.bytes.get();
    }
    for (std::size_t i = 0; i < kernel->outputs.size(); ++i) {
      outputs.push_back(nullptr);
      if (!window.plain.outputs[i]) continue;
      memory.push_back(
          memory_of(std::vector<std::byte>(kernel->outputs[i].bytes(), std::byte{0xa5})));
      outputs.back() = memory.back().fresh.data();
    }
    memory.push_back(memory_of(std::vector<std::byte>(kernel->workspace, std::byte{0xa5})));
    kernel->kernel->run(inputs, outputs, memory.back().fresh.data());
    Results results;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      results.emplace_back();
      if (outputs[i] != nullptr) results.back() = read(outputs[i], kernel->outputs[i]);
    }
    return results;
  };
  const auto results = once();
  EXPECT_TRUE(same(results, once())) << kernel->implementation << " differs on a second run";
  return results;
}

bool agrees(const WindowCase& window) {
  std::string name;
  const auto got = native(window, &name);
  if (!got) return false;
  const auto expected = wanted(window);
  for (std::size_t o = 0; o < expected.size(); ++o) {
    double largest = window.precision == Precision::int8 ? 1 : 0;
    for (const double x : expected[o]) {
      if (window.precision != Precision::int8) largest = std::max(largest, std::abs(x));
    }
    EXPECT_EQ((*got)[o].size(), expected[o].size());
    for (std::size_t i = 0; i < expected[o].size(); ++i) {
      double x = expected[o][i];
      if (window.output.type == ElementType::int8)
        x = std::clamp(x, -128 * step_of(window.output), 127 * step_of(window.output));
      if (window.output.type == ElementType::uint8)
        x = std::clamp(x, 0.0, 255 * step_of(window.output));
      EXPECT_NEAR((*got)[o][i], x, tolerance(window) * largest + 1e-7)
          << window.plain.type << " by " << name << ", output " << o << " at " << i;
      if (std::abs((*got)[o][i] - x) > tolerance(window) * largest + 1e-7) return true;
    }
  }
  return true;
}

bool has_all_kernels() {
  return isa_in_effect().starts_with("avx512");
}

bool agrees_if_any(const WindowCase& window) {
  return agrees(window) || !has_all_kernels();
}

}  // namespace hardware
