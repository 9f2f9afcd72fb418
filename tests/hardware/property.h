#pragma once

#include <string>
#include <vector>

#include "hardware/catalogue.h"
#include "models/random.h"
#include "tests/hardware/reference.h"

/// Random cases of every operator, run through the kernels and held against the references.
namespace hardware::property {

using models::ElementType;
using models::Shape;
using reference::Array;
using reference::Arrays;
using reference::at;
using reference::Inputs;

/// How near a result must be.
struct Near {
  enum class Kind : std::uint8_t {
    exact,     ///< the reference's number, rounded to the type
    relative,  ///< `factor` units in the last place of the result
    close,     ///< the same, or of 1 if that is larger
    sums,      ///< the same of what is summed, all of it taken positive
    steps,     ///< between the results for a scale that is a little smaller and a little larger
  } kind = Kind::exact;
  double factor = 4;
  int scale = -1;  ///< of `steps`: which input is the result's scale
};

/// An operator with what it computes on.
struct Case {
  models::Operator op;
  int opset = 17;
  Inputs inputs;
  std::vector<bool> constant;  ///< which inputs never change; all others come at run time
  Near near;
};

/// What cases are made of. Small shapes are frequent, and so are ones and noughts in them.
class Draw {
 public:
  Draw(std::uint64_t seed, std::int64_t largest) : random_(seed), largest_(largest) {}

  std::int64_t below(std::int64_t count) { return random_.below(count); }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + random_.below(high - low + 1);
  }
  bool chance(double probability) { return random_.chance(probability); }
  double real(double low, double high) { return low + (high - low) * random_.unit(); }
  template <class Value>
  Value one_of(std::initializer_list<Value> values) {
    return values.begin()[random_.below(static_cast<std::int64_t>(values.size()))];
  }
  /// A type of those that the kernels have; of others the next draw.
  ElementType type(std::initializer_list<ElementType> types);
  /// "float32 float64": what `type` may draw; empty: all.
  void allow(std::string_view types) { allowed_ = types; }

  std::int64_t largest() const { return largest_; }
  std::int64_t size();            ///< from 1 on
  std::int64_t size_or_none();    ///< rarely nought
  Shape shape(std::size_t rank);  ///< rarely without elements
  Shape shape(std::size_t least_rank, std::size_t most_rank);
  Shape full_shape(std::size_t least_rank, std::size_t most_rank);  ///< never without elements
  Shape part_of(const Shape& whole);    ///< a shape that can be broadcast to it
  std::int64_t axis(std::size_t rank);  ///< half of them negative

  /// Numbers evenly from a range, rounded to the type.
  Array reals(ElementType type, Shape shape, double low, double high);
  Array integers(ElementType type, Shape shape, std::int64_t low, std::int64_t high);
  /// Of any type: reals in [-4, 4], integers small, sometimes extreme.
  Array any(ElementType type, Shape shape);
  /// Puts NaN, infinities, -0 and the like in some places.
  void make_special(Array& reals);
  Array list(const std::vector<std::int64_t>& values);  ///< an int64 vector
  Array scalar(ElementType type, double value);

 private:
  models::Random random_;
  std::int64_t largest_;
  std::string allowed_;
};

/// Puts an operator together.
class Maker {
 public:
  Maker(std::string type, int opset) {
    made_.op.type = type;
    made_.op.name = "the_" + type;
    made_.opset = opset;
    outputs(1);
  }
  Maker& input(Array array, bool constant = false);
  Maker& absent();
  Maker& outputs(int count);
  Maker& attribute(const std::string& name, models::Attribute value);
  Maker& near(Near::Kind kind, double factor, int scale = -1);
  Case made() const { return made_; }

 private:
  Case made_;
};

using Make = Case (*)(const std::string& type, Draw& draw);
struct Generator {
  std::string_view types;  ///< of operators, with blanks about each
  Make make;
};
std::span<const Generator> unary_cases();
std::span<const Generator> binary_cases();
std::span<const Generator> making_cases();
std::span<const Generator> moving_cases();
std::span<const Generator> picking_cases();
std::span<const Generator> reducing_cases();
std::span<const Generator> product_cases();
std::span<const Generator> quantizing_cases();
std::span<const Generator> window_cases();
std::span<const Generator> normalizing_cases();
std::span<const Generator> recurrent_cases();
std::span<const Generator> resizing_cases();

/// The operators that are to be computed, by type.
std::vector<std::string> table();
bool in_table(const std::string& type);

/// nullptr for a type without one.
Make find_cases(std::string_view type);

/// A case that can be typed in again: operator, attributes, types, shapes, small values.
std::string text_of(const Case& what);

/// Bytes aligned as kernels want them, and not one more.
struct Bytes {
  explicit Bytes(std::size_t count);
  Bytes(const Bytes&) = delete;
  Bytes(Bytes&& other) noexcept;
  Bytes& operator=(Bytes&&) = delete;
  ~Bytes();
  std::byte* data = nullptr;
  std::size_t size = 0;
};
/// In a layout, and from it.
Bytes bytes_of(const Array& array, const Layout& layout);
Array array_of(const Bytes& bytes, const Layout& layout, ElementType type);

/// What is wrong with the plain kernel's results; empty if nothing is.
std::string fault_of_plain(const PlainRow& row, const Case& what);
/// How far each element of each output may be from what is expected; of integers nought.
std::vector<std::vector<double>> tolerances_of(const Case& what, const Arrays& expected);
/// The first difference that is larger than it may be; empty if there is none.
std::string difference(const Case& what, const Arrays& expected, const Arrays& got);
/// The reference on inputs without their signs: what sums are summed of.
Arrays magnitudes_of(const Case& what);

/// How often a native kernel was offered, so that a test can tell if never.
struct Offered {
  int computed = 0;
  int refused = 0;
};
/// What is wrong with the native kernel's results in that precision; empty if nothing is.
std::string fault_of_native(const NativeRow& row, const Case& what, models::Precision precision,
                            Draw& draw, Offered& offered);

}  // namespace hardware::property
