#include "tests/hardware/plain_case.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>

#include "hardware/catalogue.h"
#include "models/error.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;

/// Calls `use` with a zero of the type that holds such elements.
template <class Use>
auto as_type(ElementType type, Use use) {
  switch (type) {
    case ElementType::float64:
      return use(double{});
    case ElementType::int8:
      return use(std::int8_t{});
    case ElementType::int16:
      return use(std::int16_t{});
    case ElementType::int32:
      return use(std::int32_t{});
    case ElementType::int64:
      return use(std::int64_t{});
    case ElementType::uint8:
    case ElementType::boolean:
      return use(std::uint8_t{});
    default:
      return use(float{});
  }
}

/// Bits of a significand with the hidden one, least exponent, bits of the fraction.
struct Half {
  int significand, least, fraction, bias;
};
constexpr Half float16 = {11, -14, 10, 15};
constexpr Half bfloat16 = {8, -126, 7, 127};

bool is_half(ElementType type) {
  return type == ElementType::float16 || type == ElementType::bfloat16;
}
const Half& half_of(ElementType type) {
  return type == ElementType::float16 ? float16 : bfloat16;
}

double rounded_half(double x, const Half& half) {
  if (x == 0 || !std::isfinite(x)) return x;
  const int exponent = std::max(std::ilogb(x), half.least);
  const double step = std::ldexp(1.0, exponent - half.significand + 1);
  return std::nearbyint(x / step) * step;
}

std::uint16_t code_of(double x, const Half& half) {
  const auto sign = static_cast<unsigned>(std::signbit(x)) << 15;
  const double size = std::abs(rounded_half(x, half));
  unsigned code = 0;
  if (std::isinf(size)) {
    code = (static_cast<unsigned>(2 * half.bias + 1) << half.fraction);
  } else if (size != 0) {
    const int exponent = std::max(std::ilogb(size), half.least);
    const double steps = std::ldexp(size, half.significand - 1 - exponent);
    // A subnormal's steps are below the hidden bit, which then counts as an exponent of one.
    code = static_cast<unsigned>(steps) +
           (static_cast<unsigned>(exponent - half.least) << half.fraction);
  }
  return static_cast<std::uint16_t>(sign | code);
}

double value_of(std::uint16_t code, const Half& half) {
  const unsigned low = code & ((1U << half.fraction) - 1);
  const int high = (code & 0x7fff) >> half.fraction;
  double size = std::ldexp(low, half.least - half.fraction);
  if (high > 0) size = std::ldexp(low + (1U << half.fraction), high - half.bias - half.fraction);
  if (high == 2 * half.bias + 1) size = low == 0 ? INFINITY : NAN;
  return (code & 0x8000) != 0 ? -size : size;
}

struct Freed {
  void operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{64}); }
};
using Memory = std::unique_ptr<std::byte[], Freed>;

/// Aligned to 64 bytes, as kernels may expect, exactly as long as asked for, and full of rubbish.
Memory rubbish(std::size_t size) {
  Memory memory(static_cast<std::byte*>(::operator new[](size, std::align_val_t{64})));
  std::memset(memory.get(), 0xa5, size);
  return memory;
}

Memory copied(const std::vector<std::byte>& bytes) {
  auto memory = rubbish(bytes.size());
  if (!bytes.empty()) std::memcpy(memory.get(), bytes.data(), bytes.size());
  return memory;
}

std::vector<Memory> memory_of(const std::vector<std::optional<Array>>& inputs) {
  std::vector<Memory> memory;
  for (const auto& input : inputs) memory.push_back(input ? copied(bytes_of(*input)) : nullptr);
  return memory;
}

/// Parameters may be known beforehand: all inputs but the first, or none.
Request request_of(const PlainCase& plain, const models::Operator& op,
                   const std::vector<Memory>& constants) {
  Request request;
  request.op = &op;
  request.opset = plain.opset;
  for (const auto& input : plain.inputs) {
    request.inputs.emplace_back();
    const auto i = request.inputs.size() - 1;
    const auto* constant = i > 0 && i < constants.size() ? constants[i].get() : nullptr;
    if (input) request.inputs.back() = Request::Input{{input->type, input->shape}, constant};
  }
  for (const auto& output : plain.outputs) {
    request.outputs.emplace_back();
    if (output) request.outputs.back() = Layout{output->type, output->shape};
  }
  return request;
}

