#include "actors/kubelet/hollow_runtime.hpp"

#include "actors/kubelet/hollow_tunnel.hpp"
#include "actors/kubelet/task.hpp"
#include "messages/common.hpp"
#include "model/kubelet/hollow_command.hpp"
#include "model/kubelet/hollow_program.hpp"
#include "model/quantity.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

namespace troupe {

using namespace model::kubelet;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr const char* run_seconds = "troupe.dev/run-seconds";
constexpr const char* exit_code = "troupe.dev/exit-code";
constexpr const char* use_cpu = "troupe.dev/use-cpu";
constexpr const char* use_memory = "troupe.dev/use-memory";
constexpr const char* use_any = "troupe.dev/use-";

constexpr milliseconds grid{5};

struct timers_state {
  std::multimap<caf::actor_clock::time_point, task> due;
  bool armed = false;
};

caf::behavior timers(caf::stateful_actor<timers_state>* self) {
  auto arm = [self] {
    if (self->state.armed || self->state.due.empty()) return;
    self->state.armed = true;
    self->delayed_send(self, grid, tick_atom::value);
  };
  return {[=](milliseconds delay, task& t) {
            self->state.due.emplace(self->clock().now() + delay, std::move(t));
            arm();
          },
          [=](tick_atom) {
            self->state.armed = false;
            auto& due = self->state.due;
            const auto end = due.upper_bound(self->clock().now());
            for (auto i = due.begin(); i != end; i = due.erase(i)) i->second.run();
            arm();
          }};
}

std::optional<int> number(const string_map& map, const char* key) {
  auto i = map.find(key);
  int n = 0;
  if (i == map.end()) return std::nullopt;
  auto [end, bad] = std::from_chars(i->second.data(), i->second.data() + i->second.size(), n);
  return bad == std::errc{} && *end == 0 ? std::optional(n) : std::nullopt;
}

/// A quantity of an annotation that is none below 0.
std::optional<model::quantity> amount(const string_map& map, const char* key) {
  const auto i = map.find(key);
  if (i == map.end()) return std::nullopt;
  auto q = model::quantity::parse(i->second);
  return q && !q->negative() ? q : std::nullopt;
}

class hollow final : public runtime, public std::enable_shared_from_this<hollow> {
 public:
  hollow(caf::actor_system& system, hollow_options o)
      : options_(std::move(o)), random_(options_.seed), chance_(options_.seed + 1) {
    if (!options_.timers) options_.timers = spawn_hollow_timers(system);
    const auto h = std::hash<std::string>{}(options_.node_name);
    subnet_ = "10." + std::to_string(64 + h % 64) + "." + std::to_string(h / 64 % 256) + ".";
  }

  void version(done<runtime_version> f) override { f({{"hollow", "0.1.0"}, {}}); }
  void condition(done<runtime_condition> f) override { f({{true, true, {}}, {}}); }

  void run_sandbox(const sandbox_config& c, done<std::string> f) override {
    std::lock_guard lock(mutex_);
    auto& p = pods_[c.uid];
    p.annotations = c.annotations;
    sandbox_state s{new_id(), c.ns, c.name, c.uid, c.attempt, false, now(), {}};
    if (!c.host_network) s.ips.push_back(new_ip());
    pod_of_[s.id] = c.uid;
    p.state.sandboxes.insert(p.state.sandboxes.begin(), s);
    after(options_.sandbox, [this, id = s.id, f] {
      {
        std::lock_guard inner(mutex_);
        if (auto* started = pod_with(id))
          for (auto& one : started->state.sandboxes)
            if (one.id == id) one.ready = true;
      }
      f({id, {}});
    });
  }

  void stop_sandbox(const std::string& id, done<nothing> f) override {
    after(options_.stop / 4, [this, id, f] {
      {
        std::lock_guard lock(mutex_);
        if (auto* p = pod_with(id))
          for (auto& s : p->state.sandboxes)
            if (s.id == id) s.ready = false;
      }
      f({});
    });
  }

  void remove_sandbox(const std::string& id, done<nothing> f) override {
    {
      std::lock_guard lock(mutex_);
      if (auto* p = pod_with(id)) {
        std::erase_if(p->state.sandboxes, [&](const auto& s) { return s.id == id; });
        const auto uid = std::move(pod_of_.extract(id).mapped());
        if (p->state.sandboxes.empty()) forget(uid);
      }
    }
    f({});
  }

