#include "model/wire/codec.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <unordered_map>

extern "C" const char troupe_wire_numbers_begin[];
extern "C" const char troupe_wire_numbers_end[];

namespace troupe::model::wire {
namespace {

using lines = std::unordered_map<std::string_view, std::string_view>;

std::string_view next_word(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

// Lines of "definition field=number field=number* definition@number": '*' marks a pointer in Go,
// '@' an inlined struct.
lines read_lines() {
  lines all;
  std::string_view text(
      troupe_wire_numbers_begin,
      static_cast<std::size_t>(troupe_wire_numbers_end - troupe_wire_numbers_begin));
  while (!text.empty()) {
    auto line = next_word(text, '\n');
    const auto name = next_word(line, ' ');
    if (!name.empty()) all.emplace(name, line);
  }
  return all;
}

alternative alternative_of(std::string_view word) {
  if (word.ends_with(":list")) return alternative::list;
  if (word.ends_with(":boolean")) return alternative::boolean;
  if (word.ends_with(":duration")) return alternative::duration;
  return word.ends_with(":strings") ? alternative::strings : alternative::none;
}

class builder {
 public:
  builder() {
    for (const auto* type : schema::instance().types()) {
      auto c = std::make_unique<codec>();
      c->order = read_slots(*type, type->name, *c);
      by_type_.emplace(type, std::move(c));
    }
    for (const auto& [type, c] : by_type_) finish(*c);
  }
  std::unordered_map<const type_info*, std::unique_ptr<codec>> take() {
    return std::move(by_type_);
  }

 private:
  slots read_slots(const type_info& type, std::string_view name, codec& c) {
    slots out;
    const auto found = lines_.find(name);
    if (found == lines_.end()) return out;
    for (auto line = found->second; !line.empty();) {
      const auto word = next_word(line, ' ');
      const auto mark = word.find_first_of("=@");
      slot s;
      std::from_chars(word.data() + mark + 1, word.data() + word.size(), s.number);
      const auto what = word.substr(0, mark);
      if (word[mark] == '@') {
        s.inlined = std::make_unique<slots>(read_slots(type, what, c));
      } else {
        const auto* info = type.field(what);
        if (!info) continue;  // a field that is not served
        s.field = c.fields.size();
        c.fields.push_back({info, nullptr, word.ends_with('*'), alternative_of(word)});
        if (c.fields.back().other != alternative::none) c.fields.back().type = &c;
      }
      out.push_back(std::move(s));
    }
    std::ranges::sort(out, {}, &slot::number);
    return out;
  }

  // Sorts the fields by name, and leads slots and types to where they are.
  void finish(codec& c) {
    if (c.fields.size() > codec::most_fields)
      throw std::logic_error("a struct has too many fields: " +
                             std::string(c.fields.front().info->name));
    std::vector<std::size_t> order(c.fields.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::size_t i) { return c.fields[i].info->name; });
    std::vector<field> sorted;
    std::vector<std::size_t> place(order.size());
    for (const std::size_t i : order) {
      place[i] = sorted.size();
      sorted.push_back(c.fields[i]);
      if (const auto* type = sorted.back().info->type) sorted.back().type = by_type_.at(type).get();
    }
    c.fields = std::move(sorted);
    move_slots(c.order, place);
  }

  static void move_slots(slots& all, const std::vector<std::size_t>& place) {
    for (slot& s : all) {
      if (s.inlined)
        move_slots(*s.inlined, place);
      else
        s.field = place[s.field];
    }
  }

  lines lines_ = read_lines();
  std::unordered_map<const type_info*, std::unique_ptr<codec>> by_type_;
};

}  // namespace

const slot* find(const slots& all, std::uint64_t number) {
  const auto found = std::ranges::lower_bound(all, number, {}, &slot::number);
  return found != all.end() && found->number == number ? &*found : nullptr;
}

const codec& codec_of(const type_info& type) {
  static const auto all = builder().take();
  return *all.at(&type);
}

}  // namespace troupe::model::wire
