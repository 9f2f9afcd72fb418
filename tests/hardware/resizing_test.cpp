// Resize and Upsample: known answers, interpolation element by element, and broken inputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/random.h"
#include "tests/hardware/moving_case.h"

namespace {

using namespace moving_case;

Case resize(const Shape& shape, const Floats& elements, const std::string& mode, int opset = 18) {
  return Case("Resize", opset).set("mode", mode).input(shape, elements);
}

/// Scales as constants, or known only at run time.
Case& scaled(Case& it, const Floats& scales, bool constant = true) {
  return it.absent().input({static_cast<std::int64_t>(scales.size())}, scales, constant);
}
Case& sized(Case& it, const Integers& sizes, bool constant = true) {
  return it.absent().absent().input({static_cast<std::int64_t>(sizes.size())}, sizes, constant);
}

TEST(Resize, DoublesByRepeating) {
  auto it = resize({1, 1, 2, 2}, {1, 2, 3, 4}, "nearest");
  scaled(it, {1, 1, 2, 3}).output(ElementType::float32, {1, 1, 4, 6});
  EXPECT_EQ(it.result<float>(),
            (Floats{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4}));
}

TEST(Resize, OfMuchIsThatOfLittle) {
  const Shape from{4, 300, 301};
  const auto elements = counted(from);
  auto it = resize(from, elements, "nearest");
  scaled(it, {1, 2, 3}).output(ElementType::float32, {4, 600, 903});
  const auto made = it.result<float>();
  std::size_t next = 0;
  for (std::int64_t i = 0; i < 4; ++i)
    for (std::int64_t k = 0; k < 600; ++k)
      for (std::int64_t j = 0; j < 903; ++j)
        ASSERT_EQ(made[next++], models::at(elements, (i * 300 + k / 2) * 301 + j / 3));
}

TEST(Resize, RoundsToTheNearestAsAsked) {
  // Places 0, 0.5, 1, 1.5 of the input.
  const auto rounded = [](const char* how) {
    auto it = resize({2}, {10, 20}, "nearest");
    it.set("coordinate_transformation_mode", std::string("asymmetric"));
    it.set("nearest_mode", std::string(how));
    return scaled(it, {2}).output(ElementType::float32, {4}).result<float>();
  };
  EXPECT_EQ(rounded("round_prefer_floor"), (Floats{10, 10, 20, 20}));
  EXPECT_EQ(rounded("round_prefer_ceil"), (Floats{10, 20, 20, 20}));
  EXPECT_EQ(rounded("floor"), (Floats{10, 10, 20, 20}));
  EXPECT_EQ(rounded("ceil"), (Floats{10, 20, 20, 20}));
}

TEST(Resize, MeansWholePlacesByScalesOfSinglePrecision) {
  // 3 / fp32(1.5000001) and the like must not fall short of 2: twelve of eighteen, by 2/3.
  auto it = resize({18}, counted({18}), "nearest");
  it.set("coordinate_transformation_mode", std::string("asymmetric"));
  it.set("nearest_mode", std::string("floor"));
  scaled(it, {2.0F / 3.0F}).output(ElementType::float32, {12});
  EXPECT_EQ(it.result<float>(), (Floats{0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16}));
}

TEST(Resize, OfOpset10TakesTheNextWhenItShrinks) {
  EXPECT_EQ(Case("Resize", 10)
                .input<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})
                .input<float>({4}, {1, 1, 0.6F, 0.6F})
                .output(ElementType::float32, {1, 1, 1, 2})
                .result<float>(),
            (Floats{1, 3}));
}

TEST(Upsample, TakesScalesFromWhereItsOpsetHasThem) {
  EXPECT_EQ(Case("Upsample", 7)
                .set("mode", std::string("linear"))
                .set("scales", std::vector<double>{2})
                .input<float>({2}, {1, 2})
                .output(ElementType::float32, {4})
                .result<float>(),
            (Floats{1, 1.5, 2, 2}));
  EXPECT_EQ(Case("Upsample", 9)
                .input<float>({2}, {1, 2})
                .input<float>({1}, {2}, true)
                .output(ElementType::float32, {4})
                .result<float>(),
            (Floats{1, 1, 2, 2}));
}

