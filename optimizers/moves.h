#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/random.h"
#include "models/score.h"
#include "optimizers/graph.h"

namespace optimizers {

/// Kinds of small steps from one valid plan to another.
enum class Move : int {
  single,           ///< one operator to any other option
  follow,           ///< an operator, or a few joined ones, as one that they are joined to
  block,            ///< a connected block to another device
  cut,              ///< a stretch of the order (a prefix, a suffix, a segment) to a device
  boundary,         ///< where the device changes along the order, the change moves
  swap,             ///< two operators exchange devices
  rank,             ///< one operator elsewhere in the order, within what the graph allows
  precision,        ///< of one operator
  precision_block,  ///< of a connected block
  precision_type,   ///< of all operators of one type
  precision_cut,    ///< of a stretch of the order
  precision_swap,   ///< two stretches of the order, one to what the other has and back
  wire,             ///< format of one travelling tensor
  wires,            ///< format of all tensors to one device
  lanes,            ///< width of a link
  relieve,          ///< work off the bottleneck: an operator or a few, a transfer, a width
  relieve_swap,     ///< an operator of the bottleneck device and one of another exchange devices
  piece_swap,       ///< two pieces of the order (stretches on one device) change places, with loads
  piece_shift,      ///< a piece sheds load; those between it and another pass it on
  count_
};
inline constexpr int move_kinds = static_cast<int>(Move::count_);

/// A plan to step from.
struct Base {
  const models::Plan& plan;
  std::span<const std::int32_t> position;  ///< of positions()
  models::Resource bottleneck;             ///< of its score; none: not known
};

/// Draws steps. Each leads from a valid plan to a valid plan, and uses only what the problem
/// offers.
class Mover {
 public:
  Mover(const models::Problem& problem, const Graph& graph);

  /// Whether the kind can ever change a plan of this problem.
  bool possible(Move move) const { return at(possible_, static_cast<int>(move)) != 0; }

  /// Appends the changes of one random step. False, and nothing appended, if none was found that
  /// changes the plan.
  bool draw(Move move, const Base& base, models::Random& random,
            std::vector<models::Change>& changes);

 private:
  struct Call;

  void note_possible();
  void collect_block(Call& call, int seed, std::int64_t size, bool same_device);
  void collect_some_block(Call& call, int seed);
  void collect_stretch(Call& call);
  void collect_type(Call& call, int type);

  void single(Call& call);
  void follow(Call& call);
  void block(Call& call);
  void cut(Call& call);
  void boundary(Call& call);
  void swap(Call& call);
  void rank(Call& call);
  void precision(Call& call, Move move);
  void precision_swap(Call& call);
  void wire(Call& call);
  void wires(Call& call);
  void lanes(Call& call);
  void relieve(Call& call);
  void relieve_device(Call& call, int device);
  void relieve_channel(Call& call, int channel);
  void relieve_edge(Call& call, const Graph::Edge& edge);
  void relieve_swap(Call& call);
  void piece_swap(Call& call);
  void piece_shift(Call& call);
  /// Positions of the order.
  struct Stretch {
    std::int64_t begin = 0, end = 0;
    bool begins_at_seed = true;  ///< else it ends with the piece around the seed
  };
  struct Piece {
    int device = 0;
    std::int64_t load = 0;            ///< picoseconds
    std::int64_t begin = 0, end = 0;  ///< positions
  };
  std::int64_t piece_end(const Call& call, std::int64_t p, int step, std::int64_t gap) const;
  void weigh_pieces(const Call& call);
  Stretch collect_pieces(Call& call, std::int64_t seed);
  void lay_pieces(Call& call, Stretch stretch);
  std::int64_t duration_on(const Call& call, int op, int device) const;
  int operator_on(Call& call, int device);
  bool passes(int from, int to, int channel) const;

  void move_to(Call& call, int op, int device, int wanted_precision);
  void set_precision(Call& call, int op, int precision);
  int other_device(Call& call, int op);
  int drawn_precision(Call& call);
  int operator_with_choice(Call& call, const std::vector<std::int32_t>& pool);

  const models::Problem& problem_;
  const Graph& graph_;
  std::vector<std::uint8_t> possible_;    ///< [kind]
  std::vector<std::int32_t> movable_;     ///< operators with a choice of device
  std::vector<std::int32_t> adjustable_;  ///< operators with a choice of precision on some device
  std::vector<std::int32_t> wide_;        ///< links with a choice of lanes
  std::vector<std::vector<std::int32_t>> of_type_;  ///< [type] of adjustable_
  std::vector<std::int32_t> region_;                ///< scratch: operators collected
  std::vector<Piece> pieces_;                       ///< scratch
  std::vector<std::int64_t> seen_;  ///< [operator] stamp of the last collection it was in
  std::int64_t stamp_ = 0;
};

}  // namespace optimizers
