#include "actors/kubelet/image_collector.hpp"

#include <spdlog/spdlog.h>

#include <limits>

namespace troupe {

using namespace model::kubelet;

image_collector::image_collector(context_ptr context, poster post)
    : context_(std::move(context)),
      post_(std::move(post)),
      book_(context_->options.image_gc),
      began_(context_->now()) {}

void image_collector::see(std::function<void(std::string)> f) {
  auto self = shared_from_this();
  context_->options.runtime->images([self, f](outcome<std::vector<image_state>> images) {
    if (!images) return self->post_([f, e = images.error] { f(rpc_text(e)); });
    auto know = [self, f, images](outcome<std::set<std::string>> used) {
      self->post_([self, f, images, used] {
        if (!used) return f(rpc_text(used.error));
        self->book_.see(images.value, used.value, self->context_->now());
        f({});
      });
    };
    self->context_->options.runtime->images_in_use(know);
  });
}

void image_collector::free(std::int64_t bytes, ended f) {
  auto r = std::make_shared<removal>();
  r->list = book_.removable();
  r->wanted = bytes;
  r->f = std::move(f);
  go_on(r);
}

void image_collector::remove_expired(ended f) {
  auto r = std::make_shared<removal>();
  r->list = book_.expired(began_);
  r->wanted = std::numeric_limits<std::int64_t>::max();
  r->f = std::move(f);
  go_on(r);
}

void image_collector::remove_unused(ended f) {
  see([self = shared_from_this(), f](const std::string& error) {
    if (!error.empty()) return f({0, error});
    self->free(std::numeric_limits<std::int64_t>::max(), f);
  });
}

std::string image_collector::error_of(const removal& r) {
  if (r.errors.empty()) return {};
  std::string all;
  for (const auto& e : r.errors) all += (all.empty() ? "" : ", ") + e;
  if (r.errors.size() > 1) all = "[" + all + "]";
  return "wanted to free " + std::to_string(r.wanted) + " bytes, but freed " +
         std::to_string(r.freed) + " bytes space with errors in image deletion: " + all;
}

// One after the other, until there is room enough.
void image_collector::go_on(const std::shared_ptr<removal>& r) {
  if (r->next == r->list.size() || r->freed >= r->wanted) return r->f({r->freed, error_of(*r)});
  const auto one = r->list[r->next++];
  spdlog::info("kubelet: removing image {} ({} bytes)", one.id, one.size);
  context_->options.runtime->remove_image(one.id,
                                          [self = shared_from_this(), r, one](outcome<nothing> o) {
                                            self->post_([self, r, one, o] {
                                              if (o) {
                                                r->freed += one.size;
                                                self->book_.forget(one.id);
                                              } else {
                                                r->errors.push_back(rpc_text(o.error));
                                              }
                                              self->go_on(r);
                                            });
                                          });
}

}  // namespace troupe
