#include <algorithm>
#include <map>

#include "models/network/infer.h"

namespace models::infer {
namespace {

/// Rows, columns and depth of a general matrix product.
struct Product {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t depth = 0;
};

Product gemm_sizes(const NodeView& node) {
  node.require(node.rank(0) == 2 && node.rank(1) == 2, "its factors must be matrices");
  const bool a = node.integer("transA", 0) != 0;
  const bool b = node.integer("transB", 0) != 0;
  const auto& left = node.shape(0);
  const auto& right = node.shape(1);
  const Product sizes{left[a ? 1 : 0], right[b ? 0 : 1], left[a ? 0 : 1]};
  node.require(sizes.depth == right[b ? 1 : 0],
               "its factors of shape " + text_of(left) + " and " + text_of(right) + " do not fit");
  return sizes;
}

Shape matrix_product(const NodeView& node, std::size_t left, std::size_t right) {
  Shape a = node.shape(left);
  Shape b = node.shape(right);
  node.require(!a.empty() && !b.empty(), "a factor is a scalar");
  const bool row = a.size() == 1;
  const bool column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  node.require(a.back() == b[b.size() - 2], "its factors of shape " + text_of(node.shape(left)) +
                                                " and " + text_of(node.shape(right)) +
                                                " do not fit");
  Shape result =
      broadcast_shape(node, Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!row) result.push_back(a[a.size() - 2]);
  if (!column) result.push_back(b.back());
  return result;
}

struct Equation {
  std::vector<std::string> terms;
  std::string result;
  std::map<char, std::int64_t> sizes;
};

/// "ij,jk->ik". Ellipses are not handled.
Equation equation_of(const NodeView& node) {
  std::string text = node.text("equation", "");
  std::erase(text, ' ');
  node.require(text.size() <= 1000, "its equation is too long");
  if (text.find('.') != std::string::npos) throw ShapeUnknown{"has an ellipsis in its equation"};
  Equation equation;
  const auto arrow = text.find("->");
  std::string terms = text.substr(0, arrow);
  for (std::size_t end = 0; end != std::string::npos;) {
    end = terms.find(',');
    equation.terms.push_back(terms.substr(0, end));
    terms.erase(0, end == std::string::npos ? end : end + 1);
  }
  std::map<char, int> uses;
  node.require(equation.terms.size() == node.input_count(), "its equation does not fit its inputs");
  for (std::size_t i = 0; i < equation.terms.size(); ++i) {
    const auto& term = equation.terms[i];
    node.require(term.size() == node.rank(i), "its equation does not fit its inputs");
    for (std::size_t k = 0; k < term.size(); ++k) {
      ++uses[term[k]];
      auto& size = equation.sizes.try_emplace(term[k], node.shape(i)[k]).first->second;
      node.require(size == node.shape(i)[k] || size == 1 || node.shape(i)[k] == 1,
                   std::string("its equation gives '") + term[k] + "' two sizes");
      size = std::max(size, node.shape(i)[k]);
    }
  }
  if (arrow != std::string::npos) equation.result = text.substr(arrow + 2);
  // Without an arrow: all labels that occur once, in alphabetical order.
  if (arrow == std::string::npos)
    for (const auto& [label, count] : uses)
      if (count == 1) equation.result += label;
  for (const char label : equation.result)
    node.require(uses.contains(label),
                 std::string("its equation makes '") + label + "' of nothing");
  return equation;
}

std::int64_t gates(const NodeView& node) {
  return node.node().type == "LSTM" ? 4 : node.node().type == "GRU" ? 3 : 1;
}

struct Cells {
  std::int64_t steps, batch, width, directions, hidden;
  bool batch_first;
};

Cells cells_of(const NodeView& node) {
  const auto& x = node.shape(0);
  const auto& w = node.shape(1);
  const auto& r = node.shape(2);
  node.require(x.size() == 3 && w.size() == 3 && r.size() == 3,
               "its input and weights must have three axes");
  const bool batch_first = node.integer("layout", 0) != 0;
  const Cells cells{x[batch_first ? 1 : 0], x[batch_first ? 0 : 1], x[2], w[0], r[2], batch_first};
  const auto rows = times(gates(node), cells.hidden);
  node.require(w[1] == rows && w[2] == cells.width && r[0] == w[0] && r[1] == rows,
               "its weights of shape " + text_of(w) + " and " + text_of(r) +
                   " do not fit an input of shape " + text_of(x));
  node.require(cells.directions == (node.text("direction", "forward") == "bidirectional" ? 2 : 1),
               "its weights have " + std::to_string(cells.directions) + " directions");
  return cells;
}

}  // namespace

Outputs gemm(const NodeView& node) {
  const auto sizes = gemm_sizes(node);
  return {{{sizes.rows, sizes.columns}, node.type(0)}};
}

OperatorCost gemm_cost(const NodeView& node, OutputSpan) {
  const auto sizes = gemm_sizes(node);
  const auto made = times(sizes.rows, sizes.columns);
  return {times(made, sizes.depth), node.has(2) ? made : 0, 0};
}

Outputs matmul(const NodeView& node) {
  return {{matrix_product(node, 0, 1), node.type(0)}};
}

Outputs matmul_integer(const NodeView& node) {
  return {{matrix_product(node, 0, 1), ElementType::int32}};
}

Outputs qlinear_matmul(const NodeView& node) {
  return {{matrix_product(node, 0, 3), node.type(7)}};
}

OperatorCost matmul_cost(const NodeView& node, OutputSpan outputs) {
  const auto made = elements_of(outputs[0].shape);
  const bool quantized = node.node().type == "QLinearMatMul";
  return {times(made, node.shape(0).back()), quantized ? times(3, made) : 0, 0};
}

Outputs einsum(const NodeView& node) {
  const auto equation = equation_of(node);
  Shape result;
  for (const char label : equation.result) result.push_back(equation.sizes.at(label));
  return {{result, node.type(0)}};
}

OperatorCost einsum_cost(const NodeView& node, OutputSpan) {
  const auto equation = equation_of(node);
  std::int64_t points = 1;
  for (const auto& [label, size] : equation.sizes) points = times(points, size);
  const auto factors = static_cast<std::int64_t>(equation.terms.size()) - 1;
  if (factors == 0) return {0, points, 0};
  return {times(points, factors), 0, 0};
}

Outputs recurrent(const NodeView& node) {
  const auto cells = cells_of(node);
  Shape all = {cells.steps, cells.directions, cells.batch, cells.hidden};
  Shape last = {cells.directions, cells.batch, cells.hidden};
  if (cells.batch_first) {
    all = {cells.batch, cells.steps, cells.directions, cells.hidden};
    last = {cells.batch, cells.directions, cells.hidden};
  }
  const auto type = node.type(0);
  return {{all, type}, {last, type}, {last, type}};
}

OperatorCost recurrent_cost(const NodeView& node, OutputSpan) {
  const auto cells = cells_of(node);
  const auto units = times(times(cells.steps, cells.batch), times(cells.directions, cells.hidden));
  const auto per_unit = times(gates(node), plus(cells.width, cells.hidden));
  // Per gate a bias and an activation, then what joins the gates to the new state.
  const std::int64_t joins = node.node().type == "RNN" ? 0 : 5;
  return {times(units, per_unit), times(units, 2 * gates(node) + joins), 0};
}

}  // namespace models::infer
