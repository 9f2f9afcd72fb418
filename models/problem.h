#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/event.h"
#include "models/network/network.h"
#include "models/plan.h"
#include "models/platform/platform.h"
#include "models/precision/precision.h"
#include "models/workload.h"

namespace models {

/// What a plan may choose. Names are resolved, and refused with InputError, by make_problem.
struct Choices {
  /// One restriction: the operators it is about, and what they may use. Later ones win.
  struct Rule {
    std::string operators;              ///< an operator's name, "type:Conv", or "*"
    std::vector<std::string> devices;   ///< empty: any
    std::vector<Precision> precisions;  ///< empty: any of Choices::precisions
  };
  std::vector<Precision> precisions = {Precision::fp32};  ///< of operators
  std::vector<Precision> wires;  ///< beside "as produced"; wire-only widths allowed
  std::vector<Rule> rules;
  bool rank = true;   ///< whether the order is searched
  bool lanes = true;  ///< whether link widths are searched; if not, all lanes are powered
  Plan::Discipline discipline = Plan::Discipline::strict;
};

/// One network that runs on the platform, with its requests.
struct NetworkUse {
  static constexpr std::int64_t least_urgent = 14;
  std::string name;  ///< of the stream of requests; may stay empty where there is only one
  std::shared_ptr<const Network> network;
  Workload workload;
  std::int64_t priority = 0;  ///< 0 to 14; smaller goes first
  Time deadline{};            ///< from arrival; 0: none
};

/// Networks, a platform and their workloads, compiled once for scoring any number of plans: flat
/// arrays, whole-number times. Several networks are compiled as one, side by side, with names such
/// as "network/operator". Read-only after make_problem; shared by threads. See
/// docs/execution-model.md.
struct Problem {
  std::shared_ptr<const Network> network;  ///< all of them
  std::shared_ptr<const Platform> platform;
  Choices choices;
  std::vector<Event> events;  ///< as given

  /// A network's share of operators and inputs, and its requests.
  struct Stream {
    NetworkUse use;
    int first_operator = 0, end_operator = 0;
    int first_input = 0, end_input = 0;  ///< tensors
    int source = 0;                      ///< device where inputs start
    int sink = 0;                        ///< device that outputs must reach
    /// Of open workloads of up to ArrivalTimes::most_listed requests; else empty.
    std::vector<Time> arrivals;
    const Workload& workload() const { return use.workload; }
  };
  std::vector<Stream> streams;  ///< at least one
  std::int64_t batch = 1;       ///< requests that are executed as one

  /// The same with b requests executed as one, at [b - 2], up to the largest batch of a workload.
  std::vector<std::shared_ptr<const Problem>> batched;

  int operators = 0;
  int tensors = 0;  ///< activations only; numbered here, see tensor_of
  int devices = 0;
  int links = 0;
  int channels = 0;  ///< directions of links: one for half duplex, two for full
  int formats = 0;
  int compute_formats = 0;        ///< the first so many formats are choices for operators
  std::uint8_t input_format = 0;  ///< index of fp32, the format network inputs start in
  bool fair_links = false;        ///< some link is fair: the static evaluators do not apply

  std::vector<Precision> format;     ///< [format] compute choices first, then those of the wire
  std::vector<double> format_noise;  ///< [format] noise-to-signal ratio of one rounding to it

  // Operators. Where they run costs the same on devices of one kind, so [operator x kind x compute
  // format] is cost_index(operator, device, compute format).
  int kinds = 0;
  std::vector<std::int32_t> device_kind;  ///< [device] 0 .. kinds - 1
  std::vector<std::int64_t> duration;     ///< picoseconds; -1: not supported there
  std::vector<double> energy;             ///< joules
  std::vector<std::int64_t> workspace;    ///< bytes
  std::vector<double> noise;  ///< [operator x compute format] share of the noise at the outputs
  std::vector<std::uint8_t> is_free;       ///< [operator] takes no time, has no compute precision
  std::vector<std::int64_t> weight_bytes;  ///< [operator x compute format] weights only it reads
  std::vector<std::int32_t> input_begin;   ///< [operator + 1] into input_tensor
  std::vector<std::int32_t> input_tensor;  ///< activations read, each once per operator
  std::vector<std::int32_t> output_begin;  ///< [operator + 1]: its outputs are these tensors

  // Weights read by several operators: counted once per device and precision.
  std::vector<std::int32_t> shared_begin;   ///< [operator + 1] into shared_weight
  std::vector<std::int32_t> shared_weight;  ///< numbers 0 .. shared_weights - 1
  int shared_weights = 0;
  std::vector<std::int64_t> shared_weight_bytes;  ///< [shared weight x compute format]

  // Tensors: network inputs first (0 .. inputs - 1), then outputs of operator 0, 1, ...
  int inputs = 0;
  std::vector<std::int32_t> tensor_of;         ///< [tensor] index in Network::tensors
  std::vector<std::int32_t> producer;          ///< [tensor] operator, -1 for network inputs
  std::vector<std::int64_t> elements;          ///< [tensor]
  std::vector<std::uint8_t> is_fixed;          ///< [tensor] not real-valued: travels as it is
  std::vector<std::uint8_t> is_output;         ///< [tensor] must reach the sink
  std::vector<std::int32_t> stream_of_tensor;  ///< [tensor]
  std::vector<std::int64_t> bytes;             ///< [tensor x format]; of fixed ones the same in all
  std::vector<std::int32_t> reader_begin;      ///< [tensor + 1] into reader
  std::vector<std::int32_t> reader;            ///< operators, ascending, each once
  std::vector<double> reader_sensitivity;  ///< [as reader] noise at outputs per noise read there
  std::vector<double> output_sensitivity;  ///< [tensor] the same for what the sink takes of it

