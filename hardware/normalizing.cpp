#include "hardware/normalizing.h"

#include <array>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/halves.h"

namespace hardware {
namespace {

constexpr std::string_view reals = "float32 float64 float16 bfloat16";
constexpr std::array table = {
    PlainRow{"BatchNormalization", batch_normalization, reals, "own"},
    PlainRow{"InstanceNormalization", instance_normalization, reals, "own"},
    PlainRow{"GroupNormalization", group_normalization, reals, "own"},
    PlainRow{"LRN", local_response, reals, "own"},
    PlainRow{"LayerNormalization", layer_normalization, reals, "own"},
    PlainRow{"RMSNormalization", root_mean_square, reals, "own"},
    PlainRow{"MeanVarianceNormalization", mean_variance, reals, "own"},
    PlainRow{"LpNormalization", lp_normalization, reals, "own"},
    PlainRow{"Softmax", softmax, reals, "Eigen"},
    PlainRow{"LogSoftmax", log_softmax, reals, "Eigen"},
    PlainRow{"Hardmax", hardmax, reals, "own"},
};

}  // namespace

Axes axes_of(const Request& request, std::int64_t otherwise) {
  const auto& shape = input_of(request, 0).shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", otherwise), shape.size());
  const std::span all(shape);
  return {models::elements_of(all.first(axis)), shape[axis],
          models::elements_of(all.subspan(axis + 1))};
}

std::span<const PlainRow> normalizing_rows() {
  return table;
}

}  // namespace hardware
