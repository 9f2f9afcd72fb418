#include <algorithm>
#include <array>
#include <utility>

#include "hardware/attributes.h"
#include "hardware/converting.h"
#include "hardware/reducing.h"

namespace hardware {
namespace {

using models::ElementType;

/// A tensor cut at one axis.
struct Cut {
  std::int64_t outer = 1, length = 1, inner = 1;
};

Cut cut(const models::Shape& shape, std::size_t axis) {
  Cut result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i < axis) result.outer *= shape[i];
    if (i == axis) result.length = shape[i];
    if (i > axis) result.inner *= shape[i];
  }
  return result;
}

/// Columns that are gone along at once.
constexpr std::int64_t most = 256;

/// Calls `along` with pieces of at most `most` columns: first element, number of columns, and which
/// of all rows of results this is.
template <class Along>
void each_piece(const Cut& cut, Along along) {
  for (std::int64_t outer = 0; outer < cut.outer; ++outer)
    for (std::int64_t done = 0; done < cut.inner; done += most)
      along(outer * cut.length * cut.inner + done, std::min(most, cut.inner - done),
            outer * cut.inner + done);
}

/// Whether x takes the place of the best so far; the first NaN is better than all numbers.
template <bool greatest, bool last, class T>
bool takes(T x, T best) {
  if (x != x) return last || best == best;
  if (best != best) return false;
  if (last && x == best) return true;
  return greatest ? x > best : x < best;
}

template <bool greatest, bool last, class T>
void find_best(const Cut& cut, const std::byte* input, std::int64_t* output) {
  const auto* x = reinterpret_cast<const T*>(input);
  each_piece(cut, [&](std::int64_t start, std::int64_t columns, std::int64_t to) {
    std::array<T, most> best;
    std::copy_n(x + start, columns, best.begin());
    std::fill_n(output + to, columns, 0);
    for (std::int64_t place = 1; place < cut.length; ++place) {
      const auto* row = x + start + place * cut.inner;
      for (std::int64_t i = 0; i < columns; ++i) {
        auto& so_far = best[static_cast<std::size_t>(i)];
        if (!takes<greatest, last>(row[i], so_far)) continue;
        so_far = row[i];
        output[to + i] = place;
      }
    }
  });
}

using Finder = void (*)(const Cut&, const std::byte*, std::int64_t*);

template <class T>
Finder finder(bool greatest, bool last) {
  if (greatest) return last ? find_best<true, true, T> : find_best<true, false, T>;
  return last ? find_best<false, true, T> : find_best<false, false, T>;
}

Finder finder_of(ElementType type, bool greatest, bool last) {
  if (type == ElementType::float32) return finder<float>(greatest, last);
  if (type == ElementType::float64) return finder<double>(greatest, last);
  if (type == ElementType::int64) return finder<std::int64_t>(greatest, last);
  return finder<std::uint64_t>(greatest, last);
}

class Arg final : public Kernel {
 public:
  explicit Arg(const Request& request)
      : widening_(needed(request, 0), widest(needed(request, 0).type),
                  request.outputs.at(0).value(), ElementType::int64) {
    const auto& op = *request.op;
    const auto& shape = needed(request, 0).shape;
    if (!shape.empty()) cut_ = cut(shape, axis_of(op, integer_of(op, "axis", 0), shape.size()));
    if (cut_.length == 0 && cut_.outer * cut_.inner > 0)
      fail(op, "there is no greatest or least of no elements");
    if (needed(request, 0).type == ElementType::boolean)
      throw NotSupported{op.type + " of booleans"};
    finder_ = finder_of(widest(needed(request, 0).type), op.type == "ArgMax",
                        integer_of(op, "select_last_index", 0) != 0);
  }

  std::size_t workspace() const { return widening_.workspace(); }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    finder_(cut_, widening_.widened(inputs[0], workspace),
            reinterpret_cast<std::int64_t*>(widening_.made(outputs[0], workspace)));
    widening_.narrow(outputs[0], workspace);
  }

 private:
  Widening widening_;
  Cut cut_;
  Finder finder_ = nullptr;
};

struct Way {
  bool exclusive = false;
  bool reverse = false;
};

/// Part is the type the sums are kept in.
template <class T, class Part>
void add_up(const Cut& cut, Way way, const std::byte* input, std::byte* output) {
  const auto* x = reinterpret_cast<const T*>(input);
  auto* y = reinterpret_cast<T*>(output);
  each_piece(cut, [&](std::int64_t start, std::int64_t columns, std::int64_t) {
    std::array<Part, most> sums;
    std::fill_n(sums.begin(), columns, Part{});
    for (std::int64_t step = 0; step < cut.length; ++step) {
      const auto place = way.reverse ? cut.length - 1 - step : step;
      const auto row = start + place * cut.inner;
      for (std::int64_t i = 0; i < columns; ++i) {
        auto& sum = sums[static_cast<std::size_t>(i)];
        const auto before = sum;
        sum += static_cast<Part>(x[row + i]);
        y[row + i] = static_cast<T>(way.exclusive ? before : sum);
      }
    }
  });
}

using Adder = void (*)(const Cut&, Way, const std::byte*, std::byte*);

Adder adder_of(ElementType type) {
  if (type == ElementType::float32) return add_up<float, double>;
  if (type == ElementType::float64) return add_up<double, double>;
  return add_up<std::uint64_t, std::uint64_t>;
}

class CumSum final : public Kernel {
 public:
  explicit CumSum(const Request& request)
      : op_(*request.op),
        shape_(needed(request, 0).shape),
        axis_type_(needed(request, 1).type),
        widening_(needed(request, 0), widest(needed(request, 0).type),
                  request.outputs.at(0).value(), widest(needed(request, 0).type)),
        adder_(adder_of(widest(needed(request, 0).type))) {
    if (needed(request, 0).type == ElementType::boolean)
      throw NotSupported{op_.type + " of booleans"};
    if (needed(request, 1).elements() != 1) fail(op_, "its axis is one number");
    way_.exclusive = integer_of(op_, "exclusive", 0) != 0;
    way_.reverse = integer_of(op_, "reverse", 0) != 0;
  }

  std::size_t workspace() const { return widening_.workspace(); }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    std::int64_t axis = 0;
    converter(axis_type_, ElementType::int64)(inputs[1], reinterpret_cast<std::byte*>(&axis), 1);
    if (shape_.empty()) fail(op_, "its input is a scalar and has no axis");
    adder_(cut(shape_, axis_of(op_, axis, shape_.size())), way_,
           widening_.widened(inputs[0], workspace), widening_.made(outputs[0], workspace));
    widening_.narrow(outputs[0], workspace);
  }

 private:
  const models::Operator op_;
  models::Shape shape_;
  ElementType axis_type_;
  Widening widening_;
  Adder adder_;
  Way way_;
};

}  // namespace

Prepared make_arg(const Request& request) {
  auto kernel = std::make_unique<Arg>(request);
  const auto workspace = kernel->workspace();
  return prepared_as_asked(request, std::move(kernel), workspace);
}

Prepared make_cumsum(const Request& request) {
  auto kernel = std::make_unique<CumSum>(request);
  const auto workspace = kernel->workspace();
  return prepared_as_asked(request, std::move(kernel), workspace);
}

}  // namespace hardware
