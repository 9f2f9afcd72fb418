#include "hardware/catalogue.h"

namespace hardware {

std::span<const PlainRow> reducing_rows() {
  return {};
}

}  // namespace hardware
