#pragma once

#include <string>
#include <vector>

#include "models/network/onnx_model.h"

namespace models {

/// Puts a network together node by node, in the manner of an ONNX file; reading such a file and
/// building here go the same way from there on.
class ZooBuilder {
 public:
  using Name = std::string;  ///< of a tensor; equal to the name of the operator that makes it

  explicit ZooBuilder(const std::string& name);

  Name input(const Name& name, const Shape& shape, ElementType type = ElementType::float32);
  Name weight(const Name& name, const Shape& shape);
  Name integers(const Name& name, const std::vector<std::int64_t>& values);
  Name scalar(const Name& name, double value);
  /// Real attributes are rounded to fp32, as a file holds them.
  Name add(const std::string& type, const Name& name, std::vector<Name> inputs,
           std::map<std::string, Attribute> attributes = {});

  /// Convolution with bias, whose batch normalisation is folded into its weights.
  Name conv(const Name& name, const Name& input, std::int64_t from, std::int64_t to,
            std::int64_t kernel, std::int64_t stride, std::int64_t groups = 1);

  /// Infers shapes and costs. The builder is used up.
  Network network(const std::vector<Name>& outputs);

 private:
  OnnxModel model_;
};

}  // namespace models