TEST(Resize, CropsAndFillsOutside) {
  auto it = Case("Resize", 13).set("mode", std::string("linear"));
  it.set("coordinate_transformation_mode", std::string("tf_crop_and_resize"));
  it.set("extrapolation_value", 9.0).input<float>({3}, {0, 10, 20});
  it.input<float>({2}, {0.5, 1.5}).absent().input<std::int64_t>({1}, {3});
  it.output(ElementType::float32, {3});
  EXPECT_EQ(it.result<float>(), (Floats{10, 20, 9}));
}

TEST(Resize, FillsWithTheNearestIntegerThereIs) {
  for (const auto& [outside, wanted] :
       std::vector<std::pair<double, std::uint8_t>>{{1e10, 255}, {-5, 0}, {std::nan(""), 0}}) {
    auto it = Case("Resize", 13).set("mode", std::string("nearest"));
    it.set("coordinate_transformation_mode", std::string("tf_crop_and_resize"));
    it.set("extrapolation_value", outside).input<std::uint8_t>({3}, {0, 10, 20});
    it.input<float>({2}, {0.5, 1.5}).absent().input<std::int64_t>({1}, {3});
    it.output(ElementType::uint8, {3});
    EXPECT_EQ(it.result<std::uint8_t>()[2], wanted) << outside;
  }
}

/// One axis of the independent reference: the definition, place by place.
struct Line {
  std::int64_t from = 1;
  std::int64_t to = 1;
  double scale = 1;
};
struct Way {
  std::string mode;
  std::string coordinates;
  std::string rounding = "round_prefer_floor";
  double a = -0.75;
  bool exclude = false;
  bool antialias = false;
};

double place_of(const Line& line, const Way& way, std::int64_t i) {
  const auto x = static_cast<double>(i);
  const auto width = static_cast<double>(line.from);
  if (way.coordinates == "asymmetric") return x / line.scale;
  if (way.coordinates == "align_corners")
    return line.scale * width == 1 ? 0 : x * (width - 1) / (line.scale * width - 1);
  if (way.coordinates == "pytorch_half_pixel" && line.to == 1) return 0;
  double shift = 0;
  if (way.coordinates == "half_pixel_symmetric")
    shift = width / 2 * (1 - static_cast<double>(line.to) / (line.scale * width));
  return shift + (x + 0.5) / line.scale - 0.5;
}

double weight_at(const Way& way, double far) {
  const double x = std::abs(far);
  if (way.mode == "linear") return std::max(0.0, 1 - x);
  const double a = way.a;
  if (x <= 1) return (a + 2) * x * x * x - (a + 3) * x * x + 1;
  return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
}

template <class Inside, class Value>
double nearest(double x, const std::string& rounding, Inside inside, Value value) {
  const double low = std::floor(x);
  if (rounding == "floor") return value(inside(low));
  if (rounding == "ceil") return value(inside(std::ceil(x)));
  const bool up = rounding == "round_prefer_ceil" ? x - low >= 0.5 : x - low > 0.5;
  return value(inside(up ? low + 1 : low));
}

/// The value at one place of a function of whole places: all neighbours that may count are asked.
template <class Value>
double interpolated(const Line& line, const Way& way, std::int64_t i, Value value) {
  const double x = place_of(line, way, i);
  const auto inside = [&](double k) {
    return static_cast<std::int64_t>(std::clamp(k, 0.0, static_cast<double>(line.from - 1)));
  };
  if (way.mode == "nearest") {
    // Halves and whole numbers are often missed by the last bit only.
    const double half = std::round(2 * x) / 2;
    if (std::abs(x - half) < 1e-9) return nearest(half, way.rounding, inside, value);
    return nearest(x, way.rounding, inside, value);
  }
  const double squeeze = way.antialias ? std::min(1.0, line.scale) : 1.0;
  double sum = 0;
  double weights = 0;
  const double reach = std::ceil(3 / squeeze);
  for (double k = std::floor(x) - reach; k <= x + reach; ++k) {
    const bool outside = k < 0 || k >= static_cast<double>(line.from);
    const double weight = way.exclude && outside ? 0 : weight_at(way, (k - x) * squeeze);
    if (weight == 0) continue;
    sum += weight * value(inside(k));
    weights += weight;
  }
  return sum / weights;
}

