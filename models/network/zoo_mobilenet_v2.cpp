#include <array>

#include "models/network/zoo_builder.h"
#include "models/network/zoo_networks.h"

namespace models {
namespace {

/// A row of table 2 of the paper: expansion, output channels, repeats, stride of the first.
struct Row {
  std::int64_t expansion, channels, repeats, stride;
};
constexpr std::array rows = {Row{1, 16, 1, 1}, Row{6, 24, 2, 2}, Row{6, 32, 3, 2},
                             Row{6, 64, 4, 2}, Row{6, 96, 3, 1}, Row{6, 160, 3, 2},
                             Row{6, 320, 1, 1}};

std::string relu6(ZooBuilder& net, const std::string& input) {
  return net.add("Clip", input + ".relu6", {input, "zero", "six"});
}

/// Expand by 1x1, filter depthwise by 3x3, project by a linear 1x1; a shortcut where shapes agree.
std::string inverted_residual(ZooBuilder& net, const std::string& name, const std::string& input,
                              std::int64_t from, const Row& row, std::int64_t stride) {
  const auto inner = from * row.expansion;
  auto x = input;
  if (row.expansion != 1) x = relu6(net, net.conv(name + ".expand", x, from, inner, 1, 1));
  x = relu6(net, net.conv(name + ".depthwise", x, inner, inner, 3, stride, inner));
  x = net.conv(name + ".project", x, inner, row.channels, 1, 1);
  if (stride == 1 && from == row.channels) x = net.add("Add", name + ".add", {input, x});
  return x;
}

}  // namespace

Network make_mobilenet_v2(const ZooOptions& options) {
  ZooBuilder net("mobilenet_v2");
  auto x = net.input("image", {options.batch, 3, 224, 224});
  net.scalar("zero", 0);
  net.scalar("six", 6);
  x = relu6(net, net.conv("conv", x, 3, 32, 3, 2));
  std::int64_t channels = 32;
  int block = 0;
  for (const auto& row : rows)
    for (std::int64_t i = 0; i < row.repeats; ++i) {
      const auto name = "b" + std::to_string(++block);
      x = inverted_residual(net, name, x, channels, row, i == 0 ? row.stride : 1);
      channels = row.channels;
    }
  x = relu6(net, net.conv("last", x, channels, 1280, 1, 1));
  x = net.add("Flatten", "flatten", {net.add("GlobalAveragePool", "pool", {x})});
  const auto w = net.weight("fc.w", {1000, 1280});
  x = net.add("Gemm", "fc", {x, w, net.weight("fc.b", {1000})}, {{"transB", std::int64_t{1}}});
  return net.network({net.add("Softmax", "prob", {x}, {{"axis", std::int64_t{-1}}})});
}

}  // namespace models
