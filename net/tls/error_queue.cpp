#include "net/tls/error_queue.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <dlfcn.h>

// CAF's library calls OpenSSL by name, so that definitions in the program come first; these clear
// the queue and pass on to OpenSSL's own.

namespace {

template <class Function>
Function* next(const char* name) {
  auto* found = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
  if (!found) std::abort();  // OpenSSL without its basic operations
  return found;
}

}  // namespace

extern "C" {

int SSL_read(SSL* ssl, void* buffer, int size) {
  static auto* const passed_on = next<int(SSL*, void*, int)>("SSL_read");
  ERR_clear_error();
  return passed_on(ssl, buffer, size);
}

int SSL_write(SSL* ssl, const void* bytes, int size) {
  static auto* const passed_on = next<int(SSL*, const void*, int)>("SSL_write");
  ERR_clear_error();
  return passed_on(ssl, bytes, size);
}

int SSL_connect(SSL* ssl) {
  static auto* const passed_on = next<int(SSL*)>("SSL_connect");
  ERR_clear_error();
  return passed_on(ssl);
}

int SSL_accept(SSL* ssl) {
  static auto* const passed_on = next<int(SSL*)>("SSL_accept");
  ERR_clear_error();
  return passed_on(ssl);
}

}  // extern "C"

namespace troupe::tls {

void keep_tls_errors_apart() {}

}  // namespace troupe::tls
