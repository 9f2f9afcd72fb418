#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hardware/attributes.h"
#include "hardware/kernel.h"
#include "hardware/moving_elements.h"

namespace hardware::moving {

/// All element types: of operators that look at no value.
inline constexpr std::string_view every_type =
    "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 boolean";

inline std::size_t size_of(models::ElementType type) {
  return static_cast<std::size_t>(models::bits_of(type) / 8);
}

/// An input or output that must be there. Throws InputError.
const Request::Input& needed_input(const Request& request, std::size_t input);
const Layout& needed_output(const Request& request, std::size_t output);
bool has_input(const Request& request, std::size_t input);
/// The data must be of one type and each a plain tensor. Throws InputError.
void require_same_type(const Request& request, std::size_t input, std::size_t output = 0);

/// Steps between neighbours along each axis of a tensor stored row by row, in elements.
std::vector<std::int64_t> steps_of(std::span<const std::int64_t> shape);

/// Whole numbers that say how to move: an attribute in older operators, an input in newer ones. Of
/// inputs that are constant they are read at once, of others at every run.
class IntegerInput {
 public:
  /// The input alone; the attribute if there, else the input.
  IntegerInput(const Request& request, std::size_t input);
  IntegerInput(const Request& request, const std::string& attribute, std::size_t input);

  bool present() const { return present_; }
  bool settled() const { return settled_; }
  std::size_t count() const { return values_.size(); }
  /// Valid until the next call.
  std::span<const std::int64_t> read(std::span<const std::byte* const> inputs);

 private:
  void copy(const std::byte* from);

  std::size_t input_;
  models::ElementType type_ = models::ElementType::int64;
  bool present_ = false;
  bool settled_ = true;
  std::vector<std::int64_t> values_;
};

/// A kernel that plans its work from such numbers: once if all are settled, else at every run.
class Planned : public Kernel {
 public:
  /// Only the name and type, for messages.
  explicit Planned(const Request& request);
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) final;
  void prepare(bool settled);

 protected:
  using Inputs = std::span<const std::byte* const>;
  using Outputs = std::span<std::byte* const>;
  virtual void plan(Inputs inputs) = 0;
  virtual void move(Inputs inputs, Outputs outputs) = 0;
  void require(bool fine, const char* otherwise) const {
    if (!fine) fail(op_, otherwise);
  }
  const models::Operator& op() const { return op_; }

 private:
  models::Operator op_;
  bool settled_ = false;
};

/// One element of any type as it lies in memory.
struct Element {
  std::array<std::byte, 8> bytes{};
  std::size_t size = 0;
};
/// That number as an element; half precision rounded to nearest even.
Element element(models::ElementType type, double value);
Element element(models::ElementType type, std::int64_t value);
/// The number in an attribute, whole or real; nought where absent.
Element element_of(const Request& request, const std::string& attribute, models::ElementType type);
/// Writes the element as often as there is room.
void fill(std::byte* to, std::size_t bytes, const Element& element);

/// What a plain kernel answers: all tensors row by row, as the request has them.
Prepared plain(const Request& request, std::unique_ptr<Kernel> kernel, std::string implementation);

template <class Own>
Prepared planned(const Request& request) {
  auto kernel = std::make_unique<Own>(request);
  kernel->prepare(kernel->settled());
  return plain(request, std::move(kernel), "own");
}

// moving_shapes.cpp
Prepared make_reshape(const Request& request);
Prepared make_flatten(const Request& request);
Prepared make_squeeze(const Request& request);
Prepared make_unsqueeze(const Request& request);
Prepared make_shape(const Request& request);
Prepared make_size(const Request& request);
// moving_axes.cpp
Prepared make_transpose(const Request& request);
Prepared make_depth_to_space(const Request& request);
Prepared make_space_to_depth(const Request& request);
Prepared make_concat(const Request& request);
Prepared make_split(const Request& request);
// moving_parts.cpp
Prepared make_slice(const Request& request);
Prepared make_expand(const Request& request);
Prepared make_tile(const Request& request);
// moving_pad.cpp
Prepared make_pad(const Request& request);
// moving_filling.cpp
Prepared make_constant(const Request& request);
Prepared make_constant_of_shape(const Request& request);
Prepared make_range(const Request& request);
Prepared make_eye_like(const Request& request);
Prepared make_trilu(const Request& request);

}  // namespace hardware::moving
