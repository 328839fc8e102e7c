#include "net/tls/openssl.hpp"
#include "net/tls/pki.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <ctime>

namespace troupe::tls {
namespace {

std::string to_pem(X509* cert) {
  bio_ptr out{BIO_new(BIO_s_mem())};
  if (!PEM_write_bio_X509(out.get(), cert)) fail("cannot write a certificate");
  return text_of(out.get());
}

void add_entry(X509_NAME* name, const char* field, const std::string& value) {
  if (X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(value.data()),
                                 static_cast<int>(value.size()), -1, 0) != 1)
    fail("cannot name \"" + value + "\" in a certificate");
}

void set_name(X509_NAME* name, const subject& who) {
  for (const auto& organization : who.organizations) add_entry(name, "O", organization);
  add_entry(name, "CN", who.common_name);
}

subject read_name(const X509_NAME* name) {
  subject out;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const auto* entry = X509_NAME_get_entry(name, i);
    const auto* data = X509_NAME_ENTRY_get_data(entry);
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, data);
    if (size < 0) fail("the subject has a name that is no text");
    std::string value{reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size)};
    OPENSSL_free(utf8);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (nid == NID_commonName)
      out.common_name = std::move(value);
    else if (nid == NID_organizationName)
      out.organizations.push_back(std::move(value));
  }
  return out;
}

void add_extension(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, issuer, cert, nullptr, nullptr, 0);
  extension_ptr extension{X509V3_EXT_conf_nid(nullptr, &ctx, nid, value.c_str())};
  if (!extension || X509_add_ext(cert, extension.get(), -1) != 1)
    fail("cannot make a certificate with " + value);
}

void set_time(ASN1_TIME* field, model::time_point t) {
  if (!ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(t)))
    fail("cannot put a time into a certificate");
}

model::time_point read_time(const ASN1_TIME* field) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(field, &parts) != 1) fail("the certificate has a bad time");
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

// Version, random serial number and validity, common to all.
x509_ptr blank(model::time_point from, model::time_point to) {
  x509_ptr cert{X509_new()};
  unsigned char serial[16];
  if (!cert || RAND_bytes(serial, sizeof serial) != 1) fail("cannot make a certificate");
  serial[0] &= 0x7f;
  std::unique_ptr<BIGNUM, openssl_delete<BN_free>> number{
      BN_bin2bn(serial, sizeof serial, nullptr)};
  X509_set_version(cert.get(), X509_VERSION_3);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert.get()));
  set_time(X509_getm_notBefore(cert.get()), from);
  set_time(X509_getm_notAfter(cert.get()), to);
  return cert;
}

const char* extended_usage(usage what) {
  switch (what) {
    case usage::server:
      return "serverAuth";
    case usage::client:
      return "clientAuth";
    case usage::peer:
      break;
  }
  return "serverAuth,clientAuth";
}

std::string certify(const credential& ca, EVP_PKEY* key, const certificate_template& wanted) {
  const auto issuer = read_certificate(ca.certificate);
  const auto ca_key = read_key(ca.key);
  const auto cert = blank(wanted.not_before, wanted.not_after);
  set_name(X509_get_subject_name(cert.get()), wanted.subject);
  X509_set_issuer_name(cert.get(), X509_get_subject_name(issuer.get()));
  X509_set_pubkey(cert.get(), key);
  add_extension(cert.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(cert.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(cert.get(), issuer.get(), NID_ext_key_usage, extended_usage(wanted.usage));
  add_extension(cert.get(), issuer.get(), NID_authority_key_identifier, "keyid");
  if (!wanted.names.empty())
    add_extension(cert.get(), issuer.get(), NID_subject_alt_name, to_config(wanted.names));
  if (!X509_sign(cert.get(), ca_key.get(), EVP_sha256())) fail("cannot sign a certificate");
  return to_pem(cert.get());
}

bool strong_enough(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return EVP_PKEY_get_bits(key) >= 2048;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) return EVP_PKEY_get_bits(key) >= 256;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
}

req_ptr checked_request(const std::string& request) {
  auto req = read_request(request);
  auto* key = X509_REQ_get0_pubkey(req.get());
  if (!key || !strong_enough(key))
    throw pki_error("the request's key is neither EC P-256 or better nor RSA 2048 or better");
  if (X509_REQ_verify(req.get(), key) != 1) fail("the request is not signed with its own key");
  return req;
}

}  // namespace

