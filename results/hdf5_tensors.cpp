#include "results/hdf5_tensors.h"

#include <hdf5.h>

#include <algorithm>
#include <new>
#include <optional>
#include <stdexcept>

#include "models/error.h"
#include "results/apart.h"
#include "results/hdf5_file.h"

namespace results {
namespace {

using models::ElementType;
using models::InputError;
using models::NamedTensor;

/// HDF5 refuses to open bytes in memory under the name of a file that exists; this one cannot.
constexpr const char* file_name = "/dev/null/partwise.h5";
constexpr std::size_t longest_name = 4096;
constexpr std::size_t most_datasets = 100'000;
/// What deflate does at best. A dataset may leave out blocks that were never written, but not all.
constexpr std::uint64_t best_compression = 1032;

template <class Result>
Result checked(Result result) {
  if (result < 0) throw std::runtime_error("HDF5 cannot do this");
  return result;
}

/// An HDF5 identifier, closed by the function of its kind.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(checked(id)), close_(close) {}
  ~Handle() { close_(id_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

Handle memory_options() {
  const hid_t options = checked(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(options, 1 << 20, false);
  return {options, H5Pclose};
}

std::optional<ElementType> integer_type(std::size_t size, bool negative) {
  switch (size) {
    case 1:
      return negative ? ElementType::int8 : ElementType::uint8;
    case 2:
      return negative ? ElementType::int16 : ElementType::uint16;
    case 4:
      return negative ? ElementType::int32 : ElementType::uint32;
    case 8:
      return negative ? ElementType::int64 : ElementType::uint64;
    default:
      return std::nullopt;
  }
}

std::optional<ElementType> real_type(hid_t type) {
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, fraction = 0, fraction_bits = 0;
  checked(H5Tget_fields(type, &sign, &exponent, &exponent_bits, &fraction, &fraction_bits));
  switch (H5Tget_size(type)) {
    case 2:
      if (exponent_bits == 5) return ElementType::float16;
      return exponent_bits == 8 ? std::optional(ElementType::bfloat16) : std::nullopt;
    case 4:
      return exponent_bits == 8 ? std::optional(ElementType::float32) : std::nullopt;
    case 8:
      return exponent_bits == 11 ? std::optional(ElementType::float64) : std::nullopt;
    default:
      return std::nullopt;
  }
}

/// h5py keeps booleans as an enumeration of FALSE and TRUE.
bool is_boolean(hid_t type) {
  return H5Tget_class(type) == H5T_ENUM && H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2;
}

std::optional<ElementType> element_type(hid_t type) {
  if (is_boolean(type)) return ElementType::boolean;
  if (H5Tget_class(type) == H5T_FLOAT) return real_type(type);
  if (H5Tget_class(type) == H5T_INTEGER)
    return integer_type(H5Tget_size(type), H5Tget_sign(type) == H5T_SGN_2);
  return std::nullopt;
}

/// Reads in the child. Messages name `source_`.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  void send(const std::string& name, const Apart::Sender& to) const {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);  // a file must not make us load libraries
    const Handle access = memory_options();
    // HDF5 copies the image; it does not write into what it is given.
    checked(H5Pset_file_image(access, const_cast<char*>(bytes_.data()), bytes_.size()));
    const Handle file(H5Fopen(file_name, H5F_ACC_RDONLY, access), H5Fclose);
    auto names = datasets(file);
    if (!name.empty()) {
      if (std::ranges::find(names, name) == names.end()) miss(name, names);
      names = {name};
    }
    to.send(std::ssize(names));
    for (const auto& each : names) send_dataset(file, each, to);
  }

 private:
  [[noreturn]] void miss(const std::string& name, const std::vector<std::string>& names) const {
    std::string all;
    for (const auto& other : names) all += (all.empty() ? "'" : ", '") + other + "'";
    throw InputError(source_ + ": it holds no dataset '" + name + "'; " +
                     (all.empty() ? "it holds none" : "there is " + all.substr(0, longest_name)));
  }

  [[noreturn]] void refuse(const std::string& name, const std::string& why) const {
    throw InputError(source_ + ":" + name + ": " + why);
  }

  static std::vector<std::string> datasets(hid_t file) {
    std::vector<std::string> names;
    const auto add = [](hid_t, const char* name, const H5O_info_t* info, void* into) -> herr_t {
      auto& list = *static_cast<std::vector<std::string>*>(into);
      if (info->type == H5O_TYPE_DATASET) list.emplace_back(name);
      return list.size() > most_datasets ? -1 : 0;
    };
    checked(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, add, &names, H5O_INFO_BASIC));
    std::ranges::sort(names);
    return names;
  }

  models::Shape shape_of(hid_t space, const std::string& name) const {
    if (H5Sget_simple_extent_type(space) == H5S_SCALAR) return {};
    if (H5Sget_simple_extent_type(space) != H5S_SIMPLE) refuse(name, "it holds no array");
    std::vector<hsize_t> sizes(
        static_cast<std::size_t>(checked(H5Sget_simple_extent_ndims(space))));
    checked(H5Sget_simple_extent_dims(space, sizes.data(), nullptr));
    models::Shape shape;
    for (const auto size : sizes)
      shape.push_back(static_cast<std::int64_t>(std::min<hsize_t>(size, models::max_elements + 1)));
    return shape;
  }

  /// That the elements lie in this file, and can.
  void check_storage(hid_t dataset, const models::TensorValue& header,
                     const std::string& name) const {
    const Handle options(H5Dget_create_plist(dataset), H5Pclose);
    if (H5Pget_layout(options) == H5D_VIRTUAL || H5Pget_external_count(options) > 0)
      refuse(name, "its elements lie in other files, which are not read; copy them into this one");
    try {
      if (header.size() / best_compression <= bytes_.size()) return;
    } catch (const models::TooLarge&) {
    }
    refuse(name, "its shape " + models::text_of(header.shape) + " is more than a file of " +
                     std::to_string(bytes_.size()) + " bytes can hold; write the dataset again");
  }

  void send_dataset(hid_t file, const std::string& name, const Apart::Sender& to) const {
    const Handle dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    const Handle space(H5Dget_space(dataset), H5Sclose);
    const Handle stored(H5Dget_type(dataset), H5Tclose);
    const auto type = element_type(stored);
    if (!type)
      refuse(name,
             "its elements are no numbers of a supported type; use one of float16 to "
             "float64, integers or booleans");
    models::TensorValue header{*type, shape_of(space, name), nullptr};
    check_storage(dataset, header, name);
    auto made = models::fresh_value(header.type, header.shape);
    const Handle wanted(H5Tcopy(stored), H5Tclose);
    if (!is_boolean(stored)) checked(H5Tset_order(wanted, H5Tget_order(H5T_NATIVE_INT)));
    if (!made.fresh.empty())
      checked(H5Dread(dataset, wanted, H5S_ALL, H5S_ALL, H5P_DEFAULT, made.fresh.data()));
    to.send(name);
    to.send(static_cast<std::int64_t>(*type));
    to.send(std::ssize(header.shape));
    for (const auto size : header.shape) to.send(size);
    to.send(std::span<const std::byte>(made.fresh));
  }

  std::string_view bytes_;
  const std::string& source_;
};

NamedTensor received(Apart& child) {
  NamedTensor tensor;
  tensor.name = child.text(longest_name);
  const auto type = child.number();
  const auto rank = child.number();
  if (type < 0 || type > static_cast<std::int64_t>(ElementType::boolean) || rank < 0 || rank > 64)
    throw Apart::Ended();
  models::Shape shape;
  for (std::int64_t i = 0; i < rank; ++i) shape.push_back(child.number());
  auto made = models::fresh_value(static_cast<ElementType>(type), std::move(shape));
  child.receive(made.fresh);
  if (made.value.type == ElementType::boolean)
    for (auto& byte : made.fresh) byte = byte == std::byte{0} ? byte : std::byte{1};
  tensor.value = std::move(made.value);
  return tensor;
}

/// The type that a file gets.
Handle file_type(ElementType type) {
  const auto copy = [](hid_t from) { return Handle(H5Tcopy(from), H5Tclose); };
  const auto half = [](std::size_t exponent_bits) {
    const std::size_t fraction_bits = 15 - exponent_bits;
    const hid_t made = checked(H5Tcopy(H5T_IEEE_F32LE));
    H5Tset_fields(made, 15, fraction_bits, exponent_bits, 0, fraction_bits);
    H5Tset_size(made, 2);
    H5Tset_ebias(made, (std::size_t{1} << (exponent_bits - 1)) - 1);
    return Handle(made, H5Tclose);
  };
  switch (type) {
    case ElementType::float32:
      return copy(H5T_IEEE_F32LE);
    case ElementType::float64:
      return copy(H5T_IEEE_F64LE);
    case ElementType::float16:
      return half(5);
    case ElementType::bfloat16:
      return half(8);
    case ElementType::int8:
      return copy(H5T_STD_I8LE);
    case ElementType::int16:
      return copy(H5T_STD_I16LE);
    case ElementType::int32:
      return copy(H5T_STD_I32LE);
    case ElementType::int64:
      return copy(H5T_STD_I64LE);
    case ElementType::uint8:
      return copy(H5T_STD_U8LE);
    case ElementType::uint16:
      return copy(H5T_STD_U16LE);
    case ElementType::uint32:
      return copy(H5T_STD_U32LE);
    case ElementType::uint64:
      return copy(H5T_STD_U64LE);
    case ElementType::boolean:
      break;
  }
  const hid_t made = checked(H5Tenum_create(H5T_STD_I8LE));
  for (const char value : {'\0', '\1'}) H5Tenum_insert(made, value == 0 ? "FALSE" : "TRUE", &value);
  return {made, H5Tclose};
}

void write_dataset(hid_t file, const NamedTensor& tensor) {
  const auto& value = tensor.value;
  const Handle type = file_type(value.type);
  const std::vector<hsize_t> sizes(value.shape.begin(), value.shape.end());
  const Handle space(sizes.empty()
                         ? H5Screate(H5S_SCALAR)
                         : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
                     H5Sclose);
  const Handle options(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  checked(H5Pset_obj_track_times(options, false));
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  checked(H5Pset_create_intermediate_group(links, 1));
  const auto name = tensor.name.empty() ? "tensor" : tensor.name;
  const Handle dataset(H5Dcreate2(file, name.c_str(), type, space, links, options, H5P_DEFAULT),
                       H5Dclose);
  if (value.size() > 0)
    checked(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value.bytes.get()));
}

}  // namespace

std::vector<NamedTensor> hdf5_tensors(std::string_view bytes, const std::string& source,
                                      const std::string& name) {
  // Generous for any real file, and an end for one that leads HDF5 round in circles.
  const auto seconds = 2 + static_cast<unsigned>(bytes.size() >> 24);
  const Reader reader(bytes, source);
  const std::lock_guard lock(hdf5_library());  // the child must not start amid another's call
  Apart child([&](const Apart::Sender& to) { reader.send(name, to); }, seconds);
  try {
    std::vector<NamedTensor> tensors;
    const auto count = child.number();
    for (std::int64_t i = 0; i < count; ++i) tensors.push_back(received(child));
    return tensors;
  } catch (const Apart::Ended&) {
  } catch (const models::TooLarge&) {
  }
  throw InputError(source + ": is no HDF5 file, or is damaged or cut short; write it again");
}

std::string hdf5_tensor_bytes(const std::vector<NamedTensor>& tensors) {
  const std::lock_guard lock(hdf5_library());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const Handle access = memory_options();
  const Handle file(H5Fcreate(file_name, H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose);
  for (const auto& tensor : tensors) {
    try {
      write_dataset(file, tensor);
    } catch (const std::runtime_error&) {
      throw InputError("a tensor named '" + tensor.name + "' cannot be put into an HDF5 file " +
                       "beside the others; use .npz");
    }
  }
  checked(H5Fflush(file, H5F_SCOPE_GLOBAL));
  const auto size = checked(H5Fget_file_image(file, nullptr, 0));
  std::string image(static_cast<std::size_t>(size), '\0');
  checked(H5Fget_file_image(file, image.data(), image.size()));
  return image;
}

}  // namespace results
