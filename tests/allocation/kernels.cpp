// A program of its own, since it counts every allocation of the process: running a kernel, and a
// whole network, must not allocate. Where oneDNN computes, it makes a small list of the tensors for
// each primitive, as few bytes however large they are; everything else is nought.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "hardware/catalogue.h"
#include "hardware/onednn/reorder.h"
#include "hardware/program.h"
#include "models/index.h"
#include "models/network/tensor_value.h"
#include "tests/hardware/small_network.h"

namespace {
long allocations = 0;
std::size_t allocated = 0;
}  // namespace

// Inlined, GCC 12 takes the one for not belonging to the other.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  allocated += size;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
// As sorting asks for its scratch.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  allocated += size;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

using hardware::Layout;
using hardware::Prepared;
using models::ElementType;
using models::Precision;

models::FreshValue memory(std::size_t bytes) {
  return models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(bytes)});
}

/// What a run allocates at most, once the kernel has run.
bool allocates_at_most(const char* name, Prepared& kernel, long times, std::size_t bytes) {
  std::vector<models::FreshValue> memories;
  std::vector<const std::byte*> inputs;
  std::vector<std::byte*> outputs;
  for (const auto& layout : kernel.inputs) {
    memories.push_back(memory(layout.bytes()));
    inputs.push_back(memories.back().fresh.data());
  }
  for (const auto& layout : kernel.outputs) {
    memories.push_back(memory(layout.bytes()));
    outputs.push_back(memories.back().fresh.data());
  }
  const auto room = memory(kernel.workspace);
  kernel.kernel->run(inputs, outputs, room.fresh.data());
  allocations = 0;
  allocated = 0;
  kernel.kernel->run(inputs, outputs, room.fresh.data());
  const bool fine = allocations <= times && allocated <= bytes;
  std::printf("%s %s: %ld allocations of %zu bytes\n", fine ? "    " : "FAIL", name, allocations,
              allocated);
  return fine;
}

struct Asked {
  models::Operator op;
  models::FreshValue weights;
  hardware::Request request;
};

/// A 3x3 convolution of pictures of that size, with a Relu and a sum.
void ask(Asked& asked, std::int64_t size, Precision precision) {
  const bool bytes = precision == Precision::int8;
  const Layout activation{bytes ? ElementType::uint8 : ElementType::float32,
                          {1, 32, size, size},
                          false,
                          bytes ? 0.01F : 0};
  const Layout weights{ElementType::float32, {32, 32, 3, 3}};
  asked.op.type = "Conv";
  asked.op.attributes = {{"pads", models::Shape(4, 1)}};
  asked.weights = memory(weights.bytes());
  using Input = hardware::Request::Input;
  asked.request.op = &asked.op;
  asked.request.precision = precision;
  asked.request.inputs = {Input{activation, nullptr},
                          Input{weights, asked.weights.value.bytes.get()}, std::nullopt,
                          Input{activation, nullptr}};
  asked.request.outputs = {activation};
  asked.request.fused = {{"Add", 0, 0, 3}, {"Relu", 0, 0, -1}};
}

template <class T>
models::TensorValue numbers(ElementType type, models::Shape shape, const std::vector<T>& values) {
  return models::copied(type, std::move(shape), std::as_bytes(std::span(values)));
}

models::TensorValue floats(models::Shape shape, float all) {
  const std::vector<float> values(models::at(models::elements_of(shape)), all);
  return numbers(ElementType::float32, std::move(shape), values);
}

/// Pictures p, and tokens t whose mean is taken over axes that only the run knows.
models::ValuedNetwork network() {
  using List = std::vector<std::int64_t>;
  return SmallNetwork()
      .input("p", {1, 16, 8, 8})
      .input("t", {4, 32})
      .input("axes", {2}, ElementType::int64)
      .weight("filters", floats({16, 16, 3, 3}, 0.01F))
      .weight("scales", numbers<float>(ElementType::float32, {4}, {1, 1, 2, 2}))
      .weight("matrix", floats({32, 32}, 0.1F))
      .weight("bias", floats({32}, 1))
      .weight("gain", floats({32}, 2))
      .node("Conv", {"p", "filters"}, "c", {1, 16, 8, 8}, {{"pads", List(4, 1)}})
      .node("Relu", {"c"}, "r", {1, 16, 8, 8})
      .node("Resize", {"r", "", "scales"}, "big", {1, 16, 16, 16},
            {{"mode", std::string("linear")}})
      .node("Resize", {"big", "", "scales"}, "bigger", {1, 16, 32, 32},
            {{"mode", std::string("cubic")}})
      .node("ReduceMean", {"bigger", "axes"}, "m", {1, 16, 1, 1})
      .node("Gemm", {"t", "matrix", "bias"}, "g", {4, 32})
      .node("LayerNormalization", {"g", "gain", "bias"}, "l", {4, 32})
      .node("Softmax", {"l"}, "s", {4, 32})
      .with_outputs({"m", "s"});
}

/// Of each step no more than of its kernel, and of the whole no more than of the steps.
bool program_allocates_little() {
  const auto it = network();
  hardware::Program program(it, hardware::uniform_recipe(it.network, Precision::fp32));
  const std::vector<models::TensorValue> inputs = {
      floats({1, 16, 8, 8}, 1), floats({4, 32}, 1),
      numbers<std::int64_t>(ElementType::int64, {2}, {2, -1})};
  std::vector<double> seconds(program.steps().size());
  program.run(inputs, seconds);
  bool fine = true;
  long all = 0;
  for (std::size_t i = 0; i < program.steps().size(); ++i) {
    const auto& step = program.steps()[i];
    const long most = step.implementation.starts_with("onednn") ? 12 : 0;
    allocations = 0;
    program.run_step(i);
    const long times = allocations;
    fine = fine && times <= most;
    all += times;
    std::printf("%s a network's %s by %s: %ld allocations\n", times <= most ? "    " : "FAIL",
                step.type.c_str(), step.implementation.c_str(), times);
  }
  allocations = 0;
  program.run(inputs, seconds);
  std::printf("%s a network: %ld allocations\n", allocations <= all ? "    " : "FAIL", allocations);
  return fine && allocations <= all;
}

}  // namespace

int main() {
  int failed = 0;
  for (const auto precision : {Precision::fp32, Precision::int8})
    for (const std::int64_t size : {8, 128}) {
      Asked asked;
      ask(asked, size, precision);
      auto made = hardware::find_native("Conv")->make(asked.request);
      if (made) failed += !allocates_at_most("Conv by oneDNN", *made, 12, 1024);
    }
  Asked asked;
  ask(asked, 16, Precision::fp32);
  asked.request.fused.clear();
  asked.request.inputs.resize(2);
  for (auto& input : asked.request.inputs) {
    input->layout.type = ElementType::float64;
    input->constant = nullptr;
  }
  asked.request.outputs[0]->type = ElementType::float64;
  auto loops = hardware::find_plain("Conv")->make(asked.request);
  failed += !allocates_at_most("Conv of doubles", loops, 0, 0);
  const Layout from{ElementType::float32, {1, 64, 56, 56}};
  auto reorder = hardware::make_reorder(from, {ElementType::int8, from.shape, true, 0.1F});
  failed += !allocates_at_most("reorder and conversion", reorder, 0, 0);
  failed += !program_allocates_little();
  return failed == 0 ? 0 : 1;
}
