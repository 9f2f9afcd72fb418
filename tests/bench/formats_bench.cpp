// How fast number formats are converted, next to a memcpy that moves as many bytes: the two take
// turns in one run, so that what else happens on the machine happens to both. Prints a table, or
// with --json one JSON object. Usage: formats_bench [--json] [--quick]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/precision/convert.h"

namespace models {
namespace {

using Clock = std::chrono::steady_clock;

/// Memory on a cache line, its pages touched.
class Buffer {
 public:
  explicit Buffer(std::size_t bytes)
      : held_(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{64}))),
        bytes_(bytes) {
    std::memset(held_.get(), 1, bytes);
  }
  template <class T>
  std::span<T> as(std::size_t count) const {
    return {reinterpret_cast<T*>(held_.get()), count};
  }
  std::byte* data() const { return held_.get(); }

 private:
  struct Free {
    void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  std::unique_ptr<std::byte, Free> held_;
  std::size_t bytes_;
};

struct Arrays {
  std::span<float> values;
  std::span<std::byte> codes;
  template <class Code>
  std::span<Code> of() const {
    return {reinterpret_cast<Code*>(codes.data()), values.size()};
  }
};

const float scale = 0.03f;
const Quantization int8_scale{.scales = {&scale, 1}};

struct Conversion {
  std::string_view name;
  std::size_t code_bytes;
  double allowed_in_l1;  ///< times a memcpy
  void (*run)(const Arrays&);
};

const Conversion conversions[] = {
    {"fp32 to fp16", 2, 3, [](const Arrays& a) { to_fp16(a.values, a.of<std::uint16_t>()); }},
    {"fp16 to fp32", 2, 3, [](const Arrays& a) { from_fp16(a.of<std::uint16_t>(), a.values); }},
    {"fp32 to bf16", 2, 3, [](const Arrays& a) { to_bf16(a.values, a.of<std::uint16_t>()); }},
    {"bf16 to fp32", 2, 3, [](const Arrays& a) { from_bf16(a.of<std::uint16_t>(), a.values); }},
    {"fp32 to int8", 1, 8,
     [](const Arrays& a) { quantise(a.values, a.of<std::int8_t>(), int8_scale); }},
    {"int8 to fp32", 1, 8,
     [](const Arrays& a) {
       dequantise(std::span<const std::int8_t>(a.of<std::int8_t>()), a.values, int8_scale);
     }},
    {"fp32 to fp8_e4m3", 1, 8,
     [](const Arrays& a) { to_fp8_e4m3(a.values, a.of<std::uint8_t>()); }},
    {"fp8_e4m3 to fp32", 1, 8,
     [](const Arrays& a) { from_fp8_e4m3(a.of<std::uint8_t>(), a.values); }},
    {"fp32 to fp8_e5m2", 1, 8,
     [](const Arrays& a) { to_fp8_e5m2(a.values, a.of<std::uint8_t>()); }},
    {"fp8_e5m2 to fp32", 1, 8,
     [](const Arrays& a) { from_fp8_e5m2(a.of<std::uint8_t>(), a.values); }},
};

double seconds(const std::function<void()>& what, int times) {
  const auto start = Clock::now();
  for (int i = 0; i < times; ++i) what();
  return std::chrono::duration<double>(Clock::now() - start).count() / times;
}

double median(std::vector<double> of) {
  std::nth_element(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2), of.end());
  return of[of.size() / 2];
}

struct Measured {
  double converting;  ///< seconds, median
  double copying;
  double ratio;  ///< median of the turns' copying / converting
};

Measured measure(const Conversion& conversion, std::size_t elements, int turns, int times) {
  const std::size_t bytes = elements * (4 + conversion.code_bytes);
  const Buffer values(elements * 4), codes(elements * conversion.code_bytes);
  const Buffer from(bytes / 2), to(bytes / 2);
  const Arrays arrays{values.as<float>(elements),
                      codes.as<std::byte>(elements * conversion.code_bytes)};
  for (std::size_t i = 0; i < elements; ++i)
    arrays.values[i] =
        static_cast<float>(static_cast<int>(i * 2654435761u % 2001) - 1000) * 0.00317f;
  for (std::size_t i = 0; i < arrays.codes.size(); ++i)
    arrays.codes[i] = static_cast<std::byte>(i * 2654435761u >> 13);
  std::vector<double> converting, copying, ratio;
  for (int turn = 0; turn < turns; ++turn) {
    converting.push_back(seconds([&] { conversion.run(arrays); }, times));
    // The compiler must not see that the same is copied again and again.
    copying.push_back(seconds(
        [&] {
          std::memcpy(to.data(), from.data(), bytes / 2);
          asm volatile("" ::: "memory");
        },
        times));
    ratio.push_back(copying.back() / converting.back());
  }
  return {median(converting), median(copying), median(ratio)};
}

struct Place {
  std::string_view name;
  std::size_t bytes;  ///< read and written
  int turns;
  int times;
  bool in_l1;
};

struct Row {
  const Conversion* conversion;
  const Place* place;
  Measured measured;
  std::size_t bytes;

  bool holds() const {
    return place->in_l1 ? 1 / measured.ratio <= conversion->allowed_in_l1 : measured.ratio >= 0.8;
  }
};

void print(const Row& row) {
  std::printf("%-18s %-6s %8.2f GB/s, memcpy %8.2f GB/s; ", row.conversion->name.data(),
              row.place->name.data(),
              static_cast<double>(row.bytes) / row.measured.converting * 1e-9,
              static_cast<double>(row.bytes) / row.measured.copying * 1e-9);
  if (row.place->in_l1)
    std::printf("%5.2f times its time (at most %.0f)", 1 / row.measured.ratio,
                row.conversion->allowed_in_l1);
  else
    std::printf("%5.1f %% of it (at least 80)", row.measured.ratio * 100);
  std::printf("%s\n", row.holds() ? "" : "  MISSED");
}

void print_json(const std::vector<Row>& rows) {
  std::printf("{\"rows\": [");
  const char* comma = "";
  for (const auto& row : rows) {
    std::printf(
        "%s\n  {\"conversion\": \"%s\", \"array\": \"%s\", \"bytes\": %zu, \"seconds\": %.4g, "
        "\"memcpy_seconds\": %.4g, \"of_memcpy\": %.4g, \"holds\": %s}",
        comma, row.conversion->name.data(), row.place->name.data(), row.bytes,
        row.measured.converting, row.measured.copying, row.measured.ratio,
        row.holds() ? "true" : "false");
    comma = ",";
  }
  std::printf("\n]}\n");
}

}  // namespace
}  // namespace models

int main(int argc, char** argv) {
  using namespace models;
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const auto given = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const int turns = given("--quick") ? 7 : 25;
  const Place places[] = {{"large", 600u << 20, turns, 1, false},
                          {"L1", 24u << 10, 10 * turns, 200, true}};
  std::vector<Row> rows;
  for (const auto& place : places) {
    for (const auto& conversion : conversions) {
      const auto elements = place.bytes / (4 + conversion.code_bytes) / 64 * 64;
      rows.push_back({&conversion, &place, measure(conversion, elements, place.turns, place.times),
                      elements * (4 + conversion.code_bytes)});
      if (!given("--json")) print(rows.back());
    }
  }
  if (given("--json")) print_json(rows);
}
