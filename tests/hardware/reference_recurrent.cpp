#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// An activation with its parameters.
struct Activation {
  std::string type;
  double alpha = 0, beta = 0;

  double operator()(double x) const {
    if (type == "Sigmoid") return 1 / (1 + std::exp(-x));
    if (type == "Tanh") return std::tanh(x);
    if (type == "Relu") return std::max(x, 0.0);
    if (type == "Affine") return alpha * x + beta;
    if (type == "LeakyRelu") return x < 0 ? alpha * x : x;
    if (type == "ThresholdedRelu") return x >= alpha ? x : 0;
    if (type == "ScaledTanh") return alpha * std::tanh(beta * x);
    if (type == "HardSigmoid") return std::clamp(alpha * x + beta, 0.0, 1.0);
    if (type == "Elu") return x < 0 ? alpha * std::expm1(x) : x;
    if (type == "Softsign") return x / (1 + std::abs(x));
    if (type == "Softplus") return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    throw std::runtime_error("no activation " + type);
  }
};

/// What each activation takes of `activation_alpha` and `activation_beta`, and its defaults.
struct Parameters {
  std::string_view type;
  bool alpha, beta;
  double default_alpha, default_beta;
};
constexpr Parameters parameters[] = {
    {"Affine", true, true, 1, 0},           {"LeakyRelu", true, false, 0.01, 0},
    {"ThresholdedRelu", true, false, 1, 0}, {"ScaledTanh", true, true, 1, 1},
    {"HardSigmoid", true, true, 0.2, 0.5},  {"Elu", true, false, 1, 0},
};

std::vector<Activation> activations_of(const Call& call, std::vector<std::string> otherwise,
                                       std::size_t directions) {
  auto names = call.texts("activations");
  if (names.empty())
    for (std::size_t d = 0; d < directions; ++d)
      names.insert(names.end(), otherwise.begin(), otherwise.end());
  const auto alphas = call.reals("activation_alpha"), betas = call.reals("activation_beta");
  std::size_t alpha = 0, beta = 0;
  std::vector<Activation> result;
  for (const auto& name : names) {
    Activation one{name};
    for (const auto& row : parameters) {
      if (row.type != name) continue;
      one.alpha = row.alpha && alpha < alphas.size() ? alphas[alpha++] : row.default_alpha;
      one.beta = row.beta && beta < betas.size() ? betas[beta++] : row.default_beta;
    }
    result.push_back(one);
  }
  return result;
}

/// A recurrent layer with all it reads; time first, whatever the file's layout.
struct Layer {
  const Call& call;
  bool batch_first;
  std::int64_t steps, batch, width, directions, hidden, gates;
  double clip;

  explicit Layer(const Call& the_call, std::int64_t the_gates)
      : call(the_call),
        batch_first(call.integer("layout", 0) != 0),
        steps(call.in(0).shape[batch_first ? 1 : 0]),
        batch(call.in(0).shape[batch_first ? 0 : 1]),
        width(call.in(0).shape[2]),
        directions(call.in(1).shape[0]),
        hidden(call.in(2).shape[2]),
        gates(the_gates),
        clip(call.real("clip", 0)) {}

  double x(std::int64_t t, std::int64_t b, std::int64_t i) const {
    return call.in(0)
        .reals[at(batch_first ? (b * steps + t) * width + i : (t * batch + b) * width + i)];
  }
  double initial(std::size_t input, std::int64_t d, std::int64_t b, std::int64_t i) const {
    if (!call.has(input)) return 0;
    const auto row = batch_first ? b * directions + d : d * batch + b;
    return call.in(input).reals[at(row * hidden + i)];
  }
  /// Input and its bias, of one row of one gate.
  double from_input(std::int64_t d, std::int64_t gate, std::int64_t i, std::int64_t t,
                    std::int64_t b) const {
    const auto row = (d * gates + gate) * hidden + i;
    double sum = bias(d, gate, i);
    for (std::int64_t k = 0; k < width; ++k)
      sum += call.in(1).reals[at(row * width + k)] * x(t, b, k);
    return sum;
  }
  double from_state(std::int64_t d, std::int64_t gate, std::int64_t i,
                    const std::vector<double>& state) const {
    const auto row = (d * gates + gate) * hidden + i;
    double sum = bias(d, gates + gate, i);
    for (std::int64_t k = 0; k < hidden; ++k)
      sum += call.in(2).reals[at(row * hidden + k)] * at(state, k);
    return sum;
  }
  double bias(std::int64_t d, std::int64_t row, std::int64_t i) const {
    return call.has(3) ? call.in(3).reals[at((d * 2 * gates + row) * hidden + i)] : 0;
  }
  double clipped(double value) const { return clip > 0 ? std::clamp(value, -clip, clip) : value; }
  std::int64_t length(std::int64_t b) const {
    return call.has(4) ? at(call.in(4).integers, b) : steps;
  }
  bool backwards(std::int64_t d) const {
    return d == 1 || call.text("direction", "forward") == "reverse";
  }
  Array whole() const {
    return Array(call.in(0).type, batch_first ? Shape{batch, steps, directions, hidden}
                                              : Shape{steps, directions, batch, hidden});
  }
  Array last() const {
    return Array(call.in(0).type,
                 batch_first ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden});
  }
  Shape in_whole(std::int64_t t, std::int64_t d, std::int64_t b, std::int64_t i) const {
    return batch_first ? Shape{b, t, d, i} : Shape{t, d, b, i};
  }
  Shape in_last(std::int64_t d, std::int64_t b, std::int64_t i) const {
    return batch_first ? Shape{b, d, i} : Shape{d, b, i};
  }
};

