#include "running.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hardware/catalogue.h"
#include "hardware/converting.h"

using hardware::Layout;
using models::ElementType;
using models::TensorValue;

models::TensorValue value_of(ElementType type, models::Shape shape,
                             const std::vector<double>& elements) {
  auto made = models::fresh_value(type, std::move(shape));
  EXPECT_EQ(made.value.elements(), static_cast<std::int64_t>(elements.size()));
  hardware::converter(ElementType::float64, type)(
      reinterpret_cast<const std::byte*>(elements.data()), made.fresh.data(),
      made.value.elements());
  return made.value;
}

models::TensorValue floats(models::Shape shape, const std::vector<double>& elements) {
  return value_of(ElementType::float32, std::move(shape), elements);
}

std::vector<double> numbers_of(const TensorValue& value) {
  std::vector<double> result(static_cast<std::size_t>(value.elements()));
  hardware::converter(value.type, ElementType::float64)(
      value.bytes.get(), reinterpret_cast<std::byte*>(result.data()), value.elements());
  return result;
}

std::vector<TensorValue> computed(const Computation& what, const std::vector<TensorValue>& inputs,
                                  const std::vector<Layout>& outputs) {
  models::Operator op;
  op.name = "op";
  op.type = what.type;
  op.attributes = what.attributes;
  hardware::Request request;
  request.op = &op;
  request.opset = what.opset;
  std::vector<const std::byte*> from;
  for (const auto& value : inputs) {
    from.push_back(value.bytes.get());
    if (value)
      request.inputs.push_back(hardware::Request::Input{{value.type, value.shape}, nullptr});
    else
      request.inputs.emplace_back();
  }
  std::vector<TensorValue> results;
  std::vector<std::byte*> to;
  for (const auto& layout : outputs) {
    request.outputs.emplace_back(layout);
    auto made = models::fresh_value(layout.type, layout.shape);
    to.push_back(made.fresh.data());
    results.push_back(made.value);
  }
  const auto* row = hardware::find_plain(what.type);
  if (row == nullptr) throw hardware::NotSupported{what.type};
  auto prepared = row->make(request);
  auto workspace =
      models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(prepared.workspace)});
  prepared.kernel->run(from, to, workspace.fresh.data());
  std::vector<std::vector<std::byte>> first;
  for (const auto& value : results) {
    first.emplace_back(value.span().begin(), value.span().end());
  }
  for (std::size_t i = 0; i < to.size(); ++i) std::memset(to[i], 0x55, results[i].size());
  prepared.kernel->run(from, to, workspace.fresh.data());
  for (std::size_t i = 0; i < to.size(); ++i)
    EXPECT_TRUE(std::equal(first[i].begin(), first[i].end(), results[i].span().begin()))
        << what.type << " says otherwise the second time";
  return results;
}

std::vector<double> computed(const Computation& what, const std::vector<TensorValue>& inputs,
                             const Layout& output) {
  return numbers_of(computed(what, inputs, std::vector<Layout>{output}).at(0));
}

bool close_to(double a, double b, double relative, double absolute) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  return std::abs(a - b) <= absolute + relative * std::max(std::abs(a), std::abs(b));
}
