#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "hardware/onednn/elements.h"
#include "models/network/tensor_value.h"

namespace hardware {
namespace {

using models::ElementType;

constexpr std::int64_t codes = 256;
using Numbers = std::array<float, codes>;

/// What every code stands for, in the order of the bytes.
Numbers meanings(const Layout& layout) {
  Numbers result;
  for (std::size_t i = 0; i < codes; ++i) {
    const auto byte = static_cast<std::uint8_t>(i);
    const auto number = layout.type == ElementType::int8
                            ? static_cast<float>(static_cast<std::int8_t>(byte))
                            : static_cast<float>(byte);
    result[i] = number * layout.scale;
  }
  return result;
}

/// The code next to the number, half way the even one; NaN has that of 0.
std::uint8_t code_of(float number, const Layout& layout) {
  const bool is_signed = layout.type == ElementType::int8;
  const float scaled = std::nearbyint(number / layout.scale);
  if (!(scaled == scaled)) return 0;
  const float code = std::clamp(scaled, is_signed ? -128.0F : 0.0F, is_signed ? 127.0F : 255.0F);
  return static_cast<std::uint8_t>(static_cast<std::int32_t>(code));
}

template <class T>
class Lookup final : public Kernel {
 public:
  Lookup(const std::array<T, codes>& table, std::int64_t count) : table_(table), count_(count) {}

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    const auto* from = reinterpret_cast<const std::uint8_t*>(inputs[0]);
    auto* to = reinterpret_cast<T*>(outputs[0]);
    const auto table = table_;  // where storing cannot change it
    for (std::int64_t i = 0; i < count_; ++i) to[i] = table[from[i]];
  }

 private:
  std::array<T, codes> table_;
  std::int64_t count_;
};

/// The plain kernel's answers; nullopt if it reads inputs that are not constant.
std::optional<Numbers> answers(const Request& request, const Numbers& numbers) {
  const Layout all{ElementType::float32, {codes}};
  std::vector<std::optional<Layout>> inputs(request.inputs.size());
  inputs[0] = all;
  std::vector<const std::byte*> pointers = {reinterpret_cast<const std::byte*>(numbers.data())};
  for (std::size_t i = 1; i < request.inputs.size(); ++i) {
    const auto& input = request.inputs[i];
    const bool scalar = input && input->layout.elements() == 1 && input->layout.shape.size() < 2;
    if (input && (input->constant == nullptr || !scalar)) return std::nullopt;
    pointers.push_back(input ? input->constant : nullptr);
  }
  const auto plain = plain_kernel(request, inputs, {all});
  auto workspace =
      models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(plain.workspace)});
  Numbers result;
  std::byte* const to = reinterpret_cast<std::byte*>(result.data());
  plain.kernel->run(pointers, {&to, 1}, workspace.fresh.data());
  return result;
}

}  // namespace

std::optional<Prepared> tabulated(const Request& request) {
  const auto& input = request.inputs.at(0)->layout;
  auto output = request.outputs.at(0).value();
  if (!is_coded(input)) return std::nullopt;
  if (!is_coded(output) && output.type != ElementType::float32) return std::nullopt;
  const auto numbers = answers(request, meanings(input));
  if (!numbers) return std::nullopt;
  output.channels_last = input.channels_last;
  Prepared result;
  result.implementation = "own table";
  for (const auto& each : request.inputs) result.inputs.push_back(each ? each->layout : Layout{});
  result.outputs = {output};
  result.packed.assign(request.inputs.size(), true);
  result.packed[0] = false;
  if (is_coded(output)) {
    std::array<std::uint8_t, codes> table;
    std::transform(numbers->begin(), numbers->end(), table.begin(),
                   [&](float number) { return code_of(number, output); });
    result.kernel = std::make_unique<Lookup<std::uint8_t>>(table, input.elements());
    result.held = sizeof table;
    result.in_place = 0;
  } else {
    result.kernel = std::make_unique<Lookup<float>>(*numbers, input.elements());
    result.held = sizeof *numbers;
  }
  return result;
}

}  // namespace hardware
