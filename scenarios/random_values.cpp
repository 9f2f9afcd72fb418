#include "scenarios/random_values.h"

#include <algorithm>
#include <cmath>

#include "models/index.h"
#include "models/precision/convert.h"
#include "models/random.h"

namespace scenarios {
namespace {

using models::at;
using models::ElementType;
using models::Network;
using models::Operator;
using models::TensorValue;

/// Normal numbers by the polar method, which needs a logarithm and a root.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : random_(seed) {}
  double next() {
    for (;;) {
      const double u = 2 * random_.unit() - 1;
      const double v = 2 * random_.unit() - 1;
      const double s = u * u + v * v;
      if (s > 0 && s < 1) return u * std::sqrt(-2 * models::portable_log(s) / s);
    }
  }

 private:
  models::Random random_;
};

void store(ElementType type, double number, std::byte* to) {
  const auto single = static_cast<float>(number);
  if (type == ElementType::float32)
    *reinterpret_cast<float*>(to) = single;
  else if (type == ElementType::float64)
    *reinterpret_cast<double*>(to) = number;
  else if (type == ElementType::float16)
    models::to_fp16({&single, 1}, {reinterpret_cast<std::uint16_t*>(to), 1});
  else
    models::to_bf16({&single, 1}, {reinterpret_cast<std::uint16_t*>(to), 1});
}

/// What holds no real numbers is all noughts.
TensorValue filled(ElementType type, const models::Shape& shape, auto next) {
  auto result = models::fresh_value(type, shape);
  std::ranges::fill(result.fresh, std::byte{0});
  if (!models::is_real(type)) return result.value;
  const auto width = at(models::bits_of(type)) / 8;
  for (std::size_t done = 0; done < result.fresh.size(); done += width)
    store(type, next(), result.fresh.data() + done);
  return result.value;
}

/// The first operator that reads the tensor, past such as only normalise or add a bias; nullptr if
/// none does.
const Operator* reader_of(const Network& network, int tensor) {
  const auto reads = [&](const Operator& op) {
    return std::ranges::find(op.inputs, tensor) != op.inputs.end();
  };
  const auto found = std::ranges::find_if(network.operators, reads);
  if (found == network.operators.end()) return nullptr;
  return found->type == "BatchNormalization" ? reader_of(network, found->outputs[0]) : &*found;
}

/// How many products an element of the result sums.
std::int64_t fan_in(const Operator& op, const models::Tensor& weight) {
  const auto& shape = weight.shape;
  if (op.type == "Gather") return 0;
  if (op.type == "MatMul") return shape[shape.size() - 2];
  const auto transposed = op.attributes.find("transB");
  if (op.type == "Gemm" && (transposed == op.attributes.end() ||
                            transposed->second == models::Attribute(std::int64_t{0})))
    return shape[0];
  return shape[0] == 0 ? 0 : weight.elements() / shape[0];
}

double deviation_of(const Network& network, int tensor) {
  const auto* op = reader_of(network, tensor);
  if (op == nullptr) return 1;
  const auto sums = static_cast<double>(fan_in(*op, at(network.tensors, tensor)));
  if (sums < 1) return 1;
  const auto* next = op->outputs[0] < 0 ? nullptr : reader_of(network, op->outputs[0]);
  const bool rectified = next != nullptr && (next->type == "Relu" || next->type == "Clip");
  const bool added = next != nullptr && (next->type == "Add" || next->type == "Sum");
  return std::sqrt((rectified ? 2.0 : (added ? 0.2 : 1.0)) / sums);
}

/// Whether the vector is one that a normalisation divides or multiplies by.
bool is_factor(const Network& network, int tensor) {
  for (const auto& op : network.operators) {
    if (!op.type.ends_with("Normalization")) continue;
    for (std::size_t i = 1; i < op.inputs.size(); ++i)
      if (op.inputs[i] == tensor && (i == 1 || i == 4)) return true;
  }
  return false;
}

}  // namespace

TensorValue random_value(ElementType type, const models::Shape& shape, std::uint64_t seed) {
  Normal normal(seed);
  return filled(type, shape, [&] { return normal.next(); });
}

void fill_unknown(models::ValuedNetwork& network, std::uint64_t seed) {
  for (const int tensor : network.unknown) {
    const auto& it = at(network.network.tensors, tensor);
    auto& value = at(network.values, tensor);
    if (it.shape.size() >= 2) {
      Normal normal(seed + at(tensor));
      const double deviation = deviation_of(network.network, tensor);
      value = filled(it.type, it.shape, [&] { return deviation * normal.next(); });
    } else {
      const double all = is_factor(network.network, tensor) ? 1 : 0;
      value = filled(it.type, it.shape, [&] { return all; });
    }
  }
  network.unknown.clear();
}

}  // namespace scenarios
