// Operators that pick elements by index or value: known answers, loops over indices, broken inputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/random.h"
#include "tests/hardware/moving_case.h"

namespace {

using namespace moving_case;

std::int64_t between(models::Random& random, std::int64_t low, std::int64_t high) {
  return low + random.below(high - low + 1);
}

Shape some_shape(models::Random& random, std::int64_t rank, std::int64_t least, std::int64_t most) {
  Shape shape;
  for (std::int64_t i = 0; i < rank; ++i) shape.push_back(between(random, least, most));
  return shape;
}

std::int64_t product(const Shape& shape, std::size_t from, std::size_t to) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(from),
                         shape.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1},
                         std::multiplies<>());
}

/// The place of the nth element along each axis.
Integers unflat(std::int64_t n, const Shape& shape) {
  Integers index(shape.size());
  for (std::size_t i = shape.size(); i-- > 0; n /= shape[i]) index[i] = n % shape[i];
  return index;
}
std::size_t flat(const Integers& index, const Shape& shape) {
  std::int64_t n = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) n = n * shape[i] + index[i];
  return static_cast<std::size_t>(n);
}

/// Indices below `size`, half of them counted from the end.
Integers some_indices(models::Random& random, std::int64_t count, std::int64_t size) {
  Integers indices;
  for (std::int64_t i = 0; i < count; ++i) indices.push_back(between(random, -size, size - 1));
  return indices;
}
std::int64_t from_front(std::int64_t index, std::int64_t size) {
  return index < 0 ? index + size : index;
}

/// As int32 or int64, as chance wills.
void add_indices(models::Random& random, Case& it, const Shape& shape, const Integers& indices) {
  const bool constant = random.below(2) == 0;
  if (random.below(2) == 0)
    it.input(shape, indices, constant);
  else
    it.input(shape, std::vector<std::int32_t>(indices.begin(), indices.end()), constant);
}

template <class T>
void gathers_as_loops_do(models::Random& random) {
  const auto shape = some_shape(random, between(random, 1, 4), 1, 5);
  const auto axis = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(shape.size())));
  const auto picks = some_shape(random, between(random, 0, 2), 0, 4);
  const auto indices = some_indices(random, product(picks, 0, picks.size()), shape[axis]);
  auto to = shape;
  to.erase(to.begin() + static_cast<std::ptrdiff_t>(axis));
  to.insert(to.begin() + static_cast<std::ptrdiff_t>(axis), picks.begin(), picks.end());
  const auto elements = counted<T>(shape);
  std::vector<T> expected;
  const auto inner = product(shape, axis + 1, shape.size());
  for (std::int64_t o = 0; o < product(shape, 0, axis); ++o)
    for (const auto index : indices)
      for (std::int64_t i = 0; i < inner; ++i)
        expected.push_back(
            models::at(elements, (o * shape[axis] + from_front(index, shape[axis])) * inner + i));
  Case it("Gather");
  it.set("axis", static_cast<std::int64_t>(axis)).input(shape, elements);
  add_indices(random, it, picks, indices);
  ASSERT_EQ(it.output(type_of<T>(), to).template result<T>(), expected);
}

TEST(Gather, AgreesWithLoops) {
  models::Random random(1);
  for (int n = 0; n < 100; ++n) {
    gathers_as_loops_do<std::uint8_t>(random);
    gathers_as_loops_do<std::int16_t>(random);
    gathers_as_loops_do<float>(random);
    gathers_as_loops_do<std::int64_t>(random);
  }
}

TEST(Gather, SaysWhichIndexIsOutside) {
  const auto gather = [](std::int64_t index) {
    return Case("Gather")
        .input<float>({3}, {0, 1, 2})
        .input<std::int64_t>({1}, {index})
        .output(ElementType::float32, {1})
        .fault();
  };
  EXPECT_EQ(gather(-3), "");
  EXPECT_EQ(gather(3), "operator 'it' (Gather): its index 3 is not between -3 and 2");
  EXPECT_EQ(gather(std::numeric_limits<std::int64_t>::min()),
            "operator 'it' (Gather): its index -9223372036854775808 is not between -3 and 2");
  EXPECT_EQ(Case("Gather")
                .input<float>({0, 2}, {})
                .input<std::int64_t>({1}, {0})
                .output(ElementType::float32, {1, 2})
                .fault(),
            "operator 'it' (Gather): its index 0 points into nothing");
  EXPECT_EQ(Case("Gather")
                .input<float>({3}, {0, 1, 2})
                .input<float>({1}, {0})
                .output(ElementType::float32, {1})
                .fault(),
            "operator 'it' (Gather): its indices must be int32 or int64");
}