std::vector<double> interpolated(const std::vector<Line>& lines, const Way& way,
                                 const std::vector<double>& elements) {
  std::vector<double> result;
  // Two axes, since axes are independent of each other.
  for (std::int64_t y = 0; y < lines[0].to; ++y)
    for (std::int64_t x = 0; x < lines[1].to; ++x)
      result.push_back(interpolated(lines[0], way, y, [&](std::int64_t row) {
        return interpolated(lines[1], way, x, [&](std::int64_t column) {
          return models::at(elements, row * lines[1].from + column);
        });
      }));
  return result;
}

template <class T>
T chosen(models::Random& random, const std::vector<T>& all) {
  return models::at(all, random.below(static_cast<std::int64_t>(all.size())));
}

/// Any two of three axes, by sizes or scales that are or are not constants.
TEST(Resize, AgreesWithInterpolationElementByElement) {
  models::Random random(1);
  for (int n = 0; n < 600; ++n) {
    Way way{
        chosen<std::string>(random, {"nearest", "linear", "cubic"}),
        chosen<std::string>(random, {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                                     "align_corners", "asymmetric"}),
        chosen<std::string>(random, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})};
    way.a = chosen<double>(random, {-0.75, -0.5});
    way.exclude = way.mode == "cubic" && random.below(2) == 0;
    way.antialias = way.mode != "nearest" && random.below(2) == 0;
    std::vector<Line> lines;
    const bool by_size = random.below(2) == 0;
    for (int i = 0; i < 2; ++i) {
      Line line{1 + random.below(9), 1 + random.below(17)};
      line.scale = static_cast<double>(line.to) / static_cast<double>(line.from);
      if (!by_size) {
        line.scale = chosen<double>(random, {0.25, 0.375, 0.625, 1, 1.25, 2, 3.5});
        line.to = static_cast<std::int64_t>(static_cast<double>(line.from) * line.scale);
      }
      lines.push_back(line);
    }
    if (lines[0].to == 0 || lines[1].to == 0) continue;
    const auto which = random.below(3);  // the axis that stays
    Shape from{lines[0].from, lines[1].from};
    Shape to{lines[0].to, lines[1].to};
    const std::int64_t stays = 3;
    from.insert(from.begin() + which, stays);
    to.insert(to.begin() + which, stays);
    Integers axes;
    for (std::int64_t i = 0; i < 3; ++i)
      if (i != which) axes.push_back(random.below(2) == 0 ? i : i - 3);

    std::vector<double> elements(static_cast<std::size_t>(models::elements_of(from)));
    for (auto& element : elements) element = random.unit();
    Case it("Resize", 19);
    it.set("mode", way.mode).set("coordinate_transformation_mode", way.coordinates);
    it.set("nearest_mode", way.rounding).set("cubic_coeff_a", way.a).set("axes", axes);
    it.set("exclude_outside", std::int64_t{way.exclude});
    it.set("antialias", std::int64_t{way.antialias}).input(from, elements);
    const bool constant = random.below(2) == 0;
    if (by_size)
      sized(it, {lines[0].to, lines[1].to}, constant);
    else
      scaled(it, {static_cast<float>(lines[0].scale), static_cast<float>(lines[1].scale)},
             constant);
    const auto made = it.output(ElementType::float64, to).result<double>();

    const auto step = which == 0 ? models::elements_of(from) / stays : which == 1 ? from[2] : 1;
    for (std::int64_t layer = 0; layer < stays; ++layer) {
      std::vector<double> plane;
      for (std::int64_t k = 0; k < models::elements_of(from); ++k)
        if (k / step % stays == layer) plane.push_back(models::at(elements, k));
      const auto expected = interpolated(lines, way, plane);
      const auto to_step = which == 0 ? models::elements_of(to) / stays : which == 1 ? to[2] : 1;
      std::size_t next = 0;
      for (std::int64_t k = 0; k < models::elements_of(to); ++k) {
        if (k / to_step % stays != layer) continue;
        ASSERT_NEAR(models::at(made, k), expected[next++], 1e-12)
            << way.mode << " " << way.coordinates << " " << way.rounding << " "
            << models::text_of(from) << " to " << models::text_of(to) << (by_size ? " sized" : "");
      }
    }
  }
}

