// Operators that move elements: known answers, loops over indices, and broken inputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include "models/random.h"
#include "tests/hardware/moving_case.h"

namespace {

using namespace moving_case;

/// Where an element of the output comes from; nullopt: nowhere.
using Source = std::function<std::optional<Integers>(const Integers&)>;

/// One by one.
template <class T>
std::vector<T> expected(const Shape& from, const std::vector<T>& elements, const Shape& to,
                        const Source& source, T otherwise = 0) {
  std::vector<T> result;
  Integers index(to.size(), 0);
  for (std::int64_t n = models::elements_of(to); n > 0; --n) {
    const auto place = source(index);
    std::int64_t flat = 0;
    for (std::size_t i = 0; place && i < from.size(); ++i) flat = flat * from[i] + (*place)[i];
    result.push_back(place ? models::at(elements, flat) : otherwise);
    for (std::size_t i = to.size(); i-- > 0;) {
      if (++index[i] < to[i]) break;
      index[i] = 0;
    }
  }
  return result;
}

std::int64_t between(models::Random& random, std::int64_t low, std::int64_t high) {
  return low + random.below(high - low + 1);
}

Shape some_shape(models::Random& random, std::int64_t rank, std::int64_t least, std::int64_t most) {
  Shape shape;
  for (std::int64_t i = 0; i < rank; ++i) shape.push_back(between(random, least, most));
  return shape;
}

/// The same claim for elements of each size.
template <class Claim>
void for_each_size(Claim claim) {
  claim(std::uint8_t{});
  claim(std::int16_t{});
  claim(float{});
  claim(double{});
}

template <class T>
void transposes_as_loops_do(models::Random& random, const Shape& shape) {
  Integers order(shape.size());
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], models::at(order, random.below(static_cast<std::int64_t>(i))));
  Shape to;
  for (const auto axis : order) to.push_back(models::at(shape, axis));
  const auto elements = counted<T>(shape);
  const auto result = Case("Transpose")
                          .set("perm", order)
                          .input(shape, elements)
                          .output(type_of<T>(), to)
                          .template result<T>();
  ASSERT_EQ(result, expected(shape, elements, to,
                             [&](const Integers& index) {
                               Integers place(index.size());
                               for (std::size_t i = 0; i < order.size(); ++i)
                                 models::at(place, order[i]) = index[i];
                               return std::optional(place);
                             }))
      << models::text_of(shape) << " by " << models::text_of(order);
}

TEST(Transpose, AgreesWithLoops) {
  models::Random random(1);
  for (int n = 0; n < 25; ++n)
    for_each_size([&]<class T>(T) {
      transposes_as_loops_do<T>(random, some_shape(random, between(random, 0, 5), 0, 7));
      transposes_as_loops_do<T>(random, some_shape(random, 2, 60, 140));
      transposes_as_loops_do<T>(random, some_shape(random, 3, 1, 40));
    });
}

TEST(Transpose, TurnsAxesRoundWithoutPerm) {
  EXPECT_EQ(Case("Transpose")
                .input<float>({2, 3}, {1, 2, 3, 4, 5, 6})
                .output(ElementType::float32, {3, 2})
                .result<float>(),
            (Floats{1, 4, 2, 5, 3, 6}));
}

TEST(Transpose, RefusesAnAxisTwice) {
  EXPECT_EQ(Case("Transpose")
                .set("perm", Integers{0, 0})
                .input<float>({1, 2}, {1, 2})
                .output(ElementType::float32, {1, 2})
                .fault(),
            "operator 'it' (Transpose): its perm names an axis twice");
}

TEST(Slice, GoesBackwards) {
  EXPECT_EQ(Case("Slice")
                .input<float>({5}, {0, 1, 2, 3, 4})
                .input<std::int64_t>({1}, {-1}, true)
                .input<std::int64_t>({1}, {-100}, true)
                .input<std::int64_t>({1}, {0}, true)
                .input<std::int64_t>({1}, {-2})
                .output(ElementType::float32, {3})
                .result<float>(),
            (Floats{4, 2, 0}));
}

TEST(Slice, TakesAttributesOfOpset7) {
  EXPECT_EQ(Case("Slice", 7)
                .set("starts", Integers{1})
                .set("ends", Integers{3})
                .set("axes", Integers{1})
                .input<float>({2, 3}, {0, 1, 2, 3, 4, 5})
                .output(ElementType::float32, {2, 2})
                .result<float>(),
            (Floats{1, 2, 4, 5}));
}

