#include "results/hdf5_file.h"

#include <hdf5.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <stdexcept>

#include "models/error.h"
#include "results/hash.h"

namespace results {
namespace {

constexpr std::size_t block_size = 512;
/// HDF5 refuses to open bytes in memory under the name of a file that exists; this one cannot.
constexpr const char* file_name = "/dev/null/partwise.h5";
constexpr std::size_t compress_from = 4096;  ///< rows; below, chunks cost more than they save
constexpr std::size_t largest_column = std::size_t{1} << 32;  ///< bytes

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

std::string user_block(std::string_view image) {
  std::string block = "partwise run file\nversion 1\nbytes " + std::to_string(image.size()) +
                      "\nfnv1a64 " + hash_of(image) + "\n";
  block.resize(block_size, '\n');
  return block;
}

hid_t text_type(std::size_t length) {
  const hid_t type = checked(H5Tcopy(H5T_C_S1));
  H5Tset_size(type, std::max<std::size_t>(length, 1));
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

void write_attribute(hid_t object, const char* name, std::string_view text) {
  const Handle type(text_type(text.size()), H5Tclose);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  const std::string padded = text.empty() ? std::string(1, '\0') : std::string(text);
  checked(H5Awrite(attribute, type, padded.data()));
}

void write_dataset(hid_t group, const Column& column, hid_t type, const void* data) {
  const hsize_t rows = column.rows();
  const Handle space(H5Screate_simple(1, &rows, nullptr), H5Sclose);
  const Handle options(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  checked(H5Pset_obj_track_times(options, false));
  if (rows >= compress_from) {
    const hsize_t chunk = std::min<hsize_t>(rows, 1 << 16);
    checked(H5Pset_chunk(options, 1, &chunk));
    checked(H5Pset_shuffle(options));
    checked(H5Pset_deflate(options, 4));
  }
  const Handle dataset(
      H5Dcreate2(group, column.name.c_str(), type, space, H5P_DEFAULT, options, H5P_DEFAULT),
      H5Dclose);
  if (rows > 0) checked(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
  write_attribute(dataset, "unit", column.unit);
  write_attribute(dataset, "role", name_of(column.role));
  write_attribute(dataset, "meaning", column.meaning);
}

void write_column(hid_t group, const Column& column) {
  if (const auto* integers = std::get_if<Column::Integers>(&column.values)) {
    write_dataset(group, column, H5T_NATIVE_INT64, integers->data());
  } else if (const auto* reals = std::get_if<Column::Reals>(&column.values)) {
    write_dataset(group, column, H5T_NATIVE_DOUBLE, reals->data());
  } else {
    const auto& texts = std::get<Column::Texts>(column.values);
    std::size_t length = 1;
    for (const auto& text : texts) length = std::max(length, text.size());
    std::string padded;
    padded.reserve(length * texts.size());
    for (const auto& text : texts) padded.append(text).append(length - text.size(), '\0');
    const Handle type(text_type(length), H5Tclose);
    write_dataset(group, column, type, padded.data());
  }
}

std::string file_image(hid_t file) {
  checked(H5Fflush(file, H5F_SCOPE_GLOBAL));
  const auto size = checked(H5Fget_file_image(file, nullptr, 0));
  std::string image(static_cast<std::size_t>(size), '\0');
  checked(H5Fget_file_image(file, image.data(), image.size()));
  return image;
}

std::string read_attribute(hid_t object, const char* name) {
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  const auto size = H5Tget_size(type);
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 || size > 65536) {
    throw std::runtime_error("an attribute is no text");
  }
  std::string text(size, '\0');
  checked(H5Aread(attribute, type, text.data()));
  return text.substr(0, text.find('\0'));
}

template <class T>
std::vector<T> read_numbers(hid_t dataset, std::size_t rows, hid_t type) {
  std::vector<T> all(rows);
  if (rows > 0) checked(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()));
  return all;
}

Column::Texts read_texts(hid_t dataset, std::size_t rows, hid_t type) {
  const auto length = H5Tget_size(type);
  if (H5Tis_variable_str(type) != 0 || rows > largest_column / std::max<std::size_t>(length, 1)) {
    throw std::runtime_error("a column is too large");
  }
  std::string padded(length * rows, '\0');
  if (rows > 0) checked(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()));
  Column::Texts texts;
  texts.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto cell = std::string_view(padded).substr(row * length, length);
    texts.emplace_back(cell.substr(0, cell.find('\0')));
  }
  return texts;
}

Column read_column(hid_t group, const std::string& name) {
  const Handle dataset(H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const auto count = checked(H5Sget_simple_extent_npoints(space));
  const auto rows = static_cast<std::size_t>(count);
  if (rows > largest_column / 8) throw std::runtime_error("a column is too large");
  Column column;
  column.name = name;
  column.unit = read_attribute(dataset, "unit");
  column.meaning = read_attribute(dataset, "meaning");
  const auto role = read_attribute(dataset, "role");
  for (const auto one : {Role::key, Role::reference, Role::choice, Role::measure}) {
    if (role == name_of(one)) column.role = one;
  }
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      column.values = read_numbers<std::int64_t>(dataset, rows, H5T_NATIVE_INT64);
      break;
    case H5T_FLOAT:
      column.values = read_numbers<double>(dataset, rows, H5T_NATIVE_DOUBLE);
      break;
    case H5T_STRING:
      column.values = read_texts(dataset, rows, type);
      break;
    default:
      throw std::runtime_error("a column is of an unknown kind");
  }
  return column;
}

std::vector<std::string> links_of(hid_t group) {
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
    static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  checked(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names));
  return names;
}

