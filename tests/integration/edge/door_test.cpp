// floors: actors/edge messages net/tls model
#include "actors/edge/edge.hpp"
#include "messages/errors.hpp"
#include "net/tls/files.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>
#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <atomic>
#include <cstdlib>
#include <future>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace troupe::edge {
namespace {

using namespace std::chrono_literals;

/// An API that answers who asked from where, and streams three chunks when it may.
door_api_actor::behavior_type echo_api(door_api_actor::pointer self) {
  return {[](request_atom, const std::string& address, const api_request& r) {
            api_response out;
            out.body = blob_ref(r.method + " " + r.target + " " + r.user.name + " " + address);
            return out;
          },
          [self](open_atom, const std::string&, const api_request&, std::uint64_t id,
                 const stream_sink& sink) -> caf::result<api_response, stream_source> {
            auto source =
                self->spawn([id, sink](stream_source::pointer s) -> stream_source::behavior_type {
                  auto left = std::make_shared<std::uint32_t>(3);
                  return {[=](credit_atom, std::uint64_t got, std::uint32_t n) {
                            for (; got == id && n > 0 && *left > 0; --n, --*left)
                              s->send(sink, chunk_atom::value, id, blob_ref("chunk"));
                            if (*left > 0) return;
                            s->send(sink, end_atom::value, id, caf::error{});
                            s->quit();
                          },
                          [=](cancel_atom, std::uint64_t) { s->quit(); }};
                });
            return {api_response{}, source};
          }};
}

/// A registry that notes what attached and asks it for a log.
struct registry_log {
  std::mutex mutex;
  std::vector<std::string> attached;
  kubelet_actor kubelet;
};
node_registry_actor::behavior_type fake_registry(node_registry_actor::pointer self,
                                                 std::shared_ptr<registry_log> log) {
  return {[=](attach_atom, const std::string& node, std::uint64_t incarnation,
              const kubelet_actor& kubelet) {
            {
              std::scoped_lock lock{log->mutex};
              log->attached.push_back(node + "/" + std::to_string(incarnation));
              log->kubelet = kubelet;
            }
            self->send(kubelet, sync_atom::value, std::uint64_t{1}, std::vector<object_ref>{},
                       true);
            return true;
          },
          [](logs_atom, const std::string&, const log_request&, std::uint64_t,
             const stream_sink&) -> caf::result<stream_source> {
            return to_error(model::not_found({"nodes", "", "x"}));
          },
          [](tunnel_atom, const std::string&, const tunnel_request&, std::uint64_t,
             const tunnel_actor&) -> caf::result<tunnel_actor> {
            return to_error(model::not_found({"nodes", "", "x"}));
          },
          [](reclaim_atom, const std::string&, const std::string&) { return true; }};
}

class Door : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/troupe-door-XXXXXX";
    dir = mkdtemp(name);
    const auto now = std::chrono::system_clock::now();
    ca = tls::make_ca("ca", now);
    tls::write_file(dir / "ca.crt", ca.certificate, false);
    tls::save(dir, "server",
              tls::issue(ca, tls::for_one_year({"kube-apiserver", {}}, tls::usage::server,
                                               {"127.0.0.1"}, now)));
    api = inner.spawn(echo_api);
    registry = inner.spawn(fake_registry, log);
    open_door(0);
  }
  void TearDown() override {
    door.reset();
    caf::anon_send_exit(api, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(registry, caf::exit_reason::user_shutdown);
    log->kubelet = nullptr;
    std::filesystem::remove_all(dir);
  }

  void open_door(std::uint16_t port) {
    edge_door_options o;
    o.port = port;
    o.files = {dir / "server.crt", dir / "server.key", dir / "ca.crt"};
    o.api = api;
    o.registry = registry;
    door = std::make_unique<edge_door>(o);
  }
  /// Client files under `signer`, from `age` ago.
  tls_files client(const std::string& user, const tls::credential& signer,
                   std::chrono::hours age = 0h) {
    const auto name = "client" + std::to_string(++clients);
    tls::save(dir, name,
              tls::issue(signer, tls::for_one_year({user, {"system:nodes"}}, tls::usage::client, {},
                                                   std::chrono::system_clock::now() - age)));
    return {dir / (name + ".crt"), dir / (name + ".key"), dir / "ca.crt"};
  }
  link_options options(const tls_files& files) {
    link_options o;
    o.host = "127.0.0.1";
    o.port = door->port();
    o.files = files;
    o.incarnation = 7;
    return o;
  }

  system_config config{2};
  caf::actor_system inner{config};
  std::filesystem::path dir;
  tls::credential ca;
  door_api_actor api;
  node_registry_actor registry;
  std::shared_ptr<registry_log> log = std::make_shared<registry_log>();
  std::unique_ptr<edge_door> door;
  int clients = 0;
};