TEST(Slice, AgreesWithLoops) {
  models::Random random(2);
  for (int n = 0; n < 300; ++n) {
    const auto shape = some_shape(random, between(random, 1, 4), 1, 9);
    Integers starts, ends, axes, steps;
    std::vector<Integers> places;
    Shape to;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      // The elements one by one, as the rule for ranges says them.
      const auto step =
          between(random, 0, 1) != 0 ? between(random, 1, 3) : between(random, -3, -1);
      const auto start = between(random, 0, shape[i] - 1);
      const auto end = between(random, step > 0 ? 0 : -1, shape[i]);
      auto& place = places.emplace_back();
      for (auto k = start; step > 0 ? k < end : k > end; k += step) place.push_back(k);
      to.push_back(static_cast<std::int64_t>(place.size()));
      starts.push_back(random.below(2) == 0 ? start : start - shape[i]);
      ends.push_back(end < 0 ? -1000 : end == shape[i] ? 1000 : end);
      axes.push_back(static_cast<std::int64_t>(i) -
                     (random.below(2) == 0 ? 0 : static_cast<std::int64_t>(shape.size())));
      steps.push_back(step);
    }
    const Shape count{static_cast<std::int64_t>(shape.size())};
    const auto elements = counted(shape);
    ASSERT_EQ(Case("Slice")
                  .input(shape, elements)
                  .input(count, starts, random.below(2) == 0)
                  .input(count, ends, random.below(2) == 0)
                  .input(count, axes, random.below(2) == 0)
                  .input(count, steps, random.below(2) == 0)
                  .output(ElementType::float32, to)
                  .result<float>(),
              expected(shape, elements, to, [&](const Integers& index) {
                Integers place;
                for (std::size_t i = 0; i < index.size(); ++i)
                  place.push_back(models::at(places[i], index[i]));
                return std::optional(place);
              }));
  }
}

TEST(Slice, SaysWhatDoesNotFit) {
  const auto slice = [](std::int64_t start, std::int64_t axis, std::int64_t step) {
    return Case("Slice")
        .input<float>({5}, {0, 1, 2, 3, 4})
        .input<std::int64_t>({1}, {start})
        .input<std::int64_t>({1}, {5})
        .input<std::int64_t>({1}, {axis})
        .input<std::int64_t>({1}, {step})
        .output(ElementType::float32, {3})
        .fault();
  };
  EXPECT_EQ(slice(2, 0, 1), "");
  EXPECT_EQ(slice(1, 0, 1),
            "operator 'it' (Slice): its part has not the shape the network was prepared for");
  EXPECT_EQ(slice(2, 1, 1), "operator 'it' (Slice): its axis 1 is none of the 1 of its input");
  EXPECT_EQ(slice(2, 0, 0), "operator 'it' (Slice): a step of nought never ends");
}

TEST(Expand, AgreesWithLoops) {
  models::Random random(3);
  for (int n = 0; n < 200; ++n)
    for_each_size([&]<class T>(T) {
      const auto to = some_shape(random, between(random, 0, 4), 0, 6);
      Shape from(to.begin() + between(random, 0, static_cast<std::int64_t>(to.size())), to.end());
      for (auto& size : from)
        if (random.below(2) == 0) size = 1;
      const auto elements = counted<T>(from);
      const auto result = Case("Expand")
                              .input(from, elements)
                              .input({static_cast<std::int64_t>(to.size())}, to)
                              .output(type_of<T>(), to)
                              .template result<T>();
      ASSERT_EQ(result, expected(from, elements, to,
                                 [&](const Integers& index) {
                                   Integers place(
                                       index.end() - static_cast<std::ptrdiff_t>(from.size()),
                                       index.end());
                                   for (std::size_t i = 0; i < from.size(); ++i)
                                     if (from[i] == 1) place[i] = 0;
                                   return std::optional(place);
                                 }))
          << models::text_of(from) << " to " << models::text_of(to);
    });
}