  void create_container(const std::string& sandbox, const container_config& c,
                        const sandbox_config& s, done<std::string> f) override {
    std::lock_guard lock(mutex_);
    container_state state;
    state.id = new_id();
    state.sandbox_id = sandbox;
    state.name = c.name;
    state.pod_uid = s.uid;
    state.attempt = c.attempt;
    state.state = container_state::phase::created;
    state.created_at = now();
    state.image = c.image;
    state.image_ref = c.image;
    if (const auto made_of = c.annotations.find(model::kubelet::definition_annotation);
        made_of != c.annotations.end())
      state.definition = made_of->second;
    auto& p = pods_[s.uid];
    pod_of_[state.id] = s.uid;
    p.state.containers.insert(p.state.containers.begin(), state);
    auto line = c.command;
    line.insert(line.end(), c.args.begin(), c.args.end());
    if (const auto end = end_of_command(line)) p.ends[state.id] = *end;
    if (!line.empty()) p.lines[state.id] = std::move(line);
    p.uses[state.id] = likely_use(c, s.uid);
    after(options_.create, [id = state.id, f] { f({id, {}}); });
  }

  void start_container(const std::string& id, done<nothing> f) override {
    after(options_.start, [this, id, f] {
      {
        std::lock_guard lock(mutex_);
        auto* p = pod_with(id);
        auto* c = container_of(p, id);
        if (!c) return f({{}, {runtime_error::not_found, "no such container"}});
        c->state = container_state::phase::running;
        c->started_at = now();
        const auto& notes = p->annotations;
        std::optional<program_end> end;
        if (const auto known = p->ends.find(id); known != p->ends.end()) end = known->second;
        if (auto s = number(notes, run_seconds))
          end = program_end{seconds{*s}, number(notes, exit_code).value_or(0)};
        if (end)
          after(
              end->after, [this, id = id, code = end->exit_code] { finish(id, code, true); }, true);
      }
      f({});
    });
  }

  void stop_container(const std::string& id, seconds, done<nothing> f) override {
    after(options_.stop, [this, id, f] {
      finish(id, 143, false);
      f({});
    });
  }

  void remove_container(const std::string& id, done<nothing> f) override {
    {
      std::lock_guard lock(mutex_);
      if (auto* p = pod_with(id)) {
        std::erase_if(p->state.containers, [&](const auto& c) { return c.id == id; });
        p->ends.erase(id);
        p->uses.erase(id);
        p->lines.erase(id);
        pod_of_.erase(id);
      }
    }
    f({});
  }

  void exec(const std::string&, const std::vector<std::string>&, seconds,
            done<exec_result> f) override {
    f({});
  }
  void open_tunnel(const std::string& id, const tunnel_options& o, tunnel_events events,
                   done<std::shared_ptr<tunnel>> f) override {
    hollow_timer timer = [weak = weak_from_this()](milliseconds time, std::function<void()> then) {
      if (auto self = weak.lock()) self->after(time, std::move(then), true);
    };
    std::lock_guard lock(mutex_);
    if (o.what == tunnel_options::use::port_forward)
      return f({open_hollow_ports(echo_ports(id), std::move(events)), {}});
    if (o.what == tunnel_options::use::exec)
      return f({open_hollow_command(o.command, o, std::move(events), timer, {}), {}});
    // Who attaches gets the container's program anew; with it the container ends.
    const auto line = line_of(id);
    f({open_hollow_command(hollow_program::knows(line) ? line : std::vector<std::string>{"sh"}, o,
                           std::move(events), timer,
                           [weak = weak_from_this(), id](int code) {
                             if (auto self = weak.lock()) self->finish(id, code, true);
                           }),
       {}});
  }
  void reopen_log(const std::string&, done<nothing> f) override { f({}); }

  void state(const std::string& uid, done<pod_state> f) override {
    outcome<pod_state> o;
    {
      std::lock_guard lock(mutex_);
      if (auto i = pods_.find(uid); i != pods_.end()) o.value = i->second.state;
    }
    f(std::move(o));
  }

  void overview(done<std::vector<brief_state>> f) override {
    outcome<std::vector<brief_state>> o;
    {
      std::lock_guard lock(mutex_);
      for (const auto& [uid, p] : pods_) {
        for (const auto& s : p.state.sandboxes)
          o.value.push_back({s.id, s.ns, s.name, uid, s.ready ? 0 : 1});
        for (const auto& c : p.state.containers)
          o.value.push_back({c.id, {}, {}, uid, static_cast<int>(c.state)});
      }
    }
    std::sort(o.value.begin(), o.value.end());
    f(std::move(o));
  }

