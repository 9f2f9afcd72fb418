#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/onnx_model.h"

namespace models {

/// What one output of a node will be.
struct OnnxOutput {
  Shape shape;
  ElementType type = ElementType::float32;
};

/// The shape of an output depends on values that only a request brings.
struct ShapeUnknown {
  std::string why;
};

/// A node with what is known of its inputs. All questions about what a file got wrong throw
/// InputError naming the node; questions about values that are not constant throw ShapeUnknown.
class NodeView {
 public:
  /// An input that is absent is nullptr. All must outlive the view.
  NodeView(const OnnxNode& node, const std::string& source, int opset,
           std::vector<const OnnxTensor*> inputs);

  const OnnxNode& node() const { return *node_; }
  int opset() const { return opset_; }
  std::size_t input_count() const { return inputs_.size(); }
  bool has(std::size_t input) const;
  const OnnxTensor& input(std::size_t input) const;
  const Shape& shape(std::size_t input) const { return this->input(input).shape; }
  std::size_t rank(std::size_t input) const { return shape(input).size(); }
  ElementType type(std::size_t input) const { return this->input(input).type; }

  bool has_attribute(const std::string& name) const { return node_->attributes.contains(name); }
  std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  /// Empty where the attribute is absent.
  std::vector<std::int64_t> integers(const std::string& name) const;
  std::vector<double> reals(const std::string& name) const;

  /// Values of an input that must be constant.
  const std::vector<std::int64_t>& constant_integers(std::size_t input) const;
  const std::vector<double>& constant_reals(std::size_t input) const;
  /// From the attribute if there, else from the input if there: where operators moved their
  /// parameters between versions.
  std::optional<std::vector<std::int64_t>> integers_of(const std::string& name,
                                                       std::size_t input) const;

  /// A possibly negative axis as an index below `rank`.
  std::size_t axis(std::int64_t value, std::size_t rank) const;
  /// All of them, each once.
  std::vector<bool> axis_set(const std::vector<std::int64_t>& values, std::size_t rank) const;

  void require(bool fine, const std::string& otherwise) const {
    if (!fine) fail(otherwise);
  }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  template <class Value>
  const Value* attribute(const std::string& name, const char* kind) const;

  const OnnxNode* node_;
  const std::string* source_;
  int opset_;
  std::vector<const OnnxTensor*> inputs_;
};

/// "net.onnx: node 'x' (Conv): what".
std::string message(const std::string& source, const OnnxNode& node, const std::string& what);

}  // namespace models
