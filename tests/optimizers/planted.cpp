#include "tests/optimizers/planted.h"

#include <algorithm>
#include <array>
#include <string>

#include "models/index.h"
#include "models/random.h"

namespace optimizers_test {

namespace {

using models::at;
using models::Network;
using models::Platform;
using models::Tensor;

constexpr std::array<std::int64_t, 4> price = {20, 12, 7, 16};
constexpr std::int64_t period = 10'000'000'000;  // picoseconds
constexpr int group_size = 8;                    // devices around one switch
constexpr double link_rate = 1e9;                // bytes per second

/// An operator before it has a place in the network's order.
struct Piece {
  int tower = 0;
  int device = 0;
  std::int64_t time = 0;      ///< at home
  std::vector<int> reads;     ///< pieces
  std::int64_t elements = 0;  ///< of its output
  std::int64_t weights = 0;   ///< elements
};

class Planter {
 public:
  Planter(const PlantedShape& shape, std::uint64_t seed) : shape_(shape), random_(seed) {}

  Planted plant() {
    number_devices();
    cut_towers();
    connect();
    order_pieces();
    make_network();
    make_platform();
    models::Workload workload;
    workload.source = workload.sink = name_of(at(pieces_, 0).device);
    Planted result;
    result.problem = models::make_problem(network_, platform_, workload, {});
    result.plan = result.problem->first_plan();
    for (std::size_t k = 0; k < order_.size(); ++k)
      at(result.plan.device, k) = static_cast<std::uint16_t>(at(pieces_, order_[k]).device);
    result.period = models::Time(period);
    result.goal.objectives = {{models::Metric::period_bound, 1, models::seconds(result.period)}};
    return result;
  }

 private:
  static std::string name_of(int device) { return "d" + std::to_string(device); }
  int kind(int device) const { return device % shape_.kinds; }

  /// Segments beside each other in a tower are on devices beside each other in the platform, but
  /// their kinds come in any order.
  void number_devices() {
    for (int d = 0; d < shape_.devices; ++d) devices_.push_back(d);
    for (int begin = 0; begin < shape_.devices; begin += group_size) {
      const int end = std::min(begin + group_size, shape_.devices);
      for (int k = end - 1; k > begin; --k)
        std::swap(at(devices_, k), at(devices_, begin + random_.below(k - begin + 1)));
    }
  }

  void cut_towers() {
    std::int64_t sum = 0;
    std::vector<std::int64_t> share;
    for (int d = 0; d < shape_.devices; ++d) sum += share.emplace_back(50 + random_.below(101));
    int placed = 0;
    std::int64_t before = 0;
    for (int d = 0; d < shape_.devices; ++d) {
      before += at(share, d);
      const int end = std::max(placed + 1, static_cast<int>(shape_.operators * before / sum));
      add_segment(d * shape_.towers / shape_.devices, at(devices_, d), end - placed);
      placed = end;
    }
  }

  void add_segment(int tower, int device, int count) {
    std::vector<std::int64_t> weight;
    std::int64_t sum = 0, before = 0;
    for (int k = 0; k < count; ++k) sum += weight.emplace_back(10 + random_.below(191));
    for (int k = 0; k < count; ++k) {
      const auto begin = period * before / sum;
      before += at(weight, k);
      pieces_.push_back({tower, device, period * before / sum - begin, {}, 0, 0});
    }
  }

  /// Each operator reads the one before it in its tower, often another a little further back, and
  /// now and then one of an earlier tower.
  void connect() {
    for (int k = 0; k < static_cast<int>(pieces_.size()); ++k) {
      auto& piece = at(pieces_, k);
      piece.elements = 30'000 + random_.below(120'000);  // 0.12 to 0.6 ms on a link
      piece.weights = 1000 * (1 + random_.below(100));
      const bool first = k == 0 || at(pieces_, k - 1).tower != piece.tower;
      if (first) continue;
      piece.reads.push_back(k - 1);
      const auto further = k - 2 - static_cast<int>(random_.below(4));
      if (further >= 0 && at(pieces_, further).tower == piece.tower && random_.chance(0.4))
        piece.reads.push_back(further);
      if (piece.tower > 0 && random_.below(1 + 8 * shape_.operators / shape_.devices) == 0)
        piece.reads.push_back(static_cast<int>(random_.below(k)) / 2);
    }
  }

  /// A random topological order that keeps each tower's own.
  void order_pieces() {
    std::vector<int> next(models::at(shape_.towers), -1), end(next);
    for (int k = 0; k < static_cast<int>(pieces_.size()); ++k) {
      const auto tower = at(pieces_, k).tower;
      if (at(next, tower) < 0) at(next, tower) = k;
      at(end, tower) = k + 1;
    }
    position_.assign(pieces_.size(), -1);
    while (order_.size() < pieces_.size()) {
      const auto tower = random_.below(shape_.towers);
      const int k = at(next, tower);
      if (k < 0 || k == at(end, tower)) continue;
      const auto& reads = at(pieces_, k).reads;
      if (std::any_of(reads.begin(), reads.end(), [&](int r) { return at(position_, r) < 0; }))
        continue;
      at(position_, k) = static_cast<int>(order_.size());
      order_.push_back(k);
      ++at(next, tower);
    }
  }

