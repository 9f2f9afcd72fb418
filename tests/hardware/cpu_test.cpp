#include "hardware/cpu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "models/error.h"

namespace {

template <class Error>
std::string message_of(const hardware::CpuLimits& limits) {
  try {
    hardware::limit_cpu(limits);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Cpu, RefusesAnInstructionSetThatIsNone) {
  EXPECT_EQ(message_of<models::InputError>({1, "avx1024"}),
            "unknown instruction set 'avx1024'; there are sse41, avx, avx2, avx2_vnni, "
            "avx512_core, avx512_core_vnni, avx512_core_bf16, avx512_core_amx");
}

TEST(Cpu, RefusesThreadsThatTheMachineLacks) {
  EXPECT_EQ(message_of<models::InputError>({0, ""}).substr(0, 33),
            "0 threads: this machine has 1 to ");
  EXPECT_EQ(message_of<models::InputError>({100000, ""}).substr(0, 15), "100000 threads:");
}

TEST(Cpu, CannotBeLimitedOnceItIsInUse) {
  hardware::obey_cpu_limits();
  EXPECT_EQ(message_of<std::logic_error>({1, "sse41"}),
            "the processor must be limited before anything is computed");
}

TEST(Cpu, SaysWhichInstructionsItUses) {
  const auto names = hardware::isa_names();
  EXPECT_TRUE(std::ranges::find(names, hardware::isa_in_effect()) != names.end());
  EXPECT_FALSE(hardware::cpu_name().empty());
}

}  // namespace
