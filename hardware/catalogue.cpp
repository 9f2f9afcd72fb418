#include "hardware/catalogue.h"

#include <algorithm>

namespace hardware {
namespace {

template <class Row>
void add(std::vector<const Row*>& all, std::span<const Row> rows) {
  for (const auto& row : rows) all.push_back(&row);
}

template <class Row>
const Row* find(const std::vector<const Row*>& rows, std::string_view type) {
  const auto found = std::ranges::find(rows, type, &Row::type);
  return found == rows.end() ? nullptr : *found;
}

std::vector<const PlainRow*> all_plain() {
  std::vector<const PlainRow*> all;
  for (const auto rows : {elementwise_rows(), reducing_rows(), quantizing_rows(), moving_rows(),
                          picking_rows(), resizing_rows(), product_rows(), integer_rows(),
                          pooling_rows(), normalizing_rows(), recurrent_rows()})
    add(all, rows);
  return all;
}

std::vector<const NativeRow*> all_native() {
  std::vector<const NativeRow*> all;
  for (const auto rows : {native_products(), native_elements(), native_windows()}) add(all, rows);
  return all;
}

}  // namespace

const std::vector<const PlainRow*>& plain_rows() {
  static const auto all = all_plain();
  return all;
}

const PlainRow* find_plain(std::string_view type) {
  return find(plain_rows(), type);
}

const NativeRow* find_native(std::string_view type) {
  static const auto all = all_native();
  return find(all, type);
}

const NativeRow* find_native(std::string_view type, models::Precision precision) {
  const auto* row = find_native(type);
  return row != nullptr && lists(row->precisions, models::name_of(precision)) ? row : nullptr;
}

bool lists(std::string_view list, std::string_view word) {
  for (std::size_t start = 0; start < list.size();) {
    const auto end = std::min(list.find(' ', start), list.size());
    if (list.substr(start, end - start) == word) return true;
    start = end + 1;
  }
  return false;
}

}  // namespace hardware
