#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hardware/kernel.h"
#include "models/random.h"

namespace hardware {

/// A tensor that tests write down: every element type holds its values as doubles.
struct Array {
  models::Shape shape;
  std::vector<double> values;
  models::ElementType type = models::ElementType::float32;
};

/// An operator and what it is given; `outputs` says types and shapes.
struct PlainCase {
  std::string type;
  std::map<std::string, models::Attribute> attributes;
  std::vector<std::optional<Array>> inputs;
  std::vector<std::optional<Array>> outputs;  ///< without values
  int opset = 17;
};

/// The elements of the values as a tensor's bytes, rounded to nearest even, and back.
std::vector<std::byte> bytes_of(const Array& array);
std::vector<double> values_of(std::span<const std::byte> bytes, models::ElementType type);
/// The value nearest to x that the element type has.
double rounded(double x, models::ElementType type);

/// Runs the plain kernel twice, in memory full of rubbish, and a third time prepared with all
/// inputs but the first as constants; expects the same every time.
std::vector<std::optional<Array>> computed(const PlainCase& plain);

/// What preparing or running it complains about; "" if it does not. NotSupported counts too.
std::string complaint(const PlainCase& plain);

/// Of values between -bound and bound, which the type has.
Array random_array(models::Random& random, models::Shape shape,
                   models::ElementType type = models::ElementType::float32, double bound = 2);

/// Expects what was computed, relative to the largest of the expected values.
void expect_near(const Array& got, const std::vector<double>& expected, double tolerance,
                 const std::string& what);

}  // namespace hardware
