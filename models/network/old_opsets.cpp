#include "models/network/old_opsets.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace models {
namespace {

/// Since when an operator means what it means in opset 7 (ONNX changelog). What is not listed has
/// meant it since opset 1.
struct Since {
  std::string_view type;
  int opset;
};
constexpr std::array<Since, 14> changed = {{{"Cast", 6},
                                            {"Concat", 4},
                                            {"GRU", 7},
                                            {"GlobalLpPool", 2},
                                            {"LSTM", 7},
                                            {"LpPool", 2},
                                            {"Pad", 2},
                                            {"RNN", 7},
                                            {"Reshape", 5},
                                            {"Selu", 6},
                                            {"Split", 2},
                                            {"ThresholdedRelu", 7},
                                            {"Tile", 6},
                                            {"Upsample", 7}}};

bool is_training(const OnnxNode& node) {
  const auto is_test = node.attributes.find("is_test");
  const bool has_modes = node.type == "BatchNormalization" || node.type == "Dropout";
  return has_modes && is_test != node.attributes.end() &&
         is_test->second == Attribute(std::int64_t{0});
}

}  // namespace

// Broadcasting along an axis came before broadcasting as NumPy does it.
bool broadcasts_along_axis(const OnnxNode& node) {
  return node.type == "PRelu" ||
         (node.attributes.contains("broadcast") && node.attributes.contains("axis"));
}

namespace {

bool means_the_same(const OnnxNode& node, int opset, bool aligned) {
  if (broadcasts_along_axis(node)) return aligned;
  const auto since = std::ranges::find(changed, node.type, &Since::type);
  if (since != changed.end() && opset < since->opset) return false;
  return !is_training(node);
}

}  // namespace

std::string differs_from_opset_7(const OnnxModel& model, bool aligned) {
  const auto differs = [&](const OnnxNode& node) {
    return !means_the_same(node, model.opset, aligned);
  };
  const auto node = std::ranges::find_if(model.nodes, differs);
  if (node == model.nodes.end()) return "";
  const bool named = !node->name.empty() || node->outputs.empty();
  return (named ? "operator '" + node->name : "the maker of '" + node->outputs[0]) + "' (" +
         node->type + ")";
}

}  // namespace models
