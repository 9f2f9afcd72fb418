#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/visitor.h"

namespace scenarios {

/// Collects a JSON Schema, which gives editors completion and checking of scenario files. Lists and
/// tables of the thing described are given one element, so describe a scratch copy. The keys that a
/// table has are the only ones allowed; where it has none, any are.
class SchemaWriter final : public models::Visitor {
 public:
  using models::Visitor::visit;
  void visit(std::string_view name, std::string&, const models::About&) override;
  void visit(std::string_view name, bool&, const models::About&) override;
  void visit(std::string_view name, std::int64_t&, const models::About&) override;
  void visit(std::string_view name, double&, const models::About&) override;
  void visit(std::string_view name, models::Time&, const models::About&) override;
  void visit(std::string_view name, models::Bytes&, const models::About&) override;
  void visit(std::string_view name, std::vector<std::string>&, const models::About&) override;
  void visit(std::string_view name, std::vector<std::int64_t>&, const models::About&) override;
  void quantity(std::string_view name, double&, models::Dimension, const models::About&) override;
  void choice(std::string_view name, int&, std::span<const std::string_view> words,
              const models::About&) override;
  bool group(std::string_view name, bool present, const models::About&, const Item& item) override;
  void list(std::string_view name, std::size_t count, const models::About&,
            const std::function<void(std::size_t)>& resize, const Item& item) override;
  void table(std::string_view name, std::vector<std::string>& keys, const models::About&,
             const std::function<void(std::size_t)>& resize, const Item& item) override;

  /// A key whose schema is written by hand: `kind` is JSON without the outer braces.
  void add(std::string_view name, const models::About& about, const std::string& kind);

  /// The schema of one mapping, without the outer braces.
  std::string body() const;

 private:
  std::string properties_;
  std::string required_;
  std::vector<std::string> kinds_;  ///< of the properties, in order
};

}  // namespace scenarios
