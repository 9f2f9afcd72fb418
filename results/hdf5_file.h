#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "results/columns.h"

namespace results {

/// To be locked by whoever calls HDF5, whose library is not safe to use from several threads at
/// once.
std::mutex& hdf5_library();

/// The bytes of an HDF5 file with one group per table and one 1-D dataset per column (64-bit
/// integers, doubles, or UTF-8 texts of fixed length), each with the attributes `unit`, `role` and
/// `meaning`. In front stands a user block of 512 bytes of plain text with the length and the hash
/// of what follows. The same tables give the same bytes.
std::string hdf5_bytes(const std::vector<Table>& tables);

/// The tables of such a file, `skip` left out, sorted by name. The hash is compared before HDF5
/// sees a byte, since its library does not survive every damaged file. Throws InputError naming
/// `file`.
std::vector<Table> hdf5_tables(std::string_view bytes, const std::string& file,
                               const std::vector<std::string>& skip = {});

}  // namespace results
