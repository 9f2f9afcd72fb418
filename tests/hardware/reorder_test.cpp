#include "hardware/onednn/reorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/network/tensor_value.h"
#include "models/precision/convert.h"
#include "tests/hardware/native_case.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Random;
using models::Shape;

std::vector<std::byte> reordered(const std::vector<std::byte>& bytes, const Layout& from,
                                 const Layout& to) {
  auto kernel = make_reorder(from, to);
  const auto memory = [](std::size_t size) {
    return models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(size)});
  };
  auto source = memory(bytes.size()), result = memory(to.bytes()), room = memory(kernel.workspace);
  std::ranges::copy(bytes, source.fresh.begin());
  const std::byte* const inputs[] = {source.fresh.data()};
  std::byte* const outputs[] = {result.fresh.data()};
  kernel.kernel->run(inputs, outputs, room.fresh.data());
  return {result.fresh.begin(), result.fresh.end()};
}

/// One element by models/precision, which is tested against the standards.
template <class T>
T element(const std::vector<std::byte>& bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return value;
}
float widened(const std::vector<std::byte>& bytes, const Layout& layout, std::size_t index) {
  float result = 0;
  const models::Quantization how{.scales = {&layout.scale, 1}};
  const std::span<float> to(&result, 1);
  if (layout.type == ElementType::float32) return element<float>(bytes, index);
  if (layout.type == ElementType::bfloat16) {
    const auto code = element<std::uint16_t>(bytes, index);
    models::from_bf16({&code, 1}, to);
  } else if (layout.type == ElementType::int8) {
    const auto code = element<std::int8_t>(bytes, index);
    models::dequantise(std::span(&code, 1), to, how);
  } else {
    const auto code = element<std::uint8_t>(bytes, index);
    models::dequantise(std::span(&code, 1), to, how);
  }
  return result;
}
/// The code of the value as an integer, whatever it stands for.
std::uint32_t code_of(float value, const Layout& layout) {
  const std::span<const float> from(&value, 1);
  const models::Quantization how{.scales = {&layout.scale, 1}};
  if (layout.type == ElementType::float32) return std::bit_cast<std::uint32_t>(value);
  if (layout.type == ElementType::bfloat16) {
    std::uint16_t code = 0;
    models::to_bf16(from, {&code, 1});
    return code;
  }
  if (layout.type == ElementType::int8) {
    std::int8_t code = 0;
    models::quantise(from, std::span(&code, 1), how);
    return static_cast<std::uint8_t>(code);
  }
  std::uint8_t code = 0;
  models::quantise(from, std::span(&code, 1), how);
  return code;
}
std::uint32_t found_code(const std::vector<std::byte>& bytes, const Layout& layout,
                         std::size_t index) {
  if (layout.type == ElementType::float32) return element<std::uint32_t>(bytes, index);
  if (layout.type == ElementType::bfloat16) return element<std::uint16_t>(bytes, index);
  return element<std::uint8_t>(bytes, index);
}

/// Bytes at random: with fp32 and bf16 also numbers that are subnormal, huge or none.
std::vector<std::byte> random_bytes(Random& random, const Layout& layout) {
  std::vector<std::byte> bytes(layout.bytes());
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.below(256));
  if (layout.type == ElementType::float32)
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
      if (random.chance(0.2)) continue;
      const auto value = static_cast<float>(6 * random.unit() - 3);
      std::memcpy(bytes.data() + i, &value, sizeof value);
    }
  return bytes;
}

TEST(NativeReorder, AgreesWithPrecisionBitForBit) {
  Random random(21);
  const Shape shapes[] = {{1, 3, 5, 7},  {2, 64, 9, 8},   {1, 65, 67},     {2, 1, 5},
                          {3, 17, 1, 1}, {1, 3, 2, 3, 4}, {2, 16, 3, 3, 3}};
  const ElementType types[] = {ElementType::float32, ElementType::bfloat16, ElementType::int8,
                               ElementType::uint8};
  for (const auto& shape : shapes)
    for (const auto from_type : types)
      for (const auto to_type : types)
        for (int layouts = 0; layouts < 4; ++layouts) {
          const auto is_byte = [](auto type) {
            return type == ElementType::int8 || type == ElementType::uint8;
          };
          const Layout from{from_type, shape, layouts % 2 == 1, is_byte(from_type) ? 0.03F : 0};
          const Layout to{to_type, shape, layouts >= 2, is_byte(to_type) ? 0.02F : 0};
          const auto bytes = random_bytes(random, from);
          const auto got = reordered(bytes, from, to);
          for (std::size_t i = 0; i < at(from.elements()); ++i) {
            const auto source = place_of(from, i), target = place_of(to, i);
            const auto wanted = from_type == to_type && !is_byte(to_type)
                                    ? found_code(bytes, from, source)
                                    : code_of(widened(bytes, from, source), to);
            ASSERT_EQ(found_code(got, to, target), wanted)
                << models::text_of(shape) << " from " << static_cast<int>(from_type) << " to "
                << static_cast<int>(to_type) << " at " << i;
          }
        }
}

TEST(NativeReorder, MovesWhatItCannotConvert) {
  Layout from{ElementType::float64, {1, 2, 2}}, to = from;
  to.channels_last = true;
  Array array{from.shape, {1, 2, 3, 4}, from.type};
  EXPECT_EQ(values_of(reordered(bytes_of(array), from, to), to.type),
            (std::vector<double>{1, 3, 2, 4}));
  to.type = ElementType::float32;
  EXPECT_THROW(make_reorder(from, to), NotSupported);
}

TEST(NativeReorder, OfNothingIsNothing) {
  const Layout from{ElementType::float32, {0, 3, 4}}, to{ElementType::int8, {0, 3, 4}, true, 1};
  EXPECT_TRUE(reordered({}, from, to).empty());
}

}  // namespace
}  // namespace hardware
