#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel.h"

/// One kernel that must keep the contract of sim/kernel.h.
struct KernelUnderTest {
  std::string name;
  sim::Kernel& (*kernel)();    ///< the same one each time is fine
  std::int64_t tolerance = 0;  ///< picoseconds
};

/// Those of this program; each program that runs the contract says which.
std::vector<KernelUnderTest> kernels_under_test();

/// Does things at given times on a kernel, and remembers what ended when.
class KernelScript final : public sim::Kernel::Client {
 public:
  using Action = std::function<void(sim::Kernel&)>;

  KernelScript(sim::Kernel& kernel, std::vector<double> bandwidth, bool changes, int devices = 2);
  /// Actions of one time happen in the order given.
  void at(std::int64_t when, Action action) { actions_[when].push_back(std::move(action)); }
  void run();

  /// When activity `a` ended, -1 if it did not.
  std::int64_t end(int a) const;
  /// Every call of instant() that brought activities of the script: their numbers in order.
  const std::vector<std::vector<int>>& instants() const { return instants_; }

  /// The activity of that number, from 0.
  static sim::Activity activity(int a);

  void instant(std::int64_t now, std::span<const sim::Activity> ended) override;
  void rate_changed(sim::Activity, std::int64_t, double, double) override {}

 private:
  sim::Kernel& kernel_;
  std::map<std::int64_t, std::vector<Action>> actions_;
  std::map<int, std::int64_t> ends_;
  std::vector<std::vector<int>> instants_;
};

/// What contract tests are written with. The closed forms are stated for links of 1,000 bytes per
/// second; a "second" here is a microsecond.
namespace kernel_contract {

inline constexpr double rate = 1e9;  ///< bytes per second of "1,000 bytes per second"

/// In picoseconds.
constexpr std::int64_t seconds(double count) {
  return static_cast<std::int64_t>(count * 1e6 + 0.5);
}

inline sim::Activity a(int number) {
  return KernelScript::activity(number);
}

KernelScript::Action flow(int number, std::vector<std::int32_t> route, double bytes);
KernelScript::Action hold(int number, std::vector<std::int32_t> route, double duration,
                          double bandwidth = rate);
KernelScript::Action work(int number, int device, double amount);
KernelScript::Action speed(int device, double factor);
KernelScript::Action bandwidth(std::int32_t channel, double per_second);

class Fixture : public testing::TestWithParam<KernelUnderTest> {
 protected:
  sim::Kernel& kernel() { return GetParam().kernel(); }
  void expect_end(const KernelScript& script, int number, double expected) {
    expect_end_at(script, number, seconds(expected));
  }
  void expect_end_at(const KernelScript& script, int number, std::int64_t picoseconds);
};

}  // namespace kernel_contract
