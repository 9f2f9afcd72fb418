#include "hardware/catalogue.h"

namespace hardware {

std::span<const NativeRow> native_windows() {
  return {};
}

}  // namespace hardware
