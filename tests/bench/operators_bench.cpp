// How fast single operators are on this machine, each in fp32, bf16 and int8 where oneDNN has it:
// GFLOP/s of convolutions and matrix products, for a single row also how fast its weights stream;
// reorders next to a memcpy that moves as many bytes (what is read and written, half each), in
// turns. Medians of CPU time of one thread. Usage: operators_bench [filter] [instruction set]
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "hardware/catalogue.h"
#include "hardware/cpu.h"
#include "hardware/onednn/reorder.h"
#include "models/error.h"
#include "models/index.h"
#include "models/network/tensor_value.h"
#include "models/random.h"

namespace {

using hardware::Layout;
using models::ElementType;
using models::Precision;
using models::Shape;

/// CPU time: what others do on the machine does not count.
double seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double>& times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

models::FreshValue memory(std::size_t bytes) {
  return models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(bytes)});
}

/// Numbers of sensible size in the layout's type: what is subnormal would take far longer.
models::FreshValue filled(const Layout& layout) {
  auto made = memory(layout.bytes());
  models::Random random(1);
  const auto put = [&](auto value, std::size_t index) {
    std::memcpy(made.fresh.data() + index * sizeof value, &value, sizeof value);
  };
  for (std::size_t i = 0; i < models::at(layout.elements()); ++i) {
    const auto value = static_cast<float>(random.unit() - 0.5);
    if (layout.type == ElementType::float32) put(value, i);
    if (layout.type == ElementType::bfloat16)
      put(static_cast<std::uint16_t>(0x3f00 + random.below(64)), i);
    if (models::bits_of(layout.type) == 8) put(static_cast<std::uint8_t>(random.below(100)), i);
  }
  return made;
}

struct Case {
  std::string name;
  std::string type;
  std::map<std::string, models::Attribute> attributes;
  Shape input, weights, output;
  double operations;
};

Case convolution(const std::string& name, std::int64_t inputs, std::int64_t outputs,
                 std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t groups) {
  const auto pad = kernel / 2, made = (size - 1) / stride + 1;
  Case it{name,
          "Conv",
          {},
          {1, inputs, size, size},
          {outputs, inputs / groups, kernel, kernel},
          {1, outputs, made, made},
          0};
  it.attributes = {{"pads", Shape(4, pad)}, {"strides", Shape(2, stride)}, {"group", groups}};
  it.operations =
      2 * static_cast<double>(models::elements_of(it.output) * kernel * kernel * inputs / groups);
  return it;
}

Case product(const std::string& name, std::int64_t rows, std::int64_t depth, std::int64_t columns) {
  return {name,
          "Gemm",
          {{"transB", std::int64_t{1}}},
          {rows, depth},
          {columns, depth},
          {rows, columns},
          2 * static_cast<double>(rows * depth * columns)};
}

std::vector<Case> cases() {
  return {convolution("conv3x3 64 of 56x56", 64, 64, 56, 3, 1, 1),
          convolution("conv3x3 256 of 14x14", 256, 256, 14, 3, 1, 1),
          convolution("conv3x3 512 of 7x7", 512, 512, 7, 3, 1, 1),
          convolution("conv1x1 64-256 of 56x56", 64, 256, 56, 1, 1, 1),
          convolution("conv1x1 1024-256 of 14x14", 1024, 256, 14, 1, 1, 1),
          convolution("conv7x7 3-64 of 224x224", 3, 64, 224, 7, 2, 1),
          convolution("depthwise 96 of 112x112", 96, 96, 112, 3, 1, 96),
          convolution("depthwise 384 of 14x14", 384, 384, 14, 3, 1, 384),
          product("fully connected 2048-1000", 1, 2048, 1000),
          product("fully connected 4096-4096", 1, 4096, 4096),
          product("matrices 128x768x768", 128, 768, 768),
          product("matrices 512x512x512", 512, 512, 512)};
}

Layout activation(const Shape& shape, Precision precision) {
  if (precision == Precision::bf16) return {ElementType::bfloat16, shape};
  if (precision == Precision::int8) return {ElementType::uint8, shape, false, 0.01F};
  return {ElementType::float32, shape};
}

