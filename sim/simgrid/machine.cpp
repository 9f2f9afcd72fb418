#include "sim/simgrid/machine.h"

#include <algorithm>
#include <cmath>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <string>
#include <utility>

namespace sim {
namespace {

namespace s4u = simgrid::s4u;

/// A resource of capacity 0 keeps its old rates in SimGrid; one of this capacity gets nowhere.
constexpr double standstill = 1e-200;
/// What is declared; what counts is what the callbacks answer. SimGrid keeps a transfer below the
/// bandwidth that its links had at its start: this one is never in the way.
constexpr double unlimited = 1e30;
/// SimGrid takes whole bytes; this keeps fractions of them.
constexpr double parts_of_byte = 1 / SimgridMachine::least_bytes;
constexpr double picoseconds_per_second = 1e12;

std::size_t at(std::int32_t index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

/// SimGrid asks its models for their next event in the order in which they were added, this one
/// first.
class SimgridMachine::Turn final : public simgrid::kernel::resource::Model {
 public:
  explicit Turn(Resident& resident) : Model("Partwise"), resident_(resident) {}
  double next_occurring_event(double now) override { return resident_.next_event(now); }
  void update_actions_state(double now, double step) override { resident_.moved(now, step); }

 private:
  Resident& resident_;
};

/// A zone without a map: a message goes over the links that were named just before.
class SimgridMachine::Roads final : public simgrid::kernel::routing::NetZoneImpl {
 public:
  Roads() : NetZoneImpl("platform") {}
  void choose(std::span<const std::int32_t> channels, const std::vector<s4u::Link*>& links) {
    links_.clear();
    for (const auto c : channels) links_.push_back(links[at(c)]->get_impl());
  }

 private:
  void get_local_route(const simgrid::kernel::routing::NetPoint*,
                       const simgrid::kernel::routing::NetPoint*,
                       simgrid::kernel::routing::Route* into, double*) override {
    into->link_list_ = links_;
  }
  std::vector<simgrid::kernel::resource::StandardLinkImpl*> links_;
};

SimgridMachine::SimgridMachine(int devices, int channels, Resident& resident)
    : turn_(std::make_shared<Turn>(resident)),
      speed_(at(devices), 1.0),
      bandwidth_(at(channels), 1.0),
      hold_bandwidth_(at(channels), 1.0) {
  start_engine();
  engine_->add_model(turn_);
  roads_ = new Roads;  // the engine's from here on
  from_ = roads_->get_iface()->create_host("from", 1.0);
  to_ = roads_->get_iface()->create_host("to", 1.0);
  for (std::size_t d = 0; d < speed_.size(); ++d) add_device(d);
  for (std::size_t c = 0; c < bandwidth_.size(); ++c) {
    hold_link_.push_back(add_link("hold" + std::to_string(c),
                                  [this, c] { return bandwidth_[c] / hold_bandwidth_[c]; }));
    flow_link_.push_back(add_link("flow" + std::to_string(c), [this, c] {
      return bandwidth_[c] * (parts_of_byte / picoseconds_per_second);
    }));
  }
  s4u::Activity::on_completion_cb([&resident](const s4u::Activity& activity) {
    using State = s4u::Activity::State;
    auto* tag = activity.get_data<void>();
    // What was cancelled is reported at once and, as failed, once more when it is gone.
    if (tag == nullptr || activity.get_state() == State::CANCELED) return;
    if (activity.get_state() == State::FINISHED) resident.completed(tag);
    resident.dropped(tag);
  });
  roads_->get_iface()->seal();
  const auto models = engine_->get_all_models();
  network_ = *std::ranges::find_if(
      models, [](const auto* model) { return model->get_name() == "Network_CM02"; });
}

/// Plain max-min fairness: no TCP window, no acknowledgements on the way back.
void SimgridMachine::start_engine() {
  std::vector<std::string> words{"partwise-simgrid",
                                 "--cfg=network/model:CM02",
                                 "--cfg=network/crosstraffic:0",
                                 "--cfg=network/TCP-gamma:1e300",
                                 "--cfg=maxmin/precision:1e-12",
                                 "--log=root.thresh:warning"};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int count = static_cast<int>(words.size());
  engine_ = std::make_unique<s4u::Engine>(&count, arguments.data());
}

void SimgridMachine::add_device(std::size_t d) {
  hosts_.push_back(roads_->get_iface()->create_host("device" + std::to_string(d), unlimited));
  hosts_[d]->set_sharing_policy(
      s4u::Host::SharingPolicy::NONLINEAR,
      [this, d](double, int running) { return std::max(speed_[d] * running, standstill); });
}

s4u::Link* SimgridMachine::add_link(const std::string& name, std::function<double()> capacity) {
  auto* link = roads_->get_iface()->create_link(name, unlimited);
  link->set_sharing_policy(
      s4u::Link::SharingPolicy::NONLINEAR,
      [capacity = std::move(capacity)](double, int) { return std::max(capacity(), standstill); });
  return link;
}

SimgridMachine::~SimgridMachine() = default;

double SimgridMachine::clock() const {
  return s4u::Engine::get_clock();
}

void SimgridMachine::set_precision(double picoseconds) {
  s4u::Engine::set_config("surf/precision", picoseconds);
}

void SimgridMachine::prepare(std::span<const double> bandwidth) {
  std::ranges::fill(speed_, 1.0);
  std::ranges::copy(bandwidth, bandwidth_.begin());
}

void SimgridMachine::set_speed(int device, double factor) {
  speed_[at(device)] = factor;
  hosts_[at(device)]->set_pstate(0);  // the only one: makes SimGrid ask for the capacity
}

void SimgridMachine::set_bandwidth(std::int32_t channel, double bytes_per_second) {
  bandwidth_[at(channel)] = bytes_per_second;
  hold_link_[at(channel)]->set_bandwidth(unlimited);
  flow_link_[at(channel)]->set_bandwidth(unlimited);
}

SimgridMachine::Activity SimgridMachine::work(int device, double picoseconds, void* tag) {
  auto exec = s4u::Exec::init();
  exec->set_data(tag);
  exec->set_flops_amount(picoseconds);
  exec->set_host(hosts_[at(device)]);
  exec->start();
  return exec;
}

SimgridMachine::Activity SimgridMachine::hold(std::span<const std::int32_t> channels,
                                              std::int64_t picoseconds, double bandwidth,
                                              void* tag) {
  for (const auto c : channels) hold_bandwidth_[at(c)] = bandwidth;
  roads_->choose(channels, hold_link_);
  return send(static_cast<std::uint64_t>(picoseconds), tag);
}

SimgridMachine::Activity SimgridMachine::flow(std::span<const std::int32_t> channels, double bytes,
                                              void* tag) {
  roads_->choose(channels, flow_link_);
  return send(static_cast<std::uint64_t>(std::llround(bytes * parts_of_byte)), tag);
}

SimgridMachine::Activity SimgridMachine::send(std::uint64_t amount, void* tag) {
  auto comm = s4u::Comm::sendto_init();
  comm->set_data(tag);
  comm->set_payload_size(amount);
  comm->set_source(from_);
  comm->set_destination(to_);  // which starts it
  return comm;
}

void SimgridMachine::each_rate(const std::function<void(const void*, double)>& visit) const {
  for (const auto& action : *network_->get_started_action_set()) {
    if (action.get_activity() == nullptr) continue;
    visit(action.get_activity(), action.get_rate() * (picoseconds_per_second / parts_of_byte));
  }
}

void SimgridMachine::run() {
  engine_->run();
}

}  // namespace sim