std::vector<std::optional<Array>> run_once(const PlainCase& plain, Prepared& prepared) {
  auto memory = memory_of(plain.inputs);
  std::vector<const std::byte*> inputs;
  std::vector<std::byte*> outputs;
  for (const auto& given : memory) {
    const bool packed = !prepared.packed.empty() && prepared.packed[inputs.size()];
    inputs.push_back(packed ? nullptr : given.get());
  }
  for (const auto& output : plain.outputs) {
    memory.push_back(output ? rubbish(Layout{output->type, output->shape}.bytes()) : nullptr);
    outputs.push_back(memory.back().get());
  }
  const auto workspace = rubbish(prepared.workspace);
  prepared.kernel->run(inputs, outputs, workspace.get());
  std::vector<std::optional<Array>> results;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    results.emplace_back();
    if (!plain.outputs[i]) continue;
    results.back() = *plain.outputs[i];
    const Layout layout{results.back()->type, results.back()->shape};
    results.back()->values = values_of({outputs[i], layout.bytes()}, layout.type);
  }
  return results;
}

}  // namespace

double rounded(double x, ElementType type) {
  if (is_half(type)) return rounded_half(x, half_of(type));
  return as_type(type, [x](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>) return static_cast<double>(std::nearbyint(x));
    return static_cast<double>(static_cast<T>(x));
  });
}

std::vector<std::byte> bytes_of(const Array& array) {
  std::vector<std::byte> bytes;
  const auto append = [&bytes](auto value) {
    const auto* start = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), start, start + sizeof value);
  };
  for (const auto x : array.values) {
    if (is_half(array.type))
      append(code_of(x, half_of(array.type)));
    else
      as_type(array.type, [&](auto zero) { append(static_cast<decltype(zero)>(x)); });
  }
  return bytes;
}

std::vector<double> values_of(std::span<const std::byte> bytes, ElementType type) {
  std::vector<double> values;
  const auto extract = [&](auto zero, auto&& meaning) {
    for (std::size_t i = 0; i < bytes.size(); i += sizeof zero) {
      std::memcpy(&zero, bytes.data() + i, sizeof zero);
      values.push_back(meaning(zero));
    }
  };
  if (is_half(type))
    extract(std::uint16_t{}, [&](std::uint16_t code) { return value_of(code, half_of(type)); });
  else
    as_type(type, [&](auto zero) { extract(zero, [](auto x) { return static_cast<double>(x); }); });
  return values;
}

std::vector<std::optional<Array>> computed(const PlainCase& plain) {
  const auto* row = find_plain(plain.type);
  if (row == nullptr) throw NotSupported{plain.type};
  models::Operator op;
  op.name = "it";
  op.type = plain.type;
  op.attributes = plain.attributes;
  auto prepared = row->make(request_of(plain, op, {}));
  const auto results = run_once(plain, prepared);
  const auto again = run_once(plain, prepared);
  auto constants = memory_of(plain.inputs);
  auto packed = row->make(request_of(plain, op, constants));
  constants.clear();
  const auto known = run_once(plain, packed);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) continue;
    EXPECT_EQ(bytes_of(*results[i]), bytes_of(*again[i]))
        << plain.type << " differs on a second run";
    EXPECT_EQ(bytes_of(*results[i]), bytes_of(*known[i]))
        << plain.type << " by " << packed.implementation
        << " differs when its parameters are known";
  }
  return results;
}

std::string complaint(const PlainCase& plain) {
  try {
    computed(plain);
  } catch (const models::InputError& error) {
    return error.what();
  } catch (const NotSupported& missing) {
    return "not supported: " + missing.what;
  }
  return "";
}

Array random_array(models::Random& random, models::Shape shape, ElementType type, double bound) {
  Array array{std::move(shape), {}, type};
  const bool positive = type == ElementType::uint8 || type == ElementType::boolean;
  for (auto count = models::elements_of(array.shape); count > 0; --count)
    array.values.push_back(
        rounded(positive ? random.unit() * bound : (2 * random.unit() - 1) * bound, type));
  return array;
}

void expect_near(const Array& got, const std::vector<double>& expected, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(got.values.size(), expected.size()) << what;
  double largest = 0;
  for (const auto x : expected)
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i])) {
      ASSERT_TRUE(std::isnan(got.values[i])) << what << " at " << i;
    } else if (std::isinf(expected[i])) {
      ASSERT_EQ(got.values[i], expected[i]) << what << " at " << i;
    } else {
      ASSERT_NEAR(got.values[i], expected[i], tolerance * largest) << what << " at " << i;
    }
  }
}

}  // namespace hardware
