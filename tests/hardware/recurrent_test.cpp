#include <algorithm>
#include <cmath>
#include <functional>

#include "tests/hardware/plain_case.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Random;
using models::Shape;
using Values = std::vector<double>;
using Words = std::vector<std::string>;
using Function = std::function<double(double)>;

/// A recurrent operator drawn at random.
struct Recurrent {
  std::string type;
  std::int64_t steps = 1, batch = 1, width = 1, hidden = 1, gates = 1;
  bool batch_first = false, late_reset = false, coupled = false;
  std::vector<bool> backwards;
  double clip = 0;
  std::vector<Function> functions;  ///< of one direction
  Array x, w, r;
  std::optional<Array> b, lengths, h, c, p;

  std::int64_t directions() const { return std::ssize(backwards); }
  std::int64_t length(std::int64_t sample) const {
    return lengths ? static_cast<std::int64_t>(lengths->values[at(sample)]) : steps;
  }
  double input(std::int64_t t, std::int64_t n, std::int64_t i) const {
    return x.values[at((batch_first ? n * steps + t : t * batch + n) * width + i)];
  }
  double activated(std::size_t function, double value) const {
    if (clip > 0) value = std::clamp(value, -clip, clip);
    return functions[function](value);
  }
  /// Gate `gate` of unit `u` before its function: the input's part.
  double from_input(std::int64_t d, std::int64_t gate, std::int64_t u, std::int64_t t,
                    std::int64_t n) const {
    const auto row = (d * gates + gate) * hidden + u;
    double sum = b ? b->values[at(d * 2 * gates * hidden + gate * hidden + u)] : 0;
    for (std::int64_t i = 0; i < width; ++i) sum += input(t, n, i) * w.values[at(row * width + i)];
    return sum;
  }
  double from_state(std::int64_t d, std::int64_t gate, std::int64_t u, const Values& state) const {
    const auto row = (d * gates + gate) * hidden + u;
    double sum = b ? b->values[at((d * 2 + 1) * gates * hidden + gate * hidden + u)] : 0;
    for (std::int64_t i = 0; i < hidden; ++i) sum += state[at(i)] * r.values[at(row * hidden + i)];
    return sum;
  }
  double peephole(std::int64_t d, std::int64_t gate, std::int64_t u, double cell) const {
    return p ? p->values[at((d * 3 + gate) * hidden + u)] * cell : 0;
  }
  /// One step of one sample.
  void step(std::int64_t d, std::int64_t t, std::int64_t n, Values& state, Values& cell) const {
    const auto before = state;
    const auto gate = [&](std::int64_t g, std::int64_t u) {
      return from_input(d, g, u, t, n) + from_state(d, g, u, before);
    };
    Values reset(before.size());
    if (type == "GRU")
      for (std::int64_t u = 0; u < hidden; ++u) reset[at(u)] = activated(0, gate(1, u));
    Values kept = before;
    for (std::size_t u = 0; u < kept.size(); ++u) kept[u] *= reset[u];
    for (std::int64_t u = 0; u < hidden; ++u) {
      double& was = cell[at(u)];
      if (type == "RNN") {
        state[at(u)] = activated(0, gate(0, u));
      } else if (type == "GRU") {
        const double update = activated(0, gate(0, u));
        const double repeated =
            late_reset ? reset[at(u)] * from_state(d, 2, u, before) : from_state(d, 2, u, kept);
        const double fresh = activated(1, from_input(d, 2, u, t, n) + repeated);
        state[at(u)] = (1 - update) * fresh + update * before[at(u)];
      } else {
        const double in = activated(0, gate(0, u) + peephole(d, 0, u, was));
        const double forget = coupled ? 1 - in : activated(0, gate(2, u) + peephole(d, 2, u, was));
        was = forget * was + in * activated(1, gate(3, u));
        const double out = activated(0, gate(1, u) + peephole(d, 1, u, was));
        state[at(u)] = out * functions[2](was);
      }
    }
  }
};

