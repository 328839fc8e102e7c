#pragma once

#include "cli/bench/endpoint.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::cli::bench {

/// The objects of a measurement: pods "bench-0", "bench-1", ... in a namespace of their own.
class workload {
 public:
  /// Makes the namespace. Throws bench_error.
  /// In a namespace of its own, "bench-PID" with what `suffix` adds.
  explicit workload(const endpoint& to, std::string_view suffix = {});

  /// "/api/v1/namespaces/NS/pods"
  const std::string& pods() const { return pods_; }
  std::string pod_path(std::size_t number) const;
  /// A create request of pod `number`, for the scheduler of that name.
  std::string create_pod(std::size_t number, std::string_view scheduler) const;
  /// The same for a pod that is like no other one: its image is its own, too.
  std::string create_unlike_pod(std::size_t number, std::string_view scheduler) const;
  /// A merge patch of pod `number` that sets its annotation "bench/sent" to `nanoseconds`.
  std::string patch_pod(std::size_t number, std::int64_t nanoseconds) const;
  /// A server-side apply of pod `number`'s label "round", as field manager "bench".
  std::string apply_pod(std::size_t number, std::size_t round) const;
  /// Deletes the pods and the namespace. Throws bench_error.
  void remove() const;

 private:
  std::string create(std::size_t number, std::string_view scheduler,
                     std::string_view image_tag) const;

  const endpoint& to_;
  std::string name_;
  std::string pods_;
};

/// The number in a watch line about pod "bench-NUMBER"; -1 when there is none.
std::int64_t pod_number(std::string_view line);
/// The number in its annotation "bench/sent"; -1 when there is none.
std::int64_t sent_nanoseconds(std::string_view line);

/// Cuts what a watch sends into lines.
class lines {
 public:
  /// Takes a piece, calls `each` with every line that it completes.
  template <class F>
  void add(std::string_view piece, F&& each) {
    for (auto end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
      if (rest_.empty()) {
        each(piece.substr(0, end));
      } else {
        rest_.append(piece.substr(0, end));
        each(std::string_view(rest_));
        rest_.clear();
      }
      piece.remove_prefix(end + 1);
    }
    rest_.append(piece);
  }

 private:
  std::string rest_;
};

}  // namespace troupe::cli::bench
