#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/section.h"
#include "scenarios/sweep.h"

namespace scenarios {

/// A scenario file on its way to being an experiment: apart from `file`, all that is said of runs.
struct Reading {
  Value file;
  Sweep sweep;
  std::vector<Claim> claims;
  std::string text;
  std::string fingerprint;
  Faults faults;
};

/// Throws InputError where the text cannot be read at all; other faults are collected.
Reading open_scenario(const std::filesystem::path& file, const Overrides& overrides);

/// The scenario of one cell. `file` is what its paths and its standard name come from.
Scenario read_cell(const Cell& cell, const std::filesystem::path& file, Faults& faults);

}  // namespace scenarios