  void usage(done<std::vector<container_usage>> f) override {
    outcome<std::vector<container_usage>> o;
    {
      std::lock_guard lock(mutex_);
      for (const auto& [uid, p] : pods_) {
        const auto cpu = amount(p.annotations, use_cpu);
        const auto memory = amount(p.annotations, use_memory);
        for (const auto& c : p.state.containers) {
          if (c.state != container_state::phase::running || p.state.sandboxes.empty()) continue;
          const auto& sandbox = p.state.sandboxes.front();
          const auto& usual = p.uses.at(c.id);
          container_usage u{c.id, sandbox.ns, sandbox.name, c.name, usual.nano_cores,
                            0,    now(),      usual.memory};
          if (cpu) u.nano_cores = static_cast<std::uint64_t>(cpu->milli_value()) * 1'000'000;
          if (memory) u.memory = static_cast<std::uint64_t>(memory->value());
          o.value.push_back(std::move(u));
        }
      }
    }
    f(std::move(o));
  }

  void pod_changed(const model::object& object) override {
    std::lock_guard lock(mutex_);
    const auto i = pods_.find(object.header().uid);
    if (i == pods_.end()) return;
    auto& notes = i->second.annotations;
    const bool told = object.bytes().find(use_any) != std::string::npos;
    if (!told && !notes.contains(use_cpu) && !notes.contains(use_memory)) return;
    const auto document = object.content();
    const auto& annotations = model::at(document, {"metadata", "annotations"});
    for (const char* key : {use_cpu, use_memory}) {
      notes.erase(key);
      if (const auto value = model::string_at(annotations, {key}); !value.empty())
        notes[key] = value;
    }
  }

  bool watch(std::function<void(const std::string&)> changed) override {
    std::lock_guard lock(mutex_);
    changed_ = std::move(changed);
    return true;
  }

  void image(const std::string& name, done<std::optional<image_state>> f) override {
    outcome<std::optional<image_state>> o;
    {
      std::lock_guard lock(mutex_);
      if (images_.contains(name)) o.value = describe(name);
    }
    f(std::move(o));
  }

  void pull(const std::string& name, const std::optional<registry_login>&,
            done<std::string> f) override {
    std::lock_guard lock(mutex_);
    const auto host = name.substr(0, name.find('/'));
    if (host.ends_with(".invalid")) {
      after(options_.pull / 4, [name, host, f] {
        f({{},
           {runtime_error::failed, "failed to pull and unpack image \"" + name +
                                       "\": failed to resolve reference: lookup " + host +
                                       ": no such host"}});
      });
      return;
    }
    after(images_.contains(name) ? milliseconds{5} : options_.pull, [this, name, f] {
      {
        std::lock_guard inner(mutex_);
        images_.insert(name);
      }
      f({name, {}});
    });
  }

  /// None: what thousands of simulated nodes "have" is not worth a write a pull.
  void images(done<std::vector<image_state>> f) override { f({}); }

 private:
  struct use {
    std::uint64_t nano_cores = 0, memory = 0;
  };
  struct pod {
    pod_state state;
    std::map<std::string, use> uses;  ///< by container
    string_map annotations;
    std::map<std::string, program_end> ends;                ///< by container
    std::map<std::string, std::vector<std::string>> lines;  ///< by container: what it runs
  };

  /// The pod of a container or sandbox, or null.
  pod* pod_with(const std::string& id) {
    const auto uid = pod_of_.find(id);
    if (uid == pod_of_.end()) return nullptr;
    const auto p = pods_.find(uid->second);
    return p == pods_.end() ? nullptr : &p->second;
  }

  static container_state* container_of(pod* p, const std::string& id) {
    if (!p) return nullptr;
    const auto c = std::ranges::find(p->state.containers, id, &container_state::id);
    return c == p->state.containers.end() ? nullptr : &*c;
  }

  void forget(const std::string& uid) {
    const auto p = pods_.find(uid);
    for (const auto& c : p->second.state.containers) pod_of_.erase(c.id);
    pods_.erase(p);
  }

  std::vector<std::string> line_of(const std::string& container) {
    const auto* p = pod_with(container);
    if (!p) return {};
    const auto line = p->lines.find(container);
    return line == p->lines.end() ? std::vector<std::string>{} : line->second;
  }

  /// Of the pod with this sandbox.
  std::set<std::string> echo_ports(const std::string& sandbox) {
    std::set<std::string> out;
    if (const auto* p = pod_with(sandbox))
      for (const auto& c : p->state.containers)
        if (const auto i = p->lines.find(c.id); c.sandbox_id == sandbox && i != p->lines.end())
          if (auto port = echo_port(i->second); !port.empty()) out.insert(std::move(port));
    return out;
  }

