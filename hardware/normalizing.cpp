#include "hardware/catalogue.h"

namespace hardware {

std::span<const PlainRow> normalizing_rows() {
  return {};
}

}  // namespace hardware
