#include "models/network/network.h"

#include <gtest/gtest.h>

#include "models/error.h"
#include "models/network/graph.h"

namespace {

using models::Network;
using models::Tensor;

/// x -> a -> u; u -> b -> v; u, v -> c -> y.
Network diamond() {
  Network net;
  net.name = "diamond";
  net.tensors = {{"x", {4}, {}, Tensor::Role::input, -1, {}, {}},
                 {"u", {4}, {}, Tensor::Role::computed, 0, {}, {}},
                 {"v", {4}, {}, Tensor::Role::computed, 1, {}, {}},
                 {"y", {4}, {}, Tensor::Role::computed, 2, {}, {}}};
  const auto op = [](const char* name, std::vector<int> in, int out) {
    models::Operator made;
    made.name = name;
    made.inputs = std::move(in);
    made.outputs = {out};
    return made;
  };
  net.operators = {op("a", {0}, 1), op("b", {1}, 2), op("c", {1, 2, 1}, 3)};
  net.inputs = {0};
  net.outputs = {3};
  return net;
}

std::string fault(const Network& net) {
  try {
    net.check();
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Network, SoundOnePassesItsCheck) {
  EXPECT_EQ(fault(diamond()), "");
}

TEST(Network, GraphHasOneEdgePerReaderAndTensor) {
  const auto graph = models::graph_of(diamond());
  EXPECT_EQ(boost::num_vertices(graph), 3U);
  EXPECT_EQ(boost::num_edges(graph), 3U);
}

TEST(Network, ReadersAreAscendingAndOnce) {
  EXPECT_EQ(diamond().readers(), (std::vector<std::vector<int>>{{0}, {1, 2}, {2}, {}}));
}

TEST(Network, OrderKeepsIndicesWhereItCan) {
  EXPECT_EQ(diamond().topological_order(), (std::vector<int>{0, 1, 2}));
  auto net = diamond();
  std::swap(net.operators[0], net.operators[2]);
  net.tensors[1].producer = 2;
  net.tensors[3].producer = 0;
  EXPECT_EQ(net.topological_order(), (std::vector<int>{2, 1, 0}));
  EXPECT_EQ(fault(net), "network 'diamond': its operators are not in topological order");
}

TEST(Network, CycleIsNamed) {
  auto net = diamond();
  net.operators[0].inputs = {2};
  EXPECT_EQ(fault(net),
            "network 'diamond': its operators form a cycle: 'a' -> 'b' -> 'a'; a network must be "
            "free of cycles (unroll loops before exporting)");
}

TEST(Network, EveryInconsistencyIsFound) {
  auto net = diamond();
  net.operators.clear();
  EXPECT_EQ(fault(net), "network 'diamond': it has no operators; there is nothing to run");
  net = diamond();
  net.outputs.clear();
  EXPECT_EQ(fault(net), "network 'diamond': it has no outputs; mark at least one tensor as output");
  net = diamond();
  net.outputs = {0};
  EXPECT_EQ(fault(net), "network 'diamond': nothing makes its output 'x'");
  net = diamond();
  net.operators[1].name = "a";
  EXPECT_EQ(fault(net), "network 'diamond': two operators are named 'a'; rename one");
  net = diamond();
  net.tensors[2].name = "x";
  EXPECT_EQ(fault(net), "network 'diamond': two tensors are named 'x'; rename one");
  net = diamond();
  net.operators[1].inputs = {9};
  EXPECT_EQ(fault(net), "network 'diamond': operator 'b' names tensor 9, of which there are 4");
  net = diamond();
  net.tensors[2].role = Tensor::Role::weight;
  EXPECT_EQ(fault(net), "network 'diamond': tensor 'v' is both made by an operator and given");
  net = diamond();
  net.tensors[2].producer = 0;
  EXPECT_NE(fault(net), "");
  net = diamond();
  net.tensors[1].shape = {-1};
  EXPECT_EQ(fault(net), "network 'diamond': tensor 'u' has a negative dimension");
  net = diamond();
  net.inputs = {1};
  EXPECT_EQ(fault(net), "network 'diamond': an input is no tensor with the role of an input");
}

TEST(Network, NotesDoNotMakeItAnother) {
  auto other = diamond();
  other.notes = {"folded 3 constants"};
  EXPECT_TRUE(other == diamond());
  other.tensors[0].shape = {5};
  EXPECT_FALSE(other == diamond());
}

TEST(Network, ParametersAreRealWeightsOnly) {
  auto net = diamond();
  net.tensors.push_back({"w", {3, 5}, {}, Tensor::Role::weight, -1, {}, {}});
  net.tensors.push_back({"i", {7}, models::ElementType::int64, Tensor::Role::weight, -1, {}, {}});
  EXPECT_EQ(net.parameters(), 15);
}

}  // namespace
