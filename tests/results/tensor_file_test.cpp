#include "results/tensor_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "models/error.h"
#include "models/random.h"
#include "results/hdf5_file.h"
#include "results/npy.h"
#include "results/output.h"
#include "tests/results/own_folder.h"

namespace {

namespace fs = std::filesystem;
using models::ElementType;
using models::NamedTensor;
using models::TensorValue;

template <class T>
TensorValue value_of(ElementType type, models::Shape shape, const std::vector<T>& elements) {
  return models::copied(type, std::move(shape), std::as_bytes(std::span(elements)));
}

bool same(const TensorValue& a, const TensorValue& b) {
  return a.type == b.type && a.shape == b.shape && std::ranges::equal(a.span(), b.span());
}

constexpr ElementType every_type[] = {
    ElementType::float32, ElementType::float64, ElementType::float16, ElementType::bfloat16,
    ElementType::int8,    ElementType::int16,   ElementType::int32,   ElementType::int64,
    ElementType::uint8,   ElementType::uint16,  ElementType::uint32,  ElementType::uint64,
    ElementType::boolean};

/// Arbitrary elements, NaN and infinities among those of reals.
TensorValue arbitrary(ElementType type, const models::Shape& shape, models::Random& random) {
  auto made = models::fresh_value(type, shape);
  for (auto& byte : made.fresh) byte = static_cast<std::byte>(random.below(256));
  return models::copied(type, shape, made.fresh);
}

class TensorFile : public OwnFolder {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  /// The message of the InputError without the folder; "" if the file is accepted.
  std::string fault(const std::string& name) const {
    try {
      results::read_tensors(path(name));
    } catch (const models::InputError& error) {
      std::string what = error.what();
      const auto start = folder_.string() + "/";
      for (auto at = what.find(start); at != std::string::npos; at = what.find(start))
        what.erase(at, start.size());
      return what;
    }
    return "";
  }
  std::string fault(const std::string& name, const std::string& bytes) const {
    put(name, bytes);
    return fault(name);
  }
};

std::string npy(const std::string& header, const std::string& elements = "") {
  std::string bytes = std::string("\x93NUMPY\1\0", 8);
  bytes += static_cast<char>(header.size() & 255);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + elements;
}

TEST_F(TensorFile, EveryFormatReadsWhatItWrites) {
  models::Random random(1);
  for (const std::string end : {".pb", ".npy", ".npz", ".h5", ".hdf5"})
    for (const auto type : every_type)
      for (const models::Shape& shape : {models::Shape{}, {3}, {2, 3, 5}, {0, 4}}) {
        const auto file = path("x" + end);
        const auto value = arbitrary(type, shape, random);
        results::write_tensor(file, value, "x");
        const auto again = models::taken_as(results::read_tensor(file), type);
        EXPECT_TRUE(same(value, again))
            << end << " " << name_of(type) << " " << models::text_of(shape);
      }
}

TEST_F(TensorFile, OfSeveralTensorsOneIsNamed) {
  const auto x = value_of<float>(ElementType::float32, {2}, {1, 2});
  const auto y = value_of<std::int64_t>(ElementType::int64, {}, {7});
  for (const std::string name : {"all.npz", "all.h5"}) {
    results::write_tensors(path(name), {{"x", x}, {"in/y", y}});
    EXPECT_TRUE(same(results::read_tensor(path(name + ":x")), x));
    EXPECT_TRUE(same(results::read_tensor(path(name + ":/in/y")), y));
    ASSERT_EQ(results::read_tensors(path(name)).size(), 2U);
    EXPECT_THROW(results::read_tensor(path(name)), models::InputError);
  }
  EXPECT_EQ(fault("all.npz:q"), "all.npz: it holds no 'q'; there is 'in/y', 'x'");
  EXPECT_EQ(fault("all.h5:q"), "all.h5: it holds no dataset 'q'; there is 'in/y', 'x'");
}

TEST_F(TensorFile, SameTensorsGiveTheSameBytes) {
  const std::vector<NamedTensor> tensors = {
      {"x", value_of<float>(ElementType::float32, {2}, {1, 2})}};
  for (const std::string name : {"a.npz", "a.h5"}) {
    results::write_tensors(path(name), tensors);
    const auto first = results::read_file(path(name));
    results::write_tensors(path(name), tensors);
    EXPECT_EQ(results::read_file(path(name)), first) << name;
  }
}

TEST_F(TensorFile, NumPyBigEndianColumnsFirst) {
  // numpy.asfortranarray([[1, 2, 3], [4, 5, 6]], dtype='>i2')
  put("x.npy", npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n",
                   std::string("\0\1\0\4\0\2\0\5\0\3\0\6", 12)));
  EXPECT_TRUE(same(results::read_tensor(path("x.npy")),
                   value_of<std::int16_t>(ElementType::int16, {2, 3}, {1, 2, 3, 4, 5, 6})));
}

TEST_F(TensorFile, NumPyBfloat16OfMlDtypesIsRead) {
  put("x.npy", npy("{'descr': '<V2', 'fortran_order': False, 'shape': (1,), }\n", "\x80\x3f"));
  EXPECT_TRUE(same(results::read_tensor(path("x.npy")),
                   value_of<std::uint16_t>(ElementType::bfloat16, {1}, {0x3f80})));
}

