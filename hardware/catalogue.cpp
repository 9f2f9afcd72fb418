#include "hardware/catalogue.h"

#include <initializer_list>

namespace hardware {
namespace {

template <class Row>
const Row* find(std::initializer_list<std::span<const Row>> families, std::string_view type) {
  for (const auto rows : families)
    for (const auto& row : rows)
      if (row.type == type) return &row;
  return nullptr;
}

}  // namespace

const PlainRow* find_plain(std::string_view type) {
  return find<PlainRow>({elementwise_rows(), reducing_rows(), quantizing_rows(), moving_rows(),
                         picking_rows(), resizing_rows(), product_rows(), integer_rows(),
                         pooling_rows(), normalizing_rows(), recurrent_rows()},
                        type);
}

const NativeRow* find_native(std::string_view type) {
  return find<NativeRow>({native_products(), native_elements(), native_windows()}, type);
}

}  // namespace hardware
