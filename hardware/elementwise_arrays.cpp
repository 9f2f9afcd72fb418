#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include "hardware/elementwise.h"

namespace hardware {
namespace {

template <auto function, class T>
void loop(const void* const* operands, void* result, std::int64_t count, const Reals&) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  const Eigen::Map<const Array> x(static_cast<const T*>(operands[0]), count);
  Eigen::Map<Array> y(static_cast<T*>(result), count);
  function(x, y);
}

template <auto function>
constexpr Loops loops() {
  Loops result{};
  result[index_of(type_of<float>())] = loop<function, float>;
  result[index_of(type_of<double>())] = loop<function, double>;
  return result;
}

constexpr auto tanh_of = [](const auto& x, auto& y) { y = x.tanh(); };
constexpr auto erf_of = [](const auto& x, auto& y) { y = x.erf(); };
constexpr auto sine = [](const auto& x, auto& y) { y = x.sin(); };
constexpr auto cosine = [](const auto& x, auto& y) { y = x.cos(); };

}  // namespace

Loops array_loops(std::string_view type) {
  if (type == "Tanh") return loops<tanh_of>();
  if (type == "Erf") return loops<erf_of>();
  if (type == "Sin") return loops<sine>();
  if (type == "Cos") return loops<cosine>();
  return {};
}

}  // namespace hardware
