#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace models {

/// How the elements of a tensor are stored in the network file. Real-valued tensors are computed
/// and sent in whatever precision a plan says; all others travel as they are.
enum class ElementType : std::uint8_t {
  float32,
  float64,
  float16,
  bfloat16,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  boolean,
};
bool is_real(ElementType type);
int bits_of(ElementType type);

/// Something that is made once and read any number of times.
struct Tensor {
  enum class Role : std::uint8_t {
    input,     ///< arrives with every request
    computed,  ///< made by an operator
    weight,    ///< known before any request: a parameter, a constant, a folded shape
  };
  std::string name;
  std::vector<std::int64_t> shape;  ///< fully known; empty means a scalar
  ElementType type = ElementType::float32;
  Role role = Role::computed;
  int producer = -1;                 ///< index of the operator that makes it; -1 if none
  std::vector<std::int64_t> values;  ///< of small integer constants (shapes, axes), else empty
  std::vector<double> reals;         ///< of the smallest real constants (scales), else empty

  std::int64_t elements() const;
  friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// The value of an ONNX attribute.
using Attribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>,
                               std::vector<double>, std::vector<std::string>>;

/// Why an operator costs what it costs. Exactly one of these holds for every operator: nothing is
/// silently zero.
enum class Costing : std::uint8_t {
  counted,    ///< macs or element_operations say what it does
  free,       ///< moves or renames nothing at run time; `reason` says why
  by_bytes,   ///< unknown, but the user asked for `unknown_operators: bandwidth`
  not_costed  ///< unknown: refuses to run; `reason` says why
};

/// One node of the network.
struct Operator {
  std::string name;  ///< unique in the network
  std::string type;  ///< the ONNX operator type: "Conv", "MatMul"
  std::map<std::string, Attribute> attributes;
  std::vector<int> inputs;   ///< tensor indices in ONNX order; -1 where an optional one is absent
  std::vector<int> outputs;  ///< tensor indices in ONNX order; -1 where an optional one is absent

  Costing costing = Costing::not_costed;
  std::string reason;     ///< of `free` and `not_costed`
  std::int64_t macs = 0;  ///< multiply-accumulates of convolutions and matrix products
  std::int64_t element_operations = 0;  ///< all other arithmetic, one per element touched and step
  /// Input channels per group of a convolution; 1 means depthwise. 0 for anything else.
  std::int64_t reduction_channels = 0;

  friend bool operator==(const Operator&, const Operator&) = default;
};

/// The neural network: a directed acyclic graph of operators, joined by tensors. After reading,
/// constants are folded, shapes are known, and operators that reach no output are gone.
class Network {
 public:
  std::string name;
  int opset = 17;
  std::int64_t batch = 1;  ///< requests computed as one: operations and activations count so often
  std::vector<Operator> operators;  ///< in a topological order
  std::vector<Tensor> tensors;
  std::vector<int> inputs;   ///< tensors of role input that operators read, in the file's order
  std::vector<int> outputs;  ///< tensors that must reach the sink, in the file's order

  /// What reading changed, in words a user understands: "folded 239 constants", "removed ...".
  std::vector<std::string> notes;

  /// Operator indices such that makers come before readers; ties by index. Throws InputError naming
  /// a cycle where there is one.
  std::vector<int> topological_order() const;
  /// Operators that read the tensor, ascending, each once.
  std::vector<std::vector<int>> readers() const;

  std::int64_t macs() const;
  std::int64_t parameters() const;  ///< elements of real-valued weights
  /// Throws InputError if anything is inconsistent: indices, roles, producers, cycles, emptiness,
  /// duplicated names, an output that nothing makes.
  void check() const;

  /// Everything but the notes, which tell how a network was read and not what it is.
  friend bool operator==(const Network&, const Network&);
};

/// The same network computing b requests as one: activations, arithmetic and their bytes times b,
/// weights once.
Network batched(const Network& network, std::int64_t b);

/// Networks side by side in one; names get "prefix/" in front. Operators and tensors follow each
/// other in the order given, inputs and outputs too.
struct NamedNetwork {
  std::string prefix;
  const Network* network = nullptr;
};
Network side_by_side(const std::vector<NamedNetwork>& networks);

/// Names every operator type that has no cost, with how many operators there are of it and the
/// reason, one line each in the order of the network: "NonMaxSuppression (2): why". Empty if the
/// network can run.
std::string not_costed(const Network& network);

}  // namespace models
