#include "hardware/onednn/dnnl.h"

#include <cstring>
#include <stdexcept>
#include <string_view>

#include "models/error.h"
#include "models/index.h"

namespace hardware {
namespace {

constexpr std::size_t alignment = 64;

std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

/// The axes from the one that varies least to the one that varies fastest.
std::vector<std::size_t> axes_by_stride(std::size_t rank, bool channels_last) {
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < rank; ++axis)
    if (!channels_last || axis != 1) axes.push_back(axis);
  if (channels_last) axes.push_back(1);
  return axes;
}

void check(dnnl_status_t status) {
  if (status != dnnl_success) rethrow(dnnl::error(status, "a kernel failed"));
}

}  // namespace

const dnnl::engine& cpu_engine() {
  obey_cpu_limits();
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

const dnnl::stream& cpu_stream() {
  static const dnnl::stream stream(cpu_engine());
  return stream;
}

dnnl::memory::data_type data_type_of(models::ElementType type) {
  switch (type) {
    case models::ElementType::float32:
      return dnnl::memory::data_type::f32;
    case models::ElementType::bfloat16:
      return dnnl::memory::data_type::bf16;
    case models::ElementType::int8:
      return dnnl::memory::data_type::s8;
    case models::ElementType::uint8:
      return dnnl::memory::data_type::u8;
    case models::ElementType::int32:
      return dnnl::memory::data_type::s32;
    default:
      return dnnl::memory::data_type::undef;
  }
}

bool describable(const Layout& layout) {
  return data_type_of(layout.type) != dnnl::memory::data_type::undef &&
         layout.shape.size() <= DNNL_MAX_NDIMS && layout.elements() > 0;
}

dnnl::memory::desc desc_of(const Layout& layout) {
  if (layout.shape.empty()) return plain_desc({1}, layout.type);
  dnnl::memory::dims strides(layout.shape.size());
  std::int64_t stride = 1;
  const auto axes = axes_by_stride(layout.shape.size(), layout.channels_last);
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    strides[*axis] = stride;
    stride *= layout.shape[*axis];
  }
  return {layout.shape, data_type_of(layout.type), strides};
}

dnnl::memory::desc any_desc(const models::Shape& shape, models::ElementType type) {
  return {shape, data_type_of(type), dnnl::memory::format_tag::any};
}

dnnl::memory::desc plain_desc(const models::Shape& shape, models::ElementType type) {
  return desc_of({type, shape});
}

bool is_reference(const dnnl::primitive_desc_base& description) {
  return std::string_view(description.impl_info_str()).find("ref") != std::string_view::npos;
}

std::string implementation_of(const dnnl::primitive_desc_base& description) {
  return std::string("onednn ") + description.impl_info_str();
}

void rethrow(const dnnl::error& error) {
  if (error.status == dnnl_out_of_memory)
    throw models::EnvironmentError("not enough memory for a kernel of oneDNN");
  throw std::logic_error(std::string("oneDNN: ") + error.what() + " (status " +
                         std::to_string(error.status) + ")");
}

dnnl::primitive_attr own_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

dnnl::memory packed(const dnnl::memory::desc& from, const std::byte* elements,
                    const dnnl::memory::desc& to, const dnnl::primitive_attr& attributes) {
  const auto& engine = cpu_engine();
  try {
    // oneDNN takes no pointer to const, though it only reads.
    dnnl::memory source(from, engine, const_cast<std::byte*>(elements));
    dnnl::memory result(to, engine);
    dnnl::stream stream(engine);
    dnnl::reorder(source, result, attributes).execute(stream, source, result);
    stream.wait();
    return result;
  } catch (const dnnl::error& error) {
    rethrow(error);
  }
}

dnnl::memory PrimitiveKernel::input(std::size_t index, const dnnl::memory::desc& desc) {
  inputs_.push_back({dnnl::memory(desc, cpu_engine(), nullptr), index});
  return inputs_.back().memory;
}

dnnl::memory PrimitiveKernel::output(std::size_t index, const dnnl::memory::desc& desc) {
  outputs_.push_back({dnnl::memory(desc, cpu_engine(), nullptr), index});
  return outputs_.back().memory;
}

dnnl::memory PrimitiveKernel::temporary(const dnnl::memory::desc& desc) {
  temporaries_.push_back({dnnl::memory(desc, cpu_engine(), nullptr), temporary_bytes_});
  temporary_bytes_ += aligned(desc.get_size());
  return temporaries_.back().memory;
}

dnnl::memory PrimitiveKernel::keep(const dnnl::memory& memory) {
  held_ += memory.get_desc().get_size();
  return memory;
}

void PrimitiveKernel::start_from(std::size_t index, std::size_t bytes) {
  first_input_ = index;
  first_bytes_ = bytes;
}

void PrimitiveKernel::add(const dnnl::primitive_desc_base& description,
                          const std::map<int, dnnl::memory>& arguments) {
  Step step;
  try {
    step.primitive = dnnl::primitive(description.get());
    const auto scratchpad = description.scratchpad_desc();
    if (scratchpad.get_size() > 0) {
      scratchpads_.emplace_back(scratchpad, cpu_engine(), nullptr);
      scratchpad_bytes_ = std::max(scratchpad_bytes_, aligned(scratchpad.get_size()));
      step.arguments.push_back({DNNL_ARG_SCRATCHPAD, scratchpads_.back().get()});
    }
  } catch (const dnnl::error& error) {
    rethrow(error);
  }
  for (const auto& [argument, memory] : arguments) {
    used_.push_back(memory);
    step.arguments.push_back({argument, memory.get()});
  }
  steps_.push_back(std::move(step));
}

void PrimitiveKernel::run(std::span<const std::byte* const> inputs,
                          std::span<std::byte* const> outputs, std::byte* workspace) {
  obey_cpu_limits();
  if (first_bytes_ > 0 && outputs[0] != inputs[first_input_])
    std::memcpy(outputs[0], inputs[first_input_], first_bytes_);
  for (const auto& [memory, index] : inputs_)
    check(dnnl_memory_set_data_handle(memory.get(), const_cast<std::byte*>(inputs[index])));
  for (const auto& [memory, index] : outputs_)
    check(dnnl_memory_set_data_handle(memory.get(), outputs[index]));
  for (const auto& [memory, offset] : temporaries_)
    check(dnnl_memory_set_data_handle(memory.get(), workspace + offset));
  for (const auto& memory : scratchpads_)
    check(dnnl_memory_set_data_handle(memory.get(), workspace + temporary_bytes_));
  auto* const stream = cpu_stream().get();
  // The C interface: the other copies all arguments into containers of its own at every call.
  for (const auto& step : steps_)
    check(dnnl_primitive_execute(step.primitive.get(), stream,
                                 static_cast<int>(step.arguments.size()), step.arguments.data()));
}

Prepared prepared(std::unique_ptr<PrimitiveKernel> kernel, std::string implementation,
                  std::vector<Layout> inputs, std::vector<Layout> outputs) {
  Prepared made;
  made.workspace = kernel->workspace();
  made.held = kernel->held();
  made.kernel = std::move(kernel);
  made.implementation = std::move(implementation);
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

}  // namespace hardware
