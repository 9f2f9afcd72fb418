#include "scenarios/inference_report.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <numeric>

#include "hardware/cpu.h"
#include "models/index.h"
#include "models/units.h"
#include "results/json_writer.h"
#include "results/text_table.h"
#include "scenarios/inference.h"

namespace scenarios {
namespace {

using hardware::Step;
using models::at;
using results::JsonWriter;
using results::TensorComparison;

Spread spread_of(std::vector<double> samples) {
  std::ranges::sort(samples);
  const auto quantile = [&](double part) {
    return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1) + 0.5)];
  };
  return {quantile(0.5), quantile(0.1), quantile(0.9)};
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

std::string steps_text(const hardware::Program& program, const Measured& measured, bool all) {
  constexpr std::size_t shown = 20;
  const auto steps = program.steps();
  std::vector<std::size_t> order(steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!all && order.size() > shown) {
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

void show_memory(const hardware::MemoryUse& memory, std::ostream& out) {
  out << "\nMemory\n  weights      " << in_bytes(memory.weights) << "\n  activations  "
      << in_bytes(memory.activations) << " (" << in_bytes(memory.live)
      << " live at most)\n  workspace    " << in_bytes(memory.workspace) << "\n  resident     ";
  if (const auto bytes = resident_bytes())
    out << in_bytes(at(*bytes)) << " at most, of the whole process\n";
  else
    out << "not measured\n";
}

std::string comparison_text(const TensorComparison& it) {
  if (!it.mismatch.empty()) return it.mismatch;
  std::string text = it.outside == 0 ? "within tolerance"
                                     : std::to_string(it.outside) + " of " +
                                           std::to_string(it.elements) + " elements outside";
  text += "; largest error " + short_number(it.largest_absolute) + ", relative " +
          short_number(it.largest_relative) + "; signal to noise " +
          short_number(it.signal_to_noise_db) + " dB";
  if (it.rows > 0)
    text += "; top-1 " + std::to_string(it.top_1) + ", top-5 " + std::to_string(it.top_5) + " of " +
            std::to_string(it.rows);
  return text;
}

void write_spread(const Spread& spread, JsonWriter& json) {
  json.begin_object(JsonWriter::Layout::line)
      .member("median", spread.median)
      .member("p10", spread.p10)
      .member("p90", spread.p90)
      .end_object();
}

void write_steps(const hardware::Program& program, const Measured& measured, JsonWriter& json) {
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

void write_memory(const hardware::MemoryUse& memory, JsonWriter& json) {
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

void write_comparison(const std::string& name, const TensorComparison& it, JsonWriter& json) {
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

}  // namespace

Measured measure(hardware::Program& program, const std::vector<models::TensorValue>& inputs,
                 std::int64_t repeat) {
  using Clock = std::chrono::steady_clock;
  const auto steps = program.steps().size();
  std::vector<std::vector<double>> seconds(steps);
  std::vector<double> totals, now(steps);
  if (repeat > 1) program.run(inputs);
  for (std::int64_t i = 0; i < repeat; ++i) {
    const auto start = Clock::now();
    program.run(inputs, now);
    totals.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    for (std::size_t s = 0; s < steps; ++s) seconds[s].push_back(now[s]);
  }
  Measured result;
  result.repeat = repeat;
  for (auto& samples : seconds) result.steps.push_back(spread_of(std::move(samples)));
  result.total = spread_of(std::move(totals));
  result.outputs = program.outputs();
  return result;
}

void show(const InferenceReport& report, const hardware::Program& program, const Measured& measured,
          std::ostream& out) {
  for (std::size_t i = 0; i < report.outputs.size(); ++i)
    out << "output " << report.outputs[i] << ": " << models::text_of(measured.outputs[i].shape)
        << ' ' << name_of(measured.outputs[i].type) << '\n';
  out << "\non " << hardware::cpu_name() << ", " << hardware::isa_in_effect() << ", "
      << report.threads << (report.threads == 1 ? " thread" : " threads") << "\ntime "
      << in_time(measured.total.median);
  if (measured.repeat > 1)
    out << " (p10 " << in_time(measured.total.p10) << ", p90 " << in_time(measured.total.p90)
        << ", of " << measured.repeat << " runs)";
  out << "\n\n" << steps_text(program, measured, report.all_steps);
  show_memory(program.memory(), out);
  for (std::size_t i = 0; i < report.comparisons.size(); ++i)
    out << "\ncompared: " << report.outputs[i] << ": " << comparison_text(report.comparisons[i])
        << '\n';
}

std::string to_json(const InferenceReport& report, const hardware::Program& program,
                    const Measured& measured) {
  JsonWriter json;
  json.begin_object()
      .member("network", report.network)
      .member("cpu", hardware::cpu_name())
      .member("isa", hardware::isa_in_effect())
      .member("threads", report.threads)
      .member("repeat", measured.repeat);
  write_spread(measured.total, json.key("seconds"));
  json.key("outputs").begin_list();
  for (std::size_t i = 0; i < report.outputs.size(); ++i) {
    const auto& output = measured.outputs[i];
    json.begin_object(JsonWriter::Layout::line)
        .member("name", report.outputs[i])
        .member("type", name_of(output.type))
        .key("shape")
        .values(output.shape);
    if (i < report.files.size()) json.member("file", report.files[i]);
    json.end_object();
  }
  json.end_list();
  write_steps(program, measured, json);
  write_memory(program.memory(), json);
  json.key("comparison").begin_list();
  for (std::size_t i = 0; i < report.comparisons.size(); ++i)
    write_comparison(report.outputs[i], report.comparisons[i], json);
  return json.end_list().end_object().text();
}

}  // namespace scenarios
