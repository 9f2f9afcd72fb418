// The instruction set is limited once per process: every kernel test runs again in child processes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "hardware/cpu.h"
#include "models/error.h"
#include "models/precision/vectors.h"

namespace {

constexpr const char* variable = "PARTWISE_TEST_ISA";

/// Limits this process where it is such a child. Exits with 77 where the machine lacks the set.
class Limit : public testing::Environment {
 public:
  void SetUp() override {
    const char* isa = std::getenv(variable);
    if (isa == nullptr) return;
    try {
      hardware::limit_cpu({1, isa});
    } catch (const models::InputError&) {
      std::exit(77);
    }
  }
};
const auto* const limit = testing::AddGlobalTestEnvironment(new Limit);

class Isa : public testing::TestWithParam<const char*> {};

TEST_P(Isa, IsEnoughForEveryNativeKernel) {
  if (std::getenv(variable) != nullptr) GTEST_SKIP() << "a child itself";
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto command = std::string(variable) + "=" + GetParam() + " '" + self +
                       "' --gtest_filter='Native*' --gtest_brief=1";
  const int status = std::system(command.c_str());
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "this machine has no " << GetParam();
  EXPECT_EQ(status, 0) << command;
}

TEST(NativeFormats, KeepToTheLimitToo) {
  const char* isa = std::getenv(variable);
  if (isa == nullptr) GTEST_SKIP() << "only children are limited";
  if (std::getenv("PARTWISE_VECTORS") != nullptr) GTEST_SKIP() << "limited otherwise";
  const std::map<std::string, std::string> wanted = {
      {"sse41", "SSE4"}, {"avx2", "AVX2"}, {"avx512_core", "AVX3"}};
  const auto built = models::format_targets();
  const auto& target = wanted.at(isa);
  if (std::ranges::find(built, target) == built.end()) GTEST_SKIP() << "no " << target;
  const auto limited = models::format_target_index();
  models::use_format_target(target);
  EXPECT_EQ(limited, models::format_target_index());
  EXPECT_FALSE(models::may_use_bf16_instructions());
}

INSTANTIATE_TEST_SUITE_P(Of, Isa, testing::Values("sse41", "avx2", "avx512_core"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
