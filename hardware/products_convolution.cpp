#include <algorithm>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/products.h"
#include "hardware/sliding.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::Shape;

/// A row of the output, or of a transposed convolution's input, met by a row of the other through
/// one element of the weights. All counted in elements of one channel.
struct Meeting {
  std::int64_t position = 0;  ///< first of the row whose elements follow each other
  std::int64_t scanned = 0;   ///< first of the row whose elements are a stride apart
  std::int64_t count = 0;
  std::int64_t tap = 0;
};

std::int64_t up_divided(std::int64_t a, std::int64_t b) {
  return a > 0 ? (a + b - 1) / b : -(-a / b);
}

/// Steps to the next place of a shape, the last axis fastest; false after the last.
bool next(Shape& place, const Shape& shape) {
  for (std::size_t axis = place.size(); axis-- > 0;) {
    if (++place[axis] < shape[axis]) return true;
    place[axis] = 0;
  }
  return false;
}

/// All but the last axis, of all rows that meet.
class Meetings {
 public:
  Meetings(const Sliding& sliding, const Shape& scanned, const Shape& positions)
      : sliding_(sliding), scanned_(scanned), positions_(positions) {
    const auto last = positions.size() - 1;
    if (models::elements_of(positions) == 0 || models::elements_of(sliding.kernel) == 0) return;
    const Shape rows(positions.begin(), positions.end() - 1);
    Shape step(sliding.kernel.size(), 0);
    do {
      Shape row(last, 0);
      do add(row, step);
      while (next(row, rows));
      ++tap_;
    } while (next(step, sliding.kernel));
  }
  std::vector<Meeting> all;

 private:
  void add(const Shape& row, const Shape& step) {
    const auto last = row.size();
    Meeting meeting;
    for (std::size_t i = 0; i < last; ++i) {
      const auto place =
          row[i] * sliding_.strides[i] - sliding_.before[i] + step[i] * sliding_.dilations[i];
      if (place < 0 || place >= scanned_[i]) return;
      meeting.position = meeting.position * positions_[i] + row[i];
      meeting.scanned = meeting.scanned * scanned_[i] + place;
    }
    const auto stride = sliding_.strides[last];
    const auto start = step[last] * sliding_.dilations[last] - sliding_.before[last];
    const auto first = std::max<std::int64_t>(0, up_divided(-start, stride));
    const auto end = std::min(positions_[last], up_divided(scanned_[last] - start, stride));
    if (first >= end) return;
    meeting.position = meeting.position * positions_[last] + first;
    meeting.scanned = meeting.scanned * scanned_[last] + start + first * stride;
    meeting.count = end - first;
    meeting.tap = tap_;
    all.push_back(meeting);
  }

  const Sliding& sliding_;
  const Shape& scanned_;
  const Shape& positions_;
  std::int64_t tap_ = 0;
};

Shape spatial(const Shape& shape) {
  return {shape.begin() + 2, shape.end()};
}

template <class T>
class ConvolutionLoops : public Kernel {
 public:
  ConvolutionLoops(const Sliding& sliding, const Shape& input, const Shape& output, bool transposed)
      : transposed_(transposed),
        groups_(sliding.groups),
        batch_(input[0]),
        inputs_(input[1] / sliding.groups),
        outputs_(output[1] / sliding.groups),
        taps_(models::elements_of(sliding.kernel)),
        in_area_(models::elements_of(spatial(input))),
        out_area_(models::elements_of(spatial(output))),
        stride_(sliding.strides.back()),
        meetings_(Meetings(sliding, spatial(transposed ? output : input),
                           spatial(transposed ? input : output))
                      .all) {}

  std::size_t held() const { return meetings_.size() * sizeof(Meeting); }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    const auto* x = elements<T>(inputs, 0);
    const auto* weights = elements<T>(inputs, 1);
    const auto* bias = elements<T>(inputs, 2);
    auto* y = elements<T>(outputs, 0);
    for (std::int64_t n = 0; n < batch_; ++n)
      for (std::int64_t o = 0; o < groups_ * outputs_; ++o, y += out_area_) {
        std::fill_n(y, out_area_, bias == nullptr ? T{0} : bias[o]);
        const auto group = o / outputs_;
        for (std::int64_t c = 0; c < inputs_; ++c) {
          const auto channel = group * inputs_ + c;
          const auto* from = x + (n * groups_ * inputs_ + channel) * in_area_;
          const auto weight = transposed_ ? channel * outputs_ + o % outputs_ : o * inputs_ + c;
          add_channel(from, weights + weight * taps_, y);
        }
      }
  }

 private:
  void add_channel(const T* x, const T* weights, T* y) const {
    for (const auto& meeting : meetings_) {
      const T weight = weights[meeting.tap];
      const auto position = meeting.position, scanned = meeting.scanned, count = meeting.count;
      if (transposed_) {
        for (std::int64_t i = 0; i < count; ++i)
          y[scanned + i * stride_] += weight * x[position + i];
      } else if (stride_ == 1) {
        for (std::int64_t i = 0; i < count; ++i) y[position + i] += weight * x[scanned + i];
      } else {
        for (std::int64_t i = 0; i < count; ++i)
          y[position + i] += weight * x[scanned + i * stride_];
      }
    }
  }

  bool transposed_;
  std::int64_t groups_, batch_, inputs_, outputs_, taps_, in_area_, out_area_, stride_;
  std::vector<Meeting> meetings_;
};

}  // namespace

template <class T>
Prepared convolution_loops(const Request& request, bool transposed) {
  const auto& input = input_of(request, 0).shape;
  const auto& weights = input_of(request, 1).shape;
  const auto& output = output_of(request, 0).shape;
  const auto& op = *request.op;
  const auto sliding = transposed ? transposed_sliding_of(op, input, weights, output)
                                  : sliding_of(op, input, weights, output);
  const auto inputs = transposed ? weights[0] : weights[1] * sliding.groups;
  const auto outputs = transposed ? weights[1] * sliding.groups : weights[0];
  if (input[1] % sliding.groups != 0 || output[1] % sliding.groups != 0 || input[1] != inputs ||
      output[1] != outputs)
    fail(op, "its weight of shape " + models::text_of(weights) +
                 " does not fit an input of shape " + models::text_of(input) + " in " +
                 std::to_string(sliding.groups) + " groups");
  auto kernel = std::make_unique<ConvolutionLoops<T>>(sliding, input, output, transposed);
  auto made = as_asked(request, "own");
  made.held = kernel->held();
  made.kernel = std::move(kernel);
  return made;
}

template Prepared convolution_loops<float>(const Request& request, bool transposed);
template Prepared convolution_loops<double>(const Request& request, bool transposed);

}  // namespace hardware
