// Every operator of the catalogue on random cases, against the references in double precision. More
// cases: PARTWISE_CASES=5000. One case again: PARTWISE_SEED=17.
#include "tests/hardware/property.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "hardware/cpu.h"

namespace hardware::property {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

/// Calls `fault(case, draw)` for each seed from 1 on, and where one has a fault looks for one in
/// smaller shapes. Gives the text of the smallest.
template <class Fault>
std::string first_fault(const std::string& type, std::string_view types, std::uint64_t cases,
                        Fault fault) {
  const auto make = find_cases(type);
  const auto tried = [&](std::uint64_t seed, std::int64_t largest) -> std::string {
    Draw draw(seed, largest);
    draw.allow(types);
    const auto what = make(type, draw);
    if (number_from("PARTWISE_SEED", 0) != 0) std::cerr << text_of(what) << std::endl;
    const auto found = fault(what, draw);
    if (found.empty()) return "";
    return "seed " + std::to_string(seed) + ", largest size " + std::to_string(largest) + ": " +
           text_of(what) + "\n  " + found;
  };
  constexpr std::int64_t largest = 9;
  if (const auto seed = number_from("PARTWISE_SEED", 0); seed != 0) return tried(seed, largest);
  for (std::uint64_t seed = 1; seed <= cases; ++seed) {
    const auto found = tried(seed, largest);
    if (found.empty()) continue;
    for (std::int64_t smaller = 1; smaller < largest; ++smaller)
      for (std::uint64_t other = 1; other <= 100; ++other)
        if (const auto small = tried(other, smaller); !small.empty()) return small;
    return found;
  }
  return "";
}

class EveryOperator : public testing::TestWithParam<std::string> {};

TEST_P(EveryOperator, HasARowAReferenceAndCases) {
  EXPECT_NE(reference::find(GetParam()), nullptr);
  EXPECT_NE(find_cases(GetParam()), nullptr);
  EXPECT_NE(find_plain(GetParam()), nullptr);
}

TEST_P(EveryOperator, ComputesAsItsReference) {
  const auto* row = find_plain(GetParam());
  ASSERT_NE(row, nullptr);
  const auto cases = number_from("PARTWISE_CASES", 200);
  EXPECT_EQ(first_fault(GetParam(), row->types, cases,
                        [&](const Case& what, Draw&) { return fault_of_plain(*row, what); }),
            "");
}

void claim_native(const std::string& type, models::Precision precision) {
  const auto* row = find_native(type, precision);
  if (row == nullptr)
    GTEST_SKIP() << type << " has no native kernel in " << models::name_of(precision);
  const auto cases = number_from("PARTWISE_CASES", 100);
  Offered offered;
  EXPECT_EQ(first_fault(type, "float32", cases,
                        [&](const Case& what, Draw& draw) {
                          return fault_of_native(*row, what, precision, draw, offered);
                        }),
            "");
  std::cout << offered.computed << " computed, " << offered.refused << " left to others\n";
  if (number_from("PARTWISE_SEED", 0) != 0) return;
  // With narrower vectors oneDNN has fewer kernels.
  const bool has_all = isa_in_effect().starts_with("avx512");
  EXPECT_TRUE(offered.computed > 0 || !has_all);
}

TEST_P(EveryOperator, ComputesNativelyInFp32) {
  claim_native(GetParam(), models::Precision::fp32);
}
TEST_P(EveryOperator, ComputesNativelyInBf16) {
  claim_native(GetParam(), models::Precision::bf16);
}
TEST_P(EveryOperator, ComputesNativelyInInt8) {
  claim_native(GetParam(), models::Precision::int8);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryOperator, testing::ValuesIn(table()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace hardware::property
