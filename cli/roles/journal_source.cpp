#include "cli/roles/control_plane.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/host.hpp"
#include "store/memory_journal.hpp"
#include "store/redis_journal.hpp"

namespace troupe::cli {
namespace {

store::redis_address parse_address(const settings& s) {
  const auto& text = s.string("store.redis");
  store::redis_address out;
  if (text.starts_with("unix://")) {
    out.socket = text.substr(7);
  } else if (const auto pair = split_host_port(text)) {
    out.host = pair->first;
    out.port = pair->second;
  } else {
    throw s.error("store.redis", "must be unix:///path or host:port, not \"" + text + "\"");
  }
  return out;
}

}  // namespace

journal_source::journal_source(const settings& s, const std::filesystem::path& dir) : settings_(s) {
  if (s.string("store.type") != "redis") return;
  if (!s.string("store.redis").empty()) {
    parse_address(s);
    return;
  }
  redis_ = std::make_unique<store::redis_server>(store::redis_server_options{
      .directory = (dir / "redis").string(), .program = s.string("store.redisServer")});
  started_ = std::async(std::launch::async, [this] { return redis_->start(); });
}

std::shared_ptr<store::journal> journal_source::open() {
  if (settings_.string("store.type") == "memory") return std::make_shared<store::memory_journal>();
  store::redis_journal_options o;
  o.prefix = settings_.string("store.prefix") + ":";
  if (redis_) {
    if (const auto started = started_.get(); !started.ok())
      throw role_error("cannot start Redis: " + started.message);
    o.address.socket = redis_->socket();
  } else {
    o.address = parse_address(settings_);
  }
  return std::make_shared<store::redis_journal>(o);
}

void journal_source::stop() {
  if (started_.valid()) started_.wait();
  redis_.reset();
}

}  // namespace troupe::cli
