#pragma once

#include "model/instruments/instruments.hpp"
#include "model/request_info.hpp"
#include "model/schema.hpp"
#include "net/http/server.hpp"
#include "store/cache.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

namespace troupe::rest {

/// Counts and times the requests of a gateway, under kube-apiserver's names. Callable from any
/// thread. Label sets are those of kinds that are served and of the paths that the gateway knows;
/// other requests share one.
class request_metrics : public std::enable_shared_from_this<request_metrics> {
 public:
  request_metrics(std::shared_ptr<model::instruments> all,
                  std::shared_ptr<const store::cache> cache);
  request_metrics(const request_metrics&) = delete;
  request_metrics& operator=(const request_metrics&) = delete;

  /// A request has come: it counts as under way until it is answered; an endless one then as long
  /// as it runs.
  void begin(const http::exchange_ptr& x, const model::request_info& info);
  /// The same of a request that came by another door: what its answer has to be told to.
  http::exchange::observer begin(const http::request& r, const model::request_info& info);
  /// Somebody has shown who they are, or has not.
  void authenticated(bool well) { (well ? known_ : unknown_).add(); }
  /// What counts the events, by their sizes, of a watch of a kind.
  std::function<void(std::size_t size)> watched(const model::kind_info& kind);

 private:
  /// What is kept of requests that are alike.
  struct series {
    struct shape {};
    explicit series(const shape& /*unused*/);
    void answered(int code, double seconds);

    static constexpr std::size_t code_count = 32;
    std::array<model::counter, code_count> by_code;
    model::histogram seconds;
    model::gauge running;
  };

  void show();
  series& series_of(const http::request& r, const model::request_info& info);

  const std::shared_ptr<model::instruments> all_;
  const std::shared_ptr<const store::cache> cache_;
  const std::shared_ptr<model::series_table<series>> table_;
  model::gauge& reading_;
  model::gauge& mutating_;
  model::counter& known_;
  model::counter& unknown_;
};

/// apiserver_current_inflight_requests{mutating}: the requests of all doors that change something
/// and are under way now.
model::gauge& writes_under_way(model::instruments& all);
/// process_*: what the system knows of this process, read when it is asked for.
void show_process(model::instruments& all);
/// apiserver_storage_objects: how many objects of each resource there are.
void show_objects(model::instruments& all, std::shared_ptr<const store::cache> cache);

}  // namespace troupe::rest
