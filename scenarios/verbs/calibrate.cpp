#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "hardware/calibration.h"
#include "hardware/cpu.h"
#include "models/error.h"
#include "models/index.h"
#include "results/json_writer.h"
#include "results/output.h"
#include "results/ranges_json.h"
#include "scenarios/inference.h"
#include "scenarios/progress.h"
#include "scenarios/random_values.h"
#include "scenarios/samples.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

using hardware::RangeMethod;
using models::at;
using models::InputError;
using Inputs = std::vector<models::TensorValue>;

struct Method {
  std::string_view name;
  RangeMethod method;
};
constexpr auto methods = std::to_array<Method>({{"minmax", RangeMethod::minmax},
                                                {"percentile", RangeMethod::percentile},
                                                {"mse", RangeMethod::mse}});

/// The network, made once the first sample says its open dimensions.
class Calibrated {
 public:
  explicit Calibrated(InferenceRequest request) : request_(std::move(request)) {}

  void observe(Inputs inputs, const hardware::Observer& observer) {
    if (!program_) prepare(inputs);
    for (std::size_t i = 0; i < inputs.size() && i < types_.size(); ++i)
      inputs[i] = taken_as(std::move(inputs[i]), types_[i]);
    program_->observe(inputs, observer);
  }
  /// Inputs of the sample of that number, random as `infer --random` makes those of number 0.
  Inputs random_inputs(std::int64_t number) {
    if (!program_) prepare({});
    Inputs inputs;
    const auto seed = *request_.random + static_cast<std::uint64_t>(number) * 1'000'003;
    for (std::size_t i = 0; i < types_.size(); ++i)
      inputs.push_back(random_value(types_[i], shapes_[i], seed + i));
    return inputs;
  }

 private:
  void prepare(const Inputs& inputs) {
    request_.given = inputs;
    auto inference = read_inference(request_);
    for (const auto& input : inference.inputs) {
      types_.push_back(input.type);
      shapes_.push_back(input.shape);
    }
    inference.options.apart = true;
    program_.emplace(std::move(inference.network), inference.recipe, inference.options);
    request_.given.clear();
  }

  InferenceRequest request_;
  std::vector<models::ElementType> types_;
  std::vector<models::Shape> shapes_;
  std::optional<hardware::Program> program_;
};

class Calibrate final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"NETWORK", "", "an ONNX file, or the name of a built-in network", &request_.network, true},
        {"--data", "FILE",
         "samples: a tensor (.pb, .npy, .npz, .h5) or a folder of such; may be repeated", &data_},
        {"--method", "M", "minmax, percentile or mse; standard: minmax", &method_name_},
        {"--percentile", "P", "of the magnitudes that are kept; standard: 99.99", &percentile_},
        {"--dims", "NAME=SIZE", "a symbolic dimension; may be repeated", &request_.dims},
        {"--random", "SEED",
         "random weights where the file keeps none, and random samples where no data is given",
         &request_.random},
        {"--samples", "N", "takes so many; standard: all of the data, or one random one",
         &samples_},
        {"--output", "FILE", "where the ranges go, as JSON", &output_, true},
        {"--json", "", "what was done, as an object", &json_}};
  }

  int act(const Console& console) override {
    hardware::Calibration calibration(method(), percentile());
    if (samples_ && *samples_ < 1) throw InputError("--samples: must be 1 or more");
    if (data_.empty() && !request_.random)
      throw InputError(
          "calibrating needs samples: give --data FILE, or --random SEED for random ones");
    hardware::limit_cpu({});
    const auto ranges = calibrate(calibration, console);
    results::TensorRanges rows;
    for (const auto& [name, range] : ranges) rows[name] = {range.low, range.high};
    results::write_file(output_, results::write_ranges(rows, origin()));
    if (json_)
      console.out << to_json(rows.size());
    else
      console.out << "ranges of " << rows.size() << " tensors from " << count_
                  << (data_.empty() ? " random" : "") << (count_ == 1 ? " sample" : " samples")
                  << " to " << output_ << '\n';
    return exit_code::done;
  }

 private:
  hardware::Ranges calibrate(hardware::Calibration& calibration, const Console& console) {
    Calibrated network(request_);
    Progress progress(console);
    each_sample(network, [&](const Inputs& inputs, const std::string& name) {
      progress.update(name);
      network.observe(inputs, [&](const auto& tensor) { calibration.take(tensor, name); });
      ++count_;
      return !samples_ || count_ < at(*samples_);
    });
    std::size_t again = 0;
    if (calibration.counts())
      each_sample(network, [&](const Inputs& inputs, const std::string& name) {
        progress.update("counting " + name);
        network.observe(inputs, [&](const auto& tensor) { calibration.count(tensor); });
        return ++again < count_;
      });
    return calibration.ranges();
  }

  void each_sample(Calibrated& network, const Samples::Visit& visit) const {
    if (!data_.empty()) return Samples(data_, declared_inputs(request_)).each(visit);
    const auto count = samples_.value_or(1);
    for (std::uint64_t i = 0; i < count; ++i)
      if (!visit(network.random_inputs(static_cast<std::int64_t>(i)),
                 "random sample " + std::to_string(i)))
        return;
  }

  RangeMethod method() const {
    const auto found = std::ranges::find(methods, method_name_, &Method::name);
    if (found == methods.end())
      throw InputError("--method: '" + method_name_ + "' is none of minmax, percentile, mse");
    return found->method;
  }

  double percentile() const {
    double value = 0;
    const char* const end = percentile_.data() + percentile_.size();
    const auto [rest, error] = std::from_chars(percentile_.data(), end, value);
    if (error != std::errc{} || rest != end || !(value > 0 && value <= 100))
      throw InputError("--percentile: '" + percentile_ + "' is not above 0 and at most 100");
    return value;
  }

  results::RangesOrigin origin() const {
    results::RangesOrigin result;
    result.network = request_.network;
    result.method = method_name_ == "percentile" ? method_name_ + " " + percentile_ : method_name_;
    for (const auto& data : data_) result.data += (result.data.empty() ? "" : ", ") + data;
    if (data_.empty()) result.data = "random, seed " + std::to_string(*request_.random);
    result.samples = static_cast<std::int64_t>(count_);
    return result;
  }

  std::string to_json(std::size_t tensors) const {
    const auto origin = this->origin();
    results::JsonWriter json;
    return json.begin_object()
        .member("network", origin.network)
        .member("method", origin.method)
        .member("data", origin.data)
        .member("samples", origin.samples)
        .member("tensors", tensors)
        .member("file", output_)
        .end_object()
        .text();
  }

  InferenceRequest request_;
  std::vector<std::string> data_;
  std::string method_name_ = "minmax", percentile_ = "99.99", output_;
  std::optional<std::uint64_t> samples_;
  std::size_t count_ = 0;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_calibrate() {
  return std::make_unique<Calibrate>();
}

}  // namespace scenarios