// Outputs of 8 MB and more are written past the caches.
TEST(Gather, OfMuchIsThatOfLittle) {
  for (const std::int64_t width : {1, 13, 600}) {
    const std::int64_t count = 2200000 / width;
    const auto elements = counted({1000, width});
    models::Random random(7);
    const auto indices = some_indices(random, count, 1000);
    const auto made = Case("Gather")
                          .input({1000, width}, elements)
                          .input({count}, indices)
                          .output(ElementType::float32, {count, width})
                          .result<float>();
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t k = 0; k < width; ++k)
        ASSERT_EQ(models::at(made, i * width + k),
                  models::at(elements, from_front(models::at(indices, i), 1000) * width + k));
  }
}

TEST(GatherElements, AgreesWithLoops) {
  models::Random random(2);
  for (int n = 0; n < 300; ++n) {
    const auto shape = some_shape(random, between(random, 1, 4), 1, 5);
    const auto axis =
        static_cast<std::size_t>(random.below(static_cast<std::int64_t>(shape.size())));
    Shape to;
    for (std::size_t i = 0; i < shape.size(); ++i)
      to.push_back(between(random, 0, i == axis ? 6 : shape[i]));
    const auto count = product(to, 0, to.size());
    const auto indices = some_indices(random, count, shape[axis]);
    const auto elements = counted(shape);
    Floats expected;
    for (std::int64_t k = 0; k < count; ++k) {
      auto index = unflat(k, to);
      index[axis] = from_front(models::at(indices, k), shape[axis]);
      expected.push_back(elements[flat(index, shape)]);
    }
    Case it("GatherElements");
    it.set("axis", static_cast<std::int64_t>(axis)).input(shape, elements);
    add_indices(random, it, to, indices);
    ASSERT_EQ(it.output(ElementType::float32, to).result<float>(), expected);
  }
}

TEST(GatherND, AgreesWithLoops) {
  models::Random random(3);
  for (int n = 0; n < 300; ++n) {
    const auto shape = some_shape(random, between(random, 1, 5), 1, 4);
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto batch = between(random, 0, rank - 1);
    const auto depth = between(random, 1, rank - batch);
    Shape at_indices(shape.begin(), shape.begin() + batch);
    if (random.below(2) == 0) at_indices.push_back(between(random, 0, 4));
    auto to = at_indices;
    to.insert(to.end(), shape.begin() + batch + depth, shape.end());
    at_indices.push_back(depth);
    Integers indices;
    for (std::int64_t k = 0; k < product(at_indices, 0, at_indices.size()); ++k)
      indices.push_back(some_indices(random, 1, models::at(shape, batch + k % depth))[0]);
    const auto elements = counted<double>(shape);
    std::vector<double> expected;
    for (std::int64_t k = 0; k < product(to, 0, to.size()); ++k) {
      const auto place = unflat(k, to);
      const auto tuples = static_cast<std::ptrdiff_t>(at_indices.size()) - 1;
      auto tuple = Integers(place.begin(), place.begin() + tuples);
      Integers index(place.begin(), place.begin() + batch);
      for (std::int64_t d = 0; d < depth; ++d) {
        auto where = tuple;
        where.push_back(d);
        index.push_back(from_front(indices[flat(where, at_indices)], models::at(shape, batch + d)));
      }
      index.insert(index.end(), place.begin() + tuples, place.end());
      expected.push_back(elements[flat(index, shape)]);
    }
    Case it("GatherND");
    it.set("batch_dims", batch).input(shape, elements);
    add_indices(random, it, at_indices, indices);
    ASSERT_EQ(it.output(ElementType::float64, to).result<double>(), expected)
        << models::text_of(shape) << " by " << models::text_of(at_indices) << ", batch " << batch;
  }
}

