#include "models/network/valued.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "models/error.h"
#include "models/network/tensor_proto.h"
#include "models/network/zoo.h"
#include "models/random.h"
#include "tests/models/network/onnx_bytes.h"

namespace {

using namespace onnx_bytes;
using models::ElementType;
using models::TensorValue;
using models::ValuedNetwork;

constexpr int float16 = 10, boolean = 9, uint64 = 13;

template <class T>
std::string raw(const std::vector<T>& values) {
  return text(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

template <class T>
TensorValue value_of(ElementType type, models::Shape shape, const std::vector<T>& elements) {
  return models::copied(type, std::move(shape), std::as_bytes(std::span(elements)));
}

TensorValue floats(models::Shape shape) {
  return models::fresh_value(ElementType::float32, std::move(shape)).value;
}

template <class T>
std::vector<T> elements(const TensorValue& value) {
  return {value.as<T>().begin(), value.as<T>().end()};
}

ValuedNetwork read(const std::string& bytes, const std::vector<TensorValue>& given = {}) {
  const File file(bytes);
  return models::read_valued(file.path(), {}, given);
}

/// The message of the InputError with the file's name as net.onnx; "" if there is none.
std::string fault(const std::string& bytes, const std::vector<TensorValue>& given = {}) {
  const File file(bytes);
  try {
    models::read_valued(file.path(), {}, given);
  } catch (const models::InputError& error) {
    std::string what = error.what();
    const auto name = file.path().string();
    for (auto at = what.find(name); at != std::string::npos; at = what.find(name))
      what.replace(at, name.size(), "net.onnx");
    return what;
  }
  return "";
}

std::string attribute_tensor(std::string_view name, const std::string& tensor) {
  return text(5, text(1, name) + text(5, tensor) + number(20, 4));
}

const models::Tensor& tensor_named(const ValuedNetwork& valued, const std::string& name) {
  for (const auto& tensor : valued.network.tensors)
    if (tensor.name == name) return tensor;
  throw std::out_of_range(name);
}

const TensorValue& value_named(const ValuedNetwork& valued, const std::string& name) {
  return valued.values[static_cast<std::size_t>(&tensor_named(valued, name) -
                                                valued.network.tensors.data())];
}

TEST(Valued, KeepsTheElementsOfWeightsOfEveryKind) {
  const std::vector<std::string> weights = {
      tensor("a", {2}, float32, raw<float>({1.5F, -2})),
      tensor("b", {2}, float16, number(5, 0x3c00) + number(5, 0x7e00)),  // 1 and NaN, typed
      tensor("c", {2}, uint64, number(11, -1) + number(11, 7)),
      tensor("d", {3}, boolean, text(9, std::string("\0\2\1", 3))), tensor("e", {0}, float32)};
  Graph graph{{}, weights, {info("x", {1})}, {}, {}};
  for (const std::string name : {"a", "b", "c", "d", "e"}) {
    graph.nodes.push_back(node("Identity", "make " + name, {name}, {"y" + name}));
    graph.outputs.push_back(info("y" + name, {}));
  }
  const auto valued = read(model(graph));
  EXPECT_EQ(elements<float>(value_named(valued, "a")), (std::vector<float>{1.5F, -2}));
  EXPECT_EQ(elements<std::uint16_t>(value_named(valued, "b")),
            (std::vector<std::uint16_t>{0x3c00, 0x7e00}));
  EXPECT_EQ(elements<std::uint64_t>(value_named(valued, "c")),
            (std::vector<std::uint64_t>{~std::uint64_t{0}, 7}));
  EXPECT_EQ(elements<std::uint8_t>(value_named(valued, "d")), (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(value_named(valued, "e").size(), 0U);
  EXPECT_TRUE(value_named(valued, "e"));
  EXPECT_TRUE(valued.unknown.empty());
}

TEST(Valued, ConstantNodesAreWeightsAndNothingElseIsFolded) {
  const auto three = text(5, text(1, "value_int") + number(3, 3) + number(20, 2));
  const auto valued = read(model(
      {{node("Constant", "c", {}, {"three"}, three),
        node("Add", "sum", {"three", "three"}, {"six"}), node("Shape", "s", {"x"}, {"shape"})},
       {},
       {info("x", {2, 5}), info("unread", {4})},
       {info("six", {}), info("x", {}), info("three", {}), info("shape", {})},
       {}}));
  const auto& net = valued.network;
  ASSERT_EQ(net.operators.size(), 2U);
  EXPECT_EQ(net.operators[0].name, "sum");
  EXPECT_EQ(net.operators[1].name, "s");
  EXPECT_EQ(tensor_named(valued, "three").role, models::Tensor::Role::weight);
  EXPECT_EQ(elements<std::int64_t>(value_named(valued, "three")), (std::vector<std::int64_t>{3}));
  std::vector<std::string> borders;
  for (const int input : net.inputs) borders.push_back(models::at(net.tensors, input).name);
  for (const int output : net.outputs) borders.push_back(models::at(net.tensors, output).name);
  EXPECT_EQ(borders, (std::vector<std::string>{"x", "unread", "six", "x", "three", "shape"}));
}

TEST(Valued, FillsKeepTheirValueAndType) {
  const auto fill = attribute_tensor("value", tensor("", {1}, float16, number(5, 0x3800)));
  const auto valued = read(model({{node("ConstantOfShape", "f", {"shape"}, {"y"}, fill),
                                   node("ConstantOfShape", "g", {"shape"}, {"z"})},
                                  {integers("shape", {2, 3})},
                                  {},
                                  {info("y", {}), info("z", {})},
                                  {}}));
  const auto& ops = valued.network.operators;
  ASSERT_EQ(ops.size(), 2U);
  const auto type = [](ElementType t) { return models::Attribute(static_cast<std::int64_t>(t)); };
  EXPECT_EQ(ops[0].attributes.at("value"), models::Attribute(0.5));
  EXPECT_EQ(ops[0].attributes.at("value_type"), type(ElementType::float16));
  EXPECT_EQ(ops[1].attributes.at("value"), models::Attribute(0.0));
  EXPECT_EQ(ops[1].attributes.at("value_type"), type(ElementType::float32));
  EXPECT_EQ(tensor_named(valued, "y").shape, (models::Shape{2, 3}));
}

TEST(Valued, OperatorsThatReachNoOutputAreGone) {
  const auto valued = read(model({{node("Relu", "r", {"x"}, {"y"}), node("No", "n", {"x"}, {"z"})},
                                  {},
                                  {info("x", {1})},
                                  {info("y", {})},
                                  {}}));
  ASSERT_EQ(valued.network.operators.size(), 1U);
}

Graph add_two() {
  return {{node("Add", "a", {"x", "w"}, {"y"})},
          {},
          {info("x", {"N", 3}), info("w", {"N", 1})},
          {info("y", {})},
          {}};
}

TEST(Valued, GivenInputsSayOpenDimensions) {
  const auto valued = read(model(add_two()), {floats({4, 3}), floats({4, 1})});
  EXPECT_EQ(tensor_named(valued, "y").shape, (models::Shape{4, 3}));
}

TEST(Valued, GivenInputsThatDoNotFit) {
  const auto add = model(add_two());
  EXPECT_EQ(
      fault(add, {floats({4, 2}), floats({4, 1})}),
      "net.onnx: its input 'x' is declared float32 Nx3, and float32 4x2 was given: axis 1 must "
      "be 3; give a tensor of the declared shape, or export the model with an open dimension");
  EXPECT_EQ(fault(add, {floats({4, 3}), floats({5, 1})}),
            "net.onnx: its input 'w' is declared float32 Nx1, and float32 5x1 was given: axis 0 "
            "('N') must be 4 as the input 'x' says; give tensors that agree");
  EXPECT_EQ(
      fault(add, {floats({4})}),
      "net.onnx: it has 2 inputs ('x', 'w'), and 1 input was given; give one for each, in this "
      "order");
  EXPECT_EQ(
      fault(add, {floats({4}), floats({4, 1})}),
      "net.onnx: its input 'x' is declared float32 Nx3, and float32 4 was given: it must have "
      "2 axes; give a tensor of the declared shape");
  EXPECT_EQ(
      fault(add, {value_of<double>(ElementType::float64, {1, 3}, {1, 2, 3}), floats({1, 1})}),
      "net.onnx: its input 'x' is declared float32 Nx3, and float64 1x3 was given: the element "
      "types differ; convert it to float32");
  EXPECT_EQ(fault(add),
            "net.onnx: its input 'x' has dimensions without a size: 'N'; set them with `dims: {N: "
            "1}`");
}

TEST(Valued, Bfloat16MayBeGivenAsItsBits) {
  constexpr int bfloat16 = 16;
  const auto bytes = model(
      {{node("Identity", "i", {"x"}, {"y"})}, {}, {info("x", {1}, bfloat16)}, {info("y", {})}, {}});
  const auto bits = value_of<std::uint16_t>(ElementType::uint16, {1}, {0x3f80});
  EXPECT_EQ(tensor_named(read(bytes, {bits}), "y").type, ElementType::bfloat16);
}

TEST(Valued, ShapesFollowTheValuesOfGivenInputs) {
  const auto bytes =
      model({{node("Concat", "c", {"rows", "columns"}, {"shape"}, attribute("axis", 0)),
              node("Reshape", "r", {"x", "shape"}, {"y"})},
             {},
             {info("x", {6}), info("rows", {1}, int64), info("columns", {1}, int64)},
             {info("y", {})},
             {}});
  const auto number_of = [](std::int64_t n) {
    return value_of<std::int64_t>(ElementType::int64, {1}, {n});
  };
  const auto valued = read(bytes, {floats({6}), number_of(2), number_of(3)});
  EXPECT_EQ(tensor_named(valued, "y").shape, (models::Shape{2, 3}));
  EXPECT_TRUE(tensor_named(valued, "shape").values.empty());  // another request may say otherwise
}

TEST(Valued, TrainingIsRefused) {
  const auto bytes = model({{node("Dropout", "d", {"x", "", "t"}, {"y"})},
                            {tensor("t", {}, boolean, text(9, "\1"))},
                            {info("x", {1})},
                            {info("y", {})},
                            {}});
  EXPECT_EQ(fault(bytes), "net.onnx: node 'd' (Dropout): not supported: Dropout in training mode");
}

TEST(Valued, OldBroadcastingAlongAnAxisIsMadeExplicit) {
  const auto bytes = model(
      {{node("Add", "a", {"x", "b"}, {"y"}, attribute("broadcast", 1) + attribute("axis", 1))},
       {tensor("b", {3}, float32, raw<float>({1, 2, 3}))},
       {info("x", {2, 3, 4})},
       {info("y", {})},
       {}},
      6);
  const auto valued = read(bytes);
  ASSERT_EQ(valued.network.operators.size(), 2U);
  EXPECT_EQ(valued.network.operators[0].type, "Unsqueeze");
  EXPECT_EQ(tensor_named(valued, "y").shape, (models::Shape{2, 3, 4}));
}

/// An attribute of a node in a function: what the caller gives under that name.
std::string given_by_caller(std::string_view name, std::string_view parameter, int type) {
  return text(5, text(1, name) + text(21, parameter) + number(20, type));
}

TEST(Valued, FunctionsHaveStandardAttributesAndOverloads) {
  const auto function = [](std::int64_t standard, std::string_view overload) {
    const auto number_of_caller = given_by_caller("value_int", "n", 2);
    return text(25, text(1, "F") + text(4, "a") + text(5, "b") +
                        text(7, node("Constant", "c", {}, {"k"}, number_of_caller)) +
                        text(7, node("Add", "sum", {"a", "k"}, {"b"})) + text(10, "my") +
                        text(11, text(1, "n") + number(3, standard) + number(20, 2)) +
                        text(13, overload));
  };
  const auto bytes = model({{node("F", "f", {"x"}, {"u"}, "", "my"),
                             node("F", "g", {"u"}, {"v"}, attribute("n", 5), "my"),
                             node("F", "h", {"v"}, {"y"}, "", "my") + text(8, "other")},
                            {},
                            {info("x", {1}, int64)},
                            {info("y", {})},
                            {}},
                           17, function(3, "") + function(4, "other"));
  std::vector<std::int64_t> constants;
  for (const auto& value : read(bytes).values)
    if (value) constants.push_back(value.as<std::int64_t>()[0]);
  EXPECT_EQ(constants, (std::vector<std::int64_t>{3, 5, 4}));
}

TEST(Valued, NeedsAreKnownBeforeShapesAre) {
  const File file(
      model({{node("Relu", "r", {"x"}, {"u"}), node("Odd", "o", {"u"}, {"y"}, "", "com.x"),
              node("Dead", "n", {"x"}, {"z"})},
             {},
             {info("x", {"N"}), info("s", {1}, string)},
             {info("y", {})},
             {}}));
  std::vector<std::string> found;
  for (const auto& need : models::needs_of(models::parse_onnx(file.path(), models::Values::all)))
    found.push_back(need.type + " " + need.where + " " + need.fault);
  EXPECT_EQ(found, (std::vector<std::string>{"Relu operator 'r' ", "com.x.Odd operator 'o' ",
                                             " input 's' string"}));
}

TEST(Valued, OfTheZooNothingButSmallConstantsIsKnown) {
  const auto network = models::make_network("resnet50", {});
  const auto valued = models::without_values(network);
  EXPECT_EQ(valued.network, network);
  EXPECT_EQ(valued.values.size(), network.tensors.size());
  EXPECT_FALSE(valued.unknown.empty());
}

/// A model and its external data in a folder of their own, removed afterwards.
class External : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("partwise_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  /// A model with a weight of that shape at that place.
  void put_model(const models::Shape& shape,
                 const std::vector<std::pair<std::string, std::string>>& entries) const {
    std::string rest = number(14, 1);
    for (const auto& [key, value] : entries) rest += text(13, text(1, key) + text(2, value));
    put("net.onnx", model({{node("Identity", "i", {"w"}, {"y"})},
                           {tensor("w", shape, float32, rest)},
                           {},
                           {info("y", {})},
                           {}}));
  }

  std::string fault() const {
    try {
      models::read_valued(folder_ / "net.onnx", {}, {});
    } catch (const models::InputError& error) {
      return std::string(error.what()).substr((folder_ / "net.onnx").string().size());
    }
    return "";
  }

  std::filesystem::path folder_;
};

TEST_F(External, IsMappedWhereAlignedAndCopiedWhereNot) {
  std::string bytes(256, '\0');
  const float number_a = 1.5F, number_b = -3;
  std::memcpy(bytes.data() + 64, &number_a, 4);
  std::memcpy(bytes.data() + 68, &number_b, 4);
  put("w.bin", bytes);
  for (const std::string offset : {"64", "68"}) {
    put_model({1}, {{"location", "w.bin"}, {"offset", offset}, {"length", "4"}});
    const auto valued = models::read_valued(folder_ / "net.onnx", {}, {});
    const auto& value = value_named(valued, "w");
    EXPECT_EQ(value.as<float>()[0], offset == "64" ? number_a : number_b);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(value.bytes.get()) % 64, 0U);
  }
}

TEST_F(External, ThatCannotBeReadIsRefused) {
  const std::string start = ": weight 'w': its external data ";
  put("w.bin", std::string(16, '\0'));
  put_model({4}, {{"location", "w.bin"}});
  EXPECT_EQ(fault(), "");
  put_model({5}, {{"location", "w.bin"}});
  EXPECT_EQ(fault(), start +
                         "'w.bin' ends after 16 bytes where the model wants 20 from byte 0 on; it "
                         "is cut short: copy it beside the model, or export the model again");
  put_model({4}, {{"location", "w.bin"}, {"offset", "18446744073709551615"}});
  EXPECT_EQ(fault(), start +
                         "'w.bin' ends after 16 bytes where the model wants 16 from byte "
                         "18446744073709551615 on; it is cut short: copy it beside the model, or "
                         "export the model again");
  put_model({4}, {{"location", "w.bin"}, {"offset", "-1"}});
  EXPECT_EQ(fault(), start +
                         "'w.bin' has the offset '-1' and the length '', which are no numbers; "
                         "export the model again");
  put_model({4}, {{"location", "w.bin"}, {"length", "8"}});
  EXPECT_EQ(fault(),
            start + "'w.bin' has 8 bytes where its shape 4 needs 16; export the model again");
  put_model({4}, {{"location", "gone.bin"}});
  EXPECT_EQ(fault(), start +
                         "'gone.bin' cannot be opened: No such file or directory; copy it beside "
                         "the model, or export the model again");
  put_model({4}, {{"location", "../w.bin"}});
  EXPECT_EQ(fault(), start +
                         "'../w.bin' lies outside the model's folder; keep it in the model's "
                         "folder and name it by a relative path");
  put_model({4}, {{"location", "/etc/passwd"}});
  EXPECT_EQ(fault(), start +
                         "'/etc/passwd' is an absolute path; keep it in the model's folder and "
                         "name it by a relative path");
  std::filesystem::create_symlink("/etc/passwd", folder_ / "link");
  put_model({4}, {{"location", "link"}});
  EXPECT_EQ(fault(), start +
                         "'link' leads outside the model's folder through a link; keep it in the "
                         "model's folder and name it by a relative path");
  std::filesystem::create_directory(folder_ / "sub");
  put_model({4}, {{"location", "sub"}});
  EXPECT_EQ(fault(),
            start + "'sub' is no file; copy it beside the model, or export the model again");
}

TEST(TensorProto, Faults) {
  const auto fault_of = [](const std::string& bytes) {
    try {
      models::tensor_of_proto(bytes, "x.pb");
    } catch (const models::InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(fault_of(tensor("x", {2}, float32, raw<float>({1, 2}))), "");
  EXPECT_EQ(fault_of(""), "x.pb: is empty; write the tensor again");
  EXPECT_EQ(
      fault_of(tensor("x", {2}, float32, raw<float>({1}))),
      "x.pb: it holds 4 bytes where its shape 2 needs 8; the file is damaged: export it again");
  EXPECT_EQ(fault_of(tensor("x", {2}, float32)),
            "x.pb: it holds no elements where its shape 2 needs 2; the file is damaged: export it "
            "again");
  EXPECT_EQ(fault_of(tensor("x", {1}, 17)), "x.pb: elements of float8e4m3fn are not supported");
  EXPECT_EQ(fault_of(tensor("x", {1}, string, text(6, "a"))),
            "x.pb: elements of string are not supported");
  EXPECT_EQ(
      fault_of(tensor("x", {1 << 30, 1 << 30}, float32)),
      "x.pb: its shape 1073741824x1073741824 is not possible: a tensor has too many elements");
  EXPECT_EQ(fault_of(tensor("x", {1}, float32,
                            number(14, 1) + text(13, text(1, "location") + text(2, "/etc/x")))),
            "x.pb: its elements lie in another file; write them into this one");
}

/// Models damaged in all ways, read with inputs that once fitted. Nothing but InputError may come
/// of it, and the rest is the sanitizers' to say.
TEST(Valued, DamagedModelsAreRefusedOrRead) {
  const auto three = text(5, text(1, "value_int") + number(3, 3) + number(20, 2));
  const auto fill = attribute_tensor("value", tensor("", {1}, float16, number(5, 0x3800)));
  const auto good =
      model({{node("Constant", "c", {}, {"three"}, three), node("Add", "a", {"x", "w"}, {"u"}),
              node("Reshape", "r", {"u", "shape"}, {"v"}),
              node("ConstantOfShape", "f", {"shape"}, {"z"}, fill),
              node("Slice", "s", {"v", "starts", "ends"}, {"y"})},
             {tensor("w", {3}, float32, raw<float>({1, 2, 3})), integers("starts", {0}),
              integers("ends", {1})},
             {info("x", {"N", 3}), info("shape", {2}, int64)},
             {info("y", {}), info("z", {}), info("three", {})},
             {}});
  const std::vector<TensorValue> given = {floats({2, 3}),
                                          value_of<std::int64_t>(ElementType::int64, {2}, {3, 2})};
  ASSERT_EQ(fault(good, given), "");
  models::Random random(11);
  for (int i = 0; i < 3000; ++i) {
    auto bytes = good;
    for (int k = 0; k <= random.below(3); ++k)
      bytes[models::at(random.below(std::ssize(bytes)))] = static_cast<char>(random.below(256));
    if (random.chance(0.1)) bytes.resize(models::at(random.below(std::ssize(bytes))));
    fault(bytes, given);
  }
}

}  // namespace
