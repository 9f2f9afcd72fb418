#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cctype>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/recurrent.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::Shape;
using Kind = Activation::Kind;

/// A row per function of ONNX; what alpha and beta are if nothing is said.
struct Function {
  std::string_view name;
  Kind kind = Kind::sigmoid;
  bool has_alpha = false;
  bool has_beta = false;
  double alpha = 0, beta = 0;
};

constexpr std::array functions = {
    Function{"Relu", Kind::relu},
    Function{"Tanh", Kind::tanh},
    Function{"Sigmoid", Kind::sigmoid},
    Function{"Affine", Kind::affine, true, true, 1, 0},
    Function{"LeakyRelu", Kind::leaky_relu, true, false, 0.01},
    Function{"ThresholdedRelu", Kind::thresholded_relu, true, false, 1},
    Function{"ScaledTanh", Kind::scaled_tanh, true, true, 1, 1},
    Function{"HardSigmoid", Kind::hard_sigmoid, true, true, 0.2, 0.5},
    Function{"Elu", Kind::elu, true, false, 1},
    Function{"Softsign", Kind::softsign},
    Function{"Softplus", Kind::softplus},
};

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::vector<std::string> usual(Recurrence::Cell cell) {
  if (cell == Recurrence::Cell::lstm) return {"Sigmoid", "Tanh", "Tanh"};
  if (cell == Recurrence::Cell::gru) return {"Sigmoid", "Tanh"};
  return {"Tanh"};
}

/// The lists of alphas and betas have entries only for functions that take one, in order.
std::vector<Activation> activations_of(const models::Operator& op, Recurrence::Cell cell,
                                       std::size_t directions) {
  const auto each = usual(cell).size();
  auto names = texts_of(op, "activations");
  if (names.empty()) names = usual(cell);
  if (names.size() == each && directions == 2)
    for (std::size_t i = 0; i < each; ++i) names.push_back(std::string(names[i]));
  if (names.size() != each * directions)
    fail(op, "it has " + std::to_string(names.size()) + " activations where " +
                 std::to_string(each * directions) + " are needed");
  const auto alphas = reals_of(op, "activation_alpha"), betas = reals_of(op, "activation_beta");
  std::size_t alpha = 0, beta = 0;
  std::vector<Activation> result;
  for (const auto& name : names) {
    const auto* found = std::ranges::find_if(
        functions, [&](const Function& function) { return same_word(function.name, name); });
    if (found == functions.end()) throw NotSupported{op.type + " with activation " + name};
    Activation activation{found->kind, found->alpha, found->beta};
    if (found->has_alpha && alpha < alphas.size()) activation.alpha = alphas[alpha++];
    if (found->has_beta && beta < betas.size()) activation.beta = betas[beta++];
    result.push_back(activation);
  }
  return result;
}

std::vector<bool> directions_of(const models::Operator& op) {
  const auto direction = text_of(op, "direction", "forward");
  if (same_word(direction, "forward")) return {false};
  if (same_word(direction, "reverse")) return {true};
  if (same_word(direction, "bidirectional")) return {false, true};
  fail(op, "its direction '" + direction + "' is not known");
}

void require_shape(const Request& request, std::size_t input, const Shape& shape) {
  if (!has_input(request, input)) return;
  const auto& given = request.inputs[input]->layout.shape;
  if (given != shape)
    fail(*request.op, "its input " + std::to_string(input) + " has shape " +
                          models::text_of(given) + " where " + models::text_of(shape) +
                          " is needed");
}

void require_shapes(const Request& request, const Recurrence& it) {
  const auto rows = it.gates * it.hidden;
  const auto state = it.batch_first ? Shape{it.batch, it.directions(), it.hidden}
                                    : Shape{it.directions(), it.batch, it.hidden};
  require_shape(request, 1, {it.directions(), rows, it.width});
  require_shape(request, 2, {it.directions(), rows, it.hidden});
  require_shape(request, 3, {it.directions(), 2 * rows});
  require_shape(request, 4, {it.batch});
  require_shape(request, 5, state);
  require_shape(request, 6, state);
  require_shape(request, 7, {it.directions(), 3 * it.hidden});
}

template <class T>
using Row = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
void apply_to(Row<T> x, const Activation& activation) {
  const T alpha = static_cast<T>(activation.alpha), beta = static_cast<T>(activation.beta);
  switch (activation.kind) {
    case Kind::relu:
      x = x.max(T{0});
      return;
    case Kind::tanh:
      x = x.tanh();
      return;
    case Kind::sigmoid:
      x = (T{1} + (-x).exp()).inverse();
      return;
    case Kind::affine:
      x = alpha * x + beta;
      return;
    case Kind::leaky_relu:
      x = (x < T{0}).select(alpha * x, x);
      return;
    case Kind::thresholded_relu:
      x = (x > alpha).select(x, T{0});
      return;
    case Kind::scaled_tanh:
      x = alpha * (beta * x).tanh();
      return;
    case Kind::hard_sigmoid:
      x = (alpha * x + beta).max(T{0}).min(T{1});
      return;
    case Kind::elu:
      x = (x < T{0}).select(alpha * x.expm1(), x);
      return;
    case Kind::softsign:
      x = x / (T{1} + x.abs());
      return;
    case Kind::softplus:
      // log(1 + e^x), without overflow for large x.
      x = x.max(T{0}) + (-x.abs()).exp().log1p();
      return;
  }
}

}  // namespace

void Activation::apply(float* x, std::int64_t count) const {
  apply_to<float>({x, count}, *this);
}
void Activation::apply(double* x, std::int64_t count) const {
  apply_to<double>({x, count}, *this);
}

Recurrence recurrence_of(const Request& request) {
  const auto& op = *request.op;
  Recurrence it;
  if (op.type == "GRU") it.cell = Recurrence::Cell::gru;
  if (op.type == "RNN") it.cell = Recurrence::Cell::rnn;
  it.gates = it.cell == Recurrence::Cell::lstm ? 4 : it.cell == Recurrence::Cell::gru ? 3 : 1;
  const auto& input = input_of(request, 0).shape;
  const auto& repeated = input_of(request, 2).shape;
  input_of(request, 1);
  if (input.size() != 3 || repeated.size() != 3)
    fail(op, "its input and weights must have three axes");
  it.batch_first = integer_of(op, "layout", 0) != 0;
  it.steps = input[it.batch_first ? 1 : 0];
  it.batch = input[it.batch_first ? 0 : 1];
  it.width = input[2];
  it.hidden = repeated[2];
  const auto said = integer_of(op, "hidden_size", it.hidden);
  if (said != it.hidden)
    fail(op, "its hidden_size of " + std::to_string(said) + " contradicts its weight of shape " +
                 models::text_of(repeated));
  it.backwards = directions_of(op);
  it.functions = activations_of(op, it.cell, it.backwards.size());
  it.clip = real_of(op, "clip", 0);
  it.linear_before_reset = integer_of(op, "linear_before_reset", 0) != 0;
  it.input_forget = integer_of(op, "input_forget", 0) != 0;
  require_shapes(request, it);
  return it;
}

}  // namespace hardware
