#include <algorithm>
#include <optional>
#include <utility>

#include "hardware/halves.h"
#include "hardware/onednn/reorder.h"
#include "hardware/products.h"

namespace hardware {
namespace {

std::size_t aligned(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

/// A kernel whose first input and output are reordered on their way.
class Reordered : public Kernel {
 public:
  Reordered(Prepared inner, std::optional<Prepared> before, std::optional<Prepared> after)
      : inner_(std::move(inner)), before_(std::move(before)), after_(std::move(after)) {
    read_.resize(inner_.inputs.size());
    in_bytes_ = before_ ? aligned(inner_.inputs[0].bytes()) : 0;
    out_bytes_ = after_ ? aligned(inner_.outputs[0].bytes()) : 0;
  }

  std::size_t workspace() const {
    std::size_t shared = inner_.workspace;
    if (before_) shared = std::max(shared, before_->workspace);
    if (after_) shared = std::max(shared, after_->workspace);
    return in_bytes_ + out_bytes_ + shared;
  }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    std::byte* const in = workspace;
    std::byte* const out = workspace + in_bytes_;
    std::byte* const shared = out + out_bytes_;
    std::copy_n(inputs.begin(), read_.size(), read_.begin());
    if (before_) {
      std::byte* const to[] = {in};
      before_->kernel->run(inputs.first(1), to, shared);
      read_[0] = in;
    }
    std::byte* const made[] = {after_ ? out : outputs[0]};
    inner_.kernel->run(read_, made, shared);
    if (!after_) return;
    const std::byte* const from[] = {out};
    after_->kernel->run(from, outputs.first(1), shared);
  }

 private:
  Prepared inner_;
  std::optional<Prepared> before_, after_;
  std::vector<const std::byte*> read_;
  std::size_t in_bytes_ = 0, out_bytes_ = 0;
};

}  // namespace

Prepared row_by_row(const Request& request, NativeFactory native, PlainFactory otherwise) {
  Request plain = request;
  plain.precision = models::Precision::fp32;
  plain.fused.clear();
  auto inner = native(plain);
  if (!inner) return otherwise(request);
  auto made = as_asked(request, inner->implementation);
  made.packed = inner->packed;
  made.held = inner->held;
  std::optional<Prepared> before, after;
  if (inner->inputs[0] != made.inputs[0]) before = make_reorder(made.inputs[0], inner->inputs[0]);
  if (inner->outputs[0] != made.outputs[0])
    after = make_reorder(inner->outputs[0], made.outputs[0]);
  auto kernel = std::make_unique<Reordered>(std::move(*inner), std::move(before), std::move(after));
  made.workspace = kernel->workspace();
  made.kernel = std::move(kernel);
  return made;
}

}  // namespace hardware
