#include "models/error.h"
#include "models/network/zoo_builder.h"
#include "models/network/zoo_networks.h"

namespace models {
namespace {

constexpr std::int64_t layers = 12;
constexpr std::int64_t hidden = 768;
constexpr std::int64_t heads = 12;
constexpr std::int64_t intermediate = 3072;
constexpr std::int64_t vocabulary = 30522;
constexpr std::int64_t longest = 512;

/// The operators of one BERT, for one batch and length of sequence.
class Bert {
 public:
  explicit Bert(const ZooOptions& options) : options_(options) {}

  Network network() {
    const auto x = embeddings();
    auto y = x;
    for (std::int64_t i = 0; i < layers; ++i) y = layer("l" + std::to_string(i + 1), y);
    auto first =
        net_.add("Gather", "pooler.first", {y, first_token()}, {{"axis", std::int64_t{1}}});
    first = linear("pooler", first, hidden, hidden);
    return net_.network({y, net_.add("Tanh", "pooled", {first})});
  }

 private:
  std::string first_token() {
    net_.integers("token", {0});
    net_.integers("token.axis", {0});
    return net_.add("Squeeze", "token.scalar", {"token", "token.axis"});
  }

  std::string linear(const std::string& name, const std::string& x, std::int64_t from,
                     std::int64_t to) {
    const auto product =
        net_.add("MatMul", name + ".mm", {x, net_.weight(name + ".w", {from, to})});
    return net_.add("Add", name, {product, net_.weight(name + ".b", {to})});
  }

  std::string normalised(const std::string& name, const std::string& x) {
    const auto scale = net_.weight(name + ".g", {hidden});
    const auto shift = net_.weight(name + ".b", {hidden});
    return net_.add("LayerNormalization", name, {x, scale, shift},
                    {{"axis", std::int64_t{-1}}, {"epsilon", 1e-12}});
  }

  std::string embeddings() {
    const Shape tokens = {options_.batch, options_.sequence};
    const auto ids = net_.input("input_ids", tokens, ElementType::int64);
    const auto segments = net_.input("token_type_ids", tokens, ElementType::int64);
    mask_ = mask(net_.input("attention_mask", tokens, ElementType::int64));
    const auto words =
        net_.add("Gather", "embed.words", {net_.weight("words", {vocabulary, hidden}), ids});
    const auto kinds =
        net_.add("Gather", "embed.types", {net_.weight("types", {2, hidden}), segments});
    const auto sum = net_.add("Add", "embed.sum", {words, kinds});
    const auto places = net_.weight("places", {longest, hidden});
    net_.integers("places.start", {0});
    net_.integers("places.end", {options_.sequence});
    const auto used = net_.add("Slice", "places.used", {places, "places.start", "places.end"});
    return normalised("embed.norm", net_.add("Add", "embed.all", {sum, used}));
  }

  /// 0 where a token counts and a very large negative number where it is padding.
  std::string mask(const std::string& input) {
    net_.integers("mask.axes", {1, 2});
    net_.scalar("mask.one", 1);
    net_.scalar("mask.low", -10000);
    net_.integers("heads.shape", {0, 0, heads, hidden / heads});
    net_.integers("merged.shape", {0, 0, hidden});
    net_.scalar("head.root", 8);  // the square root of hidden / heads
    net_.scalar("root.two", 1.4142135381698608);
    net_.scalar("one", 1);
    net_.scalar("half", 0.5);
    const auto real = net_.add("Cast", "mask.real", {input}, {{"to", std::int64_t{1}}});
    const auto wide = net_.add("Unsqueeze", "mask.wide", {real, "mask.axes"});
    const auto turned = net_.add("Sub", "mask.turned", {"mask.one", wide});
    return net_.add("Mul", "mask", {turned, "mask.low"});
  }

  std::string heads_of(const std::string& name, const std::string& x, const Shape& order) {
    const auto projected = linear(name, x, hidden, hidden);
    const auto split = net_.add("Reshape", name + ".heads", {projected, "heads.shape"});
    return net_.add("Transpose", name + ".turned", {split}, {{"perm", order}});
  }

  std::string attention(const std::string& name, const std::string& x) {
    const auto q = heads_of(name + ".q", x, {0, 2, 1, 3});
    const auto k = heads_of(name + ".k", x, {0, 2, 3, 1});
    const auto v = heads_of(name + ".v", x, {0, 2, 1, 3});
    const auto scores = net_.add("MatMul", name + ".qk", {q, k});
    const auto scaled = net_.add("Div", name + ".scaled", {scores, "head.root"});
    const auto masked = net_.add("Add", name + ".masked", {scaled, mask_});
    const auto weights =
        net_.add("Softmax", name + ".softmax", {masked}, {{"axis", std::int64_t{-1}}});
    const auto context = net_.add("MatMul", name + ".context", {weights, v});
    const auto back =
        net_.add("Transpose", name + ".back", {context}, {{"perm", Shape{0, 2, 1, 3}}});
    return linear(name + ".out", net_.add("Reshape", name + ".merged", {back, "merged.shape"}),
                  hidden, hidden);
  }

  /// x (1 + erf(x / sqrt 2)) / 2, in the operators that opset 17 has.
  std::string gelu(const std::string& name, const std::string& x) {
    const auto scaled = net_.add("Div", name + ".div", {x, "root.two"});
    const auto erf = net_.add("Erf", name + ".erf", {scaled});
    const auto shifted = net_.add("Add", name + ".add", {erf, "one"});
    return net_.add("Mul", name, {net_.add("Mul", name + ".mul", {x, shifted}), "half"});
  }

  std::string layer(const std::string& name, const std::string& x) {
    const auto attended = net_.add("Add", name + ".add1", {attention(name, x), x});
    const auto middle = normalised(name + ".norm1", attended);
    const auto wide = gelu(name + ".gelu", linear(name + ".up", middle, hidden, intermediate));
    const auto narrow = linear(name + ".down", wide, intermediate, hidden);
    return normalised(name + ".norm2", net_.add("Add", name + ".add2", {narrow, middle}));
  }

  const ZooOptions& options_;
  ZooBuilder net_{"bert_base"};
  std::string mask_;
};

}  // namespace

Network make_bert_base(const ZooOptions& options) {
  if (options.sequence > longest)
    throw InputError("bert_base takes at most " + std::to_string(longest) + " tokens, not " +
                     std::to_string(options.sequence));
  return Bert(options).network();
}

}  // namespace models
