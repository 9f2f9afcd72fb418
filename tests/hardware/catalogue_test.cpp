#include "hardware/catalogue.h"

#include <gtest/gtest.h>

namespace hardware {
namespace {

using models::ElementType;
using models::Precision;

TEST(Catalogue, NativeRowsAreFoundInTheirPrecisionsOnly) {
  ASSERT_NE(find_native("Softmax"), nullptr);
  EXPECT_EQ(find_native("Softmax", Precision::fp32), find_native("Softmax"));
  EXPECT_EQ(find_native("Softmax", Precision::bf16), find_native("Softmax"));
  EXPECT_EQ(find_native("Softmax", Precision::int8), nullptr);
  EXPECT_EQ(find_native("LSTM", Precision::bf16), nullptr);
  EXPECT_EQ(find_native("Conv", Precision::tf32), nullptr);
  EXPECT_EQ(find_native("Tan", Precision::fp32), nullptr);
  EXPECT_FALSE(lists("fp32 bf16", "fp"));
  EXPECT_FALSE(lists("", "fp32"));
}

/// Of one operand that changes and a scalar: what a table could do.
TEST(Catalogue, ElementwiseRowsMakeNothingInPrecisionsThatTheyDoNotList) {
  const float scalar = 0.5F;
  const Layout coded{ElementType::int8, {2, 3}, false, 0.25F};
  int left = 0;
  for (const auto& row : native_elements()) {
    if (find_native(row.type, Precision::int8) != nullptr || row.type == "Where") continue;
    models::Operator op;
    op.name = "it";
    op.type = row.type;
    Request request;
    request.op = &op;
    request.precision = Precision::int8;
    request.inputs = {
        Request::Input{coded, nullptr},
        Request::Input{{ElementType::float32, {}}, reinterpret_cast<const std::byte*>(&scalar)}};
    request.outputs = {Layout{ElementType::boolean, {2, 3}}};
    EXPECT_FALSE(row.make(request)) << row.type;
    ++left;
  }
  EXPECT_GT(left, 0);
}

}  // namespace
}  // namespace hardware
