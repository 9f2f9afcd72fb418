#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "models/network/network.h"

namespace models {

/// What a built-in network can be asked for.
struct ZooOptions {
  std::int64_t batch = 1;
  std::int64_t sequence = 128;  ///< tokens; transformers only
};

/// One row per network made by code. To add yours: one function and one row in zoo.cpp.
struct ZooEntry {
  std::string_view name;
  std::string_view summary;  ///< with the source (paper)
  bool has_sequence = false;
  Network (*make)(const ZooOptions&);
};

std::span<const ZooEntry> zoo();

/// Throws InputError naming those there are.
Network make_network(std::string_view name, const ZooOptions& options = {});

}  // namespace models
