#include "optimizers/state.h"

#include "models/error.h"

namespace optimizers {

namespace {

/// FNV-1a over words of eight bytes, then over the bytes that are left.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  const auto mix = [&](std::uint64_t word) {
    sum = (sum ^ word) * 0x100000001b3;
    sum ^= sum >> 32;
  };
  for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    mix(word);
  }
  for (const char byte : bytes) mix(static_cast<unsigned char>(byte));
  return sum;
}

[[noreturn]] void refuse() {
  throw models::InputError("the state of the search is cut off or damaged");
}

}  // namespace

State::State(std::string_view bytes) : reading_(true), from_(bytes) {
  std::uint64_t sum = 0;
  if (bytes.size() < sizeof sum) refuse();
  from_.remove_suffix(sizeof sum);
  std::memcpy(&sum, bytes.data() + from_.size(), sizeof sum);
  if (sum != checksum(from_)) refuse();
}

std::string State::bytes() const {
  const auto sum = checksum(bytes_);
  return bytes_ + std::string(reinterpret_cast<const char*>(&sum), sizeof sum);
}

std::size_t State::counted(std::size_t count) {
  auto number = static_cast<std::uint64_t>(count);
  raw(&number, sizeof number);
  // Everything counted takes a byte at least.
  if (reading_ && number > from_.size()) refuse();
  return static_cast<std::size_t>(number);
}

void State::raw(void* data, std::size_t size) {
  if (size == 0) return;
  if (!reading_) {
    bytes_.append(static_cast<const char*>(data), size);
    return;
  }
  if (size > from_.size()) refuse();
  std::memcpy(data, from_.data(), size);
  from_.remove_prefix(size);
}

void State::keep(std::string& text) {
  text.resize(counted(text.size()));
  raw(text.data(), text.size());
}

void State::keep(models::Plan& plan) {
  (*this)(plan.device, plan.precision, plan.order, plan.wire, plan.lanes, plan.discipline,
          plan.platform);
}

void State::keep(models::Random& random) {
  auto text = random.text();
  keep(text);
  if (reading_ && !random.set_text(text)) refuse();
}

}  // namespace optimizers
