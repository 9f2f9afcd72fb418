#include "models/network/zoo.h"

#include <array>

#include "models/error.h"
#include "models/network/zoo_networks.h"

namespace models {
namespace {

constexpr std::array entries = {
    ZooEntry{"bert_base", "BERT base, uncased, without a head (Devlin et al., NAACL 2019)", true,
             make_bert_base},
    ZooEntry{"mobilenet_v2", "MobileNetV2 1.0 at 224x224 (Sandler et al., CVPR 2018)", false,
             make_mobilenet_v2},
    ZooEntry{"resnet50", "ResNet-50 v1.5 at 224x224 (He et al., CVPR 2016), stride in the 3x3",
             false, make_resnet50},
};

}  // namespace

std::span<const ZooEntry> zoo() {
  return entries;
}

Network make_network(std::string_view name, const ZooOptions& options) {
  if (options.batch < 1 || options.sequence < 1)
    throw InputError("network '" + std::string(name) + "': batch and sequence must be 1 or more");
  std::string names;
  for (const auto& entry : entries) {
    if (entry.name == name) return entry.make(options);
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw InputError("there is no network '" + std::string(name) + "'; there are " + names);
}

}  // namespace models