  /// 10 to 59 % of what the container asked for; a few millicores and mebibytes of one that did
  /// not.
  static use likely_use(const container_config& c, const std::string& pod_uid) {
    const auto chance = std::hash<std::string>{}(pod_uid + c.name);
    const auto percent = 10 + chance % 50;
    // Kubelets make 1024 shares of a core.
    const auto shares = static_cast<std::uint64_t>(std::max<std::int64_t>(0, c.cpu_shares));
    const auto limit = static_cast<std::uint64_t>(std::max<std::int64_t>(0, c.memory_limit));
    use u;
    u.nano_cores =
        shares > 2 ? shares * 1'000'000'000 / 1024 / 100 * percent : (1 + chance % 9) * 1'000'000;
    u.memory = limit > 0 ? limit / 100 * percent : (8 + chance % 32) << 20;
    return u;
  }

  static image_state describe(const std::string& name) {
    return {name, {name}, 4u << 20, std::nullopt, {}};
  }

  std::int64_t now() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(options_.clock().time_since_epoch())
        .count();
  }

  std::string new_id() {
    constexpr char digits[] = "0123456789abcdef";
    std::string id(64, '0');
    for (std::size_t i = 0; i < 64; i += 16)
      for (auto [j, bits] = std::pair{std::size_t{0}, random_.next()}; j < 16; ++j, bits >>= 4)
        id[i + j] = digits[bits & 15];
    return id;
  }

  std::string new_ip() {
    next_ip_ = next_ip_ % 254 + 1;
    return subnet_ + std::to_string(next_ip_);
  }

  /// Runs `f` later on the timer's actor, `exactly` then or with some chance about it.
  void after(milliseconds about, std::function<void()> f, bool exactly = false) {
    const auto span = static_cast<std::uint64_t>(about.count());
    auto delay = about;
    if (!exactly && span > 0) {
      std::lock_guard lock(chance_mutex_);
      delay = milliseconds{span / 2 + chance_.below(span + 1)};
    }
    task t{[weak = weak_from_this(), f = std::move(f)] {
      if (auto alive = weak.lock()) f();
    }};
    caf::anon_send(options_.timers, delay, std::move(t));
  }

  void finish(const std::string& id, int code, bool by_itself) {
    std::function<void(const std::string&)> tell;
    std::string pod_uid;
    {
      std::lock_guard lock(mutex_);
      auto* c = container_of(pod_with(id), id);
      if (!c || c->state != container_state::phase::running) return;
      c->state = container_state::phase::exited;
      c->exit_code = code;
      c->finished_at = now();
      c->reason = code == 0 ? "Completed" : "Error";
      pod_uid = c->pod_uid;
      if (by_itself) tell = changed_;
    }
    if (tell) tell(pod_uid);
  }

  hollow_options options_;
  std::mutex mutex_;  ///< of what follows; one node's workers meet here
  model::random_source random_;
  std::mutex chance_mutex_;  ///< taken within the other
  model::random_source chance_;
  std::string subnet_;
  int next_ip_ = 1;
  std::map<std::string, pod> pods_;                      ///< by uid
  std::unordered_map<std::string, std::string> pod_of_;  ///< by container or sandbox: a uid
  std::set<std::string> images_;
  std::function<void(const std::string&)> changed_;
};

}  // namespace

std::shared_ptr<runtime> make_hollow_runtime(caf::actor_system& system, hollow_options options) {
  return std::make_shared<hollow>(system, std::move(options));
}

caf::actor spawn_hollow_timers(caf::actor_system& system) {
  return system.spawn<caf::hidden>(timers);
}

host_info hollow_host(const std::string& node_name) {
  host_info h;
  h.cpus = 32;
  h.memory = std::int64_t{128} << 30;
  h.ephemeral_storage = std::int64_t{512} << 30;
  h.hostname = node_name;
  const auto n = std::hash<std::string>{}(node_name);
  h.internal_ip = "172." + std::to_string(16 + n % 16) + "." + std::to_string(n / 16 % 256) + "." +
                  std::to_string(1 + n / 4096 % 254);
  model::random_source random(n);
  h.machine_id = h.system_uuid = random.uuid();
  h.boot_id = random.uuid();
  h.kernel = "hollow";
  h.os_image = "Hollow Node";
  h.architecture = "amd64";
  h.runtime_version = "hollow://0.1.0";
  return h;
}

}  // namespace troupe
