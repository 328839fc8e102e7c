#include "net/http/message.hpp"

#include <boost/beast/http/status.hpp>

#include <ctime>
#include <zlib.h>

namespace troupe::http {

bool accepts_gzip(const request& r) {
  return r.accept_encoding.find("gzip") != std::string::npos;
}

std::string header_date(std::chrono::system_clock::time_point t) {
  char text[64];
  const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm)};
}

std::string_view reason_phrase(int code) {
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(code));
  const auto text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

std::string gzip(std::string_view text) {
  z_stream z{};
  constexpr int gzip_window = 15 + 16;
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace troupe::http