TEST_F(TensorFile, NumPyWritesAsNumPyDoes) {
  const auto bytes = results::npy_bytes(value_of<float>(ElementType::float32, {1}, {1}));
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  header.append(128 - 10 - header.size() - 1, ' ');
  EXPECT_EQ(bytes, npy(header + "\n", std::string("\0\0\x80\x3f", 4)));
}

TEST_F(TensorFile, NumPyFaults) {
  EXPECT_EQ(fault("x.npy", ""), "x.npy: is empty; write the array again");
  EXPECT_EQ(fault("x.npy", "hello"), "x.npy: is no NumPy array; write the array again");
  EXPECT_EQ(fault("x.npy", std::string("\x93NUMPY\4\0\0\0", 10)),
            "x.npy: its format 4 is not known: 1 to 3 are; write the array again");
  EXPECT_EQ(fault("x.npy", std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12)),
            "x.npy: its header is too long; write the array again");
  EXPECT_EQ(fault("x.npy", npy("{'descr': '<f4', 'shape': (1,), }")),
            "x.npy: its header is damaged; write the array again");
  EXPECT_EQ(
      fault("x.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")),
      "x.npy: it holds Python objects (a pickle), which are not read since they can run code; "
      "save numbers of one of the types float16 to float64, integers or bool");
  EXPECT_EQ(fault("x.npy", npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }")),
            "x.npy: it holds elements of type '<c8'; save numbers of one of the types float16 to "
            "float64, integers or bool");
  EXPECT_EQ(
      fault("x.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234")),
      "x.npy: it holds 4 bytes where its shape 2 of float32 needs 8; write the array again");
  EXPECT_EQ(fault("x.npy", npy("{'descr': '<f4', 'fortran_order': False, "
                               "'shape': (999999999, 999999999), }")),
            "x.npy: its shape 999999999x999999999 is not possible: a tensor has too many elements; "
            "write the array again");
}

TEST_F(TensorFile, FaultsOfOtherFormats) {
  EXPECT_EQ(fault("x.npz", "hello"),
            "x.npz: is no NumPy archive, or is damaged or cut short; write the archive again");
  EXPECT_EQ(fault("x.h5", "hello"),
            "x.h5: is no HDF5 file, or is damaged or cut short; write it again");
  EXPECT_EQ(fault("x.pb", "hello"),
            "x.pb: is not an ONNX tensor, or is damaged or cut short; write the tensor again");
  EXPECT_EQ(
      fault("x.txt", "hello"),
      "x.txt: is no file of tensors by its name; use one that ends in .pb, .npy, .npz, .h5 or "
      ".hdf5");
  EXPECT_THROW(results::read_tensor(path("missing.npy")), models::EnvironmentError);
  results::write_tensors(path("none.h5"), {});
  EXPECT_EQ(fault("none.h5"), "none.h5: it holds no tensors");
  EXPECT_THROW(results::write_tensors(path("x.npy"), {}), models::InputError);
  EXPECT_THROW(results::write_tensors(path("x.h5"), {{"x", {}}, {"x", {}}}), models::InputError);
}

TEST_F(TensorFile, ColumnsOfOurOwnResultFilesAreTensors) {
  results::Table table{"t", {}};
  auto& numbers = table.columns.emplace_back();
  numbers.name = "numbers";
  numbers.values = std::vector<double>(5000, 1.5);  // enough to be compressed
  auto& texts = table.columns.emplace_back();
  texts.name = "texts";
  texts.values = std::vector<std::string>(5000, "a");
  put("run.h5", results::hdf5_bytes({table}));
  const auto value = results::read_tensor(path("run.h5:/t/numbers"));
  EXPECT_TRUE(
      same(value, value_of<double>(ElementType::float64, {5000}, std::vector<double>(5000, 1.5))));
  EXPECT_EQ(
      fault("run.h5:t/texts"),
      "run.h5:t/texts: its elements are no numbers of a supported type; use one of float16 to "
      "float64, integers or booleans");
}

/// Files damaged in all ways: some byte changed, some bytes gone. Nothing but InputError may come
/// of it, and the rest is the sanitizers' to say.
TEST_F(TensorFile, DamagedFilesAreRefusedOrRead) {
  models::Random random(7);
  const std::vector<NamedTensor> tensors = {{"x", arbitrary(ElementType::float32, {3, 5}, random)}};
  for (const std::string end : {".pb", ".npy", ".npz", ".h5"}) {
    results::write_tensors(path("good" + end), tensors);
    const auto good = results::read_file(path("good" + end));
    const int cases = end == ".h5" ? 40 : 600;
    for (int i = 0; i < cases; ++i) {
      auto bytes = good;
      for (int k = 0; k <= random.below(3); ++k)
        bytes[models::at(random.below(std::ssize(bytes)))] = static_cast<char>(random.below(256));
      if (random.chance(0.3)) bytes.resize(models::at(random.below(std::ssize(bytes))));
      const auto what = fault("bad" + end, bytes);
      EXPECT_TRUE(what.empty() || what.starts_with("bad" + end)) << what;
    }
  }
}

}  // namespace
