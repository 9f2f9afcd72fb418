#include "optimizers/state.h"

#include "models/error.h"

namespace optimizers {

std::size_t State::counted(std::size_t count) {
  auto number = static_cast<std::uint64_t>(count);
  raw(&number, sizeof number);
  // Everything counted takes a byte at least.
  if (reading_ && number > from_.size())
    throw models::InputError("the state of the search is cut off or damaged");
  return static_cast<std::size_t>(number);
}

void State::raw(void* data, std::size_t size) {
  if (size == 0) return;
  if (!reading_) {
    bytes_.append(static_cast<const char*>(data), size);
    return;
  }
  if (size > from_.size())
    throw models::InputError("the state of the search is cut off or damaged");
  std::memcpy(data, from_.data(), size);
  from_.remove_prefix(size);
}

void State::keep(std::string& text) {
  text.resize(counted(text.size()));
  raw(text.data(), text.size());
}

void State::keep(models::Plan& plan) {
  (*this)(plan.device, plan.precision, plan.order, plan.wire, plan.lanes, plan.discipline);
}

void State::keep(models::Random& random) {
  auto text = random.text();
  keep(text);
  if (reading_ && !random.set_text(text))
    throw models::InputError("the state of the search is damaged: no random numbers");
}

}  // namespace optimizers
