#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/platform/device.h"
#include "models/platform/link.h"

namespace models {

/// A way given by the user, instead of the one of least time.
struct Route {
  std::string from;
  std::string to;
  std::vector<std::string> via;  ///< link names in order; used backwards for the way back
};

/// Devices, switches and links between them.
struct Platform {
  std::string name;
  std::string meaning;
  std::vector<Device> devices;
  std::vector<std::string> switches;
  std::vector<Link> links;
  std::vector<Route> routes;

  int device_index(std::string_view name) const;  ///< -1 if there is none
  int link_index(std::string_view name) const;    ///< -1 if there is none
  /// Throws InputError (without a place) for duplicate names, unknown ends, buses that are not half
  /// duplex, rates that are not positive, and routes that do not hold together; and for whatever
  /// resolve_routes refuses.
  void check() const;
  /// The same without resolve_routes, for those who call it themselves.
  void check_parts() const;
};

void describe(Platform& platform, Visitor& v);

/// One hop of a resolved route: a link, and the direction it is used in.
struct Hop {
  int link = -1;
  bool forward = true;  ///< from ends[0] towards ends[1]; always true on a bus
  friend bool operator==(Hop, Hop) = default;
};

/// Calls `visit` with the hops from every device to every other, in the order of from * devices +
/// to; without hops on the diagonal. Nothing is kept, since there can be millions of routes.
///
/// Given routes first; else least time for 1 MiB at full lane budgets (latencies + 1 MiB /
/// narrowest bandwidth), ties by fewest hops, then by link names. Switches and buses forward;
/// devices do not, but where a given route passes one. Throws InputError when a device cannot be
/// reached from another one, and when the links of a route differ in kind (fifo, fair).
void resolve_routes(const Platform& platform,
                    const std::function<void(std::span<const Hop>)>& visit);
/// Only to throw.
void resolve_routes(const Platform& platform);

}  // namespace models
