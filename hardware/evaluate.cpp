#include "hardware/evaluate.h"

#include <utility>

#include "hardware/catalogue.h"
#include "models/error.h"

namespace hardware {

Prepared make_plain(const Request& request) {
  const auto refuse = [&](const std::string& why) {
    return models::InputError("not supported: " + request.op->type + " (operator '" +
                              request.op->name + "'" + (why.empty() ? "" : ": " + why) + ")");
  };
  const auto* row = find_plain(request.op->type);
  if (row == nullptr) throw refuse("");
  try {
    return row->make(request);
  } catch (const NotSupported& error) {
    throw refuse(error.what);
  }
}

std::vector<models::TensorValue> evaluate(const models::Operator& op, int opset,
                                          const std::vector<std::optional<Request::Input>>& inputs,
                                          const std::vector<std::optional<Layout>>& outputs) {
  Request request;
  request.op = &op;
  request.opset = opset;
  request.inputs = inputs;
  request.outputs = outputs;
  const auto prepared = make_plain(request);
  std::vector<const std::byte*> in;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool packed = i < prepared.packed.size() && prepared.packed[i];
    in.push_back(inputs[i] && !packed ? inputs[i]->constant : nullptr);
  }
  std::vector<models::TensorValue> results;
  std::vector<std::byte*> out;
  for (const auto& layout : outputs) {
    auto& result = results.emplace_back();
    out.push_back(nullptr);
    if (!layout) continue;
    auto made = models::fresh_value(layout->type, layout->shape);
    out.back() = made.fresh.data();
    result = std::move(made.value);
  }
  const auto workspace = models::fresh_value(models::ElementType::uint8,
                                             {static_cast<std::int64_t>(prepared.workspace)});
  prepared.kernel->run(in, out, workspace.fresh.data());
  return results;
}

}  // namespace hardware
