// Random networks, computed whole and apart: what fusing, layouts, conversions and shared buffers
// do must not be seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "hardware/calibration.h"
#include "hardware/program.h"
#include "models/random.h"
#include "tests/hardware/running.h"
#include "tests/hardware/small_network.h"

namespace {

using hardware::Program;
using models::Precision;
using models::Random;
using models::TensorValue;
using models::ValuedNetwork;
using Integers = std::vector<std::int64_t>;

TensorValue random_tensor(Random& random, models::Shape shape, double size) {
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < models::elements_of(shape); ++i)
    numbers.push_back(size * (2 * random.unit() - 1));
  return floats(std::move(shape), numbers);
}

/// Grows a network of images operator by operator.
class Grower {
 public:
  explicit Grower(std::uint64_t seed) : random_(seed) {
    shape_ = {1 + random_.below(2), 1 + random_.below(20), 3 + random_.below(6),
              3 + random_.below(6)};
    network_.input("x", shape_);
    images_.push_back({"x", shape_});
  }

  ValuedNetwork grown(int operators) {
    for (int i = 0; i < operators; ++i) grow();
    std::vector<std::string> outputs = {images_.back().name};
    if (random_.chance(0.5)) outputs.push_back(any().name);
    return network_.with_outputs(outputs);
  }
  TensorValue input() { return random_tensor(random_, shape_, 1); }

 private:
  struct Image {
    std::string name;
    models::Shape shape;
  };

  /// Mostly the newest, so that chains arise.
  const Image& any() {
    const auto count = static_cast<std::int64_t>(images_.size());
    const auto back = random_.chance(0.7) ? 1 : 1 + random_.below(count);
    return images_[static_cast<std::size_t>(count - back)];
  }
  std::string fresh(const std::string& start) { return start + std::to_string(++count_); }
  void add(const std::string& type, const std::vector<std::string>& inputs, models::Shape shape,
           std::map<std::string, models::Attribute> attributes = {}) {
    const auto name = fresh("t");
    network_.node(type, inputs, name, shape, std::move(attributes));
    images_.push_back({name, std::move(shape)});
  }
  /// Now and then one that is there already.
  std::string weight(models::Shape shape, double size) {
    const auto same = weights_.find({shape, size});
    if (same != weights_.end() && random_.chance(0.5)) return same->second;
    const auto name = fresh("w");
    network_.weight(name, random_tensor(random_, shape, size));
    return weights_[{shape, size}] = name;
  }

  void grow() {
    const auto image = any();
    switch (random_.below(9)) {
      case 0:
      case 1:
        return add_convolution(image);
      case 2:
        return add("Relu", {image.name}, image.shape);
      case 3:
        return add_join(image);
      case 4:
        return add("MaxPool", {image.name}, image.shape,
                   {{"kernel_shape", Integers{3, 3}}, {"pads", Integers{1, 1, 1, 1}}});
      case 5:
        return add_normalization(image);
      case 6:
        return add_turned(image);
      case 7:
        return add("Clip", {image.name, weight({}, 0.1), weight({}, 2)}, image.shape);
      default:
        return add(random_.chance(0.5) ? "Sigmoid" : "Identity", {image.name}, image.shape);
    }
  }
  void add_convolution(const Image& image) {
    const auto channels = image.shape[1], filters = 1 + random_.below(20);
    const std::int64_t kernel = random_.chance(0.5) ? 1 : 3, pad = kernel / 2;
    std::vector<std::string> inputs = {
        image.name, weight({filters, channels, kernel, kernel},
                           1.5 / std::sqrt(static_cast<double>(channels * kernel * kernel)))};
    if (random_.chance(0.5)) inputs.push_back(weight({filters}, 0.2));
    add("Conv", inputs, {image.shape[0], filters, image.shape[2], image.shape[3]},
        {{"kernel_shape", Integers{kernel, kernel}}, {"pads", Integers{pad, pad, pad, pad}}});
  }
  /// Of two images of one shape, or of one and a constant for each of its channels.
  void add_join(const Image& image) {
    std::vector<std::string> others;
    for (const auto& other : images_)
      if (other.shape == image.shape && other.name != image.name) others.push_back(other.name);
    const bool constant = others.empty();
    const auto other = constant
                           ? weight({1, image.shape[1], 1, 1}, 1)
                           : others[static_cast<std::size_t>(random_.below(std::ssize(others)))];
    std::vector<std::string> inputs = {image.name, other};
    if (random_.chance(0.5)) std::swap(inputs[0], inputs[1]);
    const auto kind = random_.below(3);
    if (kind == 2 && !constant)
      return add("Concat", inputs,
                 {image.shape[0], 2 * image.shape[1], image.shape[2], image.shape[3]},
                 {{"axis", std::int64_t{1}}});
    add(kind == 0 ? "Mul" : "Add", inputs, image.shape);
  }
  void add_normalization(const Image& image) {
    const models::Shape channels = {image.shape[1]};
    const auto variance = fresh("w");
    network_.weight(variance, floats(channels, std::vector<double>(
                                                   static_cast<std::size_t>(channels[0]), 0.8)));
    add("BatchNormalization",
        {image.name, weight(channels, 1), weight(channels, 0.3), weight(channels, 0.3), variance},
        image.shape);
  }
  void add_turned(const Image& image) {
    add("Transpose", {image.name}, {image.shape[0], image.shape[1], image.shape[3], image.shape[2]},
        {{"perm", Integers{0, 1, 3, 2}}});
  }

