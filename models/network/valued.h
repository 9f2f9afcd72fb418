#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/network/network.h"
#include "models/network/onnx.h"
#include "models/network/onnx_model.h"
#include "models/network/tensor_value.h"

namespace models {

/// A network with all it takes to compute it. Nothing is folded: constant parts are operators that
/// read weights only, but for Constant nodes, which are weights. `inputs` and `outputs` are all of
/// the file's, in its order, read or not, and an output may be an input or a weight. Operators are
/// named as read_onnx names them, so that a plan made for what that answers fits; those that reach
/// no output are gone. The tensor attribute of ConstantOfShape is two attributes here: "value" (an
/// integer or a real, as its type is) and "value_type" (an ElementType). Network::check does not
/// hold of it.
struct ValuedNetwork {
  Network network;
  /// [tensor] of weights; without value where the file keeps none, see `unknown`, and of all else.
  std::vector<TensorValue> values;
  std::vector<int> unknown;  ///< weights whose values nobody kept, ascending
};

/// Something that a model needs to be computed, for whoever must say whether it can be.
struct Need {
  std::string type;   ///< of an operator, with its domain unless that is ONNX's: "com.x.Gelu"
  std::string where;  ///< "operator 'name'", "the maker of 'y'", "input 'x'"
  std::string fault;  ///< why it cannot be met whatever kernels there are: "string"; else empty
};

/// The operators that the outputs depend on, functions replaced by what they hold, in the file's
/// order; then what is wrong with inputs, outputs and weights. Asks for no shapes.
std::vector<Need> needs_of(const OnnxModel& model);

/// A model read with all its values (parse_onnx, Values::all), ready to be computed. `given` are
/// the inputs in the file's order, or none: they say the sizes of dimensions that the file leaves
/// open, and shapes may depend on the values of small ones; one without value only says type and
/// shape. Those of bfloat16 may be given as uint16 with the same bits: see taken_as. Throws
/// InputError naming the file, and the node or input where there is one.
ValuedNetwork valued_network_of(OnnxModel model, const OnnxOptions& options,
                                const std::vector<TensorValue>& given);

/// Both at once. External data is mapped into memory.
ValuedNetwork read_valued(const std::filesystem::path& file, const OnnxOptions& options,
                          const std::vector<TensorValue>& given);

/// The same of a network whose values nobody kept but the smallest, as those of the zoo.
ValuedNetwork without_values(const Network& network);

}  // namespace models
