#include "hardware/reducing.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/converting.h"
#include "hardware/elementwise.h"

namespace hardware {
namespace {

using models::ElementType;

class Reduce final : public Kernel {
 public:
  explicit Reduce(const Request& request)
      : op_(*request.op),
        input_(needed(request, 0)),
        output_(request.outputs.at(0).value()),
        widening_(input_, widest(input_.type), output_, widest(input_.type)),
        reducer_(find_reducer(op_.type, widest(input_.type))),
        reduced_(input_.shape.size()),
        plan_(input_.shape, reduced_) {
    if (reducer_ == nullptr) throw NotSupported{op_.type + " of this element type"};
    if (request.inputs.size() > 1 && request.inputs[1]) {
      const auto& layout = request.inputs[1]->layout;
      axes_type_ = layout.type;
      axes_.resize(static_cast<std::size_t>(layout.elements()));
      if (axes_.empty() || request.inputs[1]->constant != nullptr)
        plan(axes_of(request.inputs[1]->constant));
      else
        axes_vary_ = true;
    } else {
      plan(integers_of(op_, "axes"));
    }
  }

  std::size_t workspace() const { return widening_.workspace(); }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    if (copies_) {
      converter(input_.type, output_.type)(inputs[0], outputs[0], input_.elements());
      return;
    }
    if (axes_vary_) plan(axes_of(inputs[1]));
    try {
      reducer_(plan_, widening_.widened(inputs[0], workspace),
               widening_.made(outputs[0], workspace));
    } catch (const DivisionByZero&) {
      fail(op_, "the mean of no integers");
    }
    widening_.narrow(outputs[0], workspace);
  }

 private:
  std::span<const std::int64_t> axes_of(const std::byte* bytes) {
    if (!axes_.empty())
      converter(axes_type_, ElementType::int64)(bytes, reinterpret_cast<std::byte*>(axes_.data()),
                                                static_cast<std::int64_t>(axes_.size()));
    return axes_;
  }

  void plan(std::span<const std::int64_t> axes) {
    if (axes.empty() && noop_with_empty_axes_) {
      copies_ = true;
      return;
    }
    reduced_.assign(reduced_.size(), axes.empty());
    for (const auto axis : axes) reduced_[axis_of(op_, axis, reduced_.size())] = true;
    plan_.set(input_.shape, reduced_);
    if (plan_.results != output_.elements())
      fail(op_, "its axes do not make an output of shape " + models::text_of(output_.shape));
  }

  const models::Operator op_;
  Layout input_;
  Layout output_;
  Widening widening_;
  Reducer reducer_;
  bool noop_with_empty_axes_ = integer_of(op_, "noop_with_empty_axes", 0) != 0;
  std::vector<std::int64_t> axes_;
  ElementType axes_type_ = ElementType::int64;
  std::vector<bool> reduced_;  ///< [axis]
  ReductionPlan plan_;
  bool axes_vary_ = false;  ///< only the run knows them
  bool copies_ = false;
};

Prepared make_reduce(const Request& request) {
  auto kernel = std::make_unique<Reduce>(request);
  const auto workspace = kernel->workspace();
  return prepared_as_asked(request, std::move(kernel), workspace);
}

constexpr std::string_view numbers =
    "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64";
constexpr std::string_view orderable =
    "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 boolean";

constexpr PlainRow rows[] = {
    {"ReduceSum", make_reduce, numbers, "own"},
    {"ReduceMean", make_reduce, numbers, "own"},
    {"ReduceMax", make_reduce, orderable, "own"},
    {"ReduceMin", make_reduce, orderable, "own"},
    {"ReduceProd", make_reduce, numbers, "own"},
    {"ReduceL1", make_reduce, numbers, "own"},
    {"ReduceL2", make_reduce, numbers, "own"},
    {"ReduceLogSum", make_reduce, numbers, "own"},
    {"ReduceLogSumExp", make_reduce, numbers, "own"},
    {"ReduceSumSquare", make_reduce, numbers, "own"},
    {"ArgMax", make_arg, numbers, "own"},
    {"ArgMin", make_arg, numbers, "own"},
    {"CumSum", make_cumsum, numbers, "own"},
};

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

}  // namespace

Widening::Widening(const Layout& input, ElementType computed, const Layout& output,
                   ElementType result)
    : from_(input.type),
      computed_(computed),
      result_(result),
      to_(output.type),
      input_count_(input.elements()),
      output_count_(output.elements()) {
  if (from_ != computed_)
    input_bytes_ = rounded_up(static_cast<std::size_t>(input_count_) * bytes_of(computed_));
  if (to_ != result_)
    output_bytes_ = rounded_up(static_cast<std::size_t>(output_count_) * bytes_of(result_));
}

const std::byte* Widening::widened(const std::byte* input, std::byte* workspace) const {
  if (from_ == computed_) return input;
  if (input_count_ > 0) converter(from_, computed_)(input, workspace, input_count_);
  return workspace;
}

std::byte* Widening::made(std::byte* output, std::byte* workspace) const {
  return to_ == result_ ? output : workspace + input_bytes_;
}

void Widening::narrow(std::byte* output, std::byte* workspace) const {
  if (to_ != result_ && output_count_ > 0)
    converter(result_, to_)(workspace + input_bytes_, output, output_count_);
}

ElementType widest(ElementType type) {
  using E = ElementType;
  switch (type) {
    case E::float32:
    case E::float16:
    case E::bfloat16:
      return E::float32;
    case E::float64:
      return E::float64;
    case E::int8:
    case E::int16:
    case E::int32:
    case E::int64:
      return E::int64;
    default:
      return E::uint64;
  }
}

Prepared prepared_as_asked(const Request& request, std::unique_ptr<Kernel> kernel,
                           std::size_t workspace) {
  Prepared prepared;
  prepared.kernel = std::move(kernel);
  prepared.implementation = "own";
  for (const auto& input : request.inputs)
    prepared.inputs.push_back(input ? input->layout : Layout{});
  for (const auto& output : request.outputs) prepared.outputs.push_back(output.value_or(Layout{}));
  prepared.workspace = workspace;
  return prepared;
}

const Layout& needed(const Request& request, std::size_t index) {
  if (index >= request.inputs.size() || !request.inputs[index])
    fail(*request.op, "its input " + std::to_string(index + 1) + " is missing");
  return request.inputs[index]->layout;
}

std::span<const PlainRow> reducing_rows() {
  return rows;
}

}  // namespace hardware
