#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/outcome.h"
#include "models/problem.h"

/// A second, slow and plain implementation of docs/execution-model.md, written from the text alone.
/// The engines are held against it.
namespace reference {

/// A tensor as it lies on one device in one format.
struct Version {
  int tensor = -1;
  int device = -1;
  int format = -1;
  friend auto operator<=>(const Version&, const Version&) = default;
};

/// One task of every request.
struct Task {
  models::Timeline::Kind kind = models::Timeline::Kind::compute;
  int op = -1;      ///< of compute
  int tensor = -1;  ///< of convert and transfer
  int device = -1;  ///< of a transfer: the sender
  int target = -1;
  int from = -1;    ///< format that a conversion starts from
  int format = -1;  ///< computed in, converted to, or sent as
  std::vector<Version> reads;
  std::vector<Version> makes;
  std::vector<int> channels;
  std::int64_t duration = 0;  ///< picoseconds; of a fair transfer: bytes / narrowest bandwidth
  std::int64_t latency = 0;
  std::int64_t bytes = 0;
  std::int64_t workspace = 0;
  double joules = 0;
  bool fair = false;
  bool switches = false;
};

/// What a plan asks of every request: the tasks in canonical order, and the memory they need.
struct Lowered {
  std::vector<Task> tasks;
  std::vector<Version> inputs;            ///< present when a request is admitted
  std::vector<Version> outputs;           ///< a request completes when all are present
  std::vector<std::int64_t> weights;      ///< [device] bytes
  std::vector<std::int64_t> per_request;  ///< [device] bytes: R
  bool supported = true;
  std::int64_t memory_over = 0;
};

Lowered lower(const models::Problem& problem, const models::Plan& plan);

/// Executes event by event. Score, latencies, energy, devices, channels and timeline are filled;
/// records come in no particular order.
models::Outcome execute(const models::Problem& problem, const models::Plan& plan);

/// The same in every numbering: "convert conv1.out fp32>int8 on npu". Formats of transfers are left
/// out, since there is one per tensor and target.
std::string key_of(const models::Timeline& timeline, const models::Timeline::Task& task);

}  // namespace reference
