#pragma once

#include "model/request_info.hpp"
#include "store/cache.hpp"
#include "store/reads.hpp"

namespace troupe::store {

// What is read like an object but made from others at the time of the read.

/// An object as the request's subresource shows it: a Scale is made from its workload, the others
/// show the object itself.
std::shared_ptr<const std::string> render_requested(const model::request_info& info,
                                                    const model::kind_info& kind,
                                                    const object_ptr& object, const rendering& show,
                                                    model::time_point now);

/// Whether a kind's objects are made when they are read: ComponentStatus, NodeMetrics, PodMetrics.
bool is_derived(const model::kind_info& kind);

/// The objects of such a kind, in a namespace or everywhere; and one of them, or null.
std::vector<object_ptr> derived_objects(const cache& objects, const model::kind_info& kind,
                                        std::string_view ns, model::time_point now);
object_ptr derived_object(const cache& objects, const model::object_key& key,
                          model::time_point now);

}  // namespace troupe::store
