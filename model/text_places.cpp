#include "model/text_places.hpp"

#include "model/json_text.hpp"

namespace troupe::model {
namespace {

std::string_view between(std::string_view text, std::size_t begin, std::size_t end_from_end) {
  return text.substr(begin, text.size() - end_from_end - begin);
}

}  // namespace

std::string_view text_places::find(std::string_view text, part p) const {
  switch (p) {
    case part::metadata:
      return metadata == 0 ? std::string_view() : between(text, metadata, metadata_end);
    case part::spec:
      return spec == 0 ? std::string_view() : between(text, text.size() - spec, spec_end);
    case part::status:
      return status == 0 ? std::string_view() : between(text, text.size() - status, status_end);
  }
  return {};
}

text_places places_of(std::string_view text) {
  text_places p;
  const auto from_end = [&](std::size_t at) {
    return static_cast<std::uint32_t>(text.size() - at);
  };
  if (!text.starts_with('{')) return p;
  each_member(text, 0, [&](const text_member& top) {
    if (top.key == "metadata") {
      p.metadata = static_cast<std::uint32_t>(top.value);
      p.metadata_end = from_end(top.end);
      if (text[top.value] == '{')
        each_member(text, top.value, [&](const text_member& m) {
          if (m.key == "resourceVersion" && text[m.value] == '"')
            p.version = static_cast<std::uint32_t>(m.value + 1);
          return p.version == 0;
        });
    }
    if (top.key == "spec") p.spec = from_end(top.value), p.spec_end = from_end(top.end);
    if (top.key == "status") p.status = from_end(top.value), p.status_end = from_end(top.end);
    return true;
  });
  return p;
}

}  // namespace troupe::model
