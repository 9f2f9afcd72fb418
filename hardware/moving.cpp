#include "hardware/moving.h"

#include "hardware/catalogue.h"

namespace hardware {
namespace {

using namespace moving;

constexpr std::string_view own = "own";
constexpr PlainRow rows[] = {
    // These move nothing but all of it: a program lets the output be the input.
    {"Reshape", make_reshape, every_type, own},
    {"Flatten", make_flatten, every_type, own},
    {"Squeeze", make_squeeze, every_type, own},
    {"Unsqueeze", make_unsqueeze, every_type, own},
    {"Transpose", make_transpose, every_type, own},
    {"Concat", make_concat, every_type, own},
    {"Split", make_split, every_type, own},
    {"Slice", make_slice, every_type, own},
    {"Expand", make_expand, every_type, own},
    {"Tile", make_tile, every_type, own},
    {"Pad", make_pad, every_type, own},
    {"DepthToSpace", make_depth_to_space, every_type, own},
    {"SpaceToDepth", make_space_to_depth, every_type, own},
    {"Trilu", make_trilu, every_type, own},
    {"Constant", make_constant, every_type, own},
    {"ConstantOfShape", make_constant_of_shape, every_type, own},
    {"Range", make_range, "float32 float64 int16 int32 int64", own},
    {"EyeLike", make_eye_like, every_type, own},
    {"Shape", make_shape, every_type, own},
    {"Size", make_size, every_type, own},
};

}  // namespace

std::span<const PlainRow> moving_rows() {
  return rows;
}

}  // namespace hardware
