// floors: net/http net/tls
#include "net/http/relay.hpp"

#include "net/http/client.hpp"
#include "net/tls/pki.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <future>

namespace troupe::http {
namespace {

using testing::HasSubstr;
namespace asio = boost::asio;

/// A body that has so many bytes, and then ends, well or not.
class counted_body final : public body_source {
 public:
  counted_body(std::size_t size, bool broken) : left_(size), broken_(broken) {}
  bool pull(std::string& out, std::size_t limit) override {
    const auto n = std::min(left_, limit);
    out.append(n, 'x');
    left_ -= n;
    return left_ > 0;
  }
  bool endless() const override { return false; }
  bool broken() const override { return broken_; }

 private:
  std::size_t left_;
  bool broken_;
};

/// Sends back what it gets.
class echo final : public upgraded {
 public:
  bool pull(std::string& out, std::size_t) override {
    out += std::exchange(text_, {});
    return true;
  }
  std::size_t take(char* bytes, std::size_t size) override {
    text_.append(bytes, size);
    return size;
  }
  bool ready() const override { return true; }
  void retire(std::string&) override {}

 private:
  std::string text_;
};

/// A client, a server that passes everything on, and the one that answers.
class Relay : public testing::Test {
 protected:
  Relay() {
    const auto now = std::chrono::system_clock::now();
    const auto ca = tls::make_ca("servers", now);
    front_ca_ = tls::make_ca("front", now);
    const auto own =
        tls::issue(ca, tls::for_one_year({"hats", {}}, tls::usage::server, {"hats.shop.svc"}, now));
    const auto front = tls::issue(
        front_ca_, tls::for_one_year({"front-proxy-client", {}}, tls::usage::client, {}, now));
    auto secured = std::make_shared<tls_options>();
    secured->certificate = own.certificate;
    secured->key = own.key;
    secured->client_ca = front_ca_.certificate;
    server_options o;
    o.listeners.push_back({"127.0.0.1", 0, secured});
    o.threads = 1;
    answering_ = std::make_unique<server>(o, [this](const exchange_ptr& x) { answer(x); });
    target_ = {"hats.shop.svc", "127.0.0.1:" + std::to_string(answering_->ports()[0]),
               ca.certificate, false};
    relay_ = std::make_unique<relay>(
        relay_options{front.certificate, front.key, std::chrono::milliseconds(500)});
    server_options p;
    p.listeners.push_back({});
    p.threads = 1;
    passing_ = std::make_unique<server>(p, [this](const exchange_ptr& x) {
      relay_request r{x->in().method, x->in().target, x->in().body, {{"X-Remote-User", "jane"}}};
      if (x->in().upgrade) {
        r.headers.emplace_back("Connection", "Upgrade");
        r.headers.emplace_back("Upgrade", x->in().upgrade->protocol);
      }
      relay_->pass(x, target_, r, [](const exchange_ptr& to, const std::string& why) {
        to->respond({503, "text/plain", std::make_shared<const std::string>(why), {}});
      });
    });
  }

  ~Relay() override {
    passing_->stop();
    relay_->stop();
  }

  static void answer(const exchange_ptr& x) {
    const auto& r = x->in();
    const auto text = [&](int code, const std::string& body) {
      x->respond({code, "text/plain", std::make_shared<const std::string>(body), {{"X-Own", "1"}}});
    };
    if (r.upgrade)
      return x->upgrade({101, "", nullptr, {{"Upgrade", r.upgrade->protocol}}},
                        std::make_shared<echo>());
    if (r.target == "/silent") return x->post_after(std::chrono::seconds(3), [x] {});
    if (r.target.starts_with("/large"))
      return x->stream({200, "text/plain", nullptr, {}},
                       std::make_shared<counted_body>(20u << 20, r.target == "/large-and-broken"));
    text(201, (r.peer ? r.peer->common_name : "nobody") + " " + r.method + " " + r.target + " " +
                  r.body);
  }

  client_reply ask(const std::string& method, const std::string& path,
                   std::string body = {}) const {
    client_options o;
    o.url = "http://127.0.0.1:" + std::to_string(passing_->ports()[0]);
    return client(o).send(method, path, std::move(body));
  }

  tls::credential front_ca_;
  relay_target target_;
  std::unique_ptr<server> answering_;
  std::unique_ptr<relay> relay_;
  std::unique_ptr<server> passing_;
};

TEST_F(Relay, PassesARequestAndItsAnswerOn) {
  const auto r = ask("POST", "/a?b=c", "text");
  EXPECT_EQ(r.code, 201);
  EXPECT_EQ(r.content_type, "text/plain");
  EXPECT_EQ(r.body, "front-proxy-client POST /a?b=c text");
}

TEST_F(Relay, ALargeAnswerPassesThroughWhole) {
  const auto r = ask("GET", "/large");
  EXPECT_EQ(r.code, 200) << r.error;
  EXPECT_EQ(r.body.size(), 20u << 20);
}

TEST_F(Relay, WhatBreaksOffDoesNotLookComplete) {
  EXPECT_FALSE(ask("GET", "/large-and-broken"));
}

TEST_F(Relay, SaysWhyThereIsNoAnswer) {
  EXPECT_THAT(ask("GET", "/silent").body, HasSubstr("receive:"));
  target_.host = "other.shop.svc";
  EXPECT_THAT(ask("GET", "/").body, HasSubstr("certificate verify failed"));
  target_.insecure = true;
  EXPECT_EQ(ask("GET", "/").code, 201);
  target_.insecure = false;
  target_.host = "hats.shop.svc";
  target_.ca = front_ca_.certificate;
  EXPECT_THAT(ask("GET", "/").body, HasSubstr("certificate verify failed"));
  answering_->stop();
  EXPECT_THAT(ask("GET", "/").body, HasSubstr("connect:"));
  for (const char* wrong : {"hats.shop.svc:443", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000"}) {
    target_.dial = wrong;
    EXPECT_THAT(ask("GET", "/").body, HasSubstr("the address")) << wrong;
  }
}

TEST_F(Relay, AConnectionThatLeavesHttpIsPassedOnBothWays) {
  asio::io_context io;
  asio::ip::tcp::socket s(io);
  s.connect({asio::ip::make_address("127.0.0.1"), passing_->ports()[0]});
  asio::write(s, asio::buffer(std::string(
                     "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")));
  std::string head;
  const auto n = asio::read_until(s, asio::dynamic_buffer(head), "\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("101 Switching Protocols"));
  EXPECT_THAT(head, HasSubstr("Upgrade: echo"));
  EXPECT_EQ(n, head.size());
  // More than is kept on the way.
  const std::string sent(3u << 20, 'y');
  auto writing = std::async(std::launch::async, [&] { asio::write(s, asio::buffer(sent)); });
  std::string back(sent.size(), ' ');
  asio::read(s, asio::buffer(back));
  writing.get();
  EXPECT_EQ(back, sent);
}

TEST_F(Relay, FetchesForItself) {
  const auto fetch = [&](const std::string& path, std::size_t limit) {
    std::promise<client_reply> got;
    relay_->fetch(target_, {"GET", path, {}, {}}, std::chrono::seconds(5), limit,
                  [&](client_reply r) { got.set_value(std::move(r)); });
    return got.get_future().get();
  };
  EXPECT_EQ(fetch("/a", 100).body, "front-proxy-client GET /a ");
  EXPECT_THAT(fetch("/large", 1000).error, HasSubstr("larger than 1000 bytes"));
}

}  // namespace
}  // namespace troupe::http
