#pragma once

#include "actors/api/call.hpp"

#include <array>
#include <vector>

namespace troupe::api {

/// What admission has looked up of other objects, and the versions that it found.
class lookups {
 public:
  /// A view that notes down what it is asked. Must not outlive this.
  model::cluster_view noting(model::cluster_view view);
  /// Whether all of it would be found again.
  bool hold(const store::cache& objects) const;

 private:
  struct list {
    std::string resource, ns;
    std::vector<std::uint64_t> versions;
  };

  std::vector<std::pair<object_key, std::uint64_t>> objects_;  // version 0: there was none
  std::vector<list> lists_;
};

/// Creations of pods that have been decided. Pods come in numbers from one template (a
/// ReplicaSet's, a Job's): one that the same client asks for in the same words but for its name, in
/// the same second, while whatever admission read stands as it was, is created without being read.
/// For one thread.
class precedents {
 public:
  /// Whether a request may have a precedent; its body then need not be read yet.
  static bool concerns(const call& c);

  /// What follows for a call with an unread body; nothing: it has to be decided.
  std::optional<decision> follow(call& c, environment& e) const;

  /// Whether one like a call, whose body has been read, was here before: then it is worth keeping.
  bool recurs(const call& c);
  /// Keeps what was decided of a call, when others may follow it.
  void keep(const call& c, const environment& e, const decision& d, lookups seen);

 private:
  /// Where a body has its name; equal: it has none.
  struct place {
    std::size_t begin = 0, end = 0;
  };

  struct precedent {
    // The question.
    decltype(model::request_info::query) query;
    std::string ns, user, manager;
    std::vector<std::string> groups;
    blob_ref body;
    place name;
    std::chrono::sys_seconds second{};
    lookups seen;
    // The answer.
    bool generated = false;
    std::string base;  // of the names that are made up here
    model::draft pod;
    std::size_t name_at = 0;  // in its head
    std::size_t uid_at = 0;   // in its tail
    std::vector<std::string> warnings;
    std::map<std::string, std::string> audit_annotations;
    model::audited_object named;

    bool asks_the_same(const call& c) const;
    /// The name in a body that is this one but for the name.
    std::optional<std::string_view> name_in(std::string_view text) const;
    model::draft made_for(std::string_view new_name, const std::string& uid) const;
  };

  /// Nothing: the name may stand for something else, too.
  static std::optional<place> place_of(std::string_view name, std::string_view text);
  static std::optional<precedent> of(const call& c, const decision& d);

  std::array<std::size_t, 64> seen_{};  // hashes of bodies without their names
  std::vector<precedent> kept_;
  std::size_t oldest_ = 0;
};

}  // namespace troupe::api
