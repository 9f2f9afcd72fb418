#include "results/columns.h"

namespace results {

std::string_view name_of(Role role) {
  constexpr std::string_view names[] = {"key", "reference", "choice", "measure"};
  return names[static_cast<std::size_t>(role)];
}

}  // namespace results