credential make_ca(std::string_view common_name, model::time_point now) {
  credential ca;
  ca.key = make_key();
  const auto key = read_key(ca.key);
  const auto cert = blank(now - backdate, now + ca_lifetime);
  set_name(X509_get_subject_name(cert.get()), {std::string(common_name), {}});
  X509_set_issuer_name(cert.get(), X509_get_subject_name(cert.get()));
  X509_set_pubkey(cert.get(), key.get());
  add_extension(cert.get(), cert.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(cert.get(), cert.get(), NID_key_usage,
                "critical,digitalSignature,keyCertSign,cRLSign");
  add_extension(cert.get(), cert.get(), NID_subject_key_identifier, "hash");
  if (!X509_sign(cert.get(), key.get(), EVP_sha256())) fail("cannot sign a CA certificate");
  ca.certificate = to_pem(cert.get());
  return ca;
}

certificate_template for_one_year(subject who, usage what, std::vector<std::string> names,
                                  model::time_point now) {
  return {std::move(who), what, std::move(names), now - backdate, now + certificate_lifetime};
}

credential issue(const credential& ca, const certificate_template& wanted) {
  credential out;
  out.key = make_key();
  out.certificate = certify(ca, read_key(out.key).get(), wanted);
  return out;
}

std::string make_request(const std::string& key, const subject& who,
                         const std::vector<std::string>& names) {
  const auto pkey = read_key(key);
  req_ptr req{X509_REQ_new()};
  X509_REQ_set_version(req.get(), X509_REQ_VERSION_1);
  set_name(X509_REQ_get_subject_name(req.get()), who);
  X509_REQ_set_pubkey(req.get(), pkey.get());
  if (!names.empty()) {
    extension_ptr extension{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, to_config(names).c_str())};
    if (!extension) fail("cannot put names into a certificate request");
    auto* list = sk_X509_EXTENSION_new_null();
    sk_X509_EXTENSION_push(list, extension.get());
    X509_REQ_add_extensions(req.get(), list);
    sk_X509_EXTENSION_free(list);
  }
  if (!X509_REQ_sign(req.get(), pkey.get(), EVP_sha256())) fail("cannot sign a request");
  bio_ptr out{BIO_new(BIO_s_mem())};
  if (!PEM_write_bio_X509_REQ(out.get(), req.get())) fail("cannot write a request");
  return text_of(out.get());
}

request_info parse_request(const std::string& request) {
  const auto req = checked_request(request);
  request_info out{read_name(X509_REQ_get_subject_name(req.get())), {}};
  auto* extensions = X509_REQ_get_extensions(req.get());
  names_ptr names{static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr))};
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  if (names) out.names = to_strings(names.get());
  return out;
}

std::string sign_request(const credential& ca, const std::string& request,
                         const certificate_template& wanted) {
  const auto req = checked_request(request);
  return certify(ca, X509_REQ_get0_pubkey(req.get()), wanted);
}

certificate_info parse_certificate(const std::string& certificate) {
  const auto cert = read_certificate(certificate);
  certificate_info out;
  out.subject = read_name(X509_get_subject_name(cert.get()));
  out.not_before = read_time(X509_get0_notBefore(cert.get()));
  out.not_after = read_time(X509_get0_notAfter(cert.get()));
  out.ca = X509_check_ca(cert.get()) == 1;
  names_ptr names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(cert.get(), NID_subject_alt_name, nullptr, nullptr))};
  if (names) out.names = to_strings(names.get());
  return out;
}

std::string refusal(const std::string& certificate, const std::string& ca_bundle, usage what,
                    model::time_point now) {
  const auto cert = read_certificate(certificate);
  store_ptr trusted{X509_STORE_new()};
  const auto bundle = reader(ca_bundle);
  int count = 0;
  while (x509_ptr ca{PEM_read_bio_X509(bundle.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(trusted.get(), ca.get());
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return "there is no CA certificate to check against";
  store_ctx_ptr ctx{X509_STORE_CTX_new()};
  if (X509_STORE_CTX_init(ctx.get(), trusted.get(), cert.get(), nullptr) != 1)
    fail("cannot check a certificate");
  X509_STORE_CTX_set_time(ctx.get(), 0, std::chrono::system_clock::to_time_t(now));
  const auto purposes = {std::pair{usage::server, X509_PURPOSE_SSL_SERVER},
                         std::pair{usage::client, X509_PURPOSE_SSL_CLIENT}};
  if (X509_verify_cert(ctx.get()) != 1)
    return X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx.get()));
  for (const auto& [kind, purpose] : purposes) {
    const bool needed = what == kind || what == usage::peer;
    if (needed && X509_check_purpose(cert.get(), purpose, 0) != 1)
      return "it is not meant for this use";
  }
  return {};
}

}  // namespace troupe::tls
