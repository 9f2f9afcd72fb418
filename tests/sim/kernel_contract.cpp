#include "tests/sim/kernel_contract.h"

#include <cstdlib>

using sim::Activity;

namespace {

/// Activities of this request only wake the script up.
constexpr std::int64_t wake_ups = 1;

}  // namespace

KernelScript::KernelScript(sim::Kernel& kernel, std::vector<double> bandwidth, bool changes,
                           int devices)
    : kernel_(kernel) {
  kernel_.reset({devices, bandwidth, changes});
}

Activity KernelScript::activity(int a) {
  return Activity::of(0, 0, a, Activity::Phase::work);
}

void KernelScript::run() {
  std::int32_t number = 0;
  for (const auto& [when, actions] : actions_)
    kernel_.timer(when, Activity::of(0, wake_ups, number++, Activity::Phase::work));
  kernel_.run(*this);
}

void KernelScript::instant(std::int64_t now, std::span<const Activity> ended) {
  std::vector<int> mine;
  bool wake_up = false;
  for (const auto each : ended) {
    if (each.serial() == wake_ups) {
      wake_up = true;
      continue;
    }
    mine.push_back(each.task());
    EXPECT_TRUE(ends_.emplace(each.task(), now).second) << each.task() << " ended twice";
  }
  if (!mine.empty()) instants_.push_back(mine);
  if (!wake_up) return;
  for (const auto& action : actions_.at(now)) action(kernel_);
}

std::int64_t KernelScript::end(int a) const {
  const auto found = ends_.find(a);
  return found == ends_.end() ? -1 : found->second;
}

namespace kernel_contract {

using sim::Kernel;

KernelScript::Action flow(int number, std::vector<std::int32_t> route, double bytes) {
  return [=](Kernel& kernel) { kernel.flow(a(number), route, bytes); };
}

KernelScript::Action hold(int number, std::vector<std::int32_t> route, double duration,
                          double bandwidth) {
  return [=](Kernel& kernel) { kernel.hold(a(number), route, seconds(duration), bandwidth); };
}

KernelScript::Action work(int number, int device, double amount) {
  return [=](Kernel& kernel) { kernel.work(a(number), device, seconds(amount)); };
}

KernelScript::Action speed(int device, double factor) {
  return [=](Kernel& kernel) { kernel.set_speed(device, factor); };
}

KernelScript::Action bandwidth(std::int32_t channel, double per_second) {
  return [=](Kernel& kernel) { kernel.set_bandwidth(channel, per_second); };
}

void Fixture::expect_end_at(const KernelScript& script, int number, std::int64_t picoseconds) {
  const auto actual = script.end(number);
  EXPECT_LE(std::abs(actual - picoseconds), GetParam().tolerance)
      << "activity " << number << ": expected " << picoseconds << " ps, actual " << actual;
}

}  // namespace kernel_contract
