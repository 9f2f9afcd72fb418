#include "scenarios/schema.h"

#include <cmath>

#include "scenarios/value.h"

namespace scenarios {

using models::About;

namespace {

void append(std::string& list, const std::string& item) {
  list += (list.empty() ? "" : ",") + item;
}

std::string limits(const About& about) {
  std::string text;
  const std::string low = about.above_low ? R"(,"exclusiveMinimum":)" : R"(,"minimum":)";
  if (std::isfinite(about.low)) text += low + models::shortest(about.low);
  if (std::isfinite(about.high)) text += R"(,"maximum":)" + models::shortest(about.high);
  return text;
}

/// Numbers and units are told apart, but which units fit is left to the reader.
std::string quantity_kind(std::string_view example) {
  return R"("type":"string","pattern":"^[-+]?[0-9.]+([eE][-+]?[0-9]+)? *[A-Za-z/]+2?$","examples":[)" +
         json_string(example) + "]";
}

}  // namespace

void SchemaWriter::add(std::string_view name, const About& about, const std::string& kind) {
  kinds_.push_back(kind);
  const auto description = R"("description":)" + json_string(about.meaning);
  append(properties_,
         json_string(name) + ":{" + description + (kind.empty() ? "" : ",") + kind + "}");
  if (!about.optional) append(required_, json_string(name));
}

std::string SchemaWriter::body() const {
  std::string text =
      R"("type":"object","additionalProperties":false,"properties":{)" + properties_ +
      (properties_.empty() ? "" : ",") +
      R"("include":{"description":"a YAML file, relative to this one, that gives the )"
      R"(keys not given here","type":"string"}})";
  if (!required_.empty())
    text += R"(,"anyOf":[{"required":[)" + required_ + R"(]},{"required":["include"]}])";
  return text;
}

void SchemaWriter::visit(std::string_view name, std::string&, const About& about) {
  add(name, about, R"("type":["string","number","boolean"])");
}

void SchemaWriter::visit(std::string_view name, bool&, const About& about) {
  add(name, about, R"("type":"boolean")");
}

void SchemaWriter::visit(std::string_view name, std::int64_t&, const About& about) {
  add(name, about, R"("type":"integer")" + limits(about));
}

void SchemaWriter::visit(std::string_view name, double&, const About& about) {
  add(name, about, R"("type":"number")" + limits(about));
}

void SchemaWriter::visit(std::string_view name, models::Time&, const About& about) {
  add(name, about, quantity_kind("1.2 ms"));
}

void SchemaWriter::visit(std::string_view name, models::Bytes&, const About& about) {
  add(name, about, quantity_kind("40 GiB"));
}

void SchemaWriter::visit(std::string_view name, std::vector<std::string>&, const About& about) {
  add(name, about,
      about.or_file ? R"("type":["array","string"],"items":{"type":"string"})"
                    : R"("type":"array","items":{"type":"string"})");
}

void SchemaWriter::visit(std::string_view name, std::vector<std::int64_t>&, const About& about) {
  add(name, about, R"("type":"array","items":{"type":"integer")" + limits(about) + "}");
}

void SchemaWriter::quantity(std::string_view name, double&, models::Dimension dimension,
                            const About& about) {
  add(name, about, quantity_kind(models::example_of(dimension)));
}

void SchemaWriter::choice(std::string_view name, int&, std::span<const std::string_view> words,
                          const About& about) {
  std::string all;
  for (const auto word : words) append(all, json_string(word));
  add(name, about, R"("enum":[)" + all + "]");
}

bool SchemaWriter::group(std::string_view name, bool, const About& about, const Item& item) {
  SchemaWriter inner;
  item(inner, 0);
  add(name, about, inner.body());
  return true;
}

void SchemaWriter::list(std::string_view name, std::size_t, const About& about,
                        const std::function<void(std::size_t)>& resize, const Item& item) {
  SchemaWriter inner;
  resize(1);
  item(inner, 0);
  add(name, about, R"("type":"array","items":{)" + inner.body() + "}");
}

void SchemaWriter::table(std::string_view name, std::vector<std::string>& keys, const About& about,
                         const std::function<void(std::size_t)>& resize, const Item& item) {
  const bool open = keys.empty();
  if (open) keys = {"key"};
  resize(keys.size());
  SchemaWriter inner;
  for (std::size_t i = 0; i < keys.size(); ++i) item(inner, i);
  if (open)
    add(name, about, R"("type":"object","additionalProperties":{)" + inner.kinds_.front() + "}");
  else
    add(name, about,
        R"("type":"object","additionalProperties":false,"properties":{)" + inner.properties_ + "}");
}

}  // namespace scenarios
