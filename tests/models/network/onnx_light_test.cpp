// The light networks of the ONNX project: real graphs whose weights are constant fills.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "models/network/onnx.h"

namespace {

const std::filesystem::path folder = "../shared/data/onnx-light";

/// Counted from the files by other means than ours.
struct Facts {
  std::string file;
  std::size_t operators;
  std::int64_t macs, parameters;
};

class OnnxLight : public testing::TestWithParam<Facts> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  }
};

TEST_P(OnnxLight, IsImportedWhole) {
  const auto network = models::read_onnx(folder / GetParam().file);
  EXPECT_EQ(network.operators.size(), GetParam().operators);
  EXPECT_EQ(network.macs(), GetParam().macs);
  EXPECT_EQ(network.parameters(), GetParam().parameters);
  EXPECT_EQ(models::not_costed(network), "");
  ASSERT_EQ(network.inputs.size(), 1U);
  EXPECT_EQ(network.tensors.at(static_cast<std::size_t>(network.inputs[0])).shape,
            (std::vector<std::int64_t>{1, 3, 224, 224}));
}

TEST_P(OnnxLight, ReadsBackEqual) {
  const auto network = models::read_onnx(folder / GetParam().file);
  const auto copy = std::filesystem::path(testing::TempDir()) / ("copy_" + GetParam().file);
  models::write_onnx(network, copy);
  EXPECT_TRUE(models::read_onnx(copy) == network);
  std::filesystem::remove(copy);
}

INSTANTIATE_TEST_SUITE_P(Files, OnnxLight,
                         testing::Values(Facts{"light_bvlc_alexnet.onnx", 24, 654560384, 60965224},
                                         Facts{"light_inception_v1.onnx", 144, 1431556352, 6998552},
                                         Facts{"light_resnet50.onnx", 176, 4089184256, 25610152},
                                         Facts{"light_squeezenet.onnx", 66, 349151936, 1235496},
                                         Facts{"light_vgg19.onnx", 46, 19632062464, 143667240}),
                         [](const auto& row) {
                           const auto& file = row.param.file;
                           return file.substr(6, file.find('.') - 6);
                         });

}  // namespace
