// Native kernels: what they are asked for is drawn here, since it is more than the operator.
#include <algorithm>
#include <cmath>

#include "hardware/traits.h"
#include "models/network/tensor_value.h"
#include "tests/hardware/property.h"
#include "tests/hardware/property_fused.h"

namespace hardware::property {
namespace {

using enum ElementType;
using models::Precision;

double largest_of(const Array& array) {
  double result = 0;
  for (const auto x : array.reals)
    if (std::isfinite(x)) result = std::max(result, std::abs(x));
  return result;
}

/// How reals are kept as integers: without a sign where none has one.
Layout whole_layout(const Array& array) {
  const bool negative = std::ranges::any_of(array.reals, [](double x) { return x < 0; });
  const double largest = std::max(largest_of(array), 1e-3);
  return {negative ? int8 : uint8, array.shape, false,
          static_cast<float>(largest / (negative ? 127 : 255))};
}

/// An activation in the precision: how it lies; its numbers become those that it can hold.
Layout stored(Array& array, Precision precision, Draw& draw) {
  Layout layout{float32, array.shape};
  if (precision == Precision::bf16) layout.type = bfloat16;
  if (precision == Precision::int8) layout = whole_layout(array);
  const double scale = static_cast<double>(layout.scale);
  for (auto& x : array.reals)
    x = scale > 0 ? std::nearbyint(x / scale) * scale : reference::rounded(layout.type, x);
  layout.channels_last = array.rank() >= 3 && array.rank() <= 5 && draw.chance(0.5);
  return layout;
}

/// A request with all that belongs to it, and a case that says the same in numbers.
struct Asked {
  Request request;
  std::vector<Bytes> held;
  Case what;
  FusedParts fused;
  Arrays expected;
};

void add_input(Asked& asked, Array& array, bool constant, bool activation, Precision precision,
               Draw& draw) {
  auto& input = asked.request.inputs.emplace_back();
  input.emplace();
  if (activation && !constant && array.real())
    input->layout = stored(array, precision, draw);
  else
    input->layout = {array.type, array.shape};
  asked.held.push_back(bytes_of(array, input->layout));
  if (constant) input->constant = asked.held.back().data;
}

/// What the result changes by where operands (constants only, or all) change by so much of
/// themselves: jumps, and steep slopes.
std::vector<double> changes(const Case& what, double part, bool constants_only) {
  auto low = what, high = what;
  for (std::size_t i = 0; i < what.inputs.size(); ++i) {
    if (!what.inputs[i] || (constants_only && !what.constant[i])) continue;
    if ((what.op.type == "Resize" || what.op.type == "Upsample") && i > 0) continue;  // sizes
    for (auto& x : low.inputs[i]->reals) x *= 1 - part;
    for (auto& x : high.inputs[i]->reals) x *= 1 + part;
  }
  const auto a = reference::outputs_of(what.op, what.opset, low.inputs)[0];
  const auto b = reference::outputs_of(what.op, what.opset, high.inputs)[0];
  std::vector<double> result;
  for (std::size_t i = 0; i < a.reals.size(); ++i)
    result.push_back(std::isfinite(a.reals[i] - b.reals[i]) ? std::abs(a.reals[i] - b.reals[i])
                                                            : 0);
  return result;
}

bool all_finite(const Array& array) {
  return std::ranges::all_of(array.reals, [](double x) { return std::isfinite(x); });
}

/// Integers hold neither NaN nor infinity.
bool all_finite(const Case& what) {
  return std::ranges::all_of(what.inputs,
                             [](const auto& input) { return !input || all_finite(*input); });
}

bool all_float32(const Case& what) {
  bool some = false;
  for (const auto& input : what.inputs) {
    if (!input || !input->real()) continue;
    if (input->type != float32) return false;
    some = true;
  }
  return some;
}

void ask(Asked& asked, const NativeRow& row, Precision precision, Draw& draw) {
  auto& what = asked.what;
  for (std::size_t i = 0; i < what.inputs.size(); ++i) {
    if (!what.inputs[i]) {
      asked.request.inputs.emplace_back();
      asked.held.emplace_back(0);
      continue;
    }
    add_input(asked, *what.inputs[i], what.constant[i], !is_parameter(what.op.type, i), precision,
              draw);
  }
  asked.expected = reference::outputs_of(what.op, what.opset, what.inputs);
  if (asked.expected[0].real()) asked.fused = draw_fused(row.fuses, asked.expected[0], draw);
  for (auto& part : asked.fused.parts) {
    if (part.input >= 0) {
      auto& other = asked.fused.others[at(part.input)];
      part.input = static_cast<int>(asked.request.inputs.size());
      add_input(asked, other, asked.fused.constant, true, precision, draw);
    }
    asked.request.fused.push_back(part);
  }
  asked.request.op = &what.op;
  asked.request.opset = what.opset;
  asked.request.precision = precision;
}

/// What each element may be off by, from what the precision does to operands and result.
std::vector<double> allowances(const Asked& asked, Precision precision) {
  const auto& what = asked.what;
  const auto& expected = asked.expected[0];
  auto loose = what;
  loose.near.factor = 4 * std::max(what.near.factor, 2.0);
  if (what.near.kind == Near::Kind::exact) loose.near.kind = Near::Kind::close;
  auto result = tolerances_of(loose, asked.expected)[0];
  double largest = 0;
  for (const auto& input : what.inputs)
    if (input) largest = std::max(largest, largest_of(*input));
  const bool sums = what.near.kind == Near::Kind::sums;
  const auto magnitudes = sums ? magnitudes_of(what) : asked.expected;
  if (precision == Precision::fp32) return result;
  const bool whole = precision == Precision::int8;
  const auto changed = changes(what, whole ? 1e-6 : 0x1p-8, !whole);
  const auto weights = whole ? quantised_weights(what, asked.request) : changed;
  // Averages of integers are rounded to the steps they come in before they get their own.
  const auto& type = what.op.type;
  const bool averages = type.find("AveragePool") != std::string::npos || type == "ReduceMean" ||
                        type == "Resize" || type == "Upsample";
  const double between =
      averages ? 0.51 * static_cast<double>(asked.request.inputs[0]->layout.scale) : 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double want = std::abs(expected.reals[i]);
    result[i] += changed[i] + weights.at(i) + between;
    if (!whole)
      result[i] += 0x1p-7 * (sums ? magnitudes[0].reals[i] : std::max(want, 1.0) + largest);
  }
  return result;
}

std::string layouts_text(const Asked& asked) {
  std::string text;
  for (const auto& input : asked.request.inputs)
    if (input)
      text += " [" + models::name_of(input->layout.type) +
              (input->layout.channels_last ? " channels last" : "") +
              (input->constant != nullptr ? " constant" : "") + "]";
  text += " ->";
  for (const auto& output : asked.request.outputs) text += " " + models::name_of(output->type);
  for (const auto& part : asked.request.fused)
    text += " + " + part.type + "(" + std::to_string(part.alpha) + ", " +
            std::to_string(part.beta) + ")";
  return text;
}

/// Runs the kernel on inputs laid out as it wants them.
Arrays run(const Prepared& prepared, const Asked& asked) {
  std::vector<Bytes> laid_out;
  std::vector<const std::byte*> inputs;
  for (std::size_t i = 0; i < asked.request.inputs.size(); ++i) {
    const bool packed = i < prepared.packed.size() && prepared.packed[i];
    const auto& input = asked.request.inputs[i];
    if (!input || packed) {
      inputs.push_back(nullptr);
      continue;
    }
    const auto& layout = input->layout;
    const auto& type = i < asked.what.inputs.size() ? asked.what.inputs[i]->type : float32;
    laid_out.push_back(bytes_of(array_of(asked.held[i], layout, type), prepared.inputs.at(i)));
    inputs.push_back(laid_out.back().data);
  }
  std::vector<Bytes> made;
  std::vector<std::byte*> outputs;
  for (const auto& layout : prepared.outputs) made.emplace_back(layout.bytes());
  for (const auto& bytes : made) outputs.push_back(bytes.data);
  const Bytes workspace(prepared.workspace);
  prepared.kernel->run(inputs, outputs, workspace.data);
  Arrays got;
  for (std::size_t i = 0; i < made.size(); ++i)
    got.push_back(array_of(made[i], prepared.outputs[i], asked.expected[i].type));
  return got;
}

std::string compared(const Asked& asked, const Arrays& got, const std::vector<double>& allowed) {
  const auto& expected = asked.expected[0];
  for (std::size_t i = 0; i < expected.count(); ++i) {
    const double want = expected.number(i), have = got[0].number(i);
    if (std::isnan(want) && std::isnan(have)) continue;
    const double nearest = reference::rounded(asked.request.outputs[0]->type, want);
    if (std::abs(want - have) <= allowed[i] || nearest == have) continue;
    return "element " + std::to_string(i) + " is " + std::to_string(have) + ", not " +
           std::to_string(want) + " +- " + std::to_string(allowed[i]);
  }
  return "";
}

/// The request's outputs, of which the first is kept as the precision has it, or now and then as
/// plain numbers.
void ask_outputs(Asked& asked, Precision precision, std::vector<double>& allowed, Draw& draw) {
  for (std::size_t i = 0; i < asked.what.op.outputs.size(); ++i)
    asked.request.outputs.emplace_back(Layout{asked.expected[i].type, asked.expected[i].shape});
  auto& first = *asked.request.outputs[0];
  if (first.type != float32 || precision == Precision::fp32) return;
  if (precision == Precision::bf16) first.type = bfloat16;
  if (precision == Precision::int8 && draw.chance(0.7)) first = whole_layout(asked.expected[0]);
  for (auto& each : allowed) each += 0.51 * static_cast<double>(first.scale);
}

}  // namespace

