#pragma once

#include <string>
#include <vector>

#include "scenarios/value.h"

namespace scenarios {

/// Paths that change together, and what they are given in turn: one factor of a cross product.
struct Axis {
  std::vector<std::string> paths;
  std::vector<std::vector<Value>> steps;  ///< [step][path]
};

}  // namespace scenarios
