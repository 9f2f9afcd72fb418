#include "results/npz.h"

#include <zip.h>

#include <memory>
#include <new>
#include <set>

#include "models/error.h"
#include "results/npy.h"

namespace results {
namespace {

using models::InputError;
using models::NamedTensor;

/// Deflate shrinks by 1032 at most (RFC 1951: 258 bytes in two bits).
constexpr std::uint64_t best_compression = 1032;

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
template <class Handle>
using Owned = std::unique_ptr<Handle, Discard>;

[[noreturn]] void damaged(const std::string& source, const std::string& why) {
  throw InputError(source + ": " + why + "; write the archive again");
}

Owned<zip_t> opened(std::string_view bytes, const std::string& source) {
  zip_error_t error;
  zip_error_init(&error);
  Owned<zip_source_t> memory(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error));
  zip_t* archive =
      memory == nullptr ? nullptr : zip_open_from_source(memory.get(), ZIP_RDONLY, &error);
  zip_error_fini(&error);
  if (archive == nullptr) damaged(source, "is no NumPy archive, or is damaged or cut short");
  memory.release();  // the archive has it now
  return Owned<zip_t>(archive);
}

/// What the archive says of one of its files; checked, since it says how much memory to take.
zip_stat_t stat_of(zip_t* archive, zip_uint64_t index, const std::string& source) {
  zip_stat_t stat;
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                  ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & needed) != needed)
    damaged(source, "is damaged or cut short");
  const std::string name = stat.name;
  if (stat.encryption_method != ZIP_EM_NONE) damaged(source, "'" + name + "' is encrypted");
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
    damaged(source, "'" + name + "' is compressed by a method other than deflate");
  const auto factor = stat.comp_method == ZIP_CM_STORE ? 1 : best_compression;
  if (stat.size / factor > stat.comp_size)
    damaged(source, "'" + name + "' is said to unpack to " + std::to_string(stat.size) +
                        " bytes, which its " + std::to_string(stat.comp_size) + " cannot");
  return stat;
}

std::string unpacked(zip_t* archive, zip_uint64_t index, const zip_stat_t& stat,
                     const std::string& source) {
  const Owned<zip_file_t> file(zip_fopen_index(archive, index, 0));
  const std::string broken = "'" + std::string(stat.name) + "' is damaged or cut short";
  if (file == nullptr) damaged(source, broken);
  std::string content;
  char buffer[1 << 16];
  zip_int64_t count = 0;
  // By pieces: what is said to come need not come. The last, empty one checks the sum.
  while ((count = zip_fread(file.get(), buffer, sizeof buffer)) > 0) {
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > stat.size) damaged(source, broken);
  }
  if (count < 0 || content.size() != stat.size) damaged(source, broken);
  return content;
}

std::string array_name(std::string name) {
  if (name.ends_with(".npy")) name.resize(name.size() - 4);
  return name;
}

std::string zip_of(zip_source_t* memory) {
  std::string bytes;
  zip_stat_t stat;
  if (zip_source_stat(memory, &stat) != 0 || zip_source_open(memory) != 0) throw std::bad_alloc();
  bytes.resize(stat.size);
  const auto count = zip_source_read(memory, bytes.data(), bytes.size());
  zip_source_close(memory);
  if (count != static_cast<zip_int64_t>(bytes.size())) throw std::bad_alloc();
  return bytes;
}

void add(zip_t* archive, const std::string& name, const std::string& content) {
  zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
  if (source == nullptr) throw std::bad_alloc();
  const auto index = zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    throw InputError("a tensor named '" + name + "' cannot be put into an archive");
  }
  const auto place = static_cast<zip_uint64_t>(index);
  constexpr int first_of_january_1980 = 0x21;
  zip_set_file_compression(archive, place, ZIP_CM_STORE, 0);
  zip_file_set_dostime(archive, place, 0, first_of_january_1980, 0);
}

}  // namespace

std::vector<NamedTensor> npz_tensors(std::string_view bytes, const std::string& source,
                                     const std::string& name) {
  const auto archive = opened(bytes, source);
  const auto count = zip_get_num_entries(archive.get(), 0);
  std::vector<NamedTensor> tensors;
  std::set<std::string> names;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    const auto stat = stat_of(archive.get(), i, source);
    const auto own = array_name(stat.name);
    if (!names.insert(own).second) damaged(source, "two of its arrays are called '" + own + "'");
    if (!name.empty() && own != name) continue;
    auto value = npy_value(unpacked(archive.get(), i, stat, source), source + ":" + own);
    tensors.push_back({own, std::move(value)});
  }
  if (!name.empty() && tensors.empty()) {
    std::string all;
    for (const auto& other : names) all += (all.empty() ? "'" : ", '") + other + "'";
    throw InputError(source + ": it holds no '" + name + "'; " +
                     (all.empty() ? "it is empty" : "there is " + all));
  }
  return tensors;
}

std::string npz_bytes(const std::vector<NamedTensor>& tensors) {
  zip_error_t error;
  zip_error_init(&error);
  const Owned<zip_source_t> memory(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (memory == nullptr) throw std::bad_alloc();
  zip_source_keep(memory.get());
  Owned<zip_t> archive(zip_open_from_source(memory.get(), ZIP_TRUNCATE, &error));
  if (archive == nullptr) {
    zip_source_free(memory.get());
    throw std::bad_alloc();
  }
  std::vector<std::string> contents;
  contents.reserve(tensors.size());
  for (const auto& tensor : tensors) {
    contents.push_back(npy_bytes(tensor.value));
    add(archive.get(), tensor.name, contents.back());
  }
  if (zip_close(archive.get()) != 0) throw std::bad_alloc();
  archive.release();
  return zip_of(memory.get());
}

}  // namespace results
