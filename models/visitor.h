#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/units.h"

namespace models {

/// What a reader of the file should know about one value. Without `optional` a value must be given.
struct About {
  std::string_view meaning;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool optional = false;
  bool above_low = false;  ///< `low` itself is refused: "must be greater than 0"
  bool or_file = false;    ///< a list that may be given as the path of a CSV file
  bool not_empty = false;  ///< an empty text stands for not given
};

/// Walks over the named values of a thing. Each thing describes itself once, in describe();
/// reading a file, writing a schema, saving results and drawing a form are each one Visitor.
/// A visitor that reads assigns to the value; one that writes leaves it alone.
class Visitor {
 public:
  virtual ~Visitor() = default;

  virtual void visit(std::string_view name, std::string& value, const About&) = 0;
  virtual void visit(std::string_view name, bool& value, const About&) = 0;
  virtual void visit(std::string_view name, std::int64_t& value, const About&) = 0;
  virtual void visit(std::string_view name, double& value, const About&) = 0;
  virtual void visit(std::string_view name, Time& value, const About&) = 0;
  virtual void visit(std::string_view name, Bytes& value, const About&) = 0;
  virtual void visit(std::string_view name, std::vector<std::string>& value, const About&) = 0;
  virtual void visit(std::string_view name, std::vector<std::int64_t>& value, const About&) = 0;
  virtual void quantity(std::string_view name, double& value, Dimension, const About&) = 0;

  /// One of a closed set of words; `index` is the position of the chosen one.
  virtual void choice(std::string_view name, int& index, std::span<const std::string_view> words,
                      const About&) = 0;

  using Item = std::function<void(Visitor&, std::size_t index)>;
  /// A nested mapping. A reader calls `item` (with index 0) only where the key is present; the
  /// answer says whether it was. Writers call it when `present`.
  virtual bool group(std::string_view name, bool present, const About&, const Item& item) = 0;
  /// A list of mappings. A reader calls `resize` with the count found before the items.
  virtual void list(std::string_view name, std::size_t count, const About&,
                    const std::function<void(std::size_t)>& resize, const Item& item) = 0;
  /// A mapping whose keys the user chooses, in file order (such as precision: rate). The visitor
  /// fills `keys` when reading, then calls `item` for each; inside, the value itself is visited
  /// under the name of the key.
  virtual void table(std::string_view name, std::vector<std::string>& keys, const About&,
                     const std::function<void(std::size_t)>& resize, const Item& item) = 0;

  /// Reports a value that reads well but cannot be right (readers throw InputError at the place of
  /// `name`, or of the whole thing when `name` is empty; others ignore it).
  virtual void refuse(std::string_view /*name*/, const std::string& /*why*/) {}

  template <class Tag>
  void visit(std::string_view name, Quantity<Tag>& value, const About& about) {
    quantity(name, value.value, dimension_of<Quantity<Tag>>, about);
  }

  template <class Enum>
  void pick(std::string_view name, Enum& value, std::span<const std::string_view> words,
            const About& about) {
    int index = static_cast<int>(value);
    choice(name, index, words, about);
    value = static_cast<Enum>(index);
  }
};

}  // namespace models