template <class T>
T joined(const std::string& how, T a, T b) {
  if (how == "add") return static_cast<T>(a + b);
  // Wrapping, as integers do.
  if constexpr (std::is_integral_v<T>) {
    if (how == "mul")
      return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  } else if (how == "mul") {
    return a * b;
  }
  if (how == "max") return std::max(a, b);
  if (how == "min") return std::min(a, b);
  return b;
}

const std::vector<std::string> reductions{"none", "add", "mul", "max", "min"};

template <class T>
void scatters_elements_as_loops_do(models::Random& random) {
  const auto& how = reductions[static_cast<std::size_t>(random.below(5))];
  const auto shape = some_shape(random, between(random, 1, 4), 1, 5);
  const auto axis = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(shape.size())));
  Shape part;
  for (std::size_t i = 0; i < shape.size(); ++i)
    part.push_back(between(random, 0, i == axis ? 6 : shape[i]));
  const auto count = product(part, 0, part.size());
  const auto indices = some_indices(random, count, shape[axis]);
  const auto data = counted<T>(shape);
  auto updates = counted<T>(part);
  std::reverse(updates.begin(), updates.end());
  auto expected = data;
  for (std::int64_t k = 0; k < count; ++k) {
    auto index = unflat(k, part);
    index[axis] = from_front(models::at(indices, k), shape[axis]);
    auto& to = expected[flat(index, shape)];
    to = joined(how, to, models::at(updates, k));
  }
  Case it("ScatterElements");
  it.set("axis", static_cast<std::int64_t>(axis)).set("reduction", how).input(shape, data);
  add_indices(random, it, part, indices);
  ASSERT_EQ(it.input(part, updates).output(type_of<T>(), shape).template result<T>(), expected)
      << how << " " << models::text_of(shape) << " by " << models::text_of(part);
}

TEST(ScatterElements, AgreesWithLoops) {
  models::Random random(4);
  for (int n = 0; n < 100; ++n) {
    scatters_elements_as_loops_do<std::uint8_t>(random);
    scatters_elements_as_loops_do<std::int32_t>(random);
    scatters_elements_as_loops_do<float>(random);
    scatters_elements_as_loops_do<double>(random);
  }
}

TEST(ScatterElements, SaysWhichIndexIsOutside) {
  EXPECT_EQ(Case("ScatterElements")
                .input<float>({3}, {0, 1, 2})
                .input<std::int32_t>({1}, {-4})
                .input<float>({1}, {5})
                .output(ElementType::float32, {3})
                .fault(),
            "operator 'it' (ScatterElements): its index -4 is not between -3 and 2");
  EXPECT_EQ(Case("ScatterElements")
                .set("reduction", std::string("mean"))
                .input<float>({3}, {0, 1, 2})
                .input<std::int32_t>({1}, {0})
                .input<float>({1}, {5})
                .output(ElementType::float32, {3})
                .fault(),
            "operator 'it' (ScatterElements): its reduction 'mean' is none of none, add, mul, max "
            "and min");
}

TEST(ScatterElements, RoundsHalfPrecisionOnce) {
  // 1 + 2^-11 lies between two numbers of binary16 and goes to the even one; 2048 + 3 to 2052.
  EXPECT_EQ(Case("ScatterElements")
                .set("reduction", std::string("add"))
                .input(ElementType::float16, {2}, std::vector<std::uint16_t>{0x3c00, 0x6800})
                .input<std::int64_t>({2}, {0, 1})
                .input(ElementType::float16, {2}, std::vector<std::uint16_t>{0x1000, 0x4200})
                .output(ElementType::float16, {2})
                .result<std::uint16_t>(),
            (std::vector<std::uint16_t>{0x3c00, 0x6802}));
}

