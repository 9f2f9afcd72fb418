#pragma once

#include <cstdint>
#include <string>

#include "models/units.h"
#include "models/visitor.h"

namespace models {

/// Something that happens to the platform or to the requests while they are executed
/// (docs/execution-model.md, section 6).
struct Event {
  enum class What : std::uint8_t {
    speed,    ///< a device computes at `value` times its speed; 0 stands still
    load,     ///< something else takes the share `value` of a device or a link
    lanes,    ///< a link changes to `count` powered lanes
    fails,    ///< a device or a link
    returns,  ///< a device or a link that has failed
    burst     ///< `count` more requests arrive
  };

  What what = What::speed;
  Time at{};               ///< the first time
  Time every{};            ///< from one time to the next, if there are several
  std::int64_t times = 1;  ///< how often it happens
  std::string device;      ///< what it is about: one of these three
  std::string link;
  std::string network;  ///< of a burst; may stay empty where there is only one network
  double value = 0;
  std::int64_t count = 0;

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace models
