#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "models/precision/pack.h"
#include "models/precision/vectors.h"
#include "models/random.h"

namespace models {
namespace {

/// Restores the choice of the instruction set.
struct AnyTarget {
  ~AnyTarget() { use_format_target(""); }
};

/// Bit b of code i is bit (i x width + b) % 8 of byte (i x width + b) / 8.
template <class Code>
std::vector<std::byte> packed_bit_by_bit(const std::vector<Code>& codes, int width) {
  std::vector<std::byte> bytes(packed_bytes(codes.size(), width));
  std::size_t at = 0;
  for (const auto code : codes)
    for (int b = 0; b < width; ++b, ++at)
      if ((static_cast<std::uint64_t>(code) >> b & 1) != 0)
        bytes[at / 8] |= static_cast<std::byte>(1 << at % 8);
  return bytes;
}

template <class Code>
std::vector<Code> random_codes(std::size_t count, int width, Random& random) {
  std::vector<Code> codes(count);
  const auto shift = 64 - width;
  for (auto& code : codes) {
    const auto bits = random.next() << shift;
    code = std::is_signed_v<Code> ? static_cast<Code>(static_cast<std::int64_t>(bits) >> shift)
                                  : static_cast<Code>(bits >> shift);
  }
  return codes;
}

/// At a byte address of its own choosing, in memory that ends where the bytes do.
void expect_roundtrip(auto&& codes, int width, std::size_t offset) {
  using Code = typename std::decay_t<decltype(codes)>::value_type;
  const auto expected = packed_bit_by_bit(codes, width);
  std::vector<std::byte> memory(offset + expected.size(), std::byte{0xff});
  const auto bytes = std::span(memory).subspan(offset);
  pack(std::span<const Code>(codes), width, bytes);
  ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), expected.begin()))
      << width << " bits, " << codes.size() << " codes of " << sizeof(Code) << " bytes";
  std::vector<Code> again(codes.size(), Code{1});
  unpack(std::span<const std::byte>(bytes), width, std::span(again));
  ASSERT_EQ(again, codes) << width << " bits, " << codes.size() << " codes";
}

template <class Code>
void expect_roundtrips(Random& random) {
  const int most = static_cast<int>(8 * sizeof(Code));
  for (int width = 2; width <= most; ++width) {
    for (std::size_t count = 0; count < 70; ++count)
      expect_roundtrip(random_codes<Code>(count, width, random), width, count % 3);
    for (const std::size_t count : {511u, 512u, 513u, 1025u, 4099u})
      expect_roundtrip(random_codes<Code>(count, width, random), width, 1);
  }
}

TEST(PrecisionPack, EveryWidthAndRemainderIsReadBackOnEveryInstructionSet) {
  const AnyTarget restored;
  for (const auto target : format_targets()) {
    SCOPED_TRACE(target);
    use_format_target(target);
    Random random(11);
    expect_roundtrips<std::uint32_t>(random);
    expect_roundtrips<std::int32_t>(random);
    expect_roundtrips<std::uint16_t>(random);
    expect_roundtrips<std::uint8_t>(random);
    expect_roundtrips<std::int8_t>(random);
  }
}

TEST(PrecisionPack, TakesTheLowerBitsOfCodesThatAreTooWide) {
  const std::vector<std::uint32_t> codes = {0xffffffff, 0x12, 0xfffffff0};
  std::vector<std::byte> bytes(2);
  pack(std::span<const std::uint32_t>(codes), 4, std::span(bytes));
  EXPECT_EQ(bytes, (std::vector<std::byte>{std::byte{0x2f}, std::byte{0x00}}));
}

TEST(PrecisionPack, RefusesWidthsAndSizesThatDoNotFit) {
  std::vector<std::uint8_t> codes(8);
  std::vector<std::byte> bytes(9);
  const auto packs = [&](int width, std::size_t size) {
    pack(std::span<const std::uint8_t>(codes), width, std::span(bytes).first(size));
  };
  EXPECT_NO_THROW(packs(8, 8));
  EXPECT_THROW(packs(8, 9), std::invalid_argument);
  EXPECT_THROW(packs(1, 1), std::invalid_argument);
  EXPECT_THROW(packs(9, 9), std::invalid_argument);
  EXPECT_THROW(unpack(std::span<const std::byte>(bytes), 33, std::span<std::uint32_t>()),
               std::invalid_argument);
}

}  // namespace
}  // namespace models
