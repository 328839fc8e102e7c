#include "net/stream/spdy.hpp"

#include <algorithm>
#include <new>
#include <zlib.h>

namespace troupe::stream {
namespace {

enum class type : std::uint16_t {
  syn_stream = 1,
  syn_reply = 2,
  reset = 3,
  settings = 4,
  ping = 6,
  goaway = 7,
  headers = 8,
  window_update = 9
};

constexpr std::size_t head_size = 8;
constexpr std::size_t control_limit = 64u << 10;
constexpr std::size_t headers_limit = 64u << 10;
constexpr std::uint32_t pairs_limit = 256;
constexpr unsigned version = 3;
constexpr unsigned char flag_fin = 1;

void append_u16(std::string& out, unsigned n) {
  out += static_cast<char>(n >> 8);
  out += static_cast<char>(n);
}
void append_u24(std::string& out, std::size_t n) {
  out += static_cast<char>(n >> 16);
  append_u16(out, static_cast<unsigned>(n));
}
void append_u32(std::string& out, std::size_t n) {
  append_u16(out, static_cast<unsigned>(n >> 16));
  append_u16(out, static_cast<unsigned>(n));
}

unsigned u16(std::string_view s, std::size_t at) {
  return static_cast<unsigned>(static_cast<unsigned char>(s[at]) << 8 |
                               static_cast<unsigned char>(s[at + 1]));
}
std::uint32_t u32(std::string_view s, std::size_t at) {
  return u16(s, at) << 16 | u16(s, at + 2);
}

// The text that both ends' compression of headers begins with (SPDY/3, section 2.6.10.1): words
// with their length before them, then a text without.
std::string make_dictionary() {
  constexpr std::string_view words[] = {"options",
                                        "head",
                                        "post",
                                        "put",
                                        "delete",
                                        "trace",
                                        "accept",
                                        "accept-charset",
                                        "accept-encoding",
                                        "accept-language",
                                        "accept-ranges",
                                        "age",
                                        "allow",
                                        "authorization",
                                        "cache-control",
                                        "connection",
                                        "content-base",
                                        "content-encoding",
                                        "content-language",
                                        "content-length",
                                        "content-location",
                                        "content-md5",
                                        "content-range",
                                        "content-type",
                                        "date",
                                        "etag",
                                        "expect",
                                        "expires",
                                        "from",
                                        "host",
                                        "if-match",
                                        "if-modified-since",
                                        "if-none-match",
                                        "if-range",
                                        "if-unmodified-since",
                                        "last-modified",
                                        "location",
                                        "max-forwards",
                                        "pragma",
                                        "proxy-authenticate",
                                        "proxy-authorization",
                                        "range",
                                        "referer",
                                        "retry-after",
                                        "server",
                                        "te",
                                        "trailer",
                                        "transfer-encoding",
                                        "upgrade",
                                        "user-agent",
                                        "vary",
                                        "via",
                                        "warning",
                                        "www-authenticate",
                                        "method",
                                        "get",
                                        "status",
                                        "200 OK",
                                        "version",
                                        "HTTP/1.1",
                                        "url",
                                        "public",
                                        "set-cookie",
                                        "keep-alive",
                                        "origin"};
  std::string out;
  for (const auto word : words) {
    append_u32(out, word.size());
    out += word;
  }
  out +=
      "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
      "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
      "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
      "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 "
      "Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
      "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
      "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";
  return out;
}

const std::string& dictionary() {
  static const std::string text = make_dictionary();
  return text;
}

const Bytef* bytes_of(std::string_view s) {
  return reinterpret_cast<const Bytef*>(s.data());
}

}  // namespace

std::string_view header(const spdy_headers& all, std::string_view name) {
  for (const auto& [key, value] : all)
    if (key == name) return value;
  return {};
}

// One for the session: its dictionary grows with each block.
struct spdy_reader::inflater {
  z_stream z{};
  inflater() {
    if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
  }
  ~inflater() { inflateEnd(&z); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  bool run(std::string_view block, std::string& out) {
    z.next_in = const_cast<Bytef*>(bytes_of(block));
    z.avail_in = static_cast<uInt>(block.size());
    for (;;) {
      char piece[4096];
      z.next_out = reinterpret_cast<Bytef*>(piece);
      z.avail_out = sizeof piece;
      int result = inflate(&z, Z_SYNC_FLUSH);
      if (result == Z_NEED_DICT) {
        result = inflateSetDictionary(&z, bytes_of(dictionary()),
                                      static_cast<uInt>(dictionary().size()));
        if (result == Z_OK) continue;
      }
      if (result != Z_OK && result != Z_BUF_ERROR) return false;
      out.append(piece, sizeof piece - z.avail_out);
      if (out.size() > headers_limit) return false;
      if (z.avail_out > 0) return z.avail_in == 0;
    }
  }
};

spdy_reader::spdy_reader() : inflater_(std::make_unique<inflater>()) {}
spdy_reader::~spdy_reader() = default;

std::size_t spdy_reader::fail(const char* why) {
  fault_ = why;
  return 0;
}

bool spdy_reader::read_headers(std::string_view block, spdy_headers& to) {
  std::string text;
  if (!inflater_->run(block, text) || text.size() < 4) return false;
  std::string_view rest = text;
  const auto pairs = u32(rest, 0);
  rest.remove_prefix(4);
  if (pairs > pairs_limit) return false;
  auto take = [&rest](std::string& out) {
    if (rest.size() < 4) return false;
    const std::size_t n = u32(rest, 0);
    if (rest.size() - 4 < n) return false;
    out = rest.substr(4, n);
    rest.remove_prefix(4 + n);
    return true;
  };
  for (std::uint32_t i = 0; i < pairs; ++i) {
    std::string name, value;
    if (!take(name) || !take(value)) return false;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    to.emplace_back(std::move(name), std::move(value));
  }
  return rest.empty();
}

std::size_t spdy_reader::control(std::string_view bytes, spdy_event& event, bool& found) {
  const std::size_t size = u32(bytes, 4) & 0xffffff;
  if ((u16(bytes, 0) & 0x7fff) != version) return fail("a frame of another version of SPDY");
  if (size > control_limit) return fail("a SPDY control frame is too large");
  if (bytes.size() < head_size + size) return 0;
  const auto body = bytes.substr(head_size, size);
  const auto kind = static_cast<type>(u16(bytes, 2));
  event.fin = (static_cast<unsigned char>(bytes[4]) & flag_fin) != 0;
  auto begin = [&](spdy_event::kind what, std::size_t least) {
    if (size < least) return static_cast<void>(fail("a SPDY control frame is too short"));
    event.what = what;
    event.id = u32(body, 0) & 0x7fffffff;
    found = true;
  };
  const std::size_t fixed = kind == type::syn_stream ? 10 : 4;  // before the headers
  switch (kind) {
    case type::syn_stream:
      begin(spdy_event::kind::syn_stream, fixed);
      break;
    case type::syn_reply:
      begin(spdy_event::kind::syn_reply, fixed);
      break;
    case type::reset:
      event.fin = false;
      begin(spdy_event::kind::reset, 8);
      break;
    case type::ping:
      event.fin = false;
      begin(spdy_event::kind::ping, 4);
      if (found) event.id = u32(body, 0);
      break;
    case type::goaway:
      event.fin = false;
      begin(spdy_event::kind::goaway, 8);
      break;
    case type::headers:
      if (size < fixed) return fail("a SPDY control frame is too short");
      break;
    default:
      break;  // settings, windows, and what later versions may have
  }
  if (!fault_.empty()) return 0;
  // Headers that nobody asks for have to be read all the same: the compression goes on after them.
  if (kind == type::syn_stream || kind == type::syn_reply || kind == type::headers) {
    if (!read_headers(body.substr(fixed), event.headers)) {
      found = false;
      return fail("the headers of a SPDY frame cannot be read");
    }
    // The end of a stream may come with headers, too.
    if (kind == type::headers && event.fin) begin(spdy_event::kind::data, fixed);
  }
  return head_size + size;
}

std::size_t spdy_reader::next(std::string_view bytes, spdy_event& event, bool& found) {
  found = false;
  if (!fault_.empty()) return 0;
  std::size_t used = 0;
  if (!in_data_) {
    if (bytes.size() < head_size) return 0;
    event = {};
    if ((static_cast<unsigned char>(bytes[0]) & 0x80) != 0) return control(bytes, event, found);
    stream_ = u32(bytes, 0);
    left_ = u32(bytes, 4) & 0xffffff;
    fin_ = (static_cast<unsigned char>(bytes[4]) & flag_fin) != 0;
    in_data_ = true;
    used = head_size;
  }
  const auto n = std::min(left_, bytes.size() - used);
  if (n == 0 && left_ > 0) return used;
  left_ -= n;
  in_data_ = left_ > 0;
  event = {};
  event.id = stream_;
  event.fin = fin_ && left_ == 0;
  event.data = bytes.substr(used, n);
  found = true;
  return used + n;
}

struct spdy_writer::deflater {
  z_stream z{};
  deflater() {
    // Headers are small: a window of 4 KiB holds the dictionary and more.
    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 12, 4, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
    deflateSetDictionary(&z, bytes_of(dictionary()), static_cast<uInt>(dictionary().size()));
  }
  ~deflater() { deflateEnd(&z); }
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  std::string run(std::string_view text) {
    std::string out;
    z.next_in = const_cast<Bytef*>(bytes_of(text));
    z.avail_in = static_cast<uInt>(text.size());
    do {
      char piece[1024];
      z.next_out = reinterpret_cast<Bytef*>(piece);
      z.avail_out = sizeof piece;
      deflate(&z, Z_SYNC_FLUSH);
      out.append(piece, sizeof piece - z.avail_out);
    } while (z.avail_out == 0);
    return out;
  }
};

spdy_writer::spdy_writer() : deflater_(std::make_unique<deflater>()) {}
spdy_writer::~spdy_writer() = default;

namespace {

void append_control(type t, unsigned char flags, std::size_t size, std::string& out) {
  append_u16(out, 0x8000 | version);
  append_u16(out, static_cast<unsigned>(t));
  out += static_cast<char>(flags);
  append_u24(out, size);
}

std::string plain_block(const spdy_headers& headers) {
  std::string out;
  append_u32(out, headers.size());
  for (const auto& [name, value] : headers) {
    append_u32(out, name.size());
    out += name;
    append_u32(out, value.size());
    out += value;
  }
  return out;
}

}  // namespace

void spdy_writer::syn_stream(std::uint32_t id, const spdy_headers& headers, std::string& out) {
  const auto block = deflater_->run(plain_block(headers));
  append_control(type::syn_stream, 0, 10 + block.size(), out);
  append_u32(out, id);
  append_u32(out, 0);  // associated with no other stream
  append_u16(out, 0);  // priority and slot
  out += block;
}

void spdy_writer::syn_reply(std::uint32_t id, std::string& out) {
  const auto block = deflater_->run(plain_block({}));
  append_control(type::syn_reply, 0, 4 + block.size(), out);
  append_u32(out, id);
  out += block;
}

void spdy_writer::data(std::uint32_t id, std::string_view bytes, bool fin, std::string& out) {
  append_u32(out, id);
  out += static_cast<char>(fin ? flag_fin : 0);
  append_u24(out, bytes.size());
  out += bytes;
}

void spdy_writer::reset(std::uint32_t id, std::uint32_t code, std::string& out) {
  append_control(type::reset, 0, 8, out);
  append_u32(out, id);
  append_u32(out, code);
}

void spdy_writer::ping(std::uint32_t id, std::string& out) {
  append_control(type::ping, 0, 4, out);
  append_u32(out, id);
}

void spdy_writer::goaway(std::uint32_t last, std::string& out) {
  append_control(type::goaway, 0, 8, out);
  append_u32(out, last);
  append_u32(out, 0);
}

}  // namespace troupe::stream
