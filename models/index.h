#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

namespace models {

/// An index as the standard containers want it. Ours are signed: operators, tensors, devices, links
/// and requests are counted by numbers that can be subtracted. Not checked.
constexpr std::size_t at(std::integral auto index) {
  return static_cast<std::size_t>(index);
}

/// The element of a container at such an index. Not checked.
template <class Container>
constexpr decltype(auto) at(Container&& container, std::integral auto index) {
  return std::forward<Container>(container)[static_cast<std::size_t>(index)];
}

}  // namespace models