/// A dialing process with its link.
struct dialer {
  explicit dialer(const link_options& o)
      : config(o.files, 2), system(config), link(spawn_link(system, o)) {}
  ~dialer() { caf::anon_send_exit(link, caf::exit_reason::user_shutdown); }
  network_config config;
  caf::actor_system system;
  link_actor link;

  caf::error ready(std::chrono::milliseconds patience = 5s) {
    caf::scoped_actor self{system};
    caf::error out;
    self->request(link, patience, ready_atom::value)
        .receive([](bool) {}, [&](caf::error& e) { out = std::move(e); });
    return out;
  }
  std::string get(const std::string& target, user_info user = {}) {
    caf::scoped_actor self{system};
    api_request r;
    r.method = "GET";
    r.target = target;
    r.user = std::move(user);
    std::string out;
    self->request(link, 5s, request_atom::value, r)
        .receive([&](api_response& a) { out = a.body.bytes(); },
                 [&](caf::error& e) { out = std::to_string(to_status(e).code); });
    return out;
  }
};

TEST_F(Door, ARequestIsStampedWithTheCertificatesUser) {
  dialer d{options(client("system:node:n1", ca))};
  ASSERT_FALSE(d.ready());
  EXPECT_EQ(d.get("/api", {"kubernetes-admin", {"system:masters"}}),
            "GET /api system:node:n1 127.0.0.1");
}

TEST_F(Door, StreamsPassWithCredit) {
  dialer d{options(client("system:node:n1", ca))};
  ASSERT_FALSE(d.ready());
  caf::scoped_actor self{d.system};
  auto sink = caf::actor_cast<stream_sink>(caf::actor_cast<caf::actor>(self.ptr()));
  stream_source source;
  self->request(d.link, 5s, open_atom::value, api_request{}, std::uint64_t{9}, sink)
      .receive([&](api_response&, stream_source& s) { source = s; },
               [&](caf::error& e) { FAIL() << to_status(e).message; });
  ASSERT_TRUE(source);
  self->send(source, credit_atom::value, std::uint64_t{9}, std::uint32_t{2});
  int chunks = 0;
  bool ended = false;
  auto one = [&] {
    self->receive([&](chunk_atom, std::uint64_t id, const blob_ref&) { chunks += id == 9; },
                  [&](end_atom, std::uint64_t, const caf::error& e) { ended = !e; },
                  caf::after(5s) >> [] { FAIL() << "nothing came"; });
  };
  one();
  one();
  EXPECT_EQ(chunks, 2);
  EXPECT_FALSE(ended);
  self->send(source, credit_atom::value, std::uint64_t{9}, std::uint32_t{2});
  one();
  one();
  EXPECT_EQ(chunks, 3);
  EXPECT_TRUE(ended);
}

