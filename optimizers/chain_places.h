#pragma once

#include <vector>

#include "optimizers/chain_layout.h"

namespace optimizers {

/// A stretch of a chain, from the end of the one before it.
struct Segment {
  int end;  ///< position
  int device;
};

/// Exchanges devices of one class, used or not, so that no direction of a link has more to send
/// than need be: what crosses a platform of several switches.
void place_segments(const ChainLayout& layout, std::vector<Segment>& segments);

}  // namespace optimizers