  int add_tensor(const std::string& name, std::int64_t elements, Tensor::Role role, int producer) {
    Tensor tensor;
    tensor.name = name;
    tensor.shape = {elements};
    tensor.role = role;
    tensor.producer = producer;
    network_->tensors.push_back(tensor);
    return static_cast<int>(network_->tensors.size()) - 1;
  }

  void make_network() {
    network_ = std::make_shared<Network>();
    network_->name = "planted";
    network_->inputs = {add_tensor("x", 1, Tensor::Role::input, -1)};
    std::vector<int> made(pieces_.size());
    std::vector<bool> read(pieces_.size());
    for (std::size_t k = 0; k < order_.size(); ++k) {
      const auto& piece = at(pieces_, order_[k]);
      models::Operator op;
      op.name = "op" + std::to_string(k);
      op.type = "Conv";
      op.costing = models::Costing::counted;
      op.macs = 1;
      if (piece.reads.empty()) op.inputs = network_->inputs;
      for (const int other : piece.reads) {
        op.inputs.push_back(at(made, other));
        at(read, other) = true;
      }
      op.inputs.push_back(add_tensor(op.name + ".weight", piece.weights, Tensor::Role::weight, -1));
      const bool last = order_[k] + 1 == static_cast<int>(pieces_.size()) ||
                        at(pieces_, order_[k] + 1).tower != piece.tower;
      at(made, order_[k]) = add_tensor(op.name + ".out", last ? 1 : piece.elements,
                                       Tensor::Role::computed, static_cast<int>(k));
      op.outputs = {at(made, order_[k])};
      network_->operators.push_back(op);
    }
    for (std::size_t k = 0; k < pieces_.size(); ++k)
      if (!read[k]) network_->outputs.push_back(made[k]);
  }

  void make_platform() {
    platform_ = std::make_shared<Platform>();
    platform_->name = "planted";
    std::vector<std::vector<models::TabledDuration>> tables;
    for (int k = 0; k < shape_.kinds; ++k) tables.push_back(table(k));
    std::vector<std::int64_t> weights(models::at(shape_.devices));
    for (const auto& piece : pieces_) at(weights, piece.device) += 4 * piece.weights;
    const auto most = *std::max_element(weights.begin(), weights.end());
    for (int d = 0; d < shape_.devices; ++d) {
      models::Device device;
      device.name = name_of(d);
      device.model = models::Device::Model::table;
      device.memory = {shape_.tight_memory ? most * 5 / 4 + 64'000'000 : std::int64_t{1} << 50};
      device.memory_bandwidth = {1e12};
      device.durations = at(tables, kind(d));
      platform_->devices.push_back(device);
      add_link(name_of(d), switch_of(d / group_size));
    }
    const int groups = (shape_.devices + group_size - 1) / group_size;
    for (int g = 0; g < groups; ++g) platform_->switches.push_back(switch_of(g));
    if (groups == 1) return;
    platform_->switches.push_back("spine");
    for (int g = 0; g < groups; ++g) add_link(switch_of(g), "spine");
  }

  static std::string switch_of(int group) { return "s" + std::to_string(group); }

  void add_link(const std::string& one, const std::string& other) {
    models::Link link;
    link.name = one + "-" + other;
    link.ends = {one, other};
    link.lane_rate = {link_rate};
    link.latency = models::Time(1'000'000);
    platform_->links.push_back(link);
  }

  std::vector<models::TabledDuration> table(int kind_of_table) {
    std::vector<models::TabledDuration> rows;
    for (std::size_t k = 0; k < order_.size(); ++k) {
      const auto& piece = at(pieces_, order_[k]);
      const int home = kind(piece.device);
      std::int64_t time = piece.time;
      if (home != kind_of_table) {
        if (random_.chance(0.02)) continue;
        const auto own = at(price, kind_of_table);
        time = (time * at(price, home) + own - 1) / own;
        if (random_.chance(0.8)) time += time * (20 + random_.below(980)) / 1000;
      }
      rows.push_back(
          {"op" + std::to_string(k), models::Precision::fp32, models::Time(time), {1e-6}});
    }
    return rows;
  }

  PlantedShape shape_;
  models::Random random_;
  std::vector<int> devices_;  ///< [segment]
  std::vector<Piece> pieces_;
  std::vector<int> order_;     ///< [operator] piece
  std::vector<int> position_;  ///< [piece] operator
  std::shared_ptr<Network> network_;
  std::shared_ptr<Platform> platform_;
};

}  // namespace

Planted planted(const PlantedShape& shape, std::uint64_t seed) {
  return Planter(shape, seed).plant();
}

}  // namespace optimizers_test
