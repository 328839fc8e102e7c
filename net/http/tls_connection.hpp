#pragma once

#include "net/http/connection.hpp"

#include <boost/asio/ssl/context.hpp>

namespace troupe::http {

/// Throws std::system_error when a certificate or key is unusable.
asio::ssl::context make_server_context(const tls_options& options);

std::shared_ptr<connection> make_tls_connection(std::shared_ptr<event_loop> loop,
                                                asio::ip::tcp::socket socket,
                                                asio::ssl::context& context);

}  // namespace troupe::http
