#include "models/network/zoo.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "models/error.h"
#include "models/network/onnx.h"

namespace {

using models::make_network;

// Table 1 of He et al. (CVPR 2016) says 3.8e9 for v1; with the stride in the 3x3 it is the
// 4.09 GMACs and 25,557,032 parameters that torchvision states. A scale and a shift for each of
// 26,560 normalised channels are one bias here.
TEST(Zoo, Resnet50IsAsPublished) {
  const auto network = make_network("resnet50");
  EXPECT_EQ(network.macs(), 4'089'184'256);
  EXPECT_EQ(network.parameters(), 25'557'032 - 26'560);
}

// Table 4 of Sandler et al. (CVPR 2018): 300 M multiply-adds, 3.4 M parameters. torchvision states
// 3,504,872 with a scale and a shift for each of 17,056 normalised channels; ours are one bias, and
// the two bounds of the clipping.
TEST(Zoo, MobilenetV2IsAsPublished) {
  const auto network = make_network("mobilenet_v2");
  EXPECT_NEAR(static_cast<double>(network.macs()), 300e6, 3e6);
  EXPECT_EQ(network.parameters(), 3'504'872 - 17'056 + 2);
}

// 12 layers of 12 x 768^2 MACs per token for the matrix products with weights, 2 x 768 per pair of
// tokens for attention, and the pooler. Parameters: 109,482,240 (bert-base-uncased, Devlin et al.,
// NAACL 2019: 110 M) and the six scalars of masking, scaling and Gelu.
TEST(Zoo, BertBaseIsAsPublished) {
  const std::int64_t tokens = 128;
  const auto network = make_network("bert_base", {.batch = 1, .sequence = tokens});
  EXPECT_EQ(network.macs(), 12 * (tokens * 12 * 768 * 768 + 2 * tokens * tokens * 768) + 768 * 768);
  EXPECT_EQ(make_network("bert_base", {.batch = 1, .sequence = 512}).parameters(), 109'482'240 + 6);
}

TEST(Zoo, BatchMultipliesWorkAndLeavesParameters) {
  for (const auto& entry : models::zoo()) {
    const auto one = make_network(entry.name);
    const auto three = make_network(entry.name, {.batch = 3});
    EXPECT_EQ(three.macs(), 3 * one.macs()) << entry.name;
    EXPECT_EQ(three.parameters(), one.parameters()) << entry.name;
  }
}

TEST(Zoo, EveryNetworkIsCostedInWhole) {
  for (const auto& entry : models::zoo()) {
    const auto network = make_network(entry.name);
    EXPECT_NO_THROW(network.check()) << entry.name;
    EXPECT_EQ(models::not_costed(network), "") << entry.name;
  }
}

TEST(Zoo, ReadsBackEqualAtAnyBatch) {
  for (const auto& entry : models::zoo()) {
    const auto network = make_network(entry.name, {.batch = 5, .sequence = 17});
    const auto file = std::filesystem::path(testing::TempDir()) / "zoo_round_trip.onnx";
    models::write_onnx(network, file);
    EXPECT_TRUE(models::read_onnx(file) == network) << entry.name;
    EXPECT_LT(std::filesystem::file_size(file), 100'000U) << entry.name;
    std::filesystem::remove(file);
  }
}

TEST(Zoo, ShippedFilesAreItsNetworks) {
  for (const auto& entry : models::zoo()) {
    const auto file =
        std::filesystem::path("scenarios/networks") / (std::string(entry.name) + ".onnx");
    EXPECT_TRUE(models::read_onnx(file) == make_network(entry.name))
        << file << " differs; write it again with `partwise inspect " << entry.name << " --save`";
  }
}

TEST(Zoo, UnknownNameNamesThoseThereAre) {
  try {
    make_network("resnet51");
    FAIL();
  } catch (const models::InputError& error) {
    EXPECT_STREQ(error.what(),
                 "there is no network 'resnet51'; there are bert_base, mobilenet_v2, resnet50");
  }
}

}  // namespace