/// Y, Y_h and Y_c by the standard's formulas.
std::vector<Values> expected(const Recurrent& it) {
  const auto size = [](std::int64_t count) { return Values(at(count), 0.0); };
  const auto states = it.directions() * it.batch * it.hidden;
  std::vector<Values> result = {size(it.steps * states), size(states), size(states)};
  for (std::int64_t d = 0; d < it.directions(); ++d)
    for (std::int64_t n = 0; n < it.batch; ++n) {
      const auto place = (it.batch_first ? n * it.directions() + d : d * it.batch + n) * it.hidden;
      Values state = size(it.hidden), cell = state;
      for (std::size_t u = 0; u < state.size(); ++u) {
        if (it.h) state[u] = it.h->values[at(place) + u];
        if (it.c) cell[u] = it.c->values[at(place) + u];
      }
      for (std::int64_t s = 0; s < it.length(n); ++s) {
        const auto t = it.backwards[at(d)] ? it.length(n) - 1 - s : s;
        it.step(d, t, n, state, cell);
        const auto y = it.batch_first ? (n * it.steps + t) * it.directions() + d
                                      : (t * it.directions() + d) * it.batch + n;
        std::copy(state.begin(), state.end(), result[0].begin() + y * it.hidden);
      }
      std::copy(state.begin(), state.end(), result[1].begin() + place);
      std::copy(cell.begin(), cell.end(), result[2].begin() + place);
    }
  return result;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

PlainCase case_of(const Recurrent& it) {
  PlainCase plain;
  plain.type = it.type;
  plain.attributes = {{"hidden_size", it.hidden}, {"layout", std::int64_t{it.batch_first}}};
  const std::string direction = it.directions() == 2 ? "bidirectional"
                                : it.backwards[0]    ? "reverse"
                                                     : "forward";
  plain.attributes["direction"] = direction;
  if (it.clip > 0) plain.attributes["clip"] = it.clip;
  if (it.type == "GRU") plain.attributes["linear_before_reset"] = std::int64_t{it.late_reset};
  if (it.type == "LSTM") plain.attributes["input_forget"] = std::int64_t{it.coupled};
  plain.inputs = {it.x, it.w, it.r, it.b, it.lengths, it.h};
  if (it.type == "LSTM") plain.inputs.insert(plain.inputs.end(), {it.c, it.p});
  const auto d = it.directions();
  const auto type = it.x.type;
  const auto all = it.batch_first ? Shape{it.batch, it.steps, d, it.hidden}
                                  : Shape{it.steps, d, it.batch, it.hidden};
  const auto last = it.batch_first ? Shape{it.batch, d, it.hidden} : Shape{d, it.batch, it.hidden};
  plain.outputs = {Array{all, {}, type}, Array{last, {}, type}};
  if (it.type == "LSTM") plain.outputs.emplace_back(Array{last, {}, type});
  return plain;
}

Recurrent random_recurrent(Random& random, const std::string& type, ElementType element) {
  Recurrent it;
  it.type = type;
  it.gates = type == "LSTM" ? 4 : type == "GRU" ? 3 : 1;
  it.steps = 1 + random.below(5), it.batch = 1 + random.below(3);
  it.width = 1 + random.below(6), it.hidden = 1 + random.below(9);
  it.batch_first = random.chance(0.5), it.late_reset = random.chance(0.5);
  it.coupled = random.chance(0.25);
  const auto direction = random.below(3);
  it.backwards = {direction == 1};
  if (direction == 2) it.backwards = {false, true};
  if (random.chance(0.3)) it.clip = 0.5;
  it.functions = {sigmoid, [](double x) { return std::tanh(x); },
                  [](double x) { return std::tanh(x); }};
  if (type == "RNN") it.functions = {[](double x) { return std::tanh(x); }};
  const auto d = it.directions(), rows = it.gates * it.hidden;
  const auto draw = [&](Shape shape) { return random_array(random, std::move(shape), element, 1); };
  it.x = draw(it.batch_first ? Shape{it.batch, it.steps, it.width}
                             : Shape{it.steps, it.batch, it.width});
  it.w = draw({d, rows, it.width});
  it.r = draw({d, rows, it.hidden});
  const auto state = it.batch_first ? Shape{it.batch, d, it.hidden} : Shape{d, it.batch, it.hidden};
  if (random.chance(0.7)) it.b = draw({d, 2 * rows});
  if (random.chance(0.5)) it.h = draw(state);
  if (type == "LSTM" && random.chance(0.5)) it.c = draw(state);
  if (type == "LSTM" && random.chance(0.4)) it.p = draw({d, 3 * it.hidden});
  if (random.chance(0.4)) {
    it.lengths = Array{{it.batch}, {}, ElementType::int32};
    for (std::int64_t n = 0; n < it.batch; ++n)
      it.lengths->values.push_back(static_cast<double>(random.below(it.steps + 1)));
  }
  return it;
}

void agrees(const std::string& type) {
  Random random(11);
  for (int round = 0; round < 150; ++round) {
    const auto element = round % 3 == 0 ? ElementType::float64 : ElementType::float32;
    const auto it = random_recurrent(random, type, element);
    const auto wanted = expected(it);
    const auto got = computed(case_of(it));
    const double tolerance = element == ElementType::float64 ? 1e-12 : 1e-5;
    for (std::size_t i = 0; i < got.size(); ++i)
      expect_near(*got[i], wanted[i], tolerance,
                  type + ", output " + std::to_string(i) + ", round " + std::to_string(round));
  }
}

TEST(Lstm, AgreesWithItsFormulas) {
  agrees("LSTM");
}
TEST(Gru, AgreesWithItsFormulas) {
  agrees("GRU");
}
TEST(Rnn, AgreesWithItsFormulas) {
  agrees("RNN");
}

TEST(Lstm, OfHalfPrecisionIsRoundedAtItsEndOnly) {
  Random random(12);
  const auto it = random_recurrent(random, "LSTM", ElementType::float16);
  const auto wanted = expected(it);
  const auto got = computed(case_of(it));
  for (std::size_t i = 0; i < got.size(); ++i) expect_near(*got[i], wanted[i], 1e-3, "");
}

TEST(Lstm, OutputsMayBeLeftOut) {
  Random random(13);
  auto plain = case_of(random_recurrent(random, "LSTM", ElementType::float32));
  const auto all = computed(plain);
  plain.outputs[0].reset();
  plain.outputs[1].reset();
  EXPECT_EQ(computed(plain)[2]->values, all[2]->values);
}

/// A cell of one unit that answers f(x).
PlainCase single(const std::string& function, double x) {
  PlainCase plain;
  plain.type = "RNN";
  plain.attributes = {{"activations", Words{function}}};
  plain.inputs = {Array{{1, 1, 1}, {x}}, Array{{1, 1, 1}, {1}}, Array{{1, 1, 1}, {0}}};
  plain.outputs = {Array{{1, 1, 1, 1}, {}}};
  return plain;
}

TEST(Rnn, KnowsAllActivations) {
  struct Known {
    std::string name;
    Function value;
  };
  const std::vector<Known> all = {
      {"Relu", [](double x) { return std::max(x, 0.0); }},
      {"Tanh", [](double x) { return std::tanh(x); }},
      {"Sigmoid", sigmoid},
      {"Affine", [](double x) { return x; }},
      {"LeakyRelu", [](double x) { return x < 0 ? 0.01 * x : x; }},
      {"ThresholdedRelu", [](double x) { return x > 1 ? x : 0; }},
      {"ScaledTanh", [](double x) { return std::tanh(x); }},
      {"HardSigmoid", [](double x) { return std::clamp(0.2 * x + 0.5, 0.0, 1.0); }},
      {"Elu", [](double x) { return x < 0 ? std::exp(x) - 1 : x; }},
      {"Softsign", [](double x) { return x / (1 + std::abs(x)); }},
      {"Softplus", [](double x) { return std::log1p(std::exp(x)); }}};
  for (const auto& known : all)
    for (const double x : {-3.0, -0.5, 0.0, 0.75, 2.0})
      EXPECT_NEAR(computed(single(known.name, x))[0]->values[0], known.value(x), 1e-6)
          << known.name << " of " << x;
}

TEST(Rnn, OnlyFunctionsThatTakeAlphaUseUpAlphas) {
  PlainCase plain;
  plain.type = "GRU";
  // z = Relu(1) = 1 for one unit and Affine(2, x, 3) for the candidate.
  plain.attributes = {{"activations", Words{"Relu", "affine"}},
                      {"activation_alpha", Values{2}},
                      {"activation_beta", Values{3}}};
  plain.inputs = {Array{{1, 1, 1}, {1}}, Array{{1, 3, 1}, {0.5, 0, 4}},
                  Array{{1, 3, 1}, {0, 0, 0}}};
  plain.outputs = {Array{{1, 1, 1, 1}, {}}};
  EXPECT_FLOAT_EQ(static_cast<float>(computed(plain)[0]->values[0]), 0.5F * (2 * 4 + 3));
}

TEST(Recurrent, ImpossibleAttributesAreNamed) {
  const std::string it = "operator 'it' (RNN): ";
  auto plain = single("Tanh", 1);
  plain.attributes["direction"] = std::string("sideways");
  EXPECT_EQ(complaint(plain), it + "its direction 'sideways' is not known");
  plain = single("Swish", 1);
  EXPECT_EQ(complaint(plain), "not supported: RNN with activation Swish");
  plain = single("Tanh", 1);
  plain.attributes["activations"] = Words{"Tanh", "Tanh"};
  EXPECT_EQ(complaint(plain), it + "it has 2 activations where 1 are needed");
  plain = single("Tanh", 1);
  plain.attributes["hidden_size"] = std::int64_t{3};
  EXPECT_EQ(complaint(plain), it + "its hidden_size of 3 contradicts its weight of shape 1x1x1");
  plain = single("Tanh", 1);
  plain.inputs[1] = Array{{1, 2, 1}, {1, 2}};
  EXPECT_EQ(complaint(plain), it + "its input 1 has shape 1x2x1 where 1x1x1 is needed");
  plain = single("Tanh", 1);
  plain.inputs.resize(5);
  plain.inputs[4] = Array{{1}, {2}, ElementType::int32};
  EXPECT_EQ(complaint(plain), it + "its sequence_lens hold 2 where there are 1 steps");
}

}  // namespace
}  // namespace hardware
