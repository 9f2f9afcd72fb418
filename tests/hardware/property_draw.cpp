#include <algorithm>
#include <limits>

#include "models/network/tensor_value.h"
#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

std::string text_of(const models::Attribute& value) {
  const auto listed = [](const auto& values, auto text) {
    std::string result = "[";
    for (const auto& each : values) result += (result == "[" ? "" : ", ") + text(each);
    return result + "]";
  };
  const auto number = [](auto x) { return std::to_string(x); };
  const auto same = [](const std::string& x) { return x; };
  if (const auto* x = std::get_if<std::int64_t>(&value)) return number(*x);
  if (const auto* x = std::get_if<double>(&value)) return number(*x);
  if (const auto* x = std::get_if<std::string>(&value)) return *x;
  if (const auto* x = std::get_if<std::vector<std::int64_t>>(&value)) return listed(*x, number);
  if (const auto* x = std::get_if<std::vector<double>>(&value)) return listed(*x, number);
  return listed(std::get<std::vector<std::string>>(value), same);
}

std::string text_of(const Array& array) {
  auto text = models::name_of(array.type);
  text += " " + models::text_of(array.shape);
  if (array.count() > 40) return text;
  text += " {";
  for (std::size_t i = 0; i < array.count(); ++i)
    text += (i == 0 ? "" : ", ") +
            (array.real() ? std::to_string(array.reals[i]) : std::to_string(array.integers[i]));
  return text + "}";
}

}  // namespace

ElementType Draw::type(std::initializer_list<ElementType> types) {
  const auto all = " " + allowed_ + " ";
  const auto allowed = [&](ElementType wanted) {
    const auto name = models::name_of(wanted);
    if (allowed_.empty() || all.find(" " + name + " ") != std::string::npos) return true;
    return name == "boolean" && all.find(" bool ") != std::string::npos;
  };
  // The first is the usual one.
  auto drawn = chance(0.3) ? *types.begin() : one_of(types);
  for (int tries = 0; tries < 20 && !allowed(drawn); ++tries) drawn = one_of(types);
  return allowed(drawn) ? drawn : *types.begin();
}

std::int64_t Draw::size() {
  return chance(0.2) ? 1 : between(1, largest_);
}
std::int64_t Draw::size_or_none() {
  return chance(0.02) ? 0 : size();
}

Shape Draw::shape(std::size_t rank) {
  Shape result;
  for (std::size_t i = 0; i < rank; ++i) result.push_back(size_or_none());
  // Of many axes only a few are long.
  for (std::size_t i = 0; i < rank; ++i)
    if (rank > 3 && result[i] > 4) result[i] = between(1, 4);
  return result;
}

Shape Draw::shape(std::size_t least_rank, std::size_t most_rank) {
  return shape(
      at(between(static_cast<std::int64_t>(least_rank),
                 std::min<std::int64_t>(static_cast<std::int64_t>(most_rank),
                                        static_cast<std::int64_t>(least_rank) + largest_))));
}

Shape Draw::full_shape(std::size_t least_rank, std::size_t most_rank) {
  auto result = shape(least_rank, most_rank);
  for (auto& each : result) each = std::max<std::int64_t>(each, 1);
  return result;
}

Shape Draw::part_of(const Shape& whole) {
  Shape result = whole;
  for (auto& size : result)
    if (chance(0.25)) size = 1;
  if (chance(0.4))
    result.erase(result.begin(),
                 result.begin() + below(static_cast<std::int64_t>(result.size()) + 1));
  return result;
}

std::int64_t Draw::axis(std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  return between(-size, size - 1);
}

Array Draw::reals(ElementType type, Shape shape, double low, double high) {
  Array result(type, std::move(shape));
  for (auto& x : result.reals) x = reference::rounded(type, real(low, high));
  return result;
}

Array Draw::integers(ElementType type, Shape shape, std::int64_t low, std::int64_t high) {
  Array result(type, std::move(shape));
  for (auto& x : result.integers) x = reference::wrapped(type, between(low, high));
  return result;
}

Array Draw::any(ElementType type, Shape shape) {
  if (models::is_real(type)) return reals(type, std::move(shape), -4, 4);
  if (type == ElementType::boolean) return integers(type, std::move(shape), 0, 1);
  const bool is_signed = reference::lowest(type) < 0;
  auto result = integers(type, std::move(shape), is_signed ? -9 : 0, 9);
  if (chance(0.3))
    for (auto& x : result.integers)
      if (chance(0.3)) x = chance(0.5) ? reference::lowest(type) : reference::highest(type);
  return result;
}

void Draw::make_special(Array& array) {
  const double infinite = std::numeric_limits<double>::infinity();
  for (auto& x : array.reals)
    if (chance(0.1))
      x = one_of({0.0, -0.0, infinite, -infinite, std::numeric_limits<double>::quiet_NaN()});
}

Array Draw::list(const std::vector<std::int64_t>& values) {
  Array result(ElementType::int64, {static_cast<std::int64_t>(values.size())});
  result.integers = values;
  return result;
}

Array Draw::scalar(ElementType type, double value) {
  Array result(type, {});
  result.set(0, models::is_real(type) ? reference::rounded(type, value) : value);
  return result;
}

Maker& Maker::input(Array array, bool constant) {
  made_.op.inputs.push_back(static_cast<int>(made_.inputs.size()));
  made_.inputs.emplace_back(std::move(array));
  made_.constant.push_back(constant);
  return *this;
}

Maker& Maker::absent() {
  made_.op.inputs.push_back(-1);
  made_.inputs.emplace_back();
  made_.constant.push_back(false);
  return *this;
}

Maker& Maker::outputs(int count) {
  made_.op.outputs.clear();
  for (int i = 0; i < count; ++i) made_.op.outputs.push_back(1000 + i);
  return *this;
}

Maker& Maker::attribute(const std::string& name, models::Attribute value) {
  if (auto* real = std::get_if<double>(&value))
    *real = static_cast<double>(static_cast<float>(*real));
  made_.op.attributes[name] = std::move(value);
  return *this;
}

Maker& Maker::near(Near::Kind kind, double factor, int scale) {
  made_.near = {kind, factor, scale};
  return *this;
}

std::string text_of(const Case& what) {
  std::string text = what.op.type + " opset " + std::to_string(what.opset);
  for (const auto& [name, value] : what.op.attributes)
    text += "\n  " + name + " = " + text_of(value);
  for (std::size_t i = 0; i < what.inputs.size(); ++i)
    text += "\n  input " + std::to_string(i) + (what.constant[i] ? " (constant): " : ": ") +
            (what.inputs[i] ? text_of(*what.inputs[i]) : "absent");
  return text + "\n  outputs: " + std::to_string(what.op.outputs.size());
}

Make find_cases(std::string_view type) {
  const auto name = " " + std::string(type) + " ";
  for (const auto family :
       {unary_cases(), binary_cases(), making_cases(), moving_cases(), picking_cases(),
        reducing_cases(), product_cases(), quantizing_cases(), window_cases(), normalizing_cases(),
        recurrent_cases(), resizing_cases()})
    for (const auto& generator : family)
      if (generator.types.find(name) != std::string_view::npos) return generator.make;
  return nullptr;
}

}  // namespace hardware::property
