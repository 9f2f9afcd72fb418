#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>

#include "hardware/cpu.h"
#include "hardware/program.h"
#include "models/error.h"
#include "models/index.h"
#include "models/units.h"
#include "results/json_writer.h"
#include "results/output.h"
#include "results/tensor_comparison.h"
#include "results/tensor_file.h"
#include "results/text_table.h"
#include "scenarios/inference.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

using hardware::Step;
using models::at;
using models::InputError;
using models::TensorValue;
using results::JsonWriter;
using results::TensorComparison;

/// Of what was measured several times, in seconds.
struct Spread {
  double median = 0, p10 = 0, p90 = 0;
};

Spread spread_of(std::vector<double> samples) {
  std::ranges::sort(samples);
  const auto quantile = [&](double part) {
    return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1) + 0.5)];
  };
  return {quantile(0.5), quantile(0.1), quantile(0.9)};
}

/// What a program did, and how long it took.
struct Measured {
  std::vector<Spread> steps;
  Spread total;
  std::vector<TensorValue> outputs;
};

Measured measure(hardware::Program& program, const std::vector<TensorValue>& inputs,
                 std::int64_t repeat) {
  const auto steps = program.steps().size();
  std::vector<std::vector<double>> seconds(steps);
  std::vector<double> totals, now(steps);
  if (repeat > 1) program.run(inputs);  // the first touches all memory, and is not like the others
  for (std::int64_t i = 0; i < repeat; ++i) {
    program.run(inputs, now);
    for (std::size_t s = 0; s < steps; ++s) seconds[s].push_back(now[s]);
    totals.push_back(std::accumulate(now.begin(), now.end(), 0.0));
  }
  Measured result;
  for (auto& samples : seconds) result.steps.push_back(spread_of(std::move(samples)));
  result.total = spread_of(std::move(totals));
  result.outputs = program.outputs();
  return result;
}

std::string in_time(double seconds) {
  return models::pretty(models::Time(static_cast<std::int64_t>(seconds * 1e12)));
}

std::string in_bytes(std::size_t bytes) {
  return models::pretty(models::Bytes{static_cast<std::int64_t>(bytes)});
}

std::string kind_of(const Step& step) {
  if (step.kind == Step::Kind::convert) return "convert";
  return step.kind == Step::Kind::reorder ? "reorder" : "compute";
}

