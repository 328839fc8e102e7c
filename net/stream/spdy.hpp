#pragma once

// SPDY/3.1 as Kubernetes' remote commands use it, without its transport: streams with headers, no
// windows (Kubernetes' implementations have none).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::stream {

/// Names in lower case, and values.
using spdy_headers = std::vector<std::pair<std::string, std::string>>;

/// The first value of a header, or "".
std::string_view header(const spdy_headers& all, std::string_view name);

/// What a peer says. Of a stream's data as much as is there.
struct spdy_event {
  enum class kind : std::uint8_t { syn_stream, syn_reply, data, reset, ping, goaway };
  kind what = kind::data;
  std::uint32_t id = 0;  ///< of the stream, or of the ping
  bool fin = false;      ///< the peer sends no more on this stream
  spdy_headers headers;
  std::string_view data;  ///< in the buffer that was read
};

/// Reads what a peer sends. Data frames may have any length; control frames and headers are
/// bounded.
class spdy_reader {
 public:
  spdy_reader();
  ~spdy_reader();
  spdy_reader(const spdy_reader&) = delete;
  spdy_reader& operator=(const spdy_reader&) = delete;

  /// Takes the next event from the buffer. Returns the number of bytes that are done with; `found`
  /// tells whether `event` is one. 0 bytes: more are needed.
  std::size_t next(std::string_view bytes, spdy_event& event, bool& found);

  /// Why the bytes are no SPDY; empty: they are. Nothing is read any more then.
  const std::string& fault() const { return fault_; }

 private:
  struct inflater;
  std::size_t control(std::string_view bytes, spdy_event& event, bool& found);
  std::size_t fail(const char* why);
  bool read_headers(std::string_view block, spdy_headers& to);

  std::string fault_;
  std::unique_ptr<inflater> inflater_;
  std::uint32_t stream_ = 0;  ///< whose data frame is being read
  std::size_t left_ = 0;      ///< of it
  bool fin_ = false;
  bool in_data_ = false;
};

/// Writes for a peer.
class spdy_writer {
 public:
  spdy_writer();
  ~spdy_writer();
  spdy_writer(const spdy_writer&) = delete;
  spdy_writer& operator=(const spdy_writer&) = delete;

  void syn_stream(std::uint32_t id, const spdy_headers& headers, std::string& out);
  void syn_reply(std::uint32_t id, std::string& out);
  void data(std::uint32_t id, std::string_view bytes, bool fin, std::string& out);
  /// Codes are SPDY's: refused_stream, cancel.
  void reset(std::uint32_t id, std::uint32_t code, std::string& out);
  void ping(std::uint32_t id, std::string& out);
  void goaway(std::uint32_t last, std::string& out);

  static constexpr std::uint32_t refused_stream = 3, cancel = 5;

 private:
  struct deflater;
  std::unique_ptr<deflater> deflater_;
};

}  // namespace troupe::stream
