#include <algorithm>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

struct Sizes {
  std::int64_t gates, steps, batch, width, hidden, directions;
  bool batch_first;
};

/// Functions of each direction; half of all cases have the usual ones.
void choose_functions(Maker& maker, Draw& draw, const Sizes& sizes) {
  if (draw.chance(0.6)) return;
  std::vector<std::string> names;
  std::vector<double> alphas, betas;
  for (std::int64_t i = 0; i < sizes.directions * (sizes.gates - 1); ++i) {
    // Gates without bounds make states that grow until they overflow.
    const bool gate = i % (sizes.gates - 1) == 0;
    const auto name = gate
                          ? draw.one_of<std::string>({"Sigmoid", "HardSigmoid", "Tanh", "Softsign"})
                          : draw.one_of<std::string>({"Sigmoid", "Tanh", "Relu", "HardSigmoid",
                                                      "Softsign", "LeakyRelu", "Elu", "ScaledTanh",
                                                      "Affine", "Softplus", "ThresholdedRelu"});
    names.push_back(name);
    const bool both = name == "HardSigmoid" || name == "ScaledTanh" || name == "Affine";
    if (both || name == "LeakyRelu" || name == "Elu" || name == "ThresholdedRelu")
      alphas.push_back(draw.real(0.1, 0.6));
    if (both) betas.push_back(draw.real(0.1, 0.6));
  }
  maker.attribute("activations", names);
  if (!alphas.empty()) maker.attribute("activation_alpha", alphas);
  if (!betas.empty()) maker.attribute("activation_beta", betas);
}

Array initial_state(Draw& draw, ElementType type, const Sizes& s) {
  return draw.reals(type,
                    s.batch_first ? Shape{s.batch, s.directions, s.hidden}
                                  : Shape{s.directions, s.batch, s.hidden},
                    -1, 1);
}

/// Optional inputs in their order: what is absent before one that is there is said to be.
void optional_inputs(Maker& maker, Draw& draw, ElementType of, const Sizes& s, bool cells) {
  std::vector<std::optional<Array>> inputs;
  const auto maybe = [&](double probability, auto make) {
    inputs.emplace_back();
    if (draw.chance(probability)) inputs.back() = make();
  };
  maybe(0.7, [&] { return draw.reals(of, {s.directions, 2 * s.gates * s.hidden}, -1, 1); });
  maybe(0.3, [&] { return draw.integers(int32, {s.batch}, 1, s.steps); });
  maybe(0.5, [&] { return initial_state(draw, of, s); });
  if (cells) maybe(0.5, [&] { return initial_state(draw, of, s); });
  if (cells) maybe(0.3, [&] { return draw.reals(of, {s.directions, 3 * s.hidden}, -1, 1); });
  while (!inputs.empty() && !inputs.back()) inputs.pop_back();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i])
      maker.input(*inputs[i], i != 1 && draw.chance(0.5));
    else
      maker.absent();
}

Case recurrent(const std::string& type, Draw& draw) {
  const bool cells = type == "LSTM";
  const int opset = draw.one_of({7, 14});
  const auto direction = draw.one_of<std::string>({"forward", "reverse", "bidirectional"});
  const Sizes s{cells ? 4 : 3,
                draw.between(1, 5),
                draw.between(1, 3),
                draw.between(1, 6),
                draw.between(1, 6),
                direction == "bidirectional" ? 2 : 1,
                opset >= 14 && draw.chance(0.4)};
  const auto of = draw.type({float32, float64, float16});
  const bool fixed = draw.chance(0.7);
  Maker maker(type, opset);
  maker
      .input(draw.reals(
          of, s.batch_first ? Shape{s.batch, s.steps, s.width} : Shape{s.steps, s.batch, s.width},
          -2, 2))
      .input(draw.reals(of, {s.directions, s.gates * s.hidden, s.width}, -0.7, 0.7), fixed)
      .input(draw.reals(of, {s.directions, s.gates * s.hidden, s.hidden}, -0.7, 0.7), fixed);
  optional_inputs(maker, draw, of, s, cells);
  maker.outputs(cells ? 3 : 2).attribute("hidden_size", s.hidden).attribute("direction", direction);
  if (s.batch_first) maker.attribute("layout", std::int64_t{1});
  choose_functions(maker, draw, s);
  if (!cells && draw.chance(0.5)) maker.attribute("linear_before_reset", draw.between(0, 1));
  if (cells && draw.chance(0.15)) maker.attribute("input_forget", std::int64_t{1});
  if (draw.chance(0.15)) maker.attribute("clip", 0.8);
  return maker.near(Kind::close, 256).made();
}

constexpr Generator generators[] = {{" LSTM GRU ", recurrent}};

}  // namespace

std::span<const Generator> recurrent_cases() {
  return generators;
}

}  // namespace hardware::property
