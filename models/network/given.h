#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/network/onnx_model.h"
#include "models/network/tensor_value.h"

namespace models {

/// Joins what was given to the inputs that a model declares: the sizes that the file leaves open.
/// An input of which nothing is read but its type may have any shape.
class Given {
 public:
  /// Throws InputError naming the input, what the file declares, what was given, and what to do.
  Given(const OnnxModel& model, const OnnxOptions& options, const std::vector<TensorValue>& values);

  /// nullptr if nothing was given.
  const TensorValue* of(const std::string& input) const;
  /// Sizes by symbol, those of the options among them.
  const std::map<std::string, std::int64_t>& dims() const { return dims_; }

 private:
  void bind(const OnnxInfo& info, const TensorValue& value);
  void bind_axis(const OnnxInfo& info, const TensorValue& value, std::size_t axis);
  [[noreturn]] void refuse(const OnnxInfo& info, const TensorValue& value,
                           const std::string& why) const;

  const std::string& source_;
  std::map<std::string, const TensorValue*> values_;
  std::map<std::string, std::int64_t> dims_;
  std::set<std::string> read_;
  std::map<std::string, std::string> sayers_;  ///< who said the size of a symbol
};

/// "float32 N x 3 x 224": as the file declares it, sizes that it leaves open by their symbol or
/// "?".
std::string declaration_of(const OnnxInfo& info);

/// "N", or "x.0" where the file has no name for the dimension of an input.
std::string dimension_key(const OnnxInfo& info, std::size_t axis);

}  // namespace models
