#include "model/json.hpp"

#include "model/json_read.hpp"
#include "model/members.hpp"

namespace troupe::model {
namespace {

/// Builds the document from parser events; what it adds to nlohmann's own builder is the limit on
/// depth and the report of keys that come twice.
class builder {
 public:
  builder(parsed_json& out, int depth) : out_(out), depth_(static_cast<std::size_t>(depth)) {
    open_.reserve(16);
  }

  bool null() { return place(nullptr); }
  bool boolean(bool v) { return place(v); }
  bool number_integer(json::number_integer_t v) { return place(v); }
  bool number_unsigned(json::number_unsigned_t v) { return place(v); }
  bool number_float(json::number_float_t v, const std::string&) { return place(v); }
  bool string(std::string& v) { return place(std::move(v)); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(json::value_t::object); }
  bool start_array(std::size_t) { return open(json::value_t::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    frame& top = open_.back();
    const auto [member, fresh] = top.value->get_ref<json::object_t&>().try_emplace(std::move(name));
    top.key = &member->first;
    top.slot = &member->second;
    if (!fresh) note_duplicate();
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const json::exception& e) {
    const std::string_view text = e.what();
    const auto prefix = text.find("] ");
    out_.error = prefix == text.npos ? text : text.substr(prefix + 2);
    return false;
  }

 private:
  struct frame {
    json* value;
    const std::string* key = nullptr;  ///< of the member under way
    json* slot = nullptr;              ///< where its value goes
  };

  static constexpr std::size_t most_duplicates = 100;

  json* put(json&& v) {
    if (open_.empty()) return &(out_.value = std::move(v));
    frame& top = open_.back();
    if (!top.value->is_array()) return &(*top.slot = std::move(v));
    auto& items = top.value->get_ref<json::array_t&>();
    return &items.emplace_back(std::move(v));
  }

  bool place(json&& v) {
    put(std::move(v));
    return true;
  }

  bool open(json::value_t type) {
    if (open_.size() >= depth_) {
      out_.error = "exceeded max depth of " + std::to_string(depth_);
      return false;
    }
    open_.push_back({put(json(type))});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  void note_duplicate() {
    if (out_.duplicates.size() >= most_duplicates) return;
    std::string path;
    for (const frame& f : open_) {
      if (f.value->is_array()) {
        path.append("[").append(std::to_string(f.value->size() - 1)).append("]");
      } else {
        if (!path.empty()) path += '.';
        path += *f.key;
      }
    }
    out_.duplicates.push_back(std::move(path));
  }

  parsed_json& out_;
  std::size_t depth_;
  std::vector<frame> open_;
};

}  // namespace

parsed_json parse_json(std::string_view text, const json_limits& limits) {
  parsed_json out;
  if (text.size() > limits.bytes) {
    out.error = "the document is larger than " + std::to_string(limits.bytes) + " bytes";
    return out;
  }
  if (read_plain_json(text, limits.depth, out.value)) return out;
  builder events(out, limits.depth);
  const bool complete = json::sax_parse(text.begin(), text.end(), &events);
  if (!complete) {
    out.value = nullptr;
    if (out.error.empty()) out.error = "unexpected end of JSON input";
  }
  return out;
}

const json& at(const json& value, std::initializer_list<std::string_view> path) {
  static const json missing;
  const json* here = &value;
  for (std::string_view key : path) {
    here = find_member(*here, key);
    if (!here) return missing;
  }
  return *here;
}

void discard(json&& document) {
  if (auto* members = document.get_ptr<json::object_t*>()) {
    for (auto& [key, value] : *members)
      if (value.is_structured()) discard(std::move(value));
    members->clear();
  } else if (auto* items = document.get_ptr<json::array_t*>()) {
    for (json& item : *items)
      if (item.is_structured()) discard(std::move(item));
    items->clear();
  }
  document = nullptr;
}

std::int64_t int_at(const json& value, std::initializer_list<std::string_view> path,
                    std::int64_t fallback) {
  const json& found = at(value, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : fallback;
}

std::string in_quotes(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string string_at(const json& value, std::initializer_list<std::string_view> path,
                      std::string_view fallback) {
  const json& found = at(value, path);
  return found.is_string() ? found.get<std::string>() : std::string(fallback);
}

}  // namespace troupe::model
