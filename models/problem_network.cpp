#include <algorithm>
#include <map>
#include <set>

#include "models/accuracy/noise.h"
#include "models/index.h"
#include "models/problem_parts.h"

namespace models {
namespace {

/// Tensor number by index in Network::tensors, -1 for weights.
std::vector<int> numbered(Problem& p) {
  std::vector<int> number(p.network->tensors.size(), -1);
  const auto add = [&](int tensor, int producer) {
    number[at(tensor)] = size_of(p.tensor_of);
    p.tensor_of.push_back(tensor);
    p.producer.push_back(producer);
  };
  for (const int input : p.network->inputs) add(input, -1);
  p.inputs = size_of(p.tensor_of);
  p.operators = size_of(p.network->operators);
  for (int o = 0; o < p.operators; ++o) {
    p.output_begin.push_back(size_of(p.tensor_of));
    for (const int output : p.network->operators[at(o)].outputs)
      if (output >= 0) add(output, o);
  }
  p.output_begin.push_back(size_of(p.tensor_of));
  p.tensors = size_of(p.tensor_of);
  return number;
}

/// Which operators read and make which tensors.
void connect(Problem& p, const std::vector<int>& number) {
  std::vector<std::vector<int>> readers(at(p.tensors));
  for (int o = 0; o < p.operators; ++o) {
    p.input_begin.push_back(size_of(p.input_tensor));
    std::set<int> read;
    for (const int input : p.network->operators[at(o)].inputs)
      if (input >= 0 && number[at(input)] >= 0) read.insert(number[at(input)]);
    for (const int t : read) {
      p.input_tensor.push_back(t);
      readers[at(t)].push_back(o);
    }
  }
  p.input_begin.push_back(size_of(p.input_tensor));
  for (const auto& each : readers) {
    p.reader_begin.push_back(size_of(p.reader));
    p.reader.insert(p.reader.end(), each.begin(), each.end());
  }
  p.reader_begin.push_back(size_of(p.reader));
  p.is_output.assign(at(p.tensors), 0);
  for (const int output : p.network->outputs) p.is_output[at(number[at(output)])] = 1;
}

std::int64_t weight_size(const Problem& p, const Tensor& weight, int format) {
  if (is_real(weight.type)) return payload(weight.elements(), p.format[at(format)]).count;
  return (weight.elements() * bits_of(weight.type) + 7) / 8;
}

/// Each network by itself: noise of one does not reach the outputs of another.
Sensitivity carried_noise(const Problem& p) {
  Sensitivity all;
  for (const auto& stream : p.streams) {
    const auto own = sensitivity(*stream.use.network);
    all.tensor.insert(all.tensor.end(), own.tensor.begin(), own.tensor.end());
    all.reading.insert(all.reading.end(), own.reading.begin(), own.reading.end());
  }
  return all;
}

}  // namespace

void number_tensors(Problem& p) {
  connect(p, numbered(p));
}

void place_weights(Problem& p) {
  std::map<int, std::set<int>> readers;  // of weights, by tensor
  for (int o = 0; o < p.operators; ++o)
    for (const int t : p.network->operators[at(o)].inputs)
      if (t >= 0 && p.network->tensors[at(t)].role == Tensor::Role::weight) readers[t].insert(o);

  p.weight_bytes.assign(at(p.operators) * at(p.compute_formats), 0);
  std::vector<std::vector<int>> shared(at(p.operators));
  for (const auto& [tensor, operators] : readers) {
    const auto& weight = p.network->tensors[at(tensor)];
    if (operators.size() > 1) {
      for (const int o : operators) shared[at(o)].push_back(p.shared_weights);
      for (int f = 0; f < p.compute_formats; ++f)
        p.shared_weight_bytes.push_back(weight_size(p, weight, f));
      ++p.shared_weights;
      continue;
    }
    for (int f = 0; f < p.compute_formats; ++f)
      p.weight_bytes[at(*operators.begin()) * at(p.compute_formats) + at(f)] +=
          weight_size(p, weight, f);
  }
  for (const auto& each : shared) {
    p.shared_begin.push_back(size_of(p.shared_weight));
    p.shared_weight.insert(p.shared_weight.end(), each.begin(), each.end());
  }
  p.shared_begin.push_back(size_of(p.shared_weight));
}

void size_tensors(Problem& p) {
  for (int t = 0; t < p.tensors; ++t) {
    const auto& tensor = p.network->tensors[at(p.tensor_of[at(t)])];
    const bool real = is_real(tensor.type);
    p.elements.push_back(tensor.elements());
    p.is_fixed.push_back(!real);
    for (const auto format : p.format)
      p.bytes.push_back(real ? payload(tensor.elements(), format).count
                             : (tensor.elements() * bits_of(tensor.type) + 7) / 8);
  }
}

void carry_noise(Problem& p) {
  const auto carried = carried_noise(p);
  p.noise.assign(at(p.operators) * at(p.compute_formats), 0);
  for (int o = 0; o < p.operators; ++o) {
    if (p.is_free[at(o)]) continue;
    double made = 0;
    for (int t = p.output_begin[at(o)]; t < p.output_begin[at(o) + 1]; ++t)
      made += carried.tensor[at(p.tensor_of[at(t)])];
    for (int f = 0; f < p.compute_formats; ++f)
      p.noise[at(o) * at(p.compute_formats) + at(f)] = std::min(1.0, made) * p.format_noise[at(f)];
  }
  for (int t = 0; t < p.tensors; ++t) {
    const auto outputs = p.stream_with(t).use.network->outputs.size();
    for (int r = p.reader_begin[at(t)]; r < p.reader_begin[at(t) + 1]; ++r)
      p.reader_sensitivity.push_back(p.is_fixed[at(t)] ? 0 : carried.reading[at(p.reader[at(r)])]);
    p.output_sensitivity.push_back(
        p.is_output[at(t)] && !p.is_fixed[at(t)] ? 1.0 / static_cast<double>(outputs) : 0.0);
  }
}

}  // namespace models
