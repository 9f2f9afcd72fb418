#pragma once

#include <boost/graph/adjacency_list.hpp>

#include "models/network/network.h"

namespace models {

/// Of one edge: the tensor made by its source and read by its target.
struct GraphEdge {
  int tensor = -1;
};

/// The network for the algorithms of Boost.Graph: vertices are operators (same index), with one
/// edge per reader and tensor. Apart from network.h, since Boost takes long to compile.
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS,
                                    boost::no_property, GraphEdge>;

/// Built from operators and tensors.
Graph graph_of(const Network& network);

}  // namespace models