TEST_F(Door, AKubeletAttachesForItsOwnNodeAloneAndAgainAfterALoss) {
  dialer d{options(client("system:node:n1", ca))};
  ASSERT_FALSE(d.ready());
  auto syncs = std::make_shared<std::atomic<int>>(0);
  auto kubelet = d.system.spawn([=](kubelet_actor::pointer) -> kubelet_actor::behavior_type {
    return {[=](sync_atom, std::uint64_t, const std::vector<object_ref>&, bool) { ++*syncs; },
            [](assign_atom, const object_ref&) {},
            [](refuse_atom, const object_ref&, const std::string&, const std::string&) {},
            [](unassign_atom, const object_ref&) {},
            [](logs_atom, const log_request&, std::uint64_t, const stream_sink&)
                -> caf::result<stream_source> { return caf::sec::bad_function_call; },
            [](tunnel_atom, const tunnel_request&, std::uint64_t, const tunnel_actor&)
                -> caf::result<tunnel_actor> { return caf::sec::bad_function_call; },
            [](reclaim_atom, const std::string& directory) { return directory == "/v"; },
            [](ping_atom) { return ping_atom::value; }};
  });
  {
    caf::scoped_actor self{d.system};
    self->request(d.link, 5s, attach_atom::value, std::string("other"), std::uint64_t{7}, kubelet)
        .receive([](bool) { FAIL() << "attached to another's node"; },
                 [](caf::error& e) { EXPECT_EQ(to_status(e).code, 403); });
    self->request(d.link, 5s, attach_atom::value, std::string("n1"), std::uint64_t{7}, kubelet)
        .receive([](bool ok) { EXPECT_TRUE(ok); },
                 [](caf::error& e) { FAIL() << to_status(e).message; });
  }
  auto wait_for = [&](int n) {
    for (int i = 0; i < 1000 && *syncs < n; ++i) std::this_thread::sleep_for(10ms);
    return syncs->load();
  };
  EXPECT_EQ(wait_for(1), 1);
  const auto port = door->port();
  door.reset();
  for (int i = 0; i < 500 && d.get("/api") != "503"; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(d.get("/api"), "503");
  open_door(port);
  EXPECT_EQ(wait_for(2), 2);
  EXPECT_THAT(log->attached, testing::ElementsAre("n1/7", "n1/7"));
  caf::anon_send_exit(kubelet, caf::exit_reason::user_shutdown);
}

TEST_F(Door, ClosesAtOnceAfterALogWasRead) {
  dialer d{options(client("system:node:n1", ca))};
  ASSERT_FALSE(d.ready());
  auto kubelet = d.system.spawn([](kubelet_actor::pointer) -> kubelet_actor::behavior_type {
    return {[](sync_atom, std::uint64_t, const std::vector<object_ref>&, bool) {},
            [](assign_atom, const object_ref&) {},
            [](refuse_atom, const object_ref&, const std::string&, const std::string&) {},
            [](unassign_atom, const object_ref&) {},
            [](logs_atom, const log_request&, std::uint64_t, const stream_sink&)
                -> caf::result<stream_source> { return caf::sec::bad_function_call; },
            [](tunnel_atom, const tunnel_request&, std::uint64_t, const tunnel_actor&)
                -> caf::result<tunnel_actor> { return caf::sec::bad_function_call; },
            [](reclaim_atom, const std::string& directory) { return directory == "/v"; },
            [](ping_atom) { return ping_atom::value; }};
  });
  {
    caf::scoped_actor self{d.system};
    self->request(d.link, 5s, attach_atom::value, std::string("n1"), std::uint64_t{7}, kubelet)
        .receive([](bool) {}, [](caf::error& e) { FAIL() << to_status(e).message; });
  }
  // As a node's proxy does: from an actor of the inner system.
  auto asked = std::make_shared<std::promise<int>>();
  inner.spawn([=, this](caf::event_based_actor* self) {
    const auto sink = caf::actor_cast<stream_sink>(caf::actor_cast<caf::actor>(self));
    self->request(log->kubelet, 5s, logs_atom::value, log_request{}, std::uint64_t{1}, sink)
        .then([=](const stream_source&) { asked->set_value(200); },
              [=](const caf::error& e) { asked->set_value(to_status(e).code); });
  });
  EXPECT_EQ(asked->get_future().get(), 500);
  log->kubelet = nullptr;
  caf::anon_send_exit(kubelet, caf::exit_reason::user_shutdown);
  auto closed = std::async(std::launch::async, [this] { door.reset(); });
  ASSERT_EQ(closed.wait_for(3s), std::future_status::ready) << "the door does not close";
}

TEST_F(Door, StrangersAreRefused) {
  const auto other = tls::make_ca("ca", std::chrono::system_clock::now());
  const std::pair<const char*, tls_files> cases[] = {
      {"another CA", client("kubernetes-admin", other)},
      {"expired", client("kubernetes-admin", ca, 24h * 400)},
  };
  for (const auto& [what, files] : cases) {
    dialer d{options(files)};
    EXPECT_TRUE(d.ready(500ms)) << what;
    EXPECT_EQ(d.get("/api"), "503") << what;
  }
  dialer good{options(client("u", ca))};
  EXPECT_FALSE(good.ready());
}

TEST_F(Door, ASessionWithoutItsSecretAnswersNothing) {
  const auto files = client("u", ca);
  network_config cfg{files, 2};
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  auto d = caf::openssl::remote_actor<door_actor>(sys, "127.0.0.1", door->port());
  ASSERT_TRUE(d);
  const auto who = tls::credential{tls::read_file(files.certificate), tls::read_file(files.key)};
  std::string nonce;
  self->request(*d, 5s, hello_atom::value, edge_hello{edge_protocol, who.certificate, 1})
      .receive([&](std::string& n) { nonce = n; },
               [](caf::error& e) { FAIL() << to_status(e).message; });
  session_actor s;
  self->request(*d, 5s, proof_atom::value, nonce, tls::sign(who.key, login_text(nonce, 1)))
      .receive([&](session_actor& got, std::string&) { s = got; },
               [](caf::error& e) { FAIL() << to_status(e).message; });
  self->request(s, 5s, request_atom::value, std::string("guess"), api_request{})
      .receive([](api_response&) { FAIL() << "answered"; },
               [](caf::error& e) { EXPECT_EQ(to_status(e).code, 401); });
  // The nonce has served.
  self->request(*d, 5s, proof_atom::value, nonce, tls::sign(who.key, login_text(nonce, 1)))
      .receive([](session_actor&, std::string&) { FAIL() << "let in twice"; },
               [](caf::error& e) { EXPECT_EQ(to_status(e).code, 401); });
}

TEST_F(Door, AStreamForNobodyIsRefused) {
  dialer d{options(client("u", ca))};
  ASSERT_FALSE(d.ready());
  caf::scoped_actor self{d.system};
  self->request(d.link, 5s, open_atom::value, api_request{}, std::uint64_t{1}, stream_sink{})
      .receive([](api_response&, stream_source&) { FAIL() << "opened"; },
               [](caf::error& e) { EXPECT_EQ(to_status(e).code, 400); });
  EXPECT_EQ(d.get("/x"), "GET /x u 127.0.0.1");
}

TEST_F(Door, GarbageOnThePortHarmsNobody) {
  for (int i = 0; i < 20; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(door->port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    const std::string junk(4096, static_cast<char>(i * 13));
    ::send(fd, junk.data(), junk.size(), MSG_NOSIGNAL);
    ::close(fd);
  }
  dialer d{options(client("u", ca))};
  EXPECT_FALSE(d.ready());
  EXPECT_EQ(d.get("/api"), "GET /api u 127.0.0.1");
}

TEST_F(Door, OneThatLeavesTakesNobodyAlong) {
  dialer stays{options(client("u", ca))};
  ASSERT_FALSE(stays.ready());
  bool lost = false;
  caf::scoped_actor self{stays.system};
  auto watch = [&](const stream_source& source) { self->monitor(source); };
  const auto sink = caf::actor_cast<stream_sink>(caf::actor_cast<caf::actor>(self.ptr()));
  self->request(stays.link, 5s, open_atom::value, api_request{}, std::uint64_t{9}, sink)
      .receive([&](api_response&, stream_source& s) { watch(s); },
               [](caf::error& e) { FAIL() << to_status(e).message; });
  for (int i = 0; i < 3; ++i) {
    dialer leaves{options(client("v", ca))};
    ASSERT_FALSE(leaves.ready());
  }
  // Longer than a heartbeat: that is when the door next reads from the one that stays.
  self->receive([&](const caf::down_msg&) { lost = true; }, caf::after(1500ms) >> [] {});
  EXPECT_FALSE(lost) << "the stream ended with another's connection";
  EXPECT_EQ(stays.get("/api"), "GET /api u 127.0.0.1");
}

TEST(NetworkConfig, RefusesToGoWithoutItsFiles) {
  EXPECT_THROW(network_config({"", "", ""}), tls::pki_error);
  EXPECT_THROW(network_config({"/nonexistent", "/nonexistent", "/nonexistent"}), tls::pki_error);
}

}  // namespace
}  // namespace troupe::edge