TEST(ScatterND, AgreesWithLoops) {
  models::Random random(5);
  for (int n = 0; n < 300; ++n) {
    const auto& how = reductions[static_cast<std::size_t>(random.below(5))];
    const auto shape = some_shape(random, between(random, 1, 4), 1, 4);
    const auto depth = between(random, 1, static_cast<std::int64_t>(shape.size()));
    const auto tuples = some_shape(random, between(random, 0, 2), 0, 4);
    auto at_indices = tuples;
    at_indices.push_back(depth);
    auto at_updates = tuples;
    at_updates.insert(at_updates.end(), shape.begin() + depth, shape.end());
    Integers indices;
    for (std::int64_t k = 0; k < product(at_indices, 0, at_indices.size()); ++k)
      indices.push_back(some_indices(random, 1, models::at(shape, k % depth))[0]);
    const auto data = counted(shape);
    const auto updates = counted(at_updates);
    auto expected = data;
    for (std::int64_t k = 0; k < static_cast<std::int64_t>(updates.size()); ++k) {
      const auto place = unflat(k, at_updates);
      auto where =
          Integers(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(tuples.size()));
      where.push_back(0);
      Integers index;
      for (std::int64_t d = 0; d < depth; ++d) {
        where.back() = d;
        index.push_back(from_front(indices[flat(where, at_indices)], models::at(shape, d)));
      }
      index.insert(index.end(), place.begin() + static_cast<std::ptrdiff_t>(tuples.size()),
                   place.end());
      auto& to = expected[flat(index, shape)];
      to = joined(how, to, models::at(updates, k));
    }
    Case it("ScatterND");
    it.set("reduction", how).input(shape, data);
    add_indices(random, it, at_indices, indices);
    ASSERT_EQ(it.input(at_updates, updates).output(ElementType::float32, shape).result<float>(),
              expected)
        << how << " " << models::text_of(shape) << " by " << models::text_of(at_indices);
  }
}

TEST(Scatter, MayLieUponItsData) {
  auto it = Case("Scatter", 9).input<float>({3}, {0, 1, 2}).input<std::int64_t>({1}, {1});
  it.input<float>({1}, {7}).output(ElementType::float32, {3});
  const auto prepared = it.prepared();
  ASSERT_EQ(prepared.in_place, 0);
  Floats data{0, 1, 2};
  const std::int64_t index = 1;
  const float update = 7;
  const std::byte* const from[]{reinterpret_cast<const std::byte*>(data.data()),
                                reinterpret_cast<const std::byte*>(&index),
                                reinterpret_cast<const std::byte*>(&update)};
  std::byte* const to[]{reinterpret_cast<std::byte*>(data.data())};
  prepared.kernel->run(from, to, nullptr);
  EXPECT_EQ(data, (Floats{0, 7, 2}));
}

/// Values and places of the k first along an axis, by sorting all.
void finds_the_same_as_sorting(models::Random& random, bool constant) {
  const auto shape = some_shape(random, between(random, 1, 3), 1, 9);
  const auto axis = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(shape.size())));
  const auto k = between(random, 0, shape[axis]);
  const auto largest = between(random, 0, 1);
  Floats elements(static_cast<std::size_t>(product(shape, 0, shape.size())));
  for (auto& element : elements) element = static_cast<float>(between(random, -4, 4)) / 4;
  auto to = shape;
  to[axis] = k;
  Case it("TopK", 11);
  it.set("axis", static_cast<std::int64_t>(axis)).set("largest", largest);
  it.input(shape, elements).input<std::int64_t>({1}, {k}, constant);
  it.output(ElementType::float32, to).output(ElementType::int64, to);
  auto kernel = it.prepared();
  it.run(kernel);
  const auto values = it.made<float>(0);
  const auto places = it.made<std::int64_t>(1);
  for (std::int64_t n = 0; n < static_cast<std::int64_t>(values.size()); ++n) {
    auto index = unflat(n, to);
    const auto nth = index[axis];
    Integers order(static_cast<std::size_t>(shape[axis]));
    std::iota(order.begin(), order.end(), 0);
    const auto value = [&](std::int64_t place) {
      index[axis] = place;
      return elements[flat(index, shape)];
    };
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return largest != 0 ? value(a) > value(b) : value(a) < value(b);
    });
    ASSERT_EQ(models::at(places, n), models::at(order, nth));
    ASSERT_EQ(models::at(values, n), value(models::at(order, nth)));
  }
}

TEST(TopK, FindsTheSameAsSorting) {
  models::Random random(6);
  for (int n = 0; n < 400; ++n) finds_the_same_as_sorting(random, random.below(2) == 0);
}

template <class T>
Integers top_places(const std::vector<T>& elements, ElementType type = type_of<T>()) {
  const auto size = static_cast<std::int64_t>(elements.size());
  Case it("TopK", 7);
  it.set("k", size).input(type, {size}, elements);
  it.output(type, {size}).output(ElementType::int64, {size});
  auto kernel = it.prepared();
  it.run(kernel);
  return it.made<std::int64_t>(1);
}

