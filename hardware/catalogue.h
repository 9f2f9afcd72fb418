#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "hardware/kernel.h"

namespace hardware {

/// The rows of each family, from the file that makes their kernels.
std::span<const PlainRow> elementwise_rows();  // elementwise*.cpp
std::span<const PlainRow> reducing_rows();     // reducing*.cpp
std::span<const PlainRow> quantizing_rows();   // quantizing.cpp
std::span<const PlainRow> moving_rows();       // moving*.cpp
std::span<const PlainRow> picking_rows();      // picking*.cpp: gather, scatter, top-k and the like
std::span<const PlainRow> resizing_rows();     // resizing*.cpp
std::span<const PlainRow> product_rows();      // products*.cpp: convolutions, matrix products
std::span<const PlainRow> integer_rows();      // integers*.cpp: QLinearConv, MatMulInteger, ...
std::span<const PlainRow> pooling_rows();      // pooling*.cpp
std::span<const PlainRow> normalizing_rows();  // normalizing*.cpp, softmax and its kin too
std::span<const PlainRow> recurrent_rows();    // recurrent*.cpp
std::span<const NativeRow> native_products();  // onednn/products*.cpp
std::span<const NativeRow> native_elements();  // onednn/elements*.cpp: elementwise, concat
std::span<const NativeRow> native_windows();  // onednn/windows*.cpp: pooling, normalising, resizing

/// All of them, family by family.
const std::vector<const PlainRow*>& plain_rows();
/// nullptr for a type without a row.
const PlainRow* find_plain(std::string_view type);
const NativeRow* find_native(std::string_view type);
/// nullptr also for a row that does not compute in that precision.
const NativeRow* find_native(std::string_view type, models::Precision precision);

/// Whether the word is in a list separated by spaces.
bool lists(std::string_view list, std::string_view word);

}  // namespace hardware
