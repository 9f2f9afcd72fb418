#include <algorithm>
#include <charconv>
#include <filesystem>

#include "hardware/cpu.h"
#include "hardware/program.h"
#include "models/error.h"
#include "models/index.h"
#include "results/tensor_file.h"
#include "scenarios/inference.h"
#include "scenarios/inference_report.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

using models::at;
using models::InputError;
using models::TensorValue;
using results::TensorComparison;

double real_option(const std::string& name, const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || !(value >= 0))
    throw InputError(name + ": '" + text + "' is not a number of 0 or more");
  return value;
}

class Infer final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"NETWORK", "", "an ONNX file, or the name of a built-in network", &request_.network, true},
        {"--input", "FILE",
         "a tensor (.pb, .npy, .npz, .h5), in the order of the inputs, or "
         "NAME=FILE; may be repeated",
         &request_.inputs},
        {"--precision", "P", "all operators compute in it; standard: fp32", &request_.precision},
        {"--plan", "PLAN", "precisions and conversions of a plan instead", &request_.plan},
        {"--ranges", "FILE", "of tensors kept as integers; 'partwise calibrate' makes it",
         &request_.ranges},
        {"--dims", "NAME=SIZE", "a symbolic dimension; may be repeated", &request_.dims},
        {"--random", "SEED",
         "random inputs, and weights the file does not keep, where none "
         "are given",
         &request_.random},
        {"--compare", "REF", "a reference, in the order of the outputs; may be repeated",
         &references_},
        {"--rtol", "X", "relative tolerance; standard: 1e-3", &rtol_},
        {"--atol", "X", "absolute tolerance; standard: 1e-7", &atol_},
        {"--save", "DIR", "writes the outputs there: output_0.npy, ...", &save_},
        {"--save-as", "KIND", "npy, pb or h5; standard: npy", &save_as_},
        {"--repeat", "N", "runs it so often and shows medians; standard: 1", &repeat_},
        {"--isa", "LIMIT", "vector instructions at most: sse41, avx2, avx512_core, ...",
         &limits_.isa},
        {"--threads", "N", "of OpenMP; standard: 1", &threads_},
        {"--steps", "", "shows every step, not only those that take longest", &all_steps_},
        {"--json", "", "all of it as one object", &json_}};
  }

  int act(const Console& console) override {
    check_options();
    hardware::limit_cpu(limits_);
    auto inference = read_inference(request_);
    std::vector<std::string> names;
    for (const int output : inference.network.network.outputs)
      names.push_back(at(inference.network.network.tensors, output).name);
    if (references_.size() > names.size())
      throw InputError("--compare: the network has " + std::to_string(names.size()) +
                       " outputs, and " + std::to_string(references_.size()) +
                       " references are given");
    std::vector<TensorValue> references;
    for (const auto& file : references_) references.push_back(results::read_tensor(file));
    hardware::Program program(std::move(inference.network), inference.recipe, inference.options);
    const auto measured = measure(program, inference.inputs, repeat_);
    InferenceReport report{request_.network, threads_, std::move(names), {}, {}, all_steps_};
    for (std::size_t i = 0; i < references.size(); ++i)
      report.comparisons.push_back(
          results::compare(measured.outputs[i], taken_as(references[i], measured.outputs[i].type),
                           real_option("--rtol", rtol_), real_option("--atol", atol_)));
    report.files = save(measured.outputs, report.outputs);
    if (json_)
      console.out << to_json(report, program, measured);
    else
      show(report, program, measured, console.out);
    const bool holds = std::ranges::all_of(report.comparisons, &TensorComparison::holds);
    if (!holds) console.complain("an output is not what its reference says");
    return holds ? exit_code::done : exit_code::not_as_expected;
  }

 private:
  void check_options() {
    if (repeat_ < 1) throw InputError("--repeat: must be 1 or more");
    if (threads_ < 1 || threads_ > 1024) throw InputError("--threads: must be 1 to 1024");
    limits_.threads = static_cast<int>(threads_);
    if (save_as_ != "npy" && save_as_ != "pb" && save_as_ != "h5")
      throw InputError("--save-as: '" + save_as_ + "' is none of npy, pb, h5");
    real_option("--rtol", rtol_);
    real_option("--atol", atol_);
  }

  std::vector<std::string> save(const std::vector<TensorValue>& outputs,
                                const std::vector<std::string>& names) const {
    std::vector<std::string> files;
    for (std::size_t i = 0; i < outputs.size() && !save_.empty(); ++i) {
      files.push_back(
          (std::filesystem::path(save_) / ("output_" + std::to_string(i) + "." + save_as_))
              .string());
      results::write_tensor(files.back(), outputs[i], names[i]);
    }
    return files;
  }

  InferenceRequest request_;
  std::vector<std::string> references_;
  std::string rtol_ = "1e-3", atol_ = "1e-7";
  std::string save_, save_as_ = "npy";
  std::int64_t repeat_ = 1, threads_ = 1;
  hardware::CpuLimits limits_;
  bool all_steps_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_infer() {
  return std::make_unique<Infer>();
}

}  // namespace scenarios
