#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hardware/cpu.h"
#include "hardware/kernel.h"

namespace hardware {

/// The processor as oneDNN sees it. Asking for it puts the limits of the processor in force.
const dnnl::engine& cpu_engine();
const dnnl::stream& cpu_stream();

/// undef for types that oneDNN does not compute with.
dnnl::memory::data_type data_type_of(models::ElementType type);

/// Whether oneDNN can be told of such a tensor: its type, its rank, no dimension of nought.
bool describable(const Layout& layout);
/// The layout in oneDNN's words; a scalar is one element of rank 1. Of describable ones only.
dnnl::memory::desc desc_of(const Layout& layout);
/// The same shape and type in the layout oneDNN likes best: of constant weights only.
dnnl::memory::desc any_desc(const models::Shape& shape, models::ElementType type);
/// Row by row.
dnnl::memory::desc plain_desc(const models::Shape& shape, models::ElementType type);

/// Whether oneDNN would compute by a loop that is there for comparison: hundreds of times too slow.
bool is_reference(const dnnl::primitive_desc_base& description);
/// "onednn brgconv:avx512_core".
std::string implementation_of(const dnnl::primitive_desc_base& description);

/// Throws what an error of oneDNN means to us: EnvironmentError without memory, else our bug.
[[noreturn]] void rethrow(const dnnl::error& error);

/// What `make`, which returns a primitive's description, answers; nullopt where oneDNN has no
/// implementation or only a reference one.
template <class Make>
auto unless_refused(Make make) -> std::optional<decltype(make())> {
  obey_cpu_limits();
  try {
    auto made = make();
    if (is_reference(made)) return std::nullopt;
    // Some descriptions are given out whose code then cannot be generated. What could be is cached.
    const dnnl::primitive trial(made.get());
    return made;
  } catch (const dnnl::error& error) {
    // A combination that no implementation takes is refused as unimplemented; one that makes no
    // sense to oneDNN, though it may to ONNX, as invalid; code that came out wrong, as an error.
    if (error.status == dnnl_unimplemented || error.status == dnnl_invalid_arguments ||
        error.status == dnnl_runtime_error)
      return std::nullopt;
    rethrow(error);
  }
}

/// The attributes every primitive of ours starts from: its scratchpad is given by us.
dnnl::primitive_attr own_scratchpad();

/// A copy of constant elements in another layout or type, as `attributes` (scales) say.
dnnl::memory packed(const dnnl::memory::desc& from, const std::byte* elements,
                    const dnnl::memory::desc& to, const dnnl::primitive_attr& attributes = {});

/// One primitive, or some one after the other, as a kernel. Building: name the memories, then add
/// the primitives that use them; both in any number.
class PrimitiveKernel : public Kernel {
 public:
  /// What run() finds at inputs[index].
  dnnl::memory input(std::size_t index, const dnnl::memory::desc& desc);
  /// What run() leaves at outputs[index].
  dnnl::memory output(std::size_t index, const dnnl::memory::desc& desc);
  /// Passed from one primitive to a later one, in the workspace.
  dnnl::memory temporary(const dnnl::memory::desc& desc);
  /// Kept as long as the kernel and counted: packed weights.
  dnnl::memory keep(const dnnl::memory& memory);
  /// Has run() first copy inputs[index] to outputs[0], unless they are one: what a sum adds to.
  void start_from(std::size_t index, std::size_t bytes);

  /// The primitive that was described, with its arguments by DNNL_ARG_..., memories made by the
  /// above. The scratchpad is added here.
  void add(const dnnl::primitive_desc_base& description,
           const std::map<int, dnnl::memory>& arguments);

  std::size_t workspace() const { return temporary_bytes_ + scratchpad_bytes_; }
  std::size_t held() const { return held_; }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override;

 private:
  struct Placed {
    dnnl::memory memory;
    std::size_t where = 0;  ///< index of the tensor, or offset in the workspace
  };
  struct Step {
    dnnl::primitive primitive;
    std::vector<dnnl_exec_arg_t> arguments;
  };

  std::vector<Placed> inputs_;
  std::vector<Placed> outputs_;
  std::vector<Placed> temporaries_;
  std::vector<dnnl::memory> scratchpads_;  ///< all at the end of the workspace: used in turn
  std::vector<dnnl::memory> used_;         ///< `arguments` point to the handles in here
  std::vector<Step> steps_;
  std::size_t temporary_bytes_ = 0;
  std::size_t scratchpad_bytes_ = 0;
  std::size_t held_ = 0;
  std::size_t first_input_ = 0;
  std::size_t first_bytes_ = 0;
};

/// The kernel as whoever runs it takes it, with what it needs and holds; `packed` and `in_place`
/// are up to the caller.
Prepared prepared(std::unique_ptr<PrimitiveKernel> kernel, std::string implementation,
                  std::vector<Layout> inputs, std::vector<Layout> outputs);

}  // namespace hardware