void measure(const Case& it, Precision precision) {
  models::Operator op;
  op.name = it.name;
  op.type = it.type;
  op.attributes = it.attributes;
  const Layout weights{ElementType::float32, it.weights};
  const auto values = filled(weights);
  hardware::Request request;
  request.op = &op;
  request.precision = precision;
  request.inputs = {hardware::Request::Input{activation(it.input, precision), nullptr},
                    hardware::Request::Input{weights, values.value.bytes.get()}};
  request.outputs = {activation(it.output, precision)};
  request.fused = {{"Relu", 0, 0, -1}};
  const auto made = hardware::find_native(it.type)->make(request);
  if (!made) {
    std::printf("%-26s %-5s not supported\n", it.name.c_str(), name_of(precision).c_str());
    return;
  }
  const auto input = filled(made->inputs[0]);
  const auto output = memory(made->outputs[0].bytes()), room = memory(made->workspace);
  const std::byte* const inputs[] = {input.fresh.data(), nullptr};
  std::byte* const outputs[] = {output.fresh.data()};
  std::vector<double> times(30);
  for (auto& time : times) {
    time = -seconds();
    made->kernel->run(inputs, outputs, room.fresh.data());
    time += seconds();
  }
  const double time = median(times);
  std::printf("%-26s %-5s %-36s %9.1f us %7.1f GFLOP/s", it.name.c_str(),
              name_of(precision).c_str(), made->implementation.c_str(), 1e6 * time,
              1e-9 * it.operations / time);
  if (it.type == "Gemm" && it.input[0] == 1)
    std::printf(" %5.1f GB/s", 1e-9 * static_cast<double>(made->held) / time);
  std::printf("\n");
}

void measure_reorder(const Layout& from, const Layout& to, const std::string& name) {
  const auto made = hardware::make_reorder(from, to);
  const auto input = filled(from), output = memory(to.bytes()), room = memory(made.workspace);
  const auto bytes = (from.bytes() + to.bytes()) / 2;
  const auto source = memory(bytes), target = memory(bytes);
  const std::byte* const inputs[] = {input.fresh.data()};
  std::byte* const outputs[] = {output.fresh.data()};
  std::vector<double> times(30), copies(30);
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = -seconds();
    made.kernel->run(inputs, outputs, room.fresh.data());
    times[i] += seconds();
    copies[i] = -seconds();
    std::memcpy(target.fresh.data(), source.fresh.data(), bytes);
    copies[i] += seconds();
  }
  const double time = median(times);
  std::printf("%-44s %9.1f us  %4.2f of memcpy\n", name.c_str(), 1e6 * time, median(copies) / time);
}

void measure_reorders(const std::string& filter) {
  const std::pair<const char*, Layout> types[] = {{"fp32", {ElementType::float32, {}}},
                                                  {"bf16", {ElementType::bfloat16, {}}},
                                                  {"int8", {ElementType::int8, {}, false, 0.1F}}};
  for (const Shape& shape : {Shape{1, 3, 224, 224}, Shape{1, 256, 56, 56}})
    for (const auto& [from_name, from_type] : types)
      for (const auto& [to_name, to_type] : types)
        for (const bool lays_anew : {false, true}) {
          auto from = from_type, to = to_type;
          from.shape = to.shape = shape;
          to.channels_last = lays_anew;
          const auto name = std::string("reorder ") + from_name + " to " + to_name +
                            (lays_anew ? " channels last " : " ") + models::text_of(shape);
          if (name.find(filter) != std::string::npos) measure_reorder(from, to, name);
        }
}

}  // namespace

int main(int count, char** words) {
  const std::string filter = count > 1 ? words[1] : "";
  try {
    hardware::limit_cpu({1, count > 2 ? words[2] : ""});
  } catch (const models::InputError& error) {
    std::fprintf(stderr, "operators_bench: %s\n", error.what());
    return 2;
  }
  std::printf("%s, %s\n", hardware::cpu_name().c_str(), hardware::isa_in_effect().c_str());
  for (const auto& it : cases())
    for (const auto precision : {Precision::fp32, Precision::bf16, Precision::int8})
      if (it.name.find(filter) != std::string::npos) measure(it, precision);
  measure_reorders(filter);
  return 0;
}
