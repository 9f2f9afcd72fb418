#include "tests/hardware/native_case.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hardware/catalogue.h"
#include "models/network/tensor_value.h"

namespace hardware {
namespace {

using models::ElementType;

double scale_of(const Layout& layout) {
  return layout.scale > 0 ? static_cast<double>(layout.scale) : 1;
}

double saturated(double x, ElementType type) {
  if (type == ElementType::int8) return std::clamp(x, -128.0, 127.0);
  if (type == ElementType::uint8) return std::clamp(x, 0.0, 255.0);
  return x;
}

models::FreshValue memory_of(const std::vector<std::byte>& bytes) {
  auto memory = models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(bytes.size())});
  std::ranges::copy(bytes, memory.fresh.begin());
  return memory;
}

Request request_of(const NativeCase& native, std::vector<models::FreshValue>& constants) {
  Request request;
  request.op = &native.op;
  request.precision = native.precision;
  request.fused = native.fused;
  for (const auto& input : native.inputs) {
    request.inputs.emplace_back();
    if (!input) continue;
    request.inputs.back() = Request::Input{input->layout, nullptr};
    if (!input->constant) continue;
    constants.push_back(memory_of(stored(input->values, input->layout)));
    request.inputs.back()->constant = constants.back().value.bytes.get();
  }
  request.outputs = {native.output};
  return request;
}

std::optional<Prepared> prepared(const NativeCase& native) {
  std::vector<models::FreshValue> constants;
  const auto* row = find_native(native.op.type);
  if (row == nullptr) return std::nullopt;
  return row->make(request_of(native, constants));
}

/// Two kernels may be asked for inputs in each other's layout: everything is given as wanted.
std::vector<double> run(const NativeCase& native, Prepared& kernel, bool in_place) {
  std::vector<models::FreshValue> memory;
  std::vector<const std::byte*> inputs;
  for (std::size_t i = 0; i < native.inputs.size(); ++i) {
    const bool packed = !kernel.packed.empty() && kernel.packed[i];
    inputs.push_back(nullptr);
    if (!native.inputs[i] || packed) continue;
    memory.push_back(memory_of(stored(native.inputs[i]->values, kernel.inputs[i])));
    inputs.back() = memory.back().value.bytes.get();
  }
  const auto& layout = kernel.outputs[0];
  memory.push_back(memory_of(std::vector<std::byte>(layout.bytes(), std::byte{0xa5})));
  auto* output = memory.back().fresh.data();
  if (in_place && kernel.in_place >= 0)
    output = const_cast<std::byte*>(inputs[static_cast<std::size_t>(kernel.in_place)]);
  memory.push_back(memory_of(std::vector<std::byte>(kernel.workspace, std::byte{0xa5})));
  std::byte* const outputs[] = {output};
  kernel.kernel->run(inputs, outputs, memory.back().fresh.data());
  return read({output, layout.bytes()}, layout);
}

double applied(const std::string& type, double alpha, double beta, double x) {
  if (type == "Relu") return std::max(x, 0.0);
  if (type == "LeakyRelu") return x < 0 ? alpha * x : x;
  if (type == "Clip") return std::clamp(x, alpha, beta);
  if (type == "Sigmoid") return 1 / (1 + std::exp(-x));
  if (type == "Tanh") return std::tanh(x);
  if (type == "HardSwish") return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
  if (type == "HardSigmoid") return std::clamp(alpha * x + beta, 0.0, 1.0);
  if (type == "Elu") return x < 0 ? alpha * std::expm1(x) : x;
  if (type == "Gelu" && alpha != 0)
    return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1)) * (x + 0.044715 * x * x * x)));
  if (type == "Gelu") return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
  if (type == "Mish") return x * std::tanh(std::log1p(std::exp(x)));
  if (type == "Softplus") return std::log1p(std::exp(x));
  return std::abs(x);
}

}  // namespace

double met(const NativeCase::Input& operand, const models::Shape& output, std::size_t index) {
  const auto& shape = operand.layout.shape;
  std::size_t place = 0, stride = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto axis = output.size() - 1 - i;
    const auto size = static_cast<std::size_t>(output[axis]);
    const auto own = static_cast<std::size_t>(shape[shape.size() - 1 - i]);
    if (own > 1) place += index % size * stride;
    stride *= own;
    index /= size;
  }
  return operand.values[place];
}

std::size_t place_of(const Layout& layout, std::size_t index) {
  if (!layout.channels_last) return index;
  const auto channels = static_cast<std::size_t>(layout.shape[1]);
  const auto area = static_cast<std::size_t>(layout.elements()) / channels /
                    static_cast<std::size_t>(layout.shape[0]);
  const auto batch = index / (channels * area);
  return batch * channels * area + index % area * channels + index / area % channels;
}

std::vector<std::byte> stored(const std::vector<double>& values, const Layout& layout) {
  Array array{layout.shape, std::vector<double>(values.size()), layout.type};
  for (std::size_t i = 0; i < values.size(); ++i)
    array.values[place_of(layout, i)] =
        saturated(rounded(values[i] / scale_of(layout), layout.type), layout.type);
  return bytes_of(array);
}

std::vector<double> read(std::span<const std::byte> bytes, const Layout& layout) {
  const auto elements = values_of(bytes, layout.type);
  std::vector<double> values(elements.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = elements[place_of(layout, i)] * scale_of(layout);
  return values;
}

void NativeCase::add(Layout layout, std::vector<double> values, bool constant) {
  // As the type can hold it, so that what a reference computes with is what the kernel gets.
  Layout plain = layout;
  plain.channels_last = false;
  values = read(stored(values, plain), plain);
  inputs.push_back(Input{std::move(layout), std::move(values), constant});
}

std::optional<std::vector<double>> computed(const NativeCase& native) {
  auto kernel = prepared(native);
  if (!kernel) return std::nullopt;
  const auto result = run(native, *kernel, false);
  const auto alike = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  EXPECT_TRUE(std::ranges::equal(result, run(native, *kernel, true), alike))
      << kernel->implementation << ": a second run differs";
  return result;
}

std::optional<Made> made(const NativeCase& native) {
  const auto kernel = prepared(native);
  if (!kernel) return std::nullopt;
  return Made{kernel->implementation, kernel->outputs[0].channels_last, kernel->in_place,
              kernel->held};
}

std::vector<double> chained(const NativeCase& native, std::vector<double> values) {
  for (const auto& fused : native.fused)
    for (std::size_t i = 0; i < values.size(); ++i) {
      double& x = values[i];
      if (fused.type != "Add" && fused.type != "Mul") {
        x = applied(fused.type, static_cast<double>(fused.alpha), static_cast<double>(fused.beta),
                    x);
        continue;
      }
      const double other =
          met(*native.inputs[static_cast<std::size_t>(fused.input)], native.output.shape, i);
      x = fused.type == "Add" ? x + other : x * other;
    }
  return values;
}

}  // namespace hardware