/// "%.3g" of printf, without a locale.
std::string short_number(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::general, 3);
  return {text, end.ptr};
}

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
    std::vector<TensorComparison> comparisons;
    for (std::size_t i = 0; i < references.size(); ++i)
      comparisons.push_back(
          results::compare(measured.outputs[i], taken_as(references[i], measured.outputs[i].type),
                           real_option("--rtol", rtol_), real_option("--atol", atol_)));
    const auto files = save(measured.outputs, names);
    if (json_)
      console.out << to_json(program, measured, names, comparisons, files);
    else
      show(program, measured, names, comparisons, console.out);
    const bool holds = std::ranges::all_of(comparisons, &TensorComparison::holds);
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

  void show(const hardware::Program& program, const Measured& measured,
            const std::vector<std::string>& names, const std::vector<TensorComparison>& comparisons,
            std::ostream& out) const {
    for (std::size_t i = 0; i < names.size(); ++i)
      out << "output " << names[i] << ": " << models::text_of(measured.outputs[i].shape) << ' '
          << name_of(measured.outputs[i].type) << '\n';
    out << "\non " << hardware::cpu_name() << ", " << hardware::isa_in_effect() << ", " << threads_
        << (threads_ == 1 ? " thread" : " threads") << "\ntime " << in_time(measured.total.median);
    if (repeat_ > 1)
      out << " (p10 " << in_time(measured.total.p10) << ", p90 " << in_time(measured.total.p90)
          << ", of " << repeat_ << " runs)";
    out << "\n\n" << steps_text(program, measured);
    show_memory(program.memory(), out);
    for (std::size_t i = 0; i < comparisons.size(); ++i)
      out << "\ncompared: " << names[i] << ": " << comparison_text(comparisons[i]) << '\n';
  }

  std::string steps_text(const hardware::Program& program, const Measured& measured) const {
    constexpr std::size_t shown = 20;
    const auto steps = program.steps();
    std::vector<std::size_t> order(steps.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!all_steps_ && order.size() > shown) {
      std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return measured.steps[a].median > measured.steps[b].median;
      });
      order.resize(shown);
    }
    results::TextTable table(
        {"step", "type", "precision", "implementation", "median", "p10", "p90", "bytes", "GMAC/s"});
    for (const auto i : order) {
      const auto& step = steps[i];
      const auto& time = measured.steps[i];
      const auto rate = step.macs > 0 && time.median > 0
                            ? short_number(static_cast<double>(step.macs) / time.median / 1e9)
                            : "";
      table.add({step.name, step.type, name_of(step.precision) + (step.emulated ? " emulated" : ""),
                 step.implementation, in_time(time.median), in_time(time.p10), in_time(time.p90),
                 in_bytes(step.bytes), rate});
    }
    const auto title = order.size() == steps.size()
                           ? std::string("Steps\n")
                           : "The " + std::to_string(shown) + " longest of " +
                                 std::to_string(steps.size()) + " steps (--steps shows all)\n";
    return title + table.text("  ");
  }

  static void show_memory(const hardware::MemoryUse& memory, std::ostream& out) {
    out << "\nMemory\n  weights      " << in_bytes(memory.weights) << "\n  activations  "
        << in_bytes(memory.activations) << " (" << in_bytes(memory.live)
        << " live at most)\n  workspace    " << in_bytes(memory.workspace) << "\n  resident     ";
    if (const auto bytes = resident_bytes())
      out << in_bytes(at(*bytes)) << " at most, of the whole process\n";
    else
      out << "not measured\n";
  }

  static std::string comparison_text(const TensorComparison& it) {
    if (!it.mismatch.empty()) return it.mismatch;
    std::string text = it.outside == 0 ? "within tolerance"
                                       : std::to_string(it.outside) + " of " +
                                             std::to_string(it.elements) + " elements outside";
    text += "; largest error " + short_number(it.largest_absolute) + ", relative " +
            short_number(it.largest_relative) + "; signal to noise " +
            short_number(it.signal_to_noise_db) + " dB";
    if (it.rows > 0)
      text += "; top-1 " + std::to_string(it.top_1) + ", top-5 " + std::to_string(it.top_5) +
              " of " + std::to_string(it.rows);
    return text;
  }

  static void write_spread(const Spread& spread, JsonWriter& json) {
    json.begin_object(JsonWriter::Layout::line)
        .member("median", spread.median)
        .member("p10", spread.p10)
        .member("p90", spread.p90)
        .end_object();
  }

  static void write_steps(const hardware::Program& program, const Measured& measured,
                          JsonWriter& json) {
    json.key("steps").begin_list();
    for (std::size_t i = 0; i < measured.steps.size(); ++i) {
      const auto& step = program.steps()[i];
      json.begin_object(JsonWriter::Layout::line)
          .member("name", step.name)
          .member("type", step.type)
          .member("kind", kind_of(step))
          .member("precision", name_of(step.precision))
          .member("emulated", step.emulated)
          .member("implementation", step.implementation)
          .member("bytes", step.bytes)
          .member("macs", step.macs);
      write_spread(measured.steps[i], json.key("seconds"));
      json.end_object();
    }
    json.end_list();
  }

  static void write_memory(const hardware::MemoryUse& memory, JsonWriter& json) {
    json.key("memory")
        .begin_object()
        .member("weights", memory.weights)
        .member("activations", memory.activations)
        .member("live", memory.live)
        .member("workspace", memory.workspace)
        .member("allocated", memory.weights + memory.activations + memory.workspace);
    json.key("resident");
    if (const auto bytes = resident_bytes())
      json.value(*bytes);
    else
      json.null();
    json.end_object();
  }

  static void write_comparison(const std::string& name, const TensorComparison& it,
                               JsonWriter& json) {
    json.begin_object().member("output", name).member("holds", it.holds());
    if (!it.mismatch.empty()) json.member("mismatch", it.mismatch);
    json.member("elements", it.elements)
        .member("outside", it.outside)
        .member("first_outside", it.first_outside)
        .member("largest_absolute", it.largest_absolute)
        .member("largest_relative", it.largest_relative)
        .member("signal_to_noise_db", it.signal_to_noise_db)
        .member("rows", it.rows)
        .member("top_1", it.top_1)
        .member("top_5", it.top_5)
        .end_object();
  }

  std::string to_json(const hardware::Program& program, const Measured& measured,
                      const std::vector<std::string>& names,
                      const std::vector<TensorComparison>& comparisons,
                      const std::vector<std::string>& files) const {
    JsonWriter json;
    json.begin_object()
        .member("network", request_.network)
        .member("cpu", hardware::cpu_name())
        .member("isa", hardware::isa_in_effect())
        .member("threads", threads_)
        .member("repeat", repeat_);
    write_spread(measured.total, json.key("seconds"));
    json.key("outputs").begin_list();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& output = measured.outputs[i];
      json.begin_object(JsonWriter::Layout::line)
          .member("name", names[i])
          .member("type", name_of(output.type))
          .key("shape")
          .values(output.shape);
      if (i < files.size()) json.member("file", files[i]);
      json.end_object();
    }
    json.end_list();
    write_steps(program, measured, json);
    write_memory(program.memory(), json);
    json.key("comparison").begin_list();
    for (std::size_t i = 0; i < comparisons.size(); ++i)
      write_comparison(names[i], comparisons[i], json);
    return json.end_list().end_object().text();
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
