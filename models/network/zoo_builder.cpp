#include "models/network/zoo_builder.h"

#include <utility>

namespace models {

ZooBuilder::ZooBuilder(const std::string& name) {
  model_.source = name;
  model_.name = name;
}

ZooBuilder::Name ZooBuilder::input(const Name& name, const Shape& shape, ElementType type) {
  auto& info = model_.inputs.emplace_back();
  info.name = name;
  info.type = type;
  for (const auto size : shape) info.shape.push_back({size, ""});
  return name;
}

ZooBuilder::Name ZooBuilder::weight(const Name& name, const Shape& shape) {
  model_.weights.push_back({name, ElementType::float32, shape, false, {}, {}});
  return name;
}

ZooBuilder::Name ZooBuilder::integers(const Name& name, const std::vector<std::int64_t>& values) {
  const Shape shape = {static_cast<std::int64_t>(values.size())};
  model_.weights.push_back({name, ElementType::int64, shape, true, values, {}});
  return name;
}

ZooBuilder::Name ZooBuilder::scalar(const Name& name, double value) {
  model_.weights.push_back({name, ElementType::float32, {}, true, {}, {value}});
  return name;
}

ZooBuilder::Name ZooBuilder::add(const std::string& type, const Name& name,
                                 std::vector<Name> inputs,
                                 std::map<std::string, Attribute> attributes) {
  for (auto& [key, value] : attributes)
    if (auto* real = std::get_if<double>(&value))
      *real = static_cast<double>(static_cast<float>(*real));
  auto& node = model_.nodes.emplace_back();
  node.name = name;
  node.type = type;
  node.inputs = std::move(inputs);
  node.outputs = {name};
  node.attributes = std::move(attributes);
  return name;
}

ZooBuilder::Name ZooBuilder::conv(const Name& name, const Name& input, std::int64_t from,
                                  std::int64_t to, std::int64_t kernel, std::int64_t stride,
                                  std::int64_t groups) {
  const auto w = weight(name + ".w", {to, from / groups, kernel, kernel});
  const auto b = weight(name + ".b", {to});
  const auto pad = kernel / 2;
  return add("Conv", name, {input, w, b},
             {{"kernel_shape", std::vector{kernel, kernel}},
              {"strides", std::vector{stride, stride}},
              {"pads", std::vector{pad, pad, pad, pad}},
              {"group", groups}});
}

Network ZooBuilder::network(const std::vector<Name>& outputs) {
  for (const auto& output : outputs) model_.outputs.emplace_back().name = output;
  return network_of(std::move(model_));
}

}  // namespace models
