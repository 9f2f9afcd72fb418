#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/error.h"
#include "models/network/given.h"
#include "models/network/onnx_model.h"
#include "models/network/operator_kinds.h"
#include "models/network/valued.h"

namespace models {

/// Most values looked at in all, so that no file takes all memory.
inline constexpr std::size_t most_values = std::size_t{1} << 24;

/// What is known of a tensor while the model is being read.
struct Known {
  OnnxTensor tensor;
  Tensor::Role role = Tensor::Role::computed;
  int producer = -1;  ///< node
};

/// Turns a model into a network: the steps are in `network` and `valued`, in their order.
class Importer {
 public:
  Importer(OnnxModel model, const OnnxOptions& options)
      : model_(std::move(model)), options_(options) {}

  Network network();
  ValuedNetwork valued(const std::vector<TensorValue>& given);

 private:
  void declare_weights();
  void declare_read_inputs();
  void declare_inputs(const Given& given);
  void declare_made();
  void check_dims() const;
  void connect();
  void process(int node);
  std::vector<OnnxOutput> inferred(const NodeView& view, const OperatorKind* kind) const;
  std::vector<OnnxOutput> declared(const OnnxNode& node, const std::string& why) const;
  void adopt(const OnnxNode& node, const std::vector<OnnxOutput>& outputs, bool constant);
  void keep(int node, const NodeView& view, const OperatorKind* kind);
  void align_old(int node);
  void align(int node, std::size_t axis);
  void keep_weight(const OnnxNode& node, const OnnxTensor& value);
  bool is_weight(const OnnxNode& node);
  void keep_known(const NodeView& view, const std::vector<OnnxOutput>& outputs);
  void emit(int node, const NodeView& view, const OperatorKind* kind,
            const std::vector<OnnxOutput>& outputs);
  void cost(Operator& op, const OnnxNode& node, const NodeView& view, const OperatorKind* kind,
            const std::vector<OnnxOutput>& outputs) const;
  std::vector<int> outputs_reached();
  void remove_dead(const std::vector<int>& outputs);
  void number_tensors(const std::vector<int>& outputs);
  int number(int known);
  void name_operators();

  std::optional<Shape> shape_of(const OnnxInfo& info) const;
  Shape input_shape(const OnnxInfo& info) const;
  int declare(OnnxTensor tensor, Tensor::Role role, int producer);
  int find(const std::string& name) const;
  std::string unknown_types() const;
  [[noreturn]] void complain(const std::string& what) const {
    throw InputError(model_.source + ": " + what);
  }

  OnnxModel model_;
  OnnxOptions options_;
  std::vector<Known> known_;
  std::unordered_map<std::string, int> index_;
  std::map<std::string, const OnnxInfo*> infos_;
  Network draft_;  ///< operators and tensors by node and name, before anything is known
  Network result_;
  std::vector<int> numbers_;         ///< [known] of result_.tensors; -1: none yet
  bool all_ = false;                 ///< nothing is folded, every value is kept
  std::vector<TensorValue> values_;  ///< [result_.tensors] where all is kept
  std::vector<int> unknown_;         ///< weights without values, likewise
  std::size_t folded_ = 0;
  std::size_t values_kept_ = 0;
};

}  // namespace models