std::string fault_of_native(const NativeRow& row, const Case& what, Precision precision, Draw& draw,
                            Offered& offered) {
  const bool whole = precision == Precision::int8;
  if (!all_float32(what) || (whole && !all_finite(what))) return "";
  Asked asked{{}, {}, what, {}, {}};
  ask(asked, row, precision, draw);
  if (whole && !all_finite(asked.expected[0])) return "";
  std::vector<double> allowed(asked.expected[0].count(), 0);
  if (asked.expected[0].real()) {
    allowed = allowances(asked, precision);
    apply_fused(asked.fused, asked.expected[0], allowed, precision);
  }
  ask_outputs(asked, precision, allowed, draw);
  try {
    auto prepared = row.make(asked.request);
    ++(prepared ? offered.computed : offered.refused);
    if (!prepared) return "";
    std::string fault;
    if (prepared->implementation.find(" ref") != std::string::npos)
      fault = "it is slow: " + prepared->implementation;
    for (std::size_t i = 0; i < prepared->outputs.size() && fault.empty(); ++i)
      if (prepared->outputs[i].shape != asked.request.outputs[i]->shape ||
          prepared->outputs[i].type != asked.request.outputs[i]->type ||
          prepared->outputs[i].scale != asked.request.outputs[i]->scale)
        fault = "output " + std::to_string(i) + " is not what was asked for";
    // Twice: nothing of the first run may be left in the second.
    for (int n = 0; n < 2 && fault.empty(); ++n)
      fault = compared(asked, run(*prepared, asked), allowed);
    return fault.empty() ? "" : prepared->implementation + layouts_text(asked) + ": " + fault;
  } catch (const std::exception& error) {
    return "it throws: " + std::string(error.what()) + layouts_text(asked);
  }
}

}  // namespace hardware::property
