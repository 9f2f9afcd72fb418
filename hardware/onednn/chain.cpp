#include "hardware/onednn/chain.h"

#include <algorithm>
#include <string_view>

namespace hardware {
namespace {

/// An elementwise function in oneDNN's words.
struct Function {
  std::string_view type;
  dnnl::algorithm algorithm;
  /// f(u x) = u f(x) for u > 0: it may be done before or after scaling.
  bool homogeneous;
  /// Of results near 0 it has too few digits for fp32.
  bool coarse = false;
};
constexpr Function functions[] = {
    {"Relu", dnnl::algorithm::eltwise_relu, true},
    {"LeakyRelu", dnnl::algorithm::eltwise_relu, true},
    {"Abs", dnnl::algorithm::eltwise_abs, true},
    {"Sigmoid", dnnl::algorithm::eltwise_logistic, false},
    {"Tanh", dnnl::algorithm::eltwise_tanh, false},
    {"HardSwish", dnnl::algorithm::eltwise_hardswish, false},
    {"Elu", dnnl::algorithm::eltwise_elu, false},
    {"Gelu", dnnl::algorithm::eltwise_gelu_erf, false},
    {"Mish", dnnl::algorithm::eltwise_mish, false, true},
    {"Softplus", dnnl::algorithm::eltwise_soft_relu, false, true},
};

const Function* find_function(const Fused& fused) {
  // Of Gelu alpha says whether it is the approximation.
  static constexpr Function approximation{"Gelu", dnnl::algorithm::eltwise_gelu_tanh, false};
  if (fused.type == "Gelu" && fused.alpha != 0) return &approximation;
  const auto found = std::ranges::find(functions, fused.type, &Function::type);
  return found == std::end(functions) ? nullptr : &*found;
}

float scale_of(const Layout& layout) {
  return layout.scale > 0 ? layout.scale : 1.0F;
}

/// Of the operations and the tensors they read. Between operations the value is unit x what is
/// held; units are chosen from the last to the first so that most need no operation of their own.
class ChainMaker {
 public:
  ChainMaker(const Request& request, const std::vector<Fused>& fused, const Layout& output,
             Adding adding, bool as_matrix)
      : request_(request),
        fused_(fused),
        output_(output),
        as_matrix_(as_matrix),
        sum_(adding == Adding::from_output ? first_sum() : fused.size()) {}

  std::optional<Chain> make(Adding adding) {
    if (adding == Adding::from_output && sum_ == fused_.size()) return std::nullopt;
    choose_units();
    chain_.unit = unit_ = wanted_.front();
    for (std::size_t i = 0; i < fused_.size(); ++i)
      if (!append(i)) return std::nullopt;
    reach(wanted_.back());
    if (clashing_) return std::nullopt;
    return std::move(chain_);
  }

 private:
  struct Appended {
    dnnl::algorithm algorithm;
    float alpha, beta, scale;
    friend bool operator==(const Appended&, const Appended&) = default;
  };

  const Layout& operand(const Fused& fused) const {
    return request_.inputs[static_cast<std::size_t>(fused.input)]->layout;
  }

  /// The first Add whose other operand could lie in the output.
  std::size_t first_sum() const {
    std::size_t i = 0;
    while (i < fused_.size() && !can_sum(fused_[i])) ++i;
    return i;
  }
  bool can_sum(const Fused& fused) const {
    if (fused.type != "Add") return false;
    const auto& other = operand(fused);
    const auto is_byte = [](models::ElementType type) {
      return type == models::ElementType::int8 || type == models::ElementType::uint8;
    };
    return other.shape == output_.shape &&
           (other.type == output_.type || (is_byte(other.type) && is_byte(output_.type)));
  }

  void choose_units() {
    wanted_.assign(fused_.size() + 1, scale_of(output_));
    for (std::size_t i = fused_.size(); i-- > 0;) {
      const auto* function = find_function(fused_[i]);
      wanted_[i] = wanted_[i + 1];
      if (fused_[i].type == "Add" && i != sum_) wanted_[i] = scale_of(operand(fused_[i]));
      if (fused_[i].type == "Mul") wanted_[i] = wanted_[i + 1] / scale_of(operand(fused_[i]));
      if (function != nullptr && !function->homogeneous) wanted_[i] = 1;
    }
  }

  /// oneDNN 2.6 keeps one set of parameters for all elementwise operations of a kind.
  void append_function(dnnl::algorithm algorithm, float alpha, float beta, float scale = 1) {
    const Appended function{algorithm, alpha, beta, scale};
    for (const auto& other : appended_)
      clashing_ = clashing_ || (other.algorithm == algorithm && other != function);
    appended_.push_back(function);
    chain_.operations.append_eltwise(scale, algorithm, alpha, beta);
  }

