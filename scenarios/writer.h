#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/visitor.h"
#include "scenarios/value.h"

namespace scenarios {

/// Writes a thing as the mapping that Section reads back as the same thing, defaults included; but
/// for optional values outside their range, which stand for not given.
class Writer final : public models::Visitor {
 public:
  explicit Writer(Value& mapping) : mapping_(mapping) { mapping_.kind = Value::Kind::mapping; }

  using models::Visitor::visit;
  void visit(std::string_view name, std::string& value, const models::About&) override;
  void visit(std::string_view name, bool& value, const models::About&) override;
  void visit(std::string_view name, std::int64_t& value, const models::About&) override;
  void visit(std::string_view name, double& value, const models::About&) override;
  void visit(std::string_view name, models::Time& value, const models::About&) override;
  void visit(std::string_view name, models::Bytes& value, const models::About&) override;
  void visit(std::string_view name, std::vector<std::string>& value, const models::About&) override;
  void visit(std::string_view name, std::vector<std::int64_t>& value,
             const models::About&) override;
  void quantity(std::string_view name, double& value, models::Dimension,
                const models::About&) override;
  void choice(std::string_view name, int& index, std::span<const std::string_view> words,
              const models::About&) override;
  bool group(std::string_view name, bool present, const models::About&, const Item& item) override;
  void list(std::string_view name, std::size_t count, const models::About&,
            const std::function<void(std::size_t)>& resize, const Item& item) override;
  void table(std::string_view name, std::vector<std::string>& keys, const models::About&,
             const std::function<void(std::size_t)>& resize, const Item& item) override;

 private:
  void add(std::string_view name, Value value);

  Value& mapping_;
};

}  // namespace scenarios
