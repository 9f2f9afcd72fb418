#include <algorithm>
#include <array>

#include "hardware/halves.h"
#include "hardware/onednn/windows.h"
#include "hardware/recurrent.h"
#include "models/index.h"

namespace hardware {
namespace {

using dnnl::memory;
using models::at;
using models::ElementType;
using models::Shape;

/// ONNX's gates in the order oneDNN has them.
constexpr std::array<std::int64_t, 4> gate_order = {0, 2, 3, 1};

bool is_usual(const Recurrence& it) {
  const Activation sigmoid{Activation::Kind::sigmoid}, tangent{Activation::Kind::tanh};
  for (std::size_t i = 0; i < it.functions.size(); ++i)
    if (!(it.functions[i] == (i % it.functions_each() == 0 ? sigmoid : tangent))) return false;
  return it.clip <= 0 && !it.input_forget && !it.batch_first;
}

/// Weights are packed, so they must be constant; the rest is as the standard has it.
bool is_native(const Request& request) {
  if (request.precision != models::Precision::fp32 || !request.fused.empty()) return false;
  for (const auto i : std::initializer_list<std::size_t>{0, 1, 2, 3, 5, 6})
    if (has_input(request, i) && request.inputs[i]->layout.type != ElementType::float32)
      return false;
  for (const auto i : std::initializer_list<std::size_t>{1, 2, 3})
    if (has_input(request, i) && request.inputs[i]->constant == nullptr) return false;
  for (const auto& output : request.outputs)
    if (output && output->type != ElementType::float32) return false;
  return !has_input(request, 4) && !has_input(request, 7) &&
         describable(request.inputs[0]->layout) && describable(request.inputs[2]->layout);
}

dnnl::rnn_direction direction_of(const Recurrence& it) {
  if (it.directions() == 2) return dnnl::rnn_direction::bidirectional_concat;
  return it.backwards[0] ? dnnl::rnn_direction::unidirectional_right2left
                         : dnnl::rnn_direction::unidirectional_left2right;
}

const float* constant(const Request& request, std::size_t index) {
  return has_input(request, index) ? reinterpret_cast<const float*>(request.inputs[index]->constant)
                                   : nullptr;
}

/// Weights of ONNX, [direction][gate][unit][column], in oneDNN's order of gates and packed as `to`
/// wants them: [layer][direction][column][gate][unit].
memory packed_weights(const Request& request, std::size_t index, const Recurrence& it,
                      std::int64_t columns, const memory::desc& to) {
  const float* from = constant(request, index);
  const auto rows = it.gates * it.hidden;
  std::vector<float> ordered(at(it.directions() * rows * columns));
  for (std::int64_t d = 0; d < it.directions(); ++d)
    for (std::size_t g = 0; g < gate_order.size(); ++g)
      std::copy_n(
          from + (d * rows + gate_order[g] * it.hidden) * columns, it.hidden * columns,
          ordered.begin() + (d * rows + static_cast<std::int64_t>(g) * it.hidden) * columns);
  const memory::dims shape = {1, it.directions(), columns, it.gates, it.hidden};
  const memory::dims strides = {it.directions() * rows * columns, rows * columns, 1,
                                it.hidden * columns, columns};
  return packed({shape, memory::data_type::f32, strides},
                reinterpret_cast<const std::byte*>(ordered.data()), to);
}

/// Both biases of each gate added up.
memory packed_bias(const Request& request, const Recurrence& it) {
  const float* from = constant(request, 3);
  const auto rows = it.gates * it.hidden;
  std::vector<float> sums(at(it.directions() * rows));
  for (std::int64_t d = 0; from != nullptr && d < it.directions(); ++d)
    for (std::int64_t g = 0; g < it.gates; ++g)
      for (std::int64_t u = 0; u < it.hidden; ++u) {
        const auto place = d * 2 * rows + at(gate_order, g) * it.hidden + u;
        at(sums, (d * it.gates + g) * it.hidden + u) = from[place] + from[place + rows];
      }
  const auto desc = plain_desc({1, it.directions(), it.gates, it.hidden}, ElementType::float32);
  return packed(desc, reinterpret_cast<const std::byte*>(sums.data()), desc);
}

/// A recurrent kernel being built; descriptions in oneDNN's words.
class Builder {
 public:
  Builder(const Request& request, Recurrence it)
      : request_(request), it_(std::move(it)), kernel_(std::make_unique<PrimitiveKernel>()) {
    const auto d = it_.directions();
    layer_in = plain_desc({it_.steps, it_.batch, it_.width}, ElementType::float32);
    layer_out = plain_desc({it_.steps, it_.batch, d * it_.hidden}, ElementType::float32);
    state = plain_desc({1, d, it_.batch, it_.hidden}, ElementType::float32);
    weights = any_desc({1, d, it_.width, it_.gates, it_.hidden}, ElementType::float32);
    repeated = any_desc({1, d, it_.hidden, it_.gates, it_.hidden}, ElementType::float32);
  }