  /// Scales what is held if its unit is another.
  void reach(float unit) {
    if (unit_ == unit) return;
    append_function(dnnl::algorithm::eltwise_linear, unit_ / unit, 0);
    unit_ = unit;
  }

  bool append(std::size_t i) {
    const auto& fused = fused_[i];
    if (const auto* function = find_function(fused)) {
      if (function->coarse && request_.precision == models::Precision::fp32) return false;
      if (!function->homogeneous) reach(1);
      const float alpha = fused.type == "LeakyRelu" || fused.type == "Elu" ? fused.alpha : 0;
      append_function(function->algorithm, alpha, 0, unit_ / wanted_[i + 1]);
      unit_ = wanted_[i + 1];
      return true;
    }
    if (fused.type == "Clip") {
      append_function(dnnl::algorithm::eltwise_clip, fused.alpha / unit_, fused.beta / unit_);
      return true;
    }
    if (fused.type == "HardSigmoid") {
      append_function(dnnl::algorithm::eltwise_linear, fused.alpha * unit_, fused.beta);
      append_function(dnnl::algorithm::eltwise_clip, 0, 1, 1 / wanted_[i + 1]);
      unit_ = wanted_[i + 1];
      return true;
    }
    if (fused.type != "Add" && fused.type != "Mul") return false;
    if (i == sum_) return append_sum(fused);
    return append_binary(fused);
  }

  bool append_sum(const Fused& fused) {
    const auto& other = operand(fused);
    chain_.summed = fused.input;
    chain_.operations.append_sum(scale_of(other) / unit_, 0, data_type_of(other.type));
    return true;
  }

  bool append_binary(const Fused& fused) {
    Chain::Operand read;
    read.input = static_cast<std::size_t>(fused.input);
    read.layout = operand(fused);
    const auto seen = seen_by_output(read.layout);
    if (!seen || !describable(*seen)) return false;
    const float scale = scale_of(read.layout);
    const bool adds = fused.type == "Add";
    if (adds) reach(scale);
    read.desc = desc_of(*seen);
    read.argument = DNNL_ARG_ATTR_MULTIPLE_POST_OP(chain_.operations.len()) | DNNL_ARG_SRC_1;
    chain_.operations.append_binary(
        adds ? dnnl::algorithm::binary_add : dnnl::algorithm::binary_mul, read.desc);
    if (!adds) unit_ *= scale;
    chain_.operands.push_back(std::move(read));
    return true;
  }

  /// The operand with the rank and order of axes that the output has for oneDNN. Sets how it is
  /// wanted from the program.
  std::optional<Layout> seen_by_output(Layout& wanted) const {
    const std::size_t rank = output_.shape.size();
    if (wanted.shape.size() > rank) return std::nullopt;
    Layout seen{wanted.type, models::Shape(rank - wanted.shape.size(), 1), false, 0};
    seen.shape.insert(seen.shape.end(), wanted.shape.begin(), wanted.shape.end());
    wanted.channels_last = output_.channels_last && wanted.shape.size() == rank;
    seen.channels_last = output_.channels_last;
    // Of fewer axes, a tensor comes row by row; that is the same only if no two axes change order.
    if (seen.channels_last && !wanted.channels_last && wanted.elements() != seen.shape[1] &&
        seen.shape[1] != 1)
      return std::nullopt;
    if (as_matrix_) return matrix_of(seen);
    return seen;
  }

  std::optional<Layout> matrix_of(const Layout& seen) const {
    const auto last = seen.shape.back();
    const auto rows = last == 0 ? 0 : seen.elements() / last;
    const auto all = output_.elements() / std::max<std::int64_t>(output_.shape.back(), 1);
    if (rows != 1 && rows != all) return std::nullopt;
    return Layout{seen.type, {rows, last}, false, 0};
  }

  const Request& request_;
  const std::vector<Fused>& fused_;
  const Layout& output_;
  bool as_matrix_;
  std::size_t sum_;
  std::vector<float> wanted_;  ///< unit before each operation, and at the end
  float unit_ = 1;
  std::vector<Appended> appended_;
  bool clashing_ = false;
  Chain chain_;
};

}  // namespace

std::optional<Chain> make_chain(const Request& request, const std::vector<Fused>& fused,
                                const Layout& output, Adding adding, bool as_matrix) {
  return ChainMaker(request, fused, output, adding, as_matrix).make(adding);
}

}  // namespace hardware