struct State {
  std::vector<double> h, c;
};

/// Runs `step(d, t, b, state)` over all sequences; gives Y, Y_h and Y_c.
template <class Step>
Arrays run(const Layer& layer, Step step) {
  auto y = layer.whole(), y_h = layer.last(), y_c = layer.last();
  for (std::int64_t d = 0; d < layer.directions; ++d)
    for (std::int64_t b = 0; b < layer.batch; ++b) {
      State state;
      for (std::int64_t i = 0; i < layer.hidden; ++i) {
        state.h.push_back(layer.initial(5, d, b, i));
        state.c.push_back(layer.initial(6, d, b, i));
      }
      const auto length = layer.length(b);
      for (std::int64_t n = 0; n < length; ++n) {
        const auto t = layer.backwards(d) ? length - 1 - n : n;
        step(d, t, b, state);
        for (std::int64_t i = 0; i < layer.hidden; ++i)
          y.reals[position(y.shape, layer.in_whole(t, d, b, i))] = at(state.h, i);
      }
      for (std::int64_t i = 0; i < layer.hidden; ++i) {
        y_h.reals[position(y_h.shape, layer.in_last(d, b, i))] = at(state.h, i);
        y_c.reals[position(y_c.shape, layer.in_last(d, b, i))] = at(state.c, i);
      }
    }
  return {y, y_h, y_c};
}

/// Gates in the order i, o, f, c; peepholes i, o, f.
Arrays lstm(const Call& call) {
  const Layer layer(call, 4);
  const auto act = activations_of(call, {"Sigmoid", "Tanh", "Tanh"}, at(layer.directions));
  const auto peephole = [&](std::int64_t d, std::int64_t gate, std::int64_t i) {
    return call.has(7) ? call.in(7).reals[at((d * 3 + gate) * layer.hidden + i)] : 0.0;
  };
  const bool coupled = call.integer("input_forget", 0) != 0;
  return run(layer, [&](std::int64_t d, std::int64_t t, std::int64_t b, State& state) {
    const auto before = state;
    const auto& f = at(act, 3 * d);
    const auto& g = at(act, 3 * d + 1);
    const auto& h = at(act, 3 * d + 2);
    for (std::int64_t i = 0; i < layer.hidden; ++i) {
      const auto sum = [&](std::int64_t gate) {
        return layer.from_input(d, gate, i, t, b) + layer.from_state(d, gate, i, before.h);
      };
      const double old = at(before.c, i);
      const double input = f(layer.clipped(sum(0) + peephole(d, 0, i) * old));
      const double forget =
          coupled ? 1 - input : f(layer.clipped(sum(2) + peephole(d, 2, i) * old));
      const double cell = forget * old + input * g(layer.clipped(sum(3)));
      const double output = f(layer.clipped(sum(1) + peephole(d, 1, i) * cell));
      at(state.c, i) = cell;
      // The text clips what goes into any function; all implementations leave the cell as it is.
      at(state.h, i) = output * h(cell);
    }
  });
}

/// Gates in the order z, r, h.
Arrays gru(const Call& call) {
  const Layer layer(call, 3);
  const auto act = activations_of(call, {"Sigmoid", "Tanh"}, at(layer.directions));
  const bool before_reset = call.integer("linear_before_reset", 0) != 0;
  auto result = run(layer, [&](std::int64_t d, std::int64_t t, std::int64_t b, State& state) {
    const auto& f = at(act, 2 * d);
    const auto& g = at(act, 2 * d + 1);
    const auto before = state.h;
    std::vector<double> update, reset, kept;
    for (std::int64_t i = 0; i < layer.hidden; ++i) {
      const auto gate = [&](std::int64_t which) {
        return f(layer.clipped(layer.from_input(d, which, i, t, b) +
                               layer.from_state(d, which, i, before)));
      };
      update.push_back(gate(0));
      reset.push_back(gate(1));
      kept.push_back(reset.back() * at(before, i));
    }
    for (std::int64_t i = 0; i < layer.hidden; ++i) {
      const double from_state = before_reset ? at(reset, i) * layer.from_state(d, 2, i, before)
                                             : layer.from_state(d, 2, i, kept);
      const double fresh = g(layer.clipped(layer.from_input(d, 2, i, t, b) + from_state));
      at(state.h, i) = (1 - at(update, i)) * fresh + at(update, i) * at(before, i);
    }
  });
  result.pop_back();
  return result;
}

constexpr Row rows[] = {{"GRU", gru}, {"LSTM", lstm}};

}  // namespace

std::span<const Row> recurrent_rows() {
  return rows;
}

}  // namespace hardware::reference
