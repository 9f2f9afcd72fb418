#include <array>

#include "models/network/zoo_builder.h"
#include "models/network/zoo_networks.h"

namespace models {
namespace {

struct Stage {
  std::int64_t blocks;
  std::int64_t width;  ///< channels inside a block; four times as many leave it
  std::int64_t stride;
};
constexpr std::array stages = {Stage{3, 64, 1}, Stage{4, 128, 2}, Stage{6, 256, 2},
                               Stage{3, 512, 2}};

/// 1x1, 3x3, 1x1 with a shortcut; the stride is in the 3x3 (v1.5).
std::string bottleneck(ZooBuilder& net, const std::string& name, const std::string& input,
                       std::int64_t from, std::int64_t width, std::int64_t stride) {
  const auto a = net.conv(name + ".conv1", input, from, width, 1, 1);
  const auto b =
      net.conv(name + ".conv2", net.add("Relu", name + ".relu1", {a}), width, width, 3, stride);
  const auto c =
      net.conv(name + ".conv3", net.add("Relu", name + ".relu2", {b}), width, 4 * width, 1, 1);
  auto shortcut = input;
  if (stride != 1 || from != 4 * width)
    shortcut = net.conv(name + ".short", input, from, 4 * width, 1, stride);
  return net.add("Relu", name + ".relu3", {net.add("Add", name + ".add", {c, shortcut})});
}

}  // namespace

Network make_resnet50(const ZooOptions& options) {
  ZooBuilder net("resnet50");
  auto x = net.input("image", {options.batch, 3, 224, 224});
  x = net.add("Relu", "relu", {net.conv("conv", x, 3, 64, 7, 2)});
  x = net.add(
      "MaxPool", "maxpool", {x},
      {{"kernel_shape", Shape{3, 3}}, {"strides", Shape{2, 2}}, {"pads", Shape{1, 1, 1, 1}}});
  std::int64_t channels = 64;
  for (std::size_t s = 0; s < stages.size(); ++s)
    for (std::int64_t b = 0; b < stages[s].blocks; ++b) {
      const auto name = "s" + std::to_string(s + 1) + ".b" + std::to_string(b + 1);
      x = bottleneck(net, name, x, channels, stages[s].width, b == 0 ? stages[s].stride : 1);
      channels = 4 * stages[s].width;
    }
  x = net.add("Flatten", "flatten", {net.add("GlobalAveragePool", "pool", {x})});
  const auto w = net.weight("fc.w", {1000, channels});
  x = net.add("Gemm", "fc", {x, w, net.weight("fc.b", {1000})}, {{"transB", std::int64_t{1}}});
  return net.network({net.add("Softmax", "prob", {x}, {{"axis", std::int64_t{-1}}})});
}

}  // namespace models