TEST(Tile, AgreesWithLoops) {
  models::Random random(4);
  for (int n = 0; n < 200; ++n) {
    const auto from = some_shape(random, between(random, 0, 4), 0, 5);
    const auto repeats = some_shape(random, static_cast<std::int64_t>(from.size()), 0, 3);
    Shape to;
    for (std::size_t i = 0; i < from.size(); ++i) to.push_back(from[i] * repeats[i]);
    const auto elements = counted<std::int32_t>(from);
    ASSERT_EQ(Case("Tile")
                  .input(from, elements)
                  .input({static_cast<std::int64_t>(from.size())}, repeats)
                  .output(ElementType::int32, to)
                  .result<std::int32_t>(),
              expected(from, elements, to, [&](const Integers& index) {
                Integers place;
                for (std::size_t i = 0; i < from.size(); ++i) place.push_back(index[i] % from[i]);
                return std::optional(place);
              }));
  }
}

/// As the reference says: what stands beyond the edge, `place` counted from it.
std::optional<std::int64_t> beyond(const std::string& mode, std::int64_t place, std::int64_t size) {
  while (place < 0 || place >= size) {
    if (mode == "constant") return std::nullopt;
    if (mode == "edge") place = place < 0 ? 0 : size - 1;
    if (mode == "wrap") place += place < 0 ? size : -size;
    if (mode == "reflect") place = place < 0 ? -place : 2 * (size - 1) - place;
  }
  return place;
}

TEST(Pad, AgreesWithLoops) {
  models::Random random(5);
  const std::vector<std::string> modes{"constant", "reflect", "edge", "wrap"};
  for (int n = 0; n < 400; ++n) {
    const auto& mode = modes[static_cast<std::size_t>(random.below(4))];
    const auto from = some_shape(random, between(random, 1, 4), 2, 6);
    Integers pads;
    for (std::size_t i = 0; i < 2 * from.size(); ++i)
      pads.push_back(mode == "constant" && random.below(4) == 0 ? -1 : between(random, 0, 3));
    if (random.below(2) == 0) pads.back() = pads[from.size() - 1] = 0;
    Shape to;
    for (std::size_t i = 0; i < from.size(); ++i)
      to.push_back(from[i] + pads[i] + pads[i + from.size()]);
    const auto elements = counted(from);
    ASSERT_EQ(Case("Pad")
                  .set("mode", mode)
                  .input(from, elements)
                  .input({static_cast<std::int64_t>(pads.size())}, pads, random.below(2) == 0)
                  .input<float>({}, {-7})
                  .output(ElementType::float32, to)
                  .result<float>(),
              expected(
                  from, elements, to,
                  [&](const Integers& index) -> std::optional<Integers> {
                    Integers place;
                    for (std::size_t i = 0; i < from.size(); ++i) {
                      const auto there = beyond(mode, index[i] - pads[i], from[i]);
                      if (!there) return std::nullopt;
                      place.push_back(*there);
                    }
                    return place;
                  },
                  -7.0F))
        << mode << " " << models::text_of(from) << " by " << models::text_of(pads);
  }
}

TEST(Pad, TakesAxesAndAttributes) {
  EXPECT_EQ(Case("Pad", 18)
                .input<std::int8_t>({1, 2}, {1, 2})
                .input<std::int64_t>({2}, {1, 0})
                .input<std::int8_t>({}, {9})
                .input<std::int64_t>({1}, {-1})
                .output(ElementType::int8, {1, 3})
                .result<std::int8_t>(),
            (std::vector<std::int8_t>{9, 1, 2}));
  EXPECT_EQ(Case("Pad", 7)
                .set("pads", Integers{0, 1, 1, 0})
                .set("value", 2.5)
                .input<float>({1, 2}, {0, 1})
                .output(ElementType::float32, {2, 3})
                .result<float>(),
            (Floats{2.5, 0, 1, 2.5, 2.5, 2.5}));
}

TEST(Pad, SaysWhatDoesNotFit) {
  EXPECT_EQ(Case("Pad")
                .input<float>({2}, {1, 2})
                .input<std::int64_t>({2}, {1, 2})
                .output(ElementType::float32, {4})
                .fault(),
            "operator 'it' (Pad): its pads do not make the shape the network was prepared for");
  EXPECT_EQ(Case("Pad")
                .set("mode", std::string("round"))
                .input<float>({2}, {1, 2})
                .input<std::int64_t>({2}, {1, 2})
                .output(ElementType::float32, {5})
                .fault(),
            "operator 'it' (Pad): its mode 'round' is none of constant, reflect, edge and wrap");
}

