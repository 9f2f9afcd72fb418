#include "scenarios/samples.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "models/error.h"
#include "models/index.h"
#include "results/tensor_file.h"

namespace scenarios {
namespace {

namespace fs = std::filesystem;
using models::at;
using models::InputError;
using models::TensorValue;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && results::is_tensor_file(entry.path().string()))
      files.push_back(entry.path().string());
  std::ranges::sort(files);
  if (files.empty())
    throw InputError("--data: the folder '" + folder +
                     "' holds no files of tensors (.pb, .npy, .npz, .h5)");
  return files;
}

/// Part `index` of `count` equal ones along the first axis; a scalar is the same for all.
TensorValue part_of(const TensorValue& value, std::int64_t index, std::int64_t count) {
  auto shape = value.shape;
  if (shape.empty()) return value;
  shape[0] /= count;
  const auto bytes = value.size() / at(count);
  return models::copied(value.type, shape, value.span().subspan(at(index) * bytes, bytes));
}

}  // namespace

Samples::Samples(const std::vector<std::string>& data, std::vector<DeclaredInput> inputs)
    : inputs_(std::move(inputs)) {
  for (const auto& path : data) {
    if (!fs::is_directory(path)) {
      files_.push_back(path);
      continue;
    }
    auto files = files_in(path);
    files_.insert(files_.end(), files.begin(), files.end());
  }
}

void Samples::each(const Visit& visit) const {
  for (const auto& file : files_) {
    const auto inputs = read(file);
    const auto count = samples_in(inputs, file);
    for (std::int64_t i = 0; i < count; ++i) {
      auto sample = inputs;
      if (count > 1)
        for (auto& input : sample) input = part_of(input, i, count);
      if (!visit(sample, count > 1 ? file + ", sample " + std::to_string(i) : file)) return;
    }
  }
}

Samples::Inputs Samples::read(const std::string& file) const {
  auto tensors = results::read_tensors(file);
  if (inputs_.size() == 1 && tensors.size() == 1) return {std::move(tensors[0].value)};
  Inputs inputs;
  for (const auto& input : inputs_) {
    const auto found = std::ranges::find(tensors, input.name, &models::NamedTensor::name);
    if (found == tensors.end())
      throw InputError(file + ": holds no array '" + input.name + "', which the network takes" +
                       (inputs_.size() == 1 ? ""
                                            : "; give a .npz or .h5 with an array for each of its "
                                              "inputs, by their names"));
    inputs.push_back(std::move(found->value));
  }
  return inputs;
}

/// Of how many times the network's batch the arrays are; all must agree. What is no multiple is one
/// sample, which the program then refuses with the shape that it takes.
std::int64_t Samples::samples_in(const Inputs& inputs, const std::string& file) const {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& shape = inputs[i].shape;
    const auto batch = inputs_[i].batch.value_or(0);
    if (shape.empty() || batch < 1) continue;
    const auto here = shape[0] > 0 && shape[0] % batch == 0 ? shape[0] / batch : 1;
    if (count > 0 && here != count)
      throw InputError(file + ": '" + inputs_[i].name + "' holds " + std::to_string(here) +
                       " samples, and other inputs " + std::to_string(count));
    count = here;
  }
  count = std::max<std::int64_t>(1, count);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (const auto& shape = inputs[i].shape; !shape.empty() && shape[0] % count != 0)
      throw InputError(file + ": '" + inputs_[i].name + "' holds " + std::to_string(shape[0]) +
                       " rows, which " + std::to_string(count) +
                       " samples of the other inputs cannot share equally");
  return count;
}

}  // namespace scenarios
