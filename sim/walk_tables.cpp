#include "sim/walk_tables.h"

#include <algorithm>

#include "models/index.h"

namespace sim {

using models::at;

WalkTables::WalkTables(const models::Problem& of)
    : problem(of),
      stream(of.streams.front()),
      operators(at(of.operators)),
      tensor_count(at(of.tensors)),
      edges(of.input_tensor.size()),
      edge_tensor(of.input_tensor),
      position(operators, -1),
      readers(of.reader.size()) {
  single_slots = std::ranges::all_of(of.slots, [](std::int32_t slots) { return slots == 1; });
  add_cells();
  const auto compute_formats = at(of.compute_formats), formats = at(of.formats);
  for (std::size_t p = 0; p < compute_formats; ++p)
    for (std::size_t o = 0; o < operators; ++o) noise.push_back(of.noise[o * compute_formats + p]);
  for (std::size_t f = 0; f < formats; ++f)
    for (std::size_t t = 0; t < tensor_count; ++t) sizes.push_back(of.bytes[t * formats + f]);
  const auto number = [](std::int32_t index) { return static_cast<std::uint32_t>(index); };
  for (std::size_t t = 0; t < tensor_count; ++t) {
    const auto first = of.reader_begin[t], end = of.reader_begin[t + 1];
    const bool fixed = of.is_fixed[t] != 0, output = of.is_output[t] != 0;
    tensors.push_back({number(first), number(end), of.producer[t], fixed, output,
                       end > first && !fixed && !output});
  }
  for (std::size_t o = 0; o < operators; ++o) {
    Row row;
    row.first_edge = number(of.input_begin[o]);
    row.end_edge = number(of.input_begin[o + 1]);
    row.first_output = number(of.output_begin[o]);
    row.end_output = number(of.output_begin[o + 1]);
    row.free = of.is_free[o] != 0;
    row.shares_weights = of.shared_begin[o] != of.shared_begin[o + 1];
    rows.push_back(row);
    for (auto e = row.first_edge; e < row.end_edge; ++e) {
      const auto t = at(edge_tensor[e]);
      const auto r = std::lower_bound(of.reader.begin() + of.reader_begin[t],
                                      of.reader.begin() + of.reader_begin[t + 1],
                                      static_cast<std::int32_t>(o));
      readers[at(r - of.reader.begin())] = {static_cast<std::int32_t>(o), e};
    }
  }
  for (auto& row : rows) {
    if (row.end_output - row.first_output != 1) continue;
    const auto& tensor = tensors[row.first_output];
    row.sole = tensor.plain && tensor.end_reader - tensor.first_reader == 1;
    if (!row.sole) continue;
    row.sole_reader = number(readers[tensor.first_reader].op);
    row.sole_edge = readers[tensor.first_reader].edge;
  }
}

void WalkTables::add_cells() {
  const auto formats = at(problem.compute_formats);
  for (const auto kind : problem.device_kind) cells_of.push_back(at(kind) * formats * operators);
  std::vector<int> one_of(at(problem.kinds));  // a device of each kind
  for (int d = 0; d < problem.devices; ++d) one_of[at(problem.device_kind[at(d)])] = d;
  for (const int d : one_of)
    for (std::size_t p = 0; p < formats; ++p)
      for (std::size_t o = 0; o < operators; ++o) {
        const auto i = problem.cost_index(static_cast<int>(o), d, static_cast<int>(p));
        cells.push_back({problem.duration[i], problem.energy[i], problem.workspace[i],
                         problem.weight_bytes[o * formats + p]});
      }
}

void WalkTables::follow(const std::vector<std::int32_t>& plan_order) {
  if (plan_order == order) return;
  order = plan_order;
  first_noise = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    position[at(order[k])] = static_cast<std::int32_t>(k);
    first_noise += noise[at(order[k])];
  }
  for (const auto& tensor : tensors)
    if (tensor.end_reader - tensor.first_reader > 1)
      std::sort(readers.begin() + tensor.first_reader, readers.begin() + tensor.end_reader,
                [&](const Reader& a, const Reader& b) {
                  return position[at(a.op)] < position[at(b.op)];
                });
}

}  // namespace sim