TEST(Resize, OtherTypesAreAsThoseOfSinglePrecision) {
  const Shape from{1, 2, 3, 4};
  const Shape to{1, 2, 5, 3};
  const auto in = [&]<class T>(ElementType type, std::vector<T> elements) {
    Case it("Resize", 18);
    it.set("mode", std::string("linear")).input(type, from, elements);
    return sized(it, to).output(type, to).template result<T>();
  };
  const auto real = in(ElementType::float32, counted<float>(from));
  const auto exact = in(ElementType::float64, counted<double>(from));
  const auto whole = in(ElementType::uint8, counted<std::uint8_t>(from));
  const auto least = in(ElementType::int8, counted<std::int8_t>(from));
  for (std::size_t i = 0; i < real.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(real[i]), exact[i], 1e-5);
    EXPECT_EQ(whole[i], static_cast<std::uint8_t>(exact[i]));
    EXPECT_EQ(least[i], static_cast<std::int8_t>(exact[i]));
  }
  // 0 and 1 between two of them, in binary16 and bfloat16.
  const auto half = [](ElementType type, std::uint16_t one) {
    Case it("Resize", 13);
    it.set("mode", std::string("linear")).input(type, {2}, std::vector<std::uint16_t>{0, one});
    it.set("coordinate_transformation_mode", std::string("align_corners"));
    return sized(it, {3}).output(type, {3}).result<std::uint16_t>()[1];
  };
  EXPECT_EQ(half(ElementType::float16, 0x3c00), 0x3800);
  EXPECT_EQ(half(ElementType::bfloat16, 0x3f80), 0x3f00);
}

TEST(Resize, KeepsTheAspectRatio) {
  const auto shape = [](const char* policy, const Shape& to) {
    auto it = resize({4, 2}, counted({4, 2}), "nearest");
    it.set("keep_aspect_ratio_policy", std::string(policy));
    return sized(it, {8, 6}).output(ElementType::float32, to).fault();
  };
  EXPECT_EQ(shape("not_larger", {8, 4}), "");
  EXPECT_EQ(shape("not_smaller", {12, 6}), "");
  EXPECT_EQ(shape("not_larger", {8, 6}),
            "operator 'it' (Resize): its sizes do not make the shape the network was prepared for");
}

TEST(Resize, SaysWhatIsWrong) {
  const auto fault = [](const char* attribute, const std::string& value, float scale) {
    auto it = resize({2}, {1, 2}, "linear");
    it.set(attribute, value);
    return scaled(it, {scale}, false).output(ElementType::float32, {4}).fault();
  };
  EXPECT_EQ(fault("mode", "linear", 2), "");
  EXPECT_EQ(fault("mode", "area", 2), "operator 'it' (Resize): its mode 'area' is not known");
  EXPECT_EQ(fault("coordinate_transformation_mode", "x", 2),
            "operator 'it' (Resize): its coordinate_transformation_mode 'x' is not known");
  EXPECT_EQ(
      fault("mode", "linear", 3),
      "operator 'it' (Resize): its scales do not make the shape the network was prepared for");
  EXPECT_EQ(fault("mode", "linear", -2), "operator 'it' (Resize): a scale is not positive");
  EXPECT_EQ(fault("mode", "linear", std::numeric_limits<float>::quiet_NaN()),
            "operator 'it' (Resize): a scale is not positive");
  EXPECT_EQ(resize({2}, {1, 2}, "linear").output(ElementType::float32, {4}).fault(),
            "operator 'it' (Resize): it needs a scale or a size per axis");
  EXPECT_EQ(Case("Resize", 10)
                .set("mode", std::string("linear"))
                .input<std::int64_t>({1}, {1})
                .input<float>({1}, {2})
                .output(ElementType::int64, {2})
                .fault(),
            "not supported: Resize of 64-bit integers or booleans but to the nearest");
}

}  // namespace
