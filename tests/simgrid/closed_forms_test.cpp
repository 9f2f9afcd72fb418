// What follows from arithmetic alone, expected and actual of both kernels side by side.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "sim/fast_kernel.h"
#include "tests/sim/kernel_contract.h"

namespace {

using sim::Kernel;

constexpr double unit = 1e6;  ///< picoseconds per second of the forms
constexpr double rate = 1e9;  ///< bytes per second of their 1,000 bytes per second

struct Flow {
  double start = 0;  ///< after its latency
  double bytes = 1000;
  std::vector<std::int32_t> route = {0};
};

struct Change {
  double at = 0;
  double bandwidth = 0;  ///< of channel 0, in thousands of bytes per second
};

struct Form {
  std::string name;
  std::vector<double> bandwidth = {1};  ///< thousands of bytes per second
  std::vector<Flow> flows;
  std::vector<Change> changes;
  std::vector<double> ends;  ///< seconds
};

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"one flow, latency 0.25: L + S/B", {1}, {{0.25}}, {}, {1.25}},
      {"two equal flows", {1}, {{}, {}}, {}, {2, 2}},
      {"sizes 500 and 1,000", {1}, {{0, 500}, {}}, {}, {1, 1.5}},
      {"latencies 0.1 and 0.3", {1}, {{0.1}, {0.3}}, {}, {1.9, 2.1}},
      {"latencies 0 and 0.3", {1}, {{}, {0.3}}, {}, {1.7, 2}},
      {"together over one first link",
       {1, 5, 7},
       {{1, 10'000, {0, 1}}, {1, 10'000, {0, 2}}},
       {},
       {21, 21}},
      {"A crosses both, B the first, C the second: c1 = 1, c2 = 2",
       {1, 2},
       {{0, 1000, {0, 1}}, {0, 1000, {0}}, {0, 3000, {1}}},
       {},
       {2, 2, 2}},
      {"the same, c1 = 1, c2 = 3",
       {1, 3},
       {{0, 1000, {0, 1}}, {0, 1000, {0}}, {0, 5000, {1}}},
       {},
       {2, 2, 2}},
      {"bandwidth 1,000 to 500 at 1 s, 2,000 B", {1}, {{0, 2000}}, {{1, 0.5}}, {3}},
      {"bandwidth 1,000 to 2,000 at 1 s, 4,000 B", {1}, {{0, 4000}}, {{1, 2}}, {2.5}},
      {"stands still from 1 s to 3 s, 2,000 B", {1}, {{0, 2000}}, {{1, 0}, {3, 1}}, {4}},
      {"half duplex: opposite flows share", {1}, {{0, 1000, {0}}, {0, 1000, {0}}}, {}, {2, 2}},
      {"full duplex: they do not", {1, 1}, {{0, 1000, {0}}, {0, 1000, {1}}}, {}, {1, 1}},
  };
  return all;
}

std::vector<double> ends(Kernel& kernel, const Form& form) {
  std::vector<double> bandwidth;
  for (const auto each : form.bandwidth) bandwidth.push_back(each * rate);
  KernelScript script(kernel, bandwidth, !form.changes.empty());
  const auto instant = [](double seconds) {
    return static_cast<std::int64_t>(seconds * unit + 0.5);
  };
  int number = 0;
  for (const auto& flow : form.flows) {
    script.at(instant(flow.start), [&flow, number](Kernel& it) {
      it.flow(KernelScript::activity(number), flow.route, flow.bytes);
    });
    ++number;
  }
  for (const auto& change : form.changes)
    script.at(instant(change.at),
              [&change](Kernel& it) { it.set_bandwidth(0, change.bandwidth * rate); });
  script.run();
  std::vector<double> found;
  for (int i = 0; i < number; ++i) found.push_back(static_cast<double>(script.end(i)) / unit);
  return found;
}

TEST(ClosedForms, HoldOnBothKernels) {
  sim::FastKernel fast;
  auto& simgrid = kernels_under_test().front().kernel();
  std::printf("%-60s %10s %12s %12s\n", "seconds", "expected", "fast", "SimGrid");
  for (const auto& form : forms()) {
    const auto ours = ends(fast, form), theirs = ends(simgrid, form);
    for (std::size_t i = 0; i < form.ends.size(); ++i) {
      std::printf("%-60s %10.6f %12.6f %12.6f\n", i == 0 ? form.name.c_str() : "", form.ends[i],
                  ours[i], theirs[i]);
      EXPECT_DOUBLE_EQ(ours[i], form.ends[i]) << form.name;
      EXPECT_DOUBLE_EQ(theirs[i], form.ends[i]) << form.name;
    }
  }
}

}  // namespace
