#pragma once

#include <string>

#include "models/platform/platform.h"

namespace models {

/// What a platform costs to make: the sum over its devices and links.
struct Expenses {
  double area = 0;   ///< mm2; 0 where a part does not say it
  double price = 0;  ///< 0 where a part does not say it
  /// The first part that does not say it, such as "device 'server'"; empty: all do.
  std::string without_area, without_price;
};

/// A device says its area where it gives any of its area keys; so do links, and with prices. What
/// is given per cell, MiB or lane counts so often.
Expenses expenses_of(const Platform& platform);

/// The platform with every device of `count` n as n devices: the first keeps its name, the others
/// are "npu_2", "npu_3" ... and follow it. Each gets links like those of the first, named alike; on
/// a bus all are ends. A device of count 0 goes, with its links. Throws InputError where that is
/// not clear: a link between two such devices, a route over one, a name that is taken.
Platform with_copies(const Platform& platform);

/// "npu" for 1, "npu_2" for 2.
std::string name_of_copy(const std::string& name, std::int64_t number);

}  // namespace models
