#pragma once

#include <string>
#include <string_view>

#include "models/problem.h"

/// Parts of make_problem; for models/problem*.cpp only.
namespace models {

/// The size as a number of things, which are ints in Problem.
int size_of(const auto& container) {
  return static_cast<int>(container.size());
}

/// Index of the device. Throws InputError that names `role` and lists the devices.
int device_named(const Platform& platform, const std::string& name, std::string_view role);

/// Numbers the tensors, and says which operators make and read them.
void number_tensors(Problem& problem);

/// Fills weight_bytes and what is shared between operators.
void place_weights(Problem& problem);

/// Fills elements, is_fixed and bytes of tensors.
void size_tensors(Problem& problem);

/// Fills noise of operators and the sensitivities of readers and outputs.
void carry_noise(Problem& problem);

/// Fills what is said of devices, links and routes. Throws InputError where there is no route.
void describe_platform(Problem& problem);

/// Fills kinds and device_kind: devices with the same costs of operators are of one kind.
void find_kinds(Problem& problem);

/// Fills duration, energy, workspace and is_free. Throws InputError for durations out of range.
void cost_operators(Problem& problem);

/// Fills the lists of options from durations and rules. Throws InputError for a rule about
/// nothing, and for an operator that is left without an option.
void list_options(Problem& problem);

/// Throws InputError for an event about something that is not there, or that makes no sense.
void check_events(const Problem& problem);

/// Throws InputError where operators, tensors and devices are more than the engines can number.
void check_sizes(const Problem& problem);

/// Throws InputError where a conversion or a transfer, or all requests together with the slowest
/// choices, could leave the range of Time.
void check_durations(const Problem& problem);

}  // namespace models