TEST(Concat, AndSplitAreInverse) {
  models::Random random(6);
  for (int n = 0; n < 200; ++n) {
    const auto rank = between(random, 1, 4);
    const auto axis = between(random, -rank, rank - 1);
    auto whole = some_shape(random, rank, 1, 5);
    auto& along = models::at(whole, axis < 0 ? axis + rank : axis);
    const Integers sizes = some_shape(random, between(random, 1, 4), 0, 3);
    along = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
    const auto elements = counted(whole);
    auto split = Case("Split").set("axis", axis).input(whole, elements);
    split.input({static_cast<std::int64_t>(sizes.size())}, sizes);
    auto concat = Case("Concat").set("axis", axis);
    auto part = whole;
    for (const auto size : sizes) {
      models::at(part, axis < 0 ? axis + rank : axis) = size;
      split.output(ElementType::float32, part);
    }
    auto kernel = split.prepared();
    split.run(kernel);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      models::at(part, axis < 0 ? axis + rank : axis) = sizes[i];
      concat.input(part, split.made<float>(i));
    }
    ASSERT_EQ(concat.output(ElementType::float32, whole).result<float>(), elements);
  }
}

TEST(Split, PartsFollowEachOther) {
  auto split = Case("Split").set("axis", std::int64_t{1}).input<float>({2, 3}, {0, 1, 2, 3, 4, 5});
  split.output(ElementType::float32, {2, 1}).output(ElementType::float32, {2, 2});
  auto kernel = split.prepared();
  split.run(kernel);
  EXPECT_EQ(split.made<float>(0), (Floats{0, 3}));
  EXPECT_EQ(split.made<float>(1), (Floats{1, 2, 4, 5}));
}

TEST(Split, SaysWhichPartsWereExpected) {
  EXPECT_EQ(Case("Split")
                .input<float>({3}, {0, 1, 2})
                .input<std::int64_t>({2}, {2, 1})
                .output(ElementType::float32, {1})
                .output(ElementType::float32, {2})
                .fault(),
            "operator 'it' (Split): its parts are not those the network was prepared for");
}

