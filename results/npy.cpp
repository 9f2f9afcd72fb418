#include "results/npy.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "models/error.h"

namespace results {
namespace {

using models::ElementType;
using models::InputError;
using models::Shape;

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t most_axes = 64;  // NumPy's own limit

struct Kind {
  std::string_view descr;  ///< without its byte order
  ElementType type;
};
constexpr Kind kinds[] = {
    {"f4", ElementType::float32},  {"f8", ElementType::float64}, {"f2", ElementType::float16},
    {"V2", ElementType::bfloat16}, {"i1", ElementType::int8},    {"i2", ElementType::int16},
    {"i4", ElementType::int32},    {"i8", ElementType::int64},   {"u1", ElementType::uint8},
    {"u2", ElementType::uint16},   {"u4", ElementType::uint32},  {"u8", ElementType::uint64},
    {"b1", ElementType::boolean}};

/// The header: a dictionary as Python writes it, of which nothing but three keys is expected.
class Header {
 public:
  Header(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  NpyLayout layout() {
    NpyLayout layout;
    bool described = false;
    bool ordered = false;
    bool shaped = false;
    expect('{');
    while (!took('}')) {
      const auto key = word();
      expect(':');
      if (key == "descr") set_type(layout);
      if (key == "fortran_order") layout.columns_first = truth();
      if (key == "shape") layout.shape = tuple();
      described = described || key == "descr";
      ordered = ordered || key == "fortran_order";
      shaped = shaped || key == "shape";
      if (key != "descr" && key != "fortran_order" && key != "shape") fail();
      if (took(',')) continue;
      expect('}');
      break;
    }
    if (!described || !ordered || !shaped) fail();
    return layout;
  }

 private:
  [[noreturn]] void fail() const {
    throw InputError(source_ + ": its header is damaged; write the array again");
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  bool took(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!took(c)) fail();
  }

  std::string_view word() {
    const char quote = took('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const auto end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail();
    const auto found = text_.substr(at_, end - at_);
    at_ = end + 1;
    return found;
  }

  bool truth() {
    skip_blanks();
    for (const std::string_view value : {"True", "False"}) {
      if (!text_.substr(at_).starts_with(value)) continue;
      at_ += value.size();
      return value == "True";
    }
    fail();
  }

  Shape tuple() {
    Shape shape;
    expect('(');
    while (!took(')')) {
      skip_blanks();
      std::int64_t size = 0;
      const auto* first = text_.data() + at_;
      const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), size);
      if (error != std::errc{} || size < 0 || shape.size() == most_axes) fail();
      at_ += static_cast<std::size_t>(end - first);
      took('L');  // Python 2 wrote long integers so
      shape.push_back(size);
      if (took(',')) continue;
      expect(')');
      break;
    }
    return shape;
  }