TEST(TopK, OrdersEveryType) {
  EXPECT_EQ(top_places<std::int8_t>({-128, 127, 0, -1}), (Integers{1, 2, 3, 0}));
  EXPECT_EQ(top_places<std::uint8_t>({128, 127, 0, 255}), (Integers{3, 0, 1, 2}));
  EXPECT_EQ(top_places<std::int64_t>({std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::int64_t>::max(), -1}),
            (Integers{1, 2, 0}));
  EXPECT_EQ(top_places<std::uint64_t>({1, ~std::uint64_t{0}, std::uint64_t{1} << 63}),
            (Integers{1, 2, 0}));
  EXPECT_EQ(top_places<double>({-1e300, -0.0, 0.0, 1e-320, -1e-320}), (Integers{3, 1, 2, 4, 0}));
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(top_places<float>({1, -infinity, nan, infinity, -nan}), (Integers{2, 4, 3, 0, 1}));
  // 1, -2, 65504, -0, +0 and NaN.
  EXPECT_EQ(
      top_places<std::uint16_t>({0x3c00, 0xc000, 0x7bff, 0x8000, 0, 0x7e00}, ElementType::float16),
      (Integers{5, 2, 0, 3, 4, 1}));
  EXPECT_EQ(top_places<std::uint16_t>({0x3f80, 0xc000, 0x7f80, 0x7fc0}, ElementType::bfloat16),
            (Integers{3, 2, 0, 1}));
}

TEST(TopK, SaysWhatItWasPreparedFor) {
  EXPECT_EQ(Case("TopK")
                .input<float>({3}, {0, 1, 2})
                .input<std::int64_t>({1}, {2})
                .output(ElementType::float32, {1})
                .output(ElementType::int64, {1})
                .fault(),
            "operator 'it' (TopK): its k is not the one the network was prepared for");
  EXPECT_EQ(Case("TopK", 7)
                .set("k", std::int64_t{4})
                .input<float>({3}, {0, 1, 2})
                .output(ElementType::float32, {4})
                .output(ElementType::int64, {4})
                .fault(),
            "operator 'it' (TopK): its k is larger than its axis");
}

TEST(OneHot, TakesAnyTypesAndAxis) {
  EXPECT_EQ(Case("OneHot")
                .input<float>({3}, {1, -1, 7})
                .input<std::int32_t>({1}, {3})
                .input<std::int16_t>({2}, {4, 9})
                .output(ElementType::int16, {3, 3})
                .result<std::int16_t>(),
            (std::vector<std::int16_t>{4, 9, 4, 4, 4, 9, 4, 4, 4}));
  EXPECT_EQ(Case("OneHot")
                .set("axis", std::int64_t{0})
                .input<std::int64_t>({3}, {1, -2, -3})
                .input<float>({}, {2})
                .input<double>({2}, {0, 1})
                .output(ElementType::float64, {2, 3})
                .result<double>(),
            (std::vector<double>{0, 1, 0, 1, 0, 0}));
  EXPECT_EQ(Case("OneHot")
                .input(ElementType::float16, {1}, std::vector<std::uint16_t>{0x3c00})
                .input<std::int64_t>({}, {2})
                .input<float>({2}, {0, 1})
                .output(ElementType::float32, {1, 2})
                .result<float>(),
            (Floats{0, 1}));
}

TEST(OneHot, SaysWhatItWasPreparedFor) {
  EXPECT_EQ(Case("OneHot")
                .input<std::int64_t>({1}, {1})
                .input<std::int64_t>({}, {3})
                .input<float>({2}, {0, 1})
                .output(ElementType::float32, {1, 2})
                .fault(),
            "operator 'it' (OneHot): its depth is not the one the network was prepared for");
}

TEST(NonZero, FindsPlacesIfItsCountIsAsExpected) {
  const auto non_zero = [](std::int64_t count) {
    return Case("NonZero")
        .input<float>({2, 2}, {0, 1, -0.0F, -2})
        .output(ElementType::int64, {2, count});
  };
  EXPECT_EQ(non_zero(2).result<std::int64_t>(), (Integers{0, 1, 1, 1}));
  EXPECT_EQ(non_zero(1).fault(),
            "operator 'it' (NonZero): it found 2 elements that are not nought where the network "
            "was prepared for 1");
}

}  // namespace