TEST(DepthToSpace, OrdersChannelsBothWays) {
  const auto made = [](const char* mode) {
    return Case("DepthToSpace")
        .set("blocksize", std::int64_t{2})
        .set("mode", std::string(mode))
        .input({1, 8, 1, 1}, counted({8}))
        .output(ElementType::float32, {1, 2, 2, 2})
        .result<float>();
  };
  EXPECT_EQ(made("DCR"), (Floats{0, 2, 4, 6, 1, 3, 5, 7}));
  EXPECT_EQ(made("CRD"), (Floats{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(SpaceToDepth, IsDepthToSpaceUndone) {
  const Shape deep{2, 12, 3, 5};
  const Shape wide{2, 3, 6, 10};
  const auto elements = counted(deep);
  const auto there = Case("DepthToSpace")
                         .set("blocksize", std::int64_t{2})
                         .input(deep, elements)
                         .output(ElementType::float32, wide)
                         .result<float>();
  EXPECT_EQ(Case("SpaceToDepth")
                .set("blocksize", std::int64_t{2})
                .input(wide, there)
                .output(ElementType::float32, deep)
                .result<float>(),
            elements);
}

TEST(Trilu, KeepsOneSideOfTheDiagonal) {
  models::Random random(7);
  for (int n = 0; n < 200; ++n) {
    const auto shape = some_shape(random, between(random, 2, 4), 0, 6);
    const auto k = between(random, -7, 7);
    const auto upper = between(random, 0, 1);
    auto elements = counted(shape);
    for (auto& element : elements) element += 1;
    ASSERT_EQ(
        Case("Trilu")
            .set("upper", upper)
            .input(shape, elements)
            .input<std::int64_t>({}, {k}, random.below(2) == 0)
            .output(ElementType::float32, shape)
            .result<float>(),
        expected(shape, elements, shape, [&](const Integers& index) -> std::optional<Integers> {
          const auto right = index[index.size() - 1] - index[index.size() - 2];
          if (upper != 0 ? right < k : right > k) return std::nullopt;
          return index;
        }));
  }
}

TEST(Range, CountsInItsType) {
  EXPECT_EQ(Case("Range")
                .input<float>({}, {1})
                .input<float>({}, {0})
                .input<float>({}, {-0.25})
                .output(ElementType::float32, {4})
                .result<float>(),
            (Floats{1, 0.75, 0.5, 0.25}));
  EXPECT_EQ(Case("Range")
                .input<std::int64_t>({}, {3})
                .input<std::int64_t>({}, {9})
                .input<std::int64_t>({}, {4})
                .output(ElementType::int64, {2})
                .result<std::int64_t>(),
            (Integers{3, 7}));
  EXPECT_EQ(Case("Range")
                .input<std::int32_t>({}, {0})
                .input<std::int32_t>({}, {9})
                .input<std::int32_t>({}, {1})
                .output(ElementType::int32, {8})
                .fault(),
            "operator 'it' (Range): its range has not the length the network was prepared for");
}

TEST(EyeLike, PutsOnesOnADiagonal) {
  EXPECT_EQ(Case("EyeLike")
                .set("k", std::int64_t{1})
                .input({2, 3}, counted({2, 3}))
                .output(ElementType::int32, {2, 3})
                .result<std::int32_t>(),
            (std::vector<std::int32_t>{0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(Case("EyeLike")
                .set("k", std::int64_t{-1})
                .input({2, 1}, counted({2, 1}))
                .output(ElementType::float32, {2, 1})
                .result<float>(),
            (Floats{0, 1}));
}

TEST(ConstantOfShape, FillsWithItsValue) {
  EXPECT_EQ(Case("ConstantOfShape")
                .set("value", std::int64_t{-3})
                .input<std::int64_t>({2}, {2, 2})
                .output(ElementType::int16, {2, 2})
                .result<std::int16_t>(),
            (std::vector<std::int16_t>{-3, -3, -3, -3}));
  const auto many = Case("ConstantOfShape")
                        .set("value", 0.5)
                        .input<std::int64_t>({1}, {30000}, true)
                        .output(ElementType::float64, {30000})
                        .result<double>();
  EXPECT_EQ(many, std::vector<double>(30000, 0.5));
}

TEST(Shape, OfAPartOfTheAxes) {
  EXPECT_EQ(Case("Shape")
                .set("start", std::int64_t{-2})
                .set("end", std::int64_t{100})
                .input({2, 3, 4}, counted({2, 3, 4}))
                .output(ElementType::int64, {2})
                .result<std::int64_t>(),
            (Integers{3, 4}));
  EXPECT_EQ(Case("Size")
                .input({2, 3, 4}, counted({2, 3, 4}))
                .output(ElementType::int64, {})
                .result<std::int64_t>(),
            (Integers{24}));
}

TEST(Reshape, CopiesAndChecks) {
  const auto elements = counted({2, 6});
  EXPECT_EQ(Case("Reshape")
                .input({2, 6}, elements)
                .input<std::int64_t>({3}, {0, -1, 2})
                .output(ElementType::float32, {2, 3, 2})
                .result<float>(),
            elements);
  EXPECT_EQ(Case("Reshape")
                .input({2, 6}, elements)
                .input<std::int64_t>({2}, {3, 4})
                .output(ElementType::float32, {4, 3})
                .fault(),
            "operator 'it' (Reshape): its shape is not the one the network was prepared for");
}

TEST(Squeeze, ChecksItsAxes) {
  EXPECT_EQ(Case("Squeeze")
                .input<float>({1, 2, 1}, {1, 2})
                .input<std::int64_t>({1}, {-1})
                .output(ElementType::float32, {1, 2})
                .result<float>(),
            (Floats{1, 2}));
  EXPECT_EQ(Case("Unsqueeze", 11)
                .set("axes", Integers{0, 1})
                .input<float>({1, 2, 1}, {1, 2})
                .output(ElementType::float32, {1, 2, 1, 1, 1})
                .fault(),
            "operator 'it' (Unsqueeze): its axes are not those the network was prepared for");
}

// Outputs of 8 MB and more are written past the caches, in pieces: small ones show nothing of it.

/// Of a tensor of three axes, in that order.
template <class T>
void transposes_large(const Shape& from, const Integers& order) {
  const auto elements = counted<T>(from);
  const Shape steps{from[1] * from[2], from[2], 1};
  Shape to;
  Shape by;
  for (const auto axis : order) {
    to.push_back(models::at(from, axis));
    by.push_back(models::at(steps, axis));
  }
  const auto made = Case("Transpose")
                        .set("perm", order)
                        .input(from, elements)
                        .output(type_of<T>(), to)
                        .template result<T>();
  ASSERT_GE(made.size() * sizeof(T), std::size_t{8} << 20);
  std::size_t next = 0;
  for (std::int64_t i = 0; i < to[0]; ++i)
    for (std::int64_t k = 0; k < to[1]; ++k)
      for (std::int64_t j = 0; j < to[2]; ++j)
        ASSERT_EQ(made[next++], models::at(elements, i * by[0] + k * by[1] + j * by[2]))
            << models::text_of(from) << " by " << models::text_of(order) << " at " << i << ", " << k
            << ", " << j;
}

TEST(Transpose, OfMuchIsThatOfLittle) {
  transposes_large<float>({2, 1056, 1024}, {0, 2, 1});
  transposes_large<float>({3, 901, 799}, {0, 2, 1});
  transposes_large<std::uint8_t>({4, 1500, 1472}, {0, 2, 1});
  transposes_large<double>({7, 400, 403}, {2, 1, 0});
  transposes_large<float>({512, 3, 1500}, {0, 2, 1});
  transposes_large<float>({700, 1501, 2}, {0, 2, 1});
  transposes_large<float>({1300, 130, 13}, {1, 0, 2});
  transposes_large<float>({30, 40, 1900}, {1, 0, 2});
  transposes_large<std::int16_t>({2300, 2, 1001}, {1, 0, 2});
}

TEST(Slice, OfMuchIsThatOfLittle) {
  const std::int64_t rows = 1100;
  const std::int64_t columns = 4100;
  const auto elements = counted({rows, columns});
  for (const std::int64_t step : {1, 2, -1}) {
    const std::int64_t start = step > 0 ? 5 : columns - 5;
    const std::int64_t width = step == 2 ? 2048 : step == 1 ? 4095 : 4096;
    const auto made = Case("Slice")
                          .input({rows, columns}, elements)
                          .input<std::int64_t>({1}, {start})
                          .input<std::int64_t>({1}, {step > 0 ? 100000 : -100000})
                          .input<std::int64_t>({1}, {1})
                          .input<std::int64_t>({1}, {step})
                          .output(ElementType::float32, {rows, width})
                          .result<float>();
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t k = 0; k < width; ++k)
        ASSERT_EQ(models::at(made, i * width + k),
                  models::at(elements, i * columns + start + k * step))
            << step << " at " << i << ", " << k;
  }
}

TEST(Expand, ToMuchIsThatToLittle) {
  for (const auto& from : {Shape{41, 1}, Shape{1, 60001}}) {
    const Shape to{41, 60001};
    const auto elements = counted(from);
    const auto made = Case("Expand")
                          .input(from, elements)
                          .input({2}, to, true)
                          .output(ElementType::float32, to)
                          .result<float>();
    for (std::int64_t i = 0; i < to[0]; ++i)
      for (std::int64_t k = 0; k < to[1]; ++k)
        ASSERT_EQ(models::at(made, i * to[1] + k), models::at(elements, from[0] == 1 ? k : i));
  }
}

TEST(Pad, OfMuchIsThatOfLittle) {
  const Shape from{9, 500, 511};
  const Shape to{11, 503, 513};
  const auto elements = counted(from);
  for (const std::string mode : {"constant", "edge"}) {
    const auto made = Case("Pad")
                          .set("mode", mode)
                          .input(from, elements)
                          .input<std::int64_t>({6}, {1, 2, 1, 1, 1, 1})
                          .output(ElementType::float32, to)
                          .result<float>();
    for (std::int64_t i = 0; i < to[0]; ++i)
      for (std::int64_t k = 0; k < to[1]; ++k)
        for (std::int64_t j = 0; j < to[2]; ++j) {
          const auto x = beyond(mode, i - 1, from[0]);
          const auto y = beyond(mode, k - 2, from[1]);
          const auto z = beyond(mode, j - 1, from[2]);
          const auto wanted =
              x && y && z ? models::at(elements, (*x * from[1] + *y) * from[2] + *z) : 0.0F;
          ASSERT_EQ(models::at(made, (i * to[1] + k) * to[2] + j), wanted)
              << mode << " at " << i << ", " << k << ", " << j;
        }
  }
}

TEST(Concat, OfMuchIsThatOfLittle) {
  const std::int64_t rows = 9001;
  const auto left = counted({rows, 200});
  const auto right = counted({rows, 67});
  const auto made = Case("Concat")
                        .set("axis", std::int64_t{1})
                        .input({rows, 200}, left)
                        .input({rows, 67}, right)
                        .output(ElementType::float32, {rows, 267})
                        .result<float>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < 267; ++k)
      ASSERT_EQ(models::at(made, i * 267 + k),
                k < 200 ? models::at(left, i * 200 + k) : models::at(right, i * 67 + k - 200));
}

}  // namespace
