#include "hardware/catalogue.h"

namespace hardware {

std::span<const PlainRow> quantizing_rows() {
  return {};
}

}  // namespace hardware
