#include "models/precision/vectors.h"

#include "models/precision/targets.h"
//
#include <hwy/highway.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>

#include "models/error.h"

namespace models {
namespace {

/// What format_targets lists, found once.
const std::vector<std::int64_t>& all_targets() {
  static const std::vector<std::int64_t> all = hwy::SupportedAndGeneratedTargets();
  return all;
}

/// 0 when there is no such target.
std::int64_t target_named(std::string_view name) {
  for (const auto target : all_targets())
    if (hwy::TargetName(target) == name) return target;
  return 0;
}

std::int64_t every_target() {
  std::int64_t all = 0;
  for (const auto target : all_targets()) all |= target;
  return all;
}

std::size_t index_of(std::int64_t targets) {
  hwy::ChosenTarget chosen;
  chosen.Update(targets);
  return chosen.GetIndex();
}

std::atomic<std::size_t>& chosen_index() {
  static std::atomic<std::size_t> index = [] {
    const char* const name = std::getenv("PARTWISE_VECTORS");
    const auto target = name ? target_named(name) : 0;
    return index_of(target != 0 ? target : every_target());
  }();
  return index;
}

std::atomic<bool> bf16_instructions = true;

}  // namespace

std::vector<std::string_view> format_targets() {
  std::vector<std::string_view> names;
  for (const auto target : all_targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void use_format_target(std::string_view name) {
  const auto target = target_named(name);
  if (!name.empty() && target == 0) {
    std::string known;
    for (const auto other : format_targets())
      known += (known.empty() ? "" : ", ") + std::string(other);
    throw InputError("there is no vector code '" + std::string(name) +
                     "' of number formats for this machine; there is: " + known);
  }
  chosen_index() = index_of(target != 0 ? target : every_target());
}

void limit_format_target(std::string_view name, bool bf16) {
  const auto before = format_target_index();
  use_format_target(name);
  // Highway's tables have the best first.
  chosen_index() = std::max(before, format_target_index());
  if (!bf16) bf16_instructions = false;
}

bool may_use_bf16_instructions() {
  return bf16_instructions.load(std::memory_order_relaxed);
}

std::size_t format_target_index() {
  return chosen_index().load(std::memory_order_relaxed);
}

}  // namespace models
