#include "net/tls/openssl.hpp"

#include "net/tls/pki.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <arpa/inet.h>

namespace troupe::tls {

void fail(const std::string& what) {
  const auto code = ERR_peek_last_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  throw pki_error(reason ? what + ": " + reason : what);
}

bio_ptr reader(std::string_view text) {
  bio_ptr bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  if (!bio) fail("cannot read PEM text");
  return bio;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

namespace {

// Never asks the terminal for a passphrase.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

pkey_ptr read_key(std::string_view pem) {
  pkey_ptr key{PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, nullptr)};
  if (!key) fail("this is no PEM private key");
  return key;
}

x509_ptr read_certificate(std::string_view pem) {
  x509_ptr cert{PEM_read_bio_X509(reader(pem).get(), nullptr, no_passphrase, nullptr)};
  if (!cert) fail("this is no PEM certificate");
  return cert;
}

req_ptr read_request(std::string_view pem) {
  req_ptr req{PEM_read_bio_X509_REQ(reader(pem).get(), nullptr, no_passphrase, nullptr)};
  if (!req) fail("this is no PEM certificate request");
  return req;
}

std::vector<std::string> to_strings(const GENERAL_NAMES* names) {
  std::vector<std::string> out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS) {
      out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      const auto* ip = name->d.iPAddress;
      char buffer[INET6_ADDRSTRLEN] = {};
      const int family = ASN1_STRING_length(ip) == 4 ? AF_INET : AF_INET6;
      if (family == AF_INET || ASN1_STRING_length(ip) == 16)
        inet_ntop(family, ASN1_STRING_get0_data(ip), buffer, sizeof buffer);
      out.emplace_back(buffer);
    } else {
      out.emplace_back("(other)");
    }
  }
  return out;
}

std::string to_config(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    if (name.empty() || name.find_first_of(",:\n\r\\\"'; ") != std::string::npos) {
      in6_addr six{};
      if (inet_pton(AF_INET6, name.c_str(), &six) != 1)
        throw pki_error("\"" + name + "\" is no name for a certificate");
    }
    in_addr four{};
    const bool ip =
        inet_pton(AF_INET, name.c_str(), &four) == 1 || name.find(':') != std::string::npos;
    if (!out.empty()) out += ',';
    out += (ip ? "IP:" : "DNS:") + name;
  }
  return out;
}

}  // namespace troupe::tls
