#pragma once

#include "actors/kubelet/context.hpp"
#include "model/kubelet/image_gc.hpp"

namespace troupe {

/// Removes images that nobody uses; lives in one actor.
class image_collector : public std::enable_shared_from_this<image_collector> {
 public:
  /// `post` brings a function into that actor.
  using poster = std::function<void(std::function<void()>)>;
  struct result {
    std::int64_t freed = 0;
    std::string error;  ///< empty: none
  };
  using ended = std::function<void(result)>;

  image_collector(context_ptr context, poster post);

  /// Learns which images there are and which are in use; an error or "".
  void see(std::function<void(std::string)> f);
  /// Frees so much, if it can, of what see() found.
  void free(std::int64_t bytes, ended f);
  /// Removes what has not been used for too long.
  void remove_expired(ended f);
  /// All that may go.
  void remove_unused(ended f);

 private:
  struct removal {
    std::vector<model::kubelet::image_book::candidate> list;
    std::size_t next = 0;
    std::int64_t wanted = 0, freed = 0;
    std::vector<std::string> errors;
    ended f;
  };
  void go_on(const std::shared_ptr<removal>& r);
  static std::string error_of(const removal& r);

  context_ptr context_;
  poster post_;
  model::kubelet::image_book book_;
  model::time_point began_;
};

}  // namespace troupe
