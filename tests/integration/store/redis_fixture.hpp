#pragma once

#include "store/redis_journal.hpp"
#include "store/redis_server.hpp"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <filesystem>

namespace troupe::store {

/// A directory of its own for each test.
struct temporary_directory {
  std::string path;
  temporary_directory() {
    std::string form = (std::filesystem::temp_directory_path() / "troupe-store-XXXXXX").string();
    if (!::mkdtemp(form.data())) throw std::runtime_error("mkdtemp");
    path = form;
  }
  ~temporary_directory() { std::filesystem::remove_all(path); }
};

/// A real Redis in a directory of its own.
class RedisTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }

  void start(std::size_t max_memory = 0) {
    redis_server_options o;
    o.directory = directory.path + "/redis";
    o.max_memory = max_memory;
    server = std::make_unique<redis_server>(o);
    const auto r = server->start();
    ASSERT_TRUE(r.ok()) << r.message;
  }

  redis_journal_options options() const {
    redis_journal_options o;
    o.address.socket = server->socket();
    return o;
  }

  /// One command on a connection of its own; its answer as text.
  std::string redis(std::initializer_list<std::string_view> command) const {
    redis_connection c(options().address);
    redis_reply reply;
    if (auto r = c.connect(); !r.ok()) return r.message;
    c.command(command);
    if (auto r = c.read(reply); !r.ok()) return r.message;
    return reply->type == REDIS_REPLY_INTEGER ? std::to_string(reply->integer)
           : reply->str                       ? std::string(reply->str, reply->len)
                                              : std::string();
  }

  temporary_directory directory;
  std::unique_ptr<redis_server> server;
};

inline object_ptr make_pod(const std::string& name, std::uint64_t version, std::size_t size = 0) {
  return model::seal(model::encode("pods", {{"apiVersion", "v1"},
                                            {"kind", "Pod"},
                                            {"metadata", {{"namespace", "d"}, {"name", name}}},
                                            {"status", {{"message", std::string(size, 'x')}}}}),
                     version);
}

}  // namespace troupe::store