  void set_type(NpyLayout& layout) {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[') refuse("structures", "one array per field");
    const auto descr = word();
    const char order = descr.empty() ? ' ' : descr[0];
    const auto kind = descr.substr(descr.find_first_not_of("<>=|") == 1 ? 1 : 0);
    const auto* known = std::ranges::find(kinds, kind, &Kind::descr);
    if (kind.starts_with('O'))
      refuse("Python objects (a pickle), which are not read since they can run code", "numbers");
    if (known == std::end(kinds))
      refuse("elements of type '" + std::string(descr) + "'", "numbers");
    layout.type = known->type;
    layout.swapped = order == (std::endian::native == std::endian::little ? '>' : '<');
  }

  [[noreturn]] void refuse(const std::string& what, const std::string& instead) const {
    throw InputError(source_ + ": it holds " + what + "; save " + instead +
                     " of one of the types float16 to float64, integers or bool");
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t at_ = 0;
};

std::size_t number_at(std::string_view bytes, std::size_t at, std::size_t width) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < width; ++i)
    value |= std::size_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

/// Row by row what lies column by column.
void put_rows(const NpyLayout& layout, std::string_view bytes, std::span<std::byte> into) {
  const auto& shape = layout.shape;
  const auto width = models::at(models::bits_of(layout.type) / 8);
  std::vector<std::size_t> strides(shape.size());
  std::size_t stride = width;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    strides[i] = stride;
    stride *= models::at(shape[i]);
  }
  Shape place(shape.size(), 0);
  std::size_t from = 0;
  for (std::size_t to = 0; to < into.size(); to += width) {
    std::memcpy(into.data() + to, bytes.data() + from, width);
    for (std::size_t i = shape.size(); i-- > 0;) {
      from += strides[i];
      if (++place[i] < shape[i]) break;
      from -= strides[i] * models::at(shape[i]);
      place[i] = 0;
    }
  }
}

std::string descr_of(ElementType type) {
  if (type == ElementType::bfloat16) type = ElementType::uint16;
  const auto* kind = std::ranges::find(kinds, type, &Kind::type);
  const bool single = models::bits_of(type) == 8;
  const char order = single ? '|' : std::endian::native == std::endian::little ? '<' : '>';
  return order + std::string(kind->descr);
}

}  // namespace

NpyLayout npy_layout(std::string_view start, const std::string& source) {
  const auto damaged = [&](const std::string& why) {
    throw InputError(source + ": " + why + "; write the array again");
  };
  if (!start.starts_with(magic)) damaged("is no NumPy array");
  if (start.size() < 8) damaged("is cut short");
  const int version = start[6];
  if (version < 1 || version > 3)
    damaged("its format " + std::to_string(version) + " is not known: 1 to 3 are");
  const std::size_t width = version == 1 ? 2 : 4;
  const auto text = magic.size() + 2 + width;
  if (start.size() < text) damaged("is cut short");
  const auto length = number_at(start, magic.size() + 2, width);
  if (length > longest_npy_header - text) damaged("its header is too long");
  if (start.size() < text + length) damaged("is cut short");
  auto layout = Header(start.substr(text, length), source).layout();
  layout.start = text + length;
  try {
    models::elements_of(layout.shape);
  } catch (const models::TooLarge& error) {
    damaged("its shape " + models::text_of(layout.shape) + " is not possible: " + error.what());
  }
  return layout;
}

models::TensorValue npy_elements(const NpyLayout& layout, std::string_view bytes) {
  auto made = models::fresh_value(layout.type, layout.shape);
  const auto& into = made.fresh;
  if (layout.columns_first && layout.shape.size() > 1)
    put_rows(layout, bytes, into);
  else if (!into.empty())
    std::memcpy(into.data(), bytes.data(), into.size());
  const auto width = models::at(models::bits_of(layout.type) / 8);
  if (layout.swapped)
    for (std::size_t i = 0; i < into.size(); i += width)
      std::reverse(into.data() + i, into.data() + i + width);
  if (layout.type == ElementType::boolean)
    for (auto& byte : into) byte = byte == std::byte{0} ? byte : std::byte{1};
  return made.value;
}

models::TensorValue npy_value(std::string_view bytes, const std::string& source) {
  if (bytes.empty()) throw InputError(source + ": is empty; write the array again");
  const auto layout = npy_layout(bytes, source);
  const auto elements = bytes.substr(layout.start);
  const models::TensorValue header{layout.type, layout.shape, nullptr};
  if (elements.size() != header.size())
    throw InputError(source + ": it holds " + std::to_string(elements.size()) +
                     " bytes where its shape " + models::text_of(layout.shape) + " of " +
                     models::name_of(layout.type) + " needs " + std::to_string(header.size()) +
                     "; write the array again");
  return npy_elements(layout, elements);
}

std::string npy_bytes(const models::TensorValue& value) {
  std::string shape;
  for (const auto size : value.shape) shape += std::to_string(size) + ", ";
  if (value.shape.size() > 1) shape.resize(shape.size() - 2);
  if (value.shape.size() == 1) shape.resize(shape.size() - 1);
  std::string header = "{'descr': '" + descr_of(value.type) +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t before = magic.size() + 4;
  constexpr std::size_t alignment = 64;
  header.append((alignment - (before + header.size() + 1) % alignment) % alignment, ' ');
  header += '\n';
  std::string bytes(magic);
  bytes +=
      {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  bytes += header;
  const auto elements = value.span();
  bytes.append(reinterpret_cast<const char*>(elements.data()), elements.size());
  return bytes;
}

}  // namespace results
