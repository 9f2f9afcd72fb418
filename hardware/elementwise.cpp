#include "hardware/elementwise.h"

#include <cstring>
#include <limits>
#include <utility>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/converting.h"

namespace hardware {
namespace {

using models::ElementType;

bool is_half(ElementType type) {
  return type == ElementType::float16 || type == ElementType::bfloat16;
}

/// The type in which numbers of that type are computed.
ElementType computing(ElementType type) {
  return is_half(type) ? ElementType::float32 : type;
}

const Layout& input(const Request& request, std::size_t i) {
  if (i >= request.inputs.size() || !request.inputs[i])
    fail(*request.op, "its input " + std::to_string(i + 1) + " is missing");
  return request.inputs[i]->layout;
}

bool is_given(const Request& request, std::size_t i) {
  return i < request.inputs.size() && request.inputs[i].has_value();
}

Loop loop_of(const Request& request, const Loops& loops, ElementType type) {
  const auto loop = loops[index_of(type)];
  if (loop == nullptr) throw NotSupported{request.op->type + " of this element type"};
  return loop;
}

/// Attributes that are constants of a function, with what they are where absent.
struct Constant {
  std::string_view type;
  const char* attribute;
  double otherwise;
};
constexpr Constant constants[] = {
    {"LeakyRelu", "alpha", 0.01F},
    {"Elu", "alpha", 1},
    {"Celu", "alpha", 1},
    {"Selu", "alpha", 1.67326319217681884765625},
    {"Selu", "gamma", 1.05070102214813232421875},
    {"ThresholdedRelu", "alpha", 1},
    {"HardSigmoid", "alpha", 0.2F},
    {"HardSigmoid", "beta", 0.5},
    {"Shrink", "bias", 0},
    {"Shrink", "lambd", 0.5},
    {"Swish", "alpha", 1},
    {"Clip", "min", std::numeric_limits<float>::lowest()},
    {"Clip", "max", std::numeric_limits<float>::max()},
};

Reals constants_of(const Request& request) {
  Reals reals = {};
  std::size_t count = 0;
  for (const auto& constant : constants)
    if (constant.type == request.op->type)
      reals.at(count++) = real_of(*request.op, constant.attribute, constant.otherwise);
  return reals;
}

/// A function of one input.
Prepared make_unary_of(const Request& request, std::string_view type, const Reals& reals,
                       ElementType result) {
  const auto computed = computing(input(request, 0).type);
  LoopChain chain{
      {{loop_of(request, unary_loops(type), computed), 1}}, {0}, {computed}, result, reals};
  return make_pointwise(request, std::move(chain), "own");
}

Prepared make_unary(const Request& request) {
  return make_unary_of(request, request.op->type, constants_of(request),
                       computing(input(request, 0).type));
}

Prepared make_gelu(const Request& request) {
  const auto approximation = text_of(*request.op, "approximate", "none");
  if (approximation != "none" && approximation != "tanh")
    fail(*request.op, "approximate is 'none' or 'tanh'");
  return make_unary_of(request, approximation == "tanh" ? "Gelu tanh" : "Gelu", {},
                       computing(input(request, 0).type));
}

/// IsNaN and IsInf.
Prepared make_predicate(const Request& request) {
  const Reals reals = {static_cast<double>(integer_of(*request.op, "detect_positive", 1)),
                       static_cast<double>(integer_of(*request.op, "detect_negative", 1))};
  return make_unary_of(request, request.op->type, reals, ElementType::boolean);
}

Prepared make_binary_of(const Request& request, std::string_view type, ElementType result) {
  const auto computed = computing(input(request, 0).type);
  if (input(request, 1).type != input(request, 0).type)
    fail(*request.op, "its inputs are of different types");
  LoopChain chain{{{loop_of(request, binary_loops(type), computed), 2}},
                  {0, 1},
                  {computed, computed},
                  result,
                  {}};
  return make_pointwise(request, std::move(chain), "own");
}

Prepared make_arithmetic(const Request& request) {
  return make_binary_of(request, request.op->type, computing(input(request, 0).type));
}
Prepared make_comparison(const Request& request) {
  return make_binary_of(request, request.op->type, ElementType::boolean);
}
Prepared make_mod(const Request& request) {
  return make_binary_of(request, integer_of(*request.op, "fmod", 0) != 0 ? "fmod" : "Mod",
                        computing(input(request, 0).type));
}
Prepared make_shift(const Request& request) {
  const auto direction = text_of(*request.op, "direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    fail(*request.op, "direction is 'LEFT' or 'RIGHT'");
  return make_binary_of(request, direction, input(request, 0).type);
}

/// Base and exponent may be of different types; the result is of the base's.
Prepared make_pow(const Request& request) {
  const auto base = computing(input(request, 0).type);
  const auto exponent = computing(input(request, 1).type);
  auto type = ElementType::float64;
  if (base == ElementType::float32 && exponent == ElementType::float32) type = base;
  if (!models::is_real(base) && !models::is_real(exponent)) type = ElementType::int64;
  if (base == ElementType::boolean || exponent == ElementType::boolean)
    throw NotSupported{"Pow of booleans"};
  LoopChain chain{
      {{loop_of(request, binary_loops("Pow"), type), 2}}, {0, 1}, {type, type}, type, {}};
  return make_pointwise(request, std::move(chain), "own");
}

/// PRelu: x below 0 times a slope that broadcasts.
Prepared make_prelu(const Request& request) {
  return make_binary_of(request, "PRelu", computing(input(request, 0).type));
}

/// Sum, Mean, Min and Max of any number of inputs.
Prepared make_variadic(const Request& request) {
  const auto& type = request.op->type;
  const auto computed = computing(input(request, 0).type);
  const bool mean = type == "Mean";
  const auto count = request.inputs.size();
  const auto fold = loop_of(request, binary_loops(mean || type == "Sum" ? "Add" : type), computed);
  LoopChain chain;
  chain.result = computed;
  chain.reals[0] = static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (input(request, i).type != input(request, 0).type)
      fail(*request.op, "its inputs are of different types");
    chain.inputs.push_back(i);
    chain.operands.push_back(computed);
    if (i > 0) chain.links.push_back({fold, i == 1 ? 2 : 1});
  }
  if (count == 1) chain.links.push_back({loop_of(request, unary_loops("Identity"), computed), 1});
  if (mean) chain.links.push_back({loop_of(request, unary_loops("Mean"), computed), 0});
  return make_pointwise(request, std::move(chain), "own");
}

/// Bounds are attributes before opset 11, then inputs.
Prepared make_clip(const Request& request) {
  if (request.opset < 11) return make_unary(request);
  const auto computed = computing(input(request, 0).type);
  LoopChain chain{{}, {0}, {computed}, computed, {}};
  for (const auto i : {std::size_t{1}, std::size_t{2}}) {
    if (!is_given(request, i)) continue;
    chain.inputs.push_back(i);
    chain.operands.push_back(computed);
    chain.links.push_back({loop_of(request, binary_loops(i == 1 ? "Max" : "Min"), computed),
                           chain.links.empty() ? 2 : 1});
  }
  if (chain.links.empty())
    chain.links.push_back({loop_of(request, unary_loops("Identity"), computed), 1});
  return make_pointwise(request, std::move(chain), "own");
}

Prepared make_where(const Request& request) {
  const auto type = input(request, 1).type;
  if (input(request, 2).type != type) fail(*request.op, "its inputs are of different types");
  LoopChain chain{{{selecting_loop(bytes_of(type)), 3}},
                  {0, 1, 2},
                  {ElementType::boolean, type, type},
                  type,
                  {}};
  return make_pointwise(request, std::move(chain), "own");
}

constexpr std::string_view reals = "float32 float64 float16 bfloat16";
constexpr std::string_view integers = "int8 int16 int32 int64 uint8 uint16 uint32 uint64";
constexpr std::string_view numbers =
    "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64";
constexpr std::string_view signed_numbers =
    "float32 float64 float16 bfloat16 int8 int16 int32 int64";
constexpr std::string_view everything =
    "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 boolean";
constexpr std::string_view booleans = "boolean";

constexpr PlainRow rows[] = {
    {"Add", make_arithmetic, numbers, "own"},
    {"Sub", make_arithmetic, numbers, "own"},
    {"Mul", make_arithmetic, numbers, "own"},
    {"Div", make_arithmetic, numbers, "own"},
    {"Pow", make_pow, numbers, "own"},
    {"Mod", make_mod, numbers, "own"},
    {"Min", make_variadic, numbers, "own"},
    {"Max", make_variadic, numbers, "own"},
    {"Mean", make_variadic, reals, "own"},
    {"Sum", make_variadic, reals, "own"},
    {"Abs", make_unary, numbers, "own"},
    {"Neg", make_unary, signed_numbers, "own"},
    {"Ceil", make_unary, reals, "own"},
    {"Floor", make_unary, reals, "own"},
    {"Round", make_unary, reals, "own"},
    {"Sign", make_unary, numbers, "own"},
    {"Sqrt", make_unary, reals, "own"},
    {"Exp", make_unary, reals, "Eigen"},
    {"Log", make_unary, reals, "Eigen"},
    {"Erf", make_unary, reals, "Eigen"},
    {"Reciprocal", make_unary, reals, "own"},
    {"Relu", make_unary, signed_numbers, "own"},
    {"LeakyRelu", make_unary, reals, "own"},
    {"PRelu", make_prelu, numbers, "own"},
    {"Elu", make_unary, reals, "Eigen"},
    {"Selu", make_unary, reals, "Eigen"},
    {"Celu", make_unary, reals, "Eigen"},
    {"ThresholdedRelu", make_unary, reals, "own"},
    {"HardSigmoid", make_unary, reals, "own"},
    {"HardSwish", make_unary, reals, "own"},
    {"Sigmoid", make_unary, reals, "Eigen"},
    {"Softplus", make_unary, reals, "Eigen"},
    {"Softsign", make_unary, reals, "own"},
    {"Tanh", make_unary, reals, "Eigen"},
    {"Gelu", make_gelu, reals, "own, Eigen"},
    {"Mish", make_unary, reals, "Eigen"},
    {"Swish", make_unary, reals, "Eigen"},
    {"Shrink", make_unary, reals, "own"},
    {"Clip", make_clip, numbers, "own"},
    {"Sin", make_unary, reals, "Eigen"},
    {"Cos", make_unary, reals, "Eigen"},
    {"Tan", make_unary, reals, "own"},
    {"Asin", make_unary, reals, "own"},
    {"Acos", make_unary, reals, "own"},
    {"Atan", make_unary, reals, "own"},
    {"Sinh", make_unary, reals, "own"},
    {"Cosh", make_unary, reals, "own"},
    {"Asinh", make_unary, reals, "own"},
    {"Acosh", make_unary, reals, "own"},
    {"Atanh", make_unary, reals, "own"},
    {"Equal", make_comparison, everything, "own"},
    {"Greater", make_comparison, numbers, "own"},
    {"GreaterOrEqual", make_comparison, numbers, "own"},
    {"Less", make_comparison, numbers, "own"},
    {"LessOrEqual", make_comparison, numbers, "own"},
    {"And", make_comparison, booleans, "own"},
    {"Or", make_comparison, booleans, "own"},
    {"Xor", make_comparison, booleans, "own"},
    {"Not", make_unary, booleans, "own"},
    {"BitShift", make_shift, "uint8 uint16 uint32 uint64", "own"},
    {"BitwiseAnd", make_arithmetic, integers, "own"},
    {"BitwiseOr", make_arithmetic, integers, "own"},
    {"BitwiseXor", make_arithmetic, integers, "own"},
    {"BitwiseNot", make_unary, integers, "own"},
    {"Where", make_where, everything, "own"},
    {"IsNaN", make_predicate, reals, "own"},
    {"IsInf", make_predicate, reals, "own"},
    {"Cast", make_cast, everything, "own"},
    {"CastLike", make_cast, everything, "own"},
    {"Identity", make_cast, everything, "own"},
    {"Dropout", make_dropout, reals, "own"},
};

}  // namespace

std::span<const PlainRow> elementwise_rows() {
  return rows;
}

}  // namespace hardware
