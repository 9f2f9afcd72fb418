#include <array>

#include "models/cost/cost_model.h"

namespace models {
namespace {

using Make = std::unique_ptr<CostModel> (*)(const Device&);

/// In the order of Device::Model.
constexpr std::array<Make, 3> models = {make_roofline, make_table, make_systolic};

}  // namespace

std::unique_ptr<CostModel> make_cost_model(const Device& device) {
  return models[static_cast<std::size_t>(device.model)](device);
}

}  // namespace models
