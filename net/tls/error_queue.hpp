#pragma once

namespace troupe::tls {

/// Links this file's guards into the program: each TLS operation then starts with an empty error
/// queue of its thread, as OpenSSL asks of callers and CAF 0.17 does not do. Without them whatever
/// ends one connection on a thread (a peer that just closes, garbage on the port) is taken for a
/// fault of the next connection that has nothing to read, and ends that one too.
void keep_tls_errors_apart();

}  // namespace troupe::tls
