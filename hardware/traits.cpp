#include "hardware/traits.h"

#include <algorithm>
#include <array>

namespace hardware {

bool renames(std::string_view type) {
  static constexpr std::array<std::string_view, 6> types = {"Dropout", "Flatten", "Identity",
                                                            "Reshape", "Squeeze", "Unsqueeze"};
  return std::ranges::find(types, type) != types.end();
}

bool only_moves(std::string_view type) {
  static constexpr std::array<std::string_view, 12> types = {
      "DepthToSpace", "Expand", "Gather", "GatherElements", "GatherND", "Slice",
      "SpaceToDepth", "Split",  "Tile",   "Transpose",      "Trilu",    "Compress"};
  return renames(type) || std::ranges::find(types, type) != types.end();
}

bool is_parameter(std::string_view type, std::size_t input) {
  struct Row {
    std::string_view type;
    std::size_t first;  ///< this input and all after it
  };
  static constexpr std::array<Row, 17> rows = {{{"BatchNormalization", 1},
                                                {"Clip", 1},
                                                {"DequantizeLinear", 1},
                                                {"Dropout", 1},
                                                {"Expand", 1},
                                                {"InstanceNormalization", 1},
                                                {"LayerNormalization", 1},
                                                {"OneHot", 0},
                                                {"Pad", 1},
                                                {"QLinearConv", 0},
                                                {"QLinearMatMul", 0},
                                                {"QuantizeLinear", 1},
                                                {"Range", 0},
                                                {"Reshape", 1},
                                                {"Resize", 1},
                                                {"TopK", 1},
                                                {"Upsample", 1}}};
  const auto row = std::ranges::find(rows, type, &Row::type);
  return row != rows.end() && input >= row->first;
}

}  // namespace hardware
