#include "scenarios/inference.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "hardware/catalogue.h"
#include "models/error.h"
#include "models/index.h"
#include "models/network/given.h"
#include "models/network/onnx.h"
#include "models/network/zoo.h"
#include "models/units.h"
#include "results/ranges_json.h"
#include "results/tensor_file.h"
#include "scenarios/plan_recipe.h"
#include "scenarios/random_values.h"
#include "scenarios/shipped.h"

namespace scenarios {
namespace {

using models::at;
using models::ElementType;
using models::InputError;
using models::TensorValue;
using models::ValuedNetwork;

constexpr const char* needed_network = "an ONNX file or a name of 'partwise list networks'";

/// Refuses what no kernel exists for, by name and before anything else is looked at.
void check_support(const std::vector<models::Need>& needs, const std::string& file) {
  std::set<std::string> missing;
  std::string where;
  for (const auto& need : needs) {
    const auto name = need.fault.empty() ? need.type : need.fault;
    if (need.fault.empty() && hardware::find_plain(need.type) != nullptr) continue;
    if (missing.insert(name).second && where.empty()) where = need.where;
  }
  if (missing.empty()) return;
  std::string names;
  for (const auto& name : missing) names += (names.empty() ? "" : ", ") + name;
  throw InputError(file + ": not supported: " + names + " (first in " + where +
                   "); docs/operators.md lists what is");
}

/// Files by the inputs they are for; NAME=FILE names one, and a file of several arrays names all.
std::vector<TensorValue> read_inputs(const std::vector<std::string>& files,
                                     const std::vector<std::string>& names) {
  std::vector<TensorValue> inputs(names.size());
  std::size_t next = 0;
  const auto put = [&](const std::string& name, TensorValue value) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      std::string list;
      for (const auto& each : names) list += (list.empty() ? "" : ", ") + each;
      throw InputError("--input: the network has no input '" + name + "'; it has " + list);
    }
    inputs[at(found - names.begin())] = std::move(value);
  };
  for (const auto& file : files) {
    const auto equals = file.find('=');
    if (equals != std::string::npos &&
        std::ranges::find(names, file.substr(0, equals)) != names.end()) {
      put(file.substr(0, equals), results::read_tensor(file.substr(equals + 1)));
      continue;
    }
    std::error_code error;
    if (equals != std::string::npos && !std::filesystem::exists(file, error))
      put(file.substr(0, equals), {});
    auto all = results::read_tensors(file);
    if (all.size() > 1) {
      for (auto& [name, value] : all) put(name, std::move(value));
      continue;
    }
    if (next >= names.size())
      throw InputError("--input: '" + file + "' is one too many; the network has " +
                       std::to_string(names.size()) + " inputs");
    inputs[next++] = std::move(all.front().value);
  }
  return inputs;
}

/// Of the model's inputs that are not weights with a value of their own.
std::vector<DeclaredInput> inputs_of(const models::OnnxModel& model,
                                     const std::map<std::string, std::int64_t>& dims) {
  std::set<std::string> weights;
  for (const auto& weight : model.weights) weights.insert(weight.name);
  std::vector<DeclaredInput> inputs;
  for (const auto& input : model.inputs) {
    if (weights.contains(input.name)) continue;
    auto& declared = inputs.emplace_back(DeclaredInput{input.name});
    if (input.shape.empty()) continue;
    const auto given = dims.find(models::dimension_key(input, 0));
    declared.batch = given != dims.end() ? std::optional(given->second) : input.shape[0].size;
  }
  return inputs;
}

std::vector<DeclaredInput> inputs_of(const models::Network& network) {
  std::vector<DeclaredInput> inputs;
  for (const int input : network.inputs) {
    const auto& it = at(network.tensors, input);
    auto& declared = inputs.emplace_back(DeclaredInput{it.name});
    if (!it.shape.empty()) declared.batch = it.shape[0];
  }
  return inputs;
}

bool is_built_in(const std::string& network) {
  const auto zoo = models::zoo();
  return std::ranges::find(zoo, network, &models::ZooEntry::name) != zoo.end();
}

std::vector<std::string> names_of(const std::vector<DeclaredInput>& inputs) {
  std::vector<std::string> names;
  for (const auto& input : inputs) names.push_back(input.name);
  return names;
}

using Dims = std::map<std::string, std::int64_t>;

/// `dims` gets the sizes of symbols that the inputs say.
ValuedNetwork read_network(const InferenceRequest& request, std::vector<TensorValue>& inputs,
                           const models::OnnxOptions& options, Dims& dims) {
  if (is_built_in(request.network)) {
    auto network = models::without_values(models::make_network(request.network));
    inputs = request.given.empty()
                 ? read_inputs(request.inputs, names_of(inputs_of(network.network)))
                 : request.given;
    return network;
  }
  need_file(request.network, needed_network);
  auto model = models::parse_onnx(request.network, models::Values::all);
  check_support(models::needs_of(model), request.network);
  inputs = request.given.empty()
               ? read_inputs(request.inputs, names_of(inputs_of(model, options.dims)))
               : request.given;
  const auto missing = std::ranges::find_if(inputs, [](const TensorValue& it) { return !it; });
  if (std::ranges::none_of(inputs, [](const TensorValue& input) { return bool{input}; }))
    inputs.clear();
  else if (missing != inputs.end())
    throw InputError("input '" + inputs_of(model, options.dims)[at(missing - inputs.begin())].name +
                     "' is not given; add --input FILE for it");
  dims = models::Given(model, options, inputs).dims();
  return models::valued_network_of(std::move(model), options, inputs);
}

