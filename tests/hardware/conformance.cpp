#include "tests/hardware/conformance.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "models/network/tensor_proto.h"
#include "tests/hardware/property.h"

namespace hardware::conformance {
namespace {

namespace fs = std::filesystem;
using models::TensorValue;

reference::Array array_of(const TensorValue& value) {
  const Layout layout{value.type, value.shape};
  property::Bytes bytes(value.size());
  if (value.size() > 0) std::memcpy(bytes.data, value.bytes.get(), value.size());
  return property::array_of(bytes, layout, value.type);
}

std::vector<TensorValue> read_all(const fs::path& data, const std::string& kind) {
  std::vector<TensorValue> values;
  for (int i = 0;; ++i) {
    const auto file = data / (kind + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(file)) return values;
    values.push_back(read_tensor(file));
  }
}

bool near(double got, double expected, double relative, double absolute) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected)) return got == expected;
  return std::abs(got - expected) <= absolute + relative * std::abs(expected);
}

}  // namespace

std::vector<fs::path> cases_in(const std::string& suite, const std::string& start) {
  std::vector<fs::path> result;
  if (!fs::exists(folder / suite)) return result;
  for (const auto& entry : fs::directory_iterator(folder / suite))
    if (entry.path().filename().string().starts_with(start) &&
        fs::exists(entry.path() / "model.onnx"))
      result.push_back(entry.path());
  std::ranges::sort(result);
  return result;
}

TensorValue read_tensor(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  return models::tensor_of_proto(bytes, file.string()).value;
}

Stored read_case(const fs::path& folder_of_case) {
  const auto data = folder_of_case / "test_data_set_0";
  return {folder_of_case, read_all(data, "input"), read_all(data, "output")};
}

std::string difference(const TensorValue& made, const TensorValue& expected, double relative,
                       double absolute) {
  auto got = made;
  // Stored by their bits, cut where we round: the suite's own runner compares those as integers.
  const bool bits =
      got.type == models::ElementType::bfloat16 && expected.type == models::ElementType::uint16;
  if (bits) got.type = expected.type;
  if (got.type != expected.type)
    return "is " + models::name_of(got.type) + ", not " + models::name_of(expected.type);
  if (got.shape != expected.shape)
    return "is " + models::text_of(got.shape) + ", not " + models::text_of(expected.shape);
  const auto a = array_of(got), b = array_of(expected);
  for (std::size_t i = 0; i < a.count(); ++i) {
    const bool fits = a.real() || bits ? near(a.number(i), b.number(i), relative, absolute)
                                       : a.integers[i] == b.integers[i];
    if (fits) continue;
    std::ostringstream text;
    text.precision(9);
    text << "element " << i << " is " << a.number(i) << ", not " << b.number(i);
    return text.str();
  }
  return "";
}

}  // namespace hardware::conformance
