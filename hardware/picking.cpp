#include "hardware/picking.h"

#include "hardware/catalogue.h"

namespace hardware {
namespace picking {

models::Operator named(const Request& request) {
  models::Operator op;
  op.name = request.op->name;
  op.type = request.op->type;
  return op;
}

void require(const Request& request, bool fine, const char* otherwise) {
  if (!fine) fail(*request.op, otherwise);
}

void out_of_range(const models::Operator& op, std::int64_t index, std::int64_t size) {
  fail(op, "its index " + std::to_string(index) +
               (size == 0 ? " points into nothing"
                          : " is not between " + std::to_string(-size) + " and " +
                                std::to_string(size - 1)));
}

bool has_wide_indices(const Request& request, std::size_t input) {
  const auto type = needed_input(request, input).layout.type;
  require(request, type == models::ElementType::int64 || type == models::ElementType::int32,
          "its indices must be int32 or int64");
  return type == models::ElementType::int64;
}

}  // namespace picking

namespace {

using namespace picking;

constexpr std::string_view numbers =
    "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64";
constexpr PlainRow rows[] = {
    {"Gather", make_gather, moving::every_type, "own"},
    {"GatherElements", make_gather_elements, moving::every_type, "own"},
    {"GatherND", make_gather_nd, moving::every_type, "own"},
    {"Scatter", make_scatter_elements, moving::every_type, "own"},
    {"ScatterElements", make_scatter_elements, moving::every_type, "own"},
    {"ScatterND", make_scatter_nd, moving::every_type, "own"},
    {"TopK", make_top_k, numbers, "own"},
    {"OneHot", make_one_hot, moving::every_type, "own"},
    {"NonZero", make_non_zero, moving::every_type, "own"},
};

}  // namespace

std::span<const PlainRow> picking_rows() {
  return rows;
}

}  // namespace hardware