  Random random_;
  SmallNetwork network_;
  models::Shape shape_;
  std::vector<Image> images_;
  std::map<std::pair<models::Shape, double>, std::string> weights_;
  int count_ = 0;
};

hardware::Ranges ranges_of(Program& apart, const TensorValue& input) {
  hardware::Calibration calibration(hardware::RangeMethod::minmax);
  apart.observe({{input}}, [&](const hardware::Observed& it) { calibration.take(it, "x"); });
  return calibration.ranges();
}

/// Largest difference of any output, in parts of the largest number of its reference.
double difference(const std::vector<TensorValue>& a, const std::vector<TensorValue>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto ours = numbers_of(a[i]), theirs = numbers_of(b[i]);
    double size = 1e-3, apart = 0;
    for (std::size_t k = 0; k < ours.size(); ++k) {
      size = std::max(size, std::abs(theirs[k]));
      apart = std::max(apart, std::abs(ours[k] - theirs[k]));
      if (std::isnan(ours[k])) return NAN;
    }
    most = std::max(most, apart / size);
  }
  return most;
}

int cases() {
  const char* const asked = std::getenv("PARTWISE_CASES");
  return asked == nullptr ? 60 : std::atoi(asked);
}

TEST(RandomProgram, IsTheSameFusedAndApart) {
  for (int seed = 1; seed <= cases(); ++seed) {
    Grower grower(static_cast<std::uint64_t>(seed));
    const auto network = grower.grown(12);
    const auto input = grower.input();
    const auto recipe = hardware::uniform_recipe(network.network, Precision::fp32);
    Program whole(network, recipe), apart(network, recipe, {.ranges = {}, .apart = true});
    whole.run({{grower.input()}});  // what an earlier run left must not matter
    whole.run({{input}});
    apart.run({{input}});
    EXPECT_LT(difference(whole.outputs(), apart.outputs()), 1e-5) << "seed " << seed;
    EXPECT_LE(whole.memory().live, whole.memory().activations) << "seed " << seed;
  }
}

TEST(RandomProgram, IsNearTheTruthInMixedPrecisions) {
  // fp16 and int8 keep 11 and about 7 bits; errors add up over twelve operators.
  constexpr Precision choices[] = {Precision::fp32, Precision::bf16, Precision::fp16,
                                   Precision::int8};
  for (int seed = 1; seed <= cases(); ++seed) {
    Grower grower(static_cast<std::uint64_t>(seed));
    const auto network = grower.grown(12);
    const auto input = grower.input();
    Random random(static_cast<std::uint64_t>(seed));
    std::vector<Precision> precisions;
    for (std::size_t i = 0; i < network.network.operators.size(); ++i)
      precisions.push_back(choices[random.below(4)]);
    Program apart(network, hardware::uniform_recipe(network.network, Precision::fp32),
                  {.ranges = {}, .apart = true});
    Program mixed(network, hardware::recipe_of(network.network, precisions),
                  {.ranges = ranges_of(apart, input)});
    mixed.run({{input}});
    const auto once = mixed.outputs();
    EXPECT_LT(difference(once, apart.outputs()), 0.25) << "seed " << seed;
    mixed.run({{input}});
    EXPECT_EQ(difference(mixed.outputs(), once), 0) << "seed " << seed;
  }
}

}  // namespace