Table read_table(hid_t file, const std::string& name) {
  const Handle group(H5Gopen2(file, name.c_str(), H5P_DEFAULT), H5Gclose);
  Table table{name, {}};
  for (const auto& column : links_of(group)) table.columns.push_back(read_column(group, column));
  for (const auto& column : table.columns) {
    if (column.rows() != table.rows()) throw std::runtime_error("columns differ in length");
  }
  return table;
}

Handle memory_file_options() {
  const hid_t options = checked(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(options, 1 << 20, false);
  return {options, H5Pclose};
}

/// Throws InputError unless the block is the one that was written in front of this image.
void check_block(std::string_view bytes, const std::string& file) {
  const std::string again = "; make it again with `partwise run`";
  const std::string_view magic = "partwise run file\n";
  if (!bytes.starts_with(magic.substr(0, std::min(bytes.size(), magic.size()))) || bytes.empty()) {
    throw models::InputError(file + ": this is no result file of Partwise");
  }
  if (bytes.size() < block_size) throw models::InputError(file + ": the file is truncated" + again);
  const auto block = bytes.substr(0, block_size);
  const auto image = bytes.substr(block_size);
  if (block == user_block(image)) return;
  const std::string_view version = "version 1\n";
  if (block.substr(magic.size(), version.size()) != version) {
    throw models::InputError(file + ": this result file was written by another version of " +
                             "Partwise, whose format this one does not know" + again);
  }
  const std::string_view line = "bytes ";
  const auto start = magic.size() + version.size();
  const auto size = std::string(block.substr(start + line.size(), 20));
  const auto wanted = std::strtoull(size.c_str(), nullptr, 10);
  if (wanted > image.size()) {
    throw models::InputError(file + ": the file is truncated: " + std::to_string(image.size()) +
                             " of " + std::to_string(wanted) + " bytes are there" + again);
  }
  throw models::InputError(file + ": the file was damaged or changed (its hash differs)" + again);
}

}  // namespace

std::mutex& hdf5_library() {
  static std::mutex mutex;
  return mutex;
}

std::string hdf5_bytes(const std::vector<Table>& tables) {
  const std::lock_guard lock(hdf5_library());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const Handle access = memory_file_options();
  const Handle options(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  checked(H5Pset_userblock(options, block_size));
  const Handle file(H5Fcreate(file_name, H5F_ACC_TRUNC, options, access), H5Fclose);
  for (const auto& table : tables) {
    const Handle group(H5Gcreate2(file, table.name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Gclose);
    for (const auto& column : table.columns) write_column(group, column);
  }
  const std::string image = file_image(file);
  return user_block(image) + image;
}

std::vector<Table> hdf5_tables(std::string_view bytes, const std::string& file,
                               const std::vector<std::string>& skip) {
  check_block(bytes, file);
  const std::lock_guard lock(hdf5_library());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  try {
    const Handle access = memory_file_options();
    // HDF5 copies the image; it does not write into what it is given.
    checked(H5Pset_file_image(access, const_cast<char*>(bytes.data()), bytes.size()));
    const Handle opened(H5Fopen(file_name, H5F_ACC_RDONLY, access), H5Fclose);
    std::vector<Table> tables;
    for (const auto& name : links_of(opened)) {
      if (std::find(skip.begin(), skip.end(), name) != skip.end()) continue;
      tables.push_back(read_table(opened, name));
    }
    return tables;
  } catch (const models::InputError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw models::InputError(file + ": a column of this result file is too large");
  } catch (const std::runtime_error& error) {
    throw models::InputError(file + ": this is no result file of Partwise: " + error.what());
  }
}

}  // namespace results