  // Devices.
  std::vector<std::int64_t> capacity;      ///< [device] bytes
  std::vector<std::int32_t> slots;         ///< [device]
  std::vector<std::int64_t> switch_time;   ///< [device] picoseconds
  std::vector<double> switch_energy;       ///< [device] joules
  std::vector<double> static_power;        ///< [device] watts
  std::vector<std::uint8_t> device_gated;  ///< [device] static power only while busy
  // Conversions: rounded_up(overhead + bytes touched / bandwidth), energy per byte touched.
  std::vector<double> convert_overhead;      ///< [device] seconds
  std::vector<double> convert_bandwidth;     ///< [device] bytes per second of one slot
  std::vector<double> convert_energy;        ///< [device] joules per byte read or written
  std::vector<std::uint8_t> handles_format;  ///< [device x format] converts to or from it there

  double area = 0;   ///< mm2 of the platform; 0 where a part does not say it
  double price = 0;  ///< of the platform; 0 where a part does not say it

  // Links and channels.
  std::vector<double> lane_bandwidth;         ///< [link] bytes per second of one lane, payload
  std::vector<std::int32_t> lane_budget;      ///< [link]
  std::vector<double> lane_power;             ///< [link] watts per powered lane
  std::vector<std::uint8_t> link_gated;       ///< [link] idle power only while it sends
  std::vector<std::uint8_t> link_fair;        ///< [link]
  std::vector<std::int32_t> channel_link;     ///< [channel]
  std::vector<std::uint8_t> channel_forward;  ///< [channel] from ends[0] towards ends[1]
  std::vector<double> link_energy_per_bit;    ///< [link] joules

  // Routes. [from * devices + to].
  std::vector<std::int32_t> route_begin;     ///< [+ 1] into route_channel
  std::vector<std::int32_t> route_channel;   ///< channels in order
  std::vector<std::int64_t> route_latency;   ///< picoseconds
  std::vector<std::int64_t> route_packet;    ///< bytes, coarsest on the way
  std::vector<double> route_energy_per_bit;  ///< joules, all hops
  std::vector<std::uint8_t> route_fair;      ///< all links of the route are fair

  // What a plan may choose. Fixed things have one option.
  struct Option {
    std::uint16_t device = 0;
    std::uint8_t precision = 0;
  };
  std::vector<std::int32_t> option_begin;  ///< [operator] into option; many share one list
  std::vector<std::int32_t> option_end;    ///< [operator]
  std::vector<Option> option;             ///< supported and permitted; ordered by device, precision
  std::vector<std::uint8_t> wire_option;  ///< as_produced first, then format indices
  std::vector<std::int32_t> lane_begin;   ///< [link + 1] into lane_option
  std::vector<std::int32_t> lane_option;  ///< ascending

  /// The device where a plan makes the tensor.
  int home(int tensor, const Plan& plan) const {
    const auto maker = producer[static_cast<std::size_t>(tensor)];
    return maker < 0 ? stream_with(tensor).source : plan.device[static_cast<std::size_t>(maker)];
  }
  /// The stream that the tensor belongs to.
  const Stream& stream_with(int tensor) const {
    return streams[static_cast<std::size_t>(stream_of_tensor[static_cast<std::size_t>(tensor)])];
  }
  /// What make_problem was given.
  std::vector<NetworkUse> uses() const;
  /// Of all networks, those of bursts included.
  std::int64_t requests() const;

  std::size_t cost_index(int op, int device, int precision) const {
    return (static_cast<std::size_t>(op) * static_cast<std::size_t>(kinds) +
            static_cast<std::size_t>(device_kind[static_cast<std::size_t>(device)])) *
               static_cast<std::size_t>(compute_formats) +
           static_cast<std::size_t>(precision);
  }
  std::span<const Option> options(int op) const {
    return std::span(option).subspan(
        static_cast<std::size_t>(option_begin[static_cast<std::size_t>(op)]),
        static_cast<std::size_t>(option_end[static_cast<std::size_t>(op)] -
                                 option_begin[static_cast<std::size_t>(op)]));
  }
  const std::string& operator_name(int op) const {
    return network->operators[static_cast<std::size_t>(op)].name;
  }
  const std::string& tensor_name(int tensor) const {
    return network->tensors[static_cast<std::size_t>(tensor_of[static_cast<std::size_t>(tensor)])]
        .name;
  }
  const std::string& device_name(int device) const {
    return platform->devices[static_cast<std::size_t>(device)].name;
  }
  const std::string& link_name(int link) const {
    return platform->links[static_cast<std::size_t>(link)].name;
  }
  /// "d2d:npu->server" for a direction, "d2d" for a half-duplex link.
  std::string channel_name(int channel) const;

  /// Makes every device a kind of its own, so that its costs can be changed alone.
  void split_kinds();

  /// A valid plan to start from: every operator's first option, operators in network order, all
  /// tensors as produced, all lanes powered.
  Plan first_plan() const;
};

/// Compiles. Throws InputError when the three do not fit together: an operator that no device
/// supports in any allowed precision, an uncosted operator, an unknown device name.
std::shared_ptr<const Problem> make_problem(std::shared_ptr<const Network> network,
                                            std::shared_ptr<const Platform> platform,
                                            const Workload& workload, const Choices& choices);

/// The same for several networks, whose names differ, and for events.
std::shared_ptr<const Problem> make_problem(std::vector<NetworkUse> networks,
                                            std::shared_ptr<const Platform> platform,
                                            const Choices& choices, std::vector<Event> events = {});

/// Throws InputError when the plan is not one of this problem: wrong sizes, indices out of range,
/// an order that is no topological permutation. Says nothing about feasibility.
void check_plan(const Problem& problem, const Plan& plan);

}  // namespace models
