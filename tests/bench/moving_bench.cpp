// How fast operators that move elements are, next to a memcpy that moves as many bytes (what is
// read and what is written, half each): the two take turns in one run, so that what else happens on
// the machine happens to both. Ratio: time of the memcpy by time of the operator.
// Usage: moving_bench [filter]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hardware/catalogue.h"
#include "models/network/tensor_value.h"

namespace {

using models::ElementType;
using models::Shape;
using Integers = std::vector<std::int64_t>;

struct Given {
  ElementType type;
  Shape shape;
  std::vector<std::int64_t> integers = {};  ///< values of parameters
  std::vector<float> reals = {};
};

struct Case {
  std::string name;
  std::string type;
  std::map<std::string, models::Attribute> attributes;
  std::vector<Given> inputs;
  std::vector<Given> outputs;
  double wanted;            ///< ratio; 0: not bound by memory alone
  std::size_t touched = 0;  ///< bytes read, where not all of the inputs are
};

constexpr auto f32 = ElementType::float32;
constexpr auto u8 = ElementType::uint8;
constexpr auto f16 = ElementType::float16;
constexpr auto f64 = ElementType::float64;
constexpr auto i64 = ElementType::int64;

Case transpose(const std::string& name, ElementType type, const Shape& shape, const Integers& perm,
               double wanted = 0.7) {
  Shape to;
  for (const auto axis : perm) to.push_back(models::at(shape, axis));
  return {name, "Transpose", {{"perm", perm}}, {{type, shape}}, {{type, to}}, wanted};
}

Integers scattered(std::int64_t count, std::int64_t size) {
  Integers indices;
  for (std::int64_t i = 0; i < count; ++i) indices.push_back(i * 7919 % size);
  return indices;
}

std::vector<Case> transposes() {
  return {
      transpose("last two axes, fp32, 4096x4096", f32, {4096, 4096}, {1, 0}),
      transpose("last two axes, fp32, 4000x4000", f32, {4000, 4000}, {1, 0}),
      transpose("last two axes, fp32, 64x512x512", f32, {64, 512, 512}, {0, 2, 1}),
      transpose("last two axes, fp64, 64x512x256", f64, {64, 512, 256}, {0, 2, 1}),
      transpose("last two axes, fp16, 64x512x1024", f16, {64, 512, 1024}, {0, 2, 1}),
      transpose("last two axes, u8, 64x1024x1024", u8, {64, 1024, 1024}, {0, 2, 1}),
      transpose("NCHW to NHWC, fp32, 16x64x112x112", f32, {16, 64, 112, 112}, {0, 2, 3, 1}),
      transpose("NHWC to NCHW, fp32, 16x112x112x64", f32, {16, 112, 112, 64}, {0, 3, 1, 2}),
      transpose("images to NHWC, fp32, 64x3x224x224", f32, {64, 3, 224, 224}, {0, 2, 3, 1}, 0),
      transpose("images to NHWC, u8, 256x3x224x224", u8, {256, 3, 224, 224}, {0, 2, 3, 1}, 0),
      transpose("heads, fp32, 16x512x12x64", f32, {16, 512, 12, 64}, {0, 2, 1, 3}),
      transpose("heads of 16, fp32, 16x512x48x16", f32, {16, 512, 48, 16}, {0, 2, 1, 3}),
      transpose("groups, fp32, 16x4x32x56x56", f32, {16, 4, 32, 56, 56}, {0, 2, 1, 3, 4}),
  };
}

std::vector<Case> others() {
  const Shape image{32, 64, 96, 96};
  return {
      {"channels, fp32",
       "Concat",
       {{"axis", std::int64_t{1}}},
       {{f32, image}, {f32, image}},
       {{f32, {32, 128, 96, 96}}},
       0.7},
      {"last axis of 64, fp32",
       "Concat",
       {{"axis", std::int64_t{1}}},
       {{f32, {200000, 64}}, {f32, {200000, 32}}},
       {{f32, {200000, 96}}},
       0.7},
      {"last axis by 3, fp32",
       "Split",
       {{"axis", std::int64_t{1}}},
       {{f32, {20000, 768}}},
       {{f32, {20000, 256}}, {f32, {20000, 256}}, {f32, {20000, 256}}},
       0.7},
      {"half the columns, fp32",
       "Slice",
       {},
       {{f32, {16384, 1024}}, {i64, {1}, {256}}, {i64, {1}, {768}}, {i64, {1}, {1}}},
       {{f32, {16384, 512}}},
       0.7,
       std::size_t{16384} * 512 * 4},
      {"every second row, fp32",
       "Slice",
       {},
       {{f32, {16384, 1024}},
        {i64, {1}, {0}},
        {i64, {1}, {16384}},
        {i64, {1}, {0}},
        {i64, {1}, {2}}},
       {{f32, {8192, 1024}}},
       0.7,
       std::size_t{8192} * 1024 * 4},
      {"backwards, fp32",
       "Slice",
       {},
       {{f32, {1024, 16384}},
        {i64, {1}, {-1}},
        {i64, {1}, {-20000}},
        {i64, {1}, {1}},
        {i64, {1}, {-1}}},
       {{f32, {1024, 16384}}},
       0},
      {"rows, fp32",
       "Expand",
       {},
       {{f32, {64, 1, 4096}}, {i64, {3}, {64, 128, 4096}}},
       {{f32, {64, 128, 4096}}},
       0.7},
      {"columns, fp32",
       "Expand",
       {},
       {{f32, {65536, 1}}, {i64, {2}, {65536, 512}}},
       {{f32, {65536, 512}}},
       0.7},
      {"2 x 2, fp32",
       "Tile",
       {},
       {{f32, {64, 512, 256}}, {i64, {3}, {1, 2, 2}}},
       {{f32, {64, 1024, 512}}},
       0.7},
      {"1 around images, fp32",
       "Pad",
       {},
       {{f32, {32, 64, 94, 94}}, {i64, {8}, {0, 0, 1, 1, 0, 0, 1, 1}}},
       {{f32, image}},
       0.7},
      {"reflecting, fp32",
       "Pad",
       {{"mode", std::string("reflect")}},
       {{f32, {32, 64, 90, 90}}, {i64, {8}, {0, 0, 3, 3, 0, 0, 3, 3}}},
       {{f32, image}},
       0.7},
      {"by 2, fp32",
       "DepthToSpace",
       {{"blocksize", std::int64_t{2}}},
       {{f32, {32, 256, 48, 48}}},
       {{f32, image}},
       0},
      {"by 2, fp32",
       "SpaceToDepth",
       {{"blocksize", std::int64_t{2}}},
       {{f32, image}},
       {{f32, {32, 256, 48, 48}}},
       0},
      {"lower, fp32",
       "Trilu",
       {{"upper", std::int64_t{0}}},
       {{f32, {64, 512, 512}}},
       {{f32, {64, 512, 512}}},
       0.7},
      {"rows of 768, fp32",
       "Gather",
       {},
       {{f32, {30522, 768}}, {i64, {16384}, scattered(16384, 30522)}},
       {{f32, {16384, 768}}},
       0.7,
       std::size_t{16384} * 768 * 4},
      {"rows of 16, fp32",
       "Gather",
       {},
       {{f32, {1000000, 16}}, {i64, {1000000}, scattered(1000000, 1000000)}},
       {{f32, {1000000, 16}}},
       0},
      {"rows, fp32",
       "ScatterND",
       {},
       {{f32, {16384, 768}}, {i64, {4096, 1}, scattered(4096, 16384)}, {f32, {4096, 768}}},
       {{f32, {16384, 768}}},
       0.7},
      {"twice as large, nearest, fp32",
       "Resize",
       {{"coordinate_transformation_mode", std::string("asymmetric")}},
       {{f32, {16, 64, 64, 64}}, {f32, {0}}, {f32, {4}, {}, {1, 1, 2, 2}}},
       {{f32, {16, 64, 128, 128}}},
       0},
      {"twice as large, linear, fp32",
       "Resize",
       {{"mode", std::string("linear")}},
       {{f32, {16, 64, 64, 64}}, {f32, {0}}, {f32, {4}, {}, {1, 1, 2, 2}}},
       {{f32, {16, 64, 128, 128}}},
       0},
      {"twice as large, cubic, fp32",
       "Resize",
       {{"mode", std::string("cubic")}},
       {{f32, {16, 64, 64, 64}}, {f32, {0}}, {f32, {4}, {}, {1, 1, 2, 2}}},
       {{f32, {16, 64, 128, 128}}},
       0},
      {"half as large, linear, fp32",
       "Resize",
       {{"mode", std::string("linear")}},
       {{f32, {16, 64, 128, 128}}, {f32, {0}}, {f32, {4}, {}, {1, 1, 0.5, 0.5}}},
       {{f32, {16, 64, 64, 64}}},
       0},
  };
}

models::FreshValue filled(const Given& given) {
  auto made = models::fresh_value(given.type, given.shape);
  // Neither nought nor denormal in any type.
  std::memset(made.fresh.data(), 0x3f, made.fresh.size());
  if (!given.integers.empty())
    std::memcpy(made.fresh.data(), given.integers.data(), made.fresh.size());
  if (!given.reals.empty()) std::memcpy(made.fresh.data(), given.reals.data(), made.fresh.size());
  return made;
}

/// Of this thread, so that waiting for a core is not counted.
double seconds(const auto& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const auto start = now();
  work();
  return now() - start;
}

double median(std::vector<double> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

const hardware::PlainRow& row_of(const std::string& type) {
  for (const auto rows :
       {hardware::moving_rows(), hardware::picking_rows(), hardware::resizing_rows()})
    for (const auto& row : rows)
      if (row.type == type) return row;
  std::abort();
}

void measure(const Case& what) {
  models::Operator op;
  op.name = what.name;
  op.type = what.type;
  op.attributes = what.attributes;
  hardware::Request request;
  request.op = &op;
  std::vector<models::FreshValue> held;
  std::vector<const std::byte*> from;
  std::vector<std::byte*> to;
  std::size_t bytes = 0;
  for (const auto& given : what.inputs) {
    const auto& made = held.emplace_back(filled(given));
    const bool parameter = !given.integers.empty() || !given.reals.empty();
    request.inputs.push_back(hardware::Request::Input{
        {given.type, given.shape}, parameter ? made.value.bytes.get() : nullptr});
    from.push_back(made.value.bytes.get());
    if (!parameter) bytes += made.fresh.size();
  }
  if (what.touched > 0) bytes = what.touched;
  for (const auto& given : what.outputs) {
    const auto& made = held.emplace_back(filled(given));
    request.outputs.push_back(hardware::Layout{given.type, given.shape});
    to.push_back(made.fresh.data());
    bytes += made.fresh.size();
  }
  auto prepared = row_of(what.type).make(request);
  const auto room = models::fresh_value(u8, {static_cast<std::int64_t>(prepared.workspace)});
  const Given half{u8, {static_cast<std::int64_t>(bytes / 2)}};
  const auto source = filled(half);
  const auto target = filled(half);
  std::vector<double> own;
  std::vector<double> ratios;
  for (int i = 0; i < 15; ++i) {
    const auto copy =
        seconds([&] { std::memcpy(target.fresh.data(), source.fresh.data(), bytes / 2); });
    own.push_back(seconds([&] { prepared.kernel->run(from, to, room.fresh.data()); }));
    ratios.push_back(copy / own.back());
  }
  const double ratio = median(ratios);
  std::printf("%-14s %-36s %7.1f MB %8.2f ms %6.2f GB/s  ratio %.2f%s\n", what.type.c_str(),
              what.name.c_str(), static_cast<double>(bytes) * 1e-6, median(own) * 1e3,
              static_cast<double>(bytes) / median(own) * 1e-9, ratio,
              what.wanted > 0 && ratio < what.wanted ? "  BELOW" : "");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string filter = argc > 1 ? argv[1] : "";
  auto cases = transposes();
  for (auto& other : others()) cases.push_back(std::move(other));
  for (const auto& what : cases)
    if ((what.type + " " + what.name).find(filter) != std::string::npos) measure(what);
}