  /// Absent states begin as noughts, absent ones at the end are not stored.
  memory::desc state_in(std::size_t index) const {
    return has_input(request_, index) ? state : memory::desc();
  }
  memory::desc state_out(std::size_t index) const {
    return has_output(request_, index) ? state : memory::desc();
  }

  template <class Description>
  std::optional<Prepared> finished(const Description& made) {
    const auto layer = layer_destination();
    std::map<int, memory> arguments = {
        {DNNL_ARG_SRC_LAYER, kernel_->input(0, layer_in)},
        {DNNL_ARG_WEIGHTS_LAYER,
         kernel_->keep(packed_weights(request_, 1, it_, it_.width, made.weights_layer_desc()))},
        {DNNL_ARG_WEIGHTS_ITER,
         kernel_->keep(packed_weights(request_, 2, it_, it_.hidden, made.weights_iter_desc()))},
        {DNNL_ARG_BIAS, kernel_->keep(packed_bias(request_, it_))},
        {DNNL_ARG_DST_LAYER, layer}};
    if (has_input(request_, 5)) arguments[DNNL_ARG_SRC_ITER] = kernel_->input(5, state);
    if (has_input(request_, 6)) arguments[DNNL_ARG_SRC_ITER_C] = kernel_->input(6, state);
    if (has_output(request_, 1)) arguments[DNNL_ARG_DST_ITER] = kernel_->output(1, state);
    if (has_output(request_, 2)) arguments[DNNL_ARG_DST_ITER_C] = kernel_->output(2, state);
    kernel_->add(made, arguments);
    if (!store_layer(layer)) return std::nullopt;
    auto result = as_asked(request_, implementation_of(made));
    for (auto& input : result.inputs) input.channels_last = false;
    for (auto& output : result.outputs) output.channels_last = false;
    result.workspace = kernel_->workspace();
    result.held = kernel_->held();
    result.kernel = std::move(kernel_);
    result.packed.assign(request_.inputs.size(), false);
    for (std::size_t i = 1; i < std::min<std::size_t>(4, result.packed.size()); ++i)
      result.packed[i] = has_input(request_, i);
    return result;
  }

  memory::desc layer_in, layer_out, state, weights, repeated;

 private:
  memory layer_destination() {
    if (has_output(request_, 0) && it_.directions() == 1) return kernel_->output(0, layer_out);
    return kernel_->temporary(layer_out);
  }

  /// Of two directions oneDNN puts the results of one step side by side, the standard one after the
  /// other.
  bool store_layer(const memory& layer) {
    if (!has_output(request_, 0) || it_.directions() == 1) return true;
    const auto d = it_.directions(), n = it_.batch, h = it_.hidden;
    const memory::dims shape = {it_.steps, d, n, h};
    const memory::desc from(shape, memory::data_type::f32, memory::dims{n * d * h, h, d * h, 1});
    const auto to = plain_desc(shape, ElementType::float32);
    const auto reorder = unless_refused([&] {
      return dnnl::reorder::primitive_desc(cpu_engine(), from, cpu_engine(), to, own_scratchpad());
    });
    if (!reorder) return false;
    kernel_->add(*reorder, {{DNNL_ARG_FROM, layer}, {DNNL_ARG_TO, kernel_->output(0, to)}});
    return true;
  }

  const Request& request_;
  Recurrence it_;
  std::unique_ptr<PrimitiveKernel> kernel_;
};

constexpr auto forward = dnnl::prop_kind::forward_inference;

}  // namespace

std::optional<Prepared> native_lstm(const Request& request) {
  if (!is_native(request)) return std::nullopt;
  const auto it = recurrence_of(request);
  // oneDNN takes both states or none.
  if (!is_usual(it) || has_input(request, 5) != has_input(request, 6) ||
      has_output(request, 1) != has_output(request, 2))
    return std::nullopt;
  Builder builder(request, it);
  const auto bias = plain_desc({1, it.directions(), 4, it.hidden}, ElementType::float32);
  const auto made = unless_refused([&] {
    return dnnl::lstm_forward::primitive_desc(
        {forward, direction_of(it), builder.layer_in, builder.state_in(5), builder.state_in(6),
         builder.weights, builder.repeated, bias, builder.layer_out, builder.state_out(1),
         builder.state_out(2)},
        own_scratchpad(), cpu_engine());
  });
  if (!made) return std::nullopt;
  return builder.finished(*made);
}

}  // namespace hardware
