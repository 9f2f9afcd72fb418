#include "sim/kernel_log.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/fast_kernel.h"
#include "tests/sim/kernel_contract.h"

namespace {

using sim::Kernel;
using sim::KernelLog;

constexpr std::int64_t us = 1'000'000;
constexpr double rate = 1e9;

sim::Activity a(int number) {
  return KernelScript::activity(number);
}

/// A bit of everything, logged.
KernelLog logged(Kernel& kernel) {
  sim::LoggingKernel logging(kernel);
  KernelScript script(logging, {rate, 2 * rate}, true);
  const std::vector<std::int32_t> both{0, 1}, first{0};
  script.at(0, [&](Kernel& it) { it.flow(a(0), both, 3000); });
  script.at(0, [&](Kernel& it) { it.work(a(1), 0, 5 * us); });
  script.at(us, [&](Kernel& it) { it.flow(a(2), first, 1000); });
  script.at(us, [](Kernel& it) { it.set_speed(0, 0.3); });
  script.at(2 * us, [&](Kernel& it) { it.hold(a(3), both, us, rate); });
  script.at(2 * us, [](Kernel& it) { it.set_bandwidth(1, rate / 3); });
  script.at(3 * us, [](Kernel& it) { it.cancel(a(0)); });
  script.at(3 * us, [](Kernel& it) { it.timer(4 * us, a(4)); });
  script.run();
  return logging.log();
}

TEST(KernelLog, AskedTheSameAKernelTakesTheSameCourse) {
  sim::FastKernel kernel;
  const auto log = logged(kernel);
  EXPECT_EQ(log.calls.size(), 4 + 8u);  // the script's own timers as well
  EXPECT_EQ(replayed(log, kernel), log.ends);
}

TEST(KernelLog, WhatStartsAnewInTheInstantOfItsEndWaitsForIt) {
  using What = KernelLog::What;
  KernelLog log;
  log.devices = 1;
  log.changes = true;
  log.calls = {{0, a(0), What::timer, 0, 0, 0, 0},
               {0, a(0), What::timer, 0, 5, 0, 0},
               {5, a(1), What::work, 0, 7, 0, 0}};
  sim::FastKernel kernel;
  EXPECT_EQ(replayed(log, kernel), (std::vector<KernelLog::End>{{a(0), 0}, {a(0), 5}, {a(1), 12}}));
}

TEST(KernelLog, ReadsBackFromItsBytes) {
  sim::FastKernel kernel;
  const auto log = logged(kernel);
  const auto copy = KernelLog::decoded(log.encoded());
  EXPECT_EQ(copy.ends, log.ends);
  EXPECT_EQ(copy.encoded(), log.encoded());
  EXPECT_EQ(replayed(copy, kernel), log.ends);
}

TEST(KernelLog, IsRefusedWhenBytesAreMissing) {
  sim::FastKernel kernel;
  const auto bytes = logged(kernel).encoded();
  EXPECT_THROW(KernelLog::decoded(bytes.substr(0, bytes.size() - 8)), std::out_of_range);
  EXPECT_THROW(KernelLog::decoded(bytes + std::string(8, '\0')), std::out_of_range);
  EXPECT_THROW(KernelLog::decoded("short"), std::out_of_range);
}

}  // namespace
