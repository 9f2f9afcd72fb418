#pragma once

#include <string>

#include "models/error.h"

namespace models {

/// What is wrong with a graph as a whole, and the part of it that shows this: whoever read the
/// graph knows where that part stands.
class PlacementFault : public InputError {
 public:
  enum class Part {
    nodes,   ///< all of them
    node,    ///< index: of the node
    edge,    ///< index: of the edge as it was given
    memory,  ///< of an accelerator
    devices  ///< the numbers of accelerators and CPUs
  };
  PlacementFault(Part part, int index, const std::string& what)
      : InputError(what), part_(part), index_(index) {}
  PlacementFault(Part part, const std::string& what) : PlacementFault(part, -1, what) {}

  Part part() const { return part_; }
  int index() const { return index_; }

 private:
  Part part_;
  int index_;
};

}  // namespace models