std::shared_ptr<const models::Network> folded(const InferenceRequest& request,
                                              models::OnnxOptions options, const Dims& dims) {
  if (is_built_in(request.network))
    return std::make_shared<models::Network>(models::make_network(request.network));
  options.unknown_by_bandwidth = true;
  options.dims = dims;
  return std::make_shared<models::Network>(models::read_onnx(request.network, options));
}

/// Refuses what one tensor alone makes impossible here, before anything is allocated.
void check_sizes(const models::Network& network) {
  const auto memory = std::int64_t{sysconf(_SC_PHYS_PAGES)} * std::int64_t{sysconf(_SC_PAGE_SIZE)};
  for (const auto& tensor : network.tensors) {
    std::int64_t bytes = models::max_elements;
    try {
      bytes = models::elements_of(tensor.shape) * bits_of(tensor.type) / 8;
    } catch (const models::TooLarge&) {
    }
    if (memory <= 0 || bytes <= memory) continue;
    const auto maker = tensor.producer < 0 ? std::string()
                                           : ", made by operator '" +
                                                 at(network.operators, tensor.producer).name + "',";
    throw InputError("tensor '" + tensor.name + "' (" + models::text_of(tensor.shape) + " " +
                     name_of(tensor.type) + ")" + maker +
                     " is larger than this machine's memory of " +
                     models::pretty(models::Bytes{memory}));
  }
}

void give_missing_inputs(Inference& inference, const InferenceRequest& request) {
  const auto& network = inference.network.network;
  inference.inputs.resize(network.inputs.size());
  for (std::size_t i = 0; i < network.inputs.size(); ++i) {
    const auto& tensor = at(network.tensors, network.inputs[i]);
    if (auto& given = inference.inputs[i]) {
      given = taken_as(std::move(given), tensor.type);
      continue;
    }
    if (!request.random)
      throw InputError("input '" + tensor.name + "' (" + models::text_of(tensor.shape) + " " +
                       name_of(tensor.type) +
                       ") is not given; add --input FILE, or --random SEED for random values");
    inference.inputs[i] = random_value(tensor.type, tensor.shape, *request.random + i);
  }
}

}  // namespace

std::map<std::string, std::int64_t> dims_of(const std::vector<std::string>& dims) {
  std::map<std::string, std::int64_t> result;
  for (const auto& dim : dims) {
    const auto equals = dim.find('=');
    std::int64_t size = 0;
    const char* const end = dim.data() + dim.size();
    if (equals == std::string::npos || equals == 0)
      throw InputError("--dims: '" + dim + "' must be written like 'batch=1'");
    const auto [rest, error] = std::from_chars(dim.data() + equals + 1, end, size);
    if (error != std::errc{} || rest != end || size < 1)
      throw InputError("--dims: '" + dim + "' does not end with a whole number of 1 or more");
    result[dim.substr(0, equals)] = size;
  }
  return result;
}

std::vector<DeclaredInput> declared_inputs(const InferenceRequest& request) {
  if (is_built_in(request.network)) return inputs_of(models::make_network(request.network));
  need_file(request.network, needed_network);
  return inputs_of(models::parse_onnx(request.network), dims_of(request.dims));
}

std::optional<std::int64_t> resident_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  return std::int64_t{usage.ru_maxrss} * 1024;
}

Inference read_inference(const InferenceRequest& request) {
  if (!request.precision.empty() && !request.plan.empty())
    throw InputError("--precision and --plan exclude each other: the plan says the precisions");
  auto precision = models::Precision::fp32;
  if (!request.precision.empty()) {
    const auto found = models::find_precision(request.precision);
    if (!found || !is_compute(*found))
      throw InputError("--precision: '" + request.precision + "' is none; there are " +
                       models::compute_precision_names());
    precision = *found;
  }
  models::OnnxOptions options;
  options.dims = dims_of(request.dims);
  Inference inference;
  Dims dims;
  inference.network = read_network(request, inference.inputs, options, dims);
  check_sizes(inference.network.network);
  if (request.random) fill_unknown(inference.network, *request.random);
  give_missing_inputs(inference, request);
  if (!request.ranges.empty())
    for (const auto& [name, range] : results::read_ranges(request.ranges))
      inference.options.ranges[name] = {range.first, range.second};
  inference.recipe =
      request.plan.empty()
          ? hardware::uniform_recipe(inference.network.network, precision)
          : plan_recipe(request.plan, folded(request, options, dims), inference.network.network);
  return inference;
}

}  // namespace scenarios
