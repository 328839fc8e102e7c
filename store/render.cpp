// How objects are shown: bodies in each form and encoding.

#include "model/conversion.hpp"
#include "model/custom/kinds.hpp"
#include "model/json_writer.hpp"
#include "model/output/yaml_text.hpp"
#include "model/wire/protobuf.hpp"
#include "store/reads.hpp"

#include <algorithm>

namespace troupe::store {

using body = std::shared_ptr<const std::string>;
using encoding = rendering::encoding;

namespace {

std::string list_kind(const model::kind_info& kind) {
  if (const auto* custom = model::custom_of(kind)) return custom->definition->list_kind;
  std::string out(kind.kind);
  return out += "List";
}

}  // namespace

list_text::list_text(const model::kind_info& kind, std::vector<object_ptr> objects,
                     const model::json& metadata, const rendering& show, model::time_point now)
    : kind_(kind), kept_(model::keep(kind)), show_(show), now_(now), objects_(std::move(objects)) {
  const bool whole = show.as == rendering::form::full;
  as_stored_ = whole && std::ranges::all_of(objects_, [&](const object_ptr& o) {
                 return model::shown_as_stored(kind, *o);
               });
  head_ = "{\"kind\":\"";
  head_ += whole ? list_kind(kind) : "PartialObjectMetadataList";
  head_ += "\",\"apiVersion\":\"";
  head_ += whole ? kind.api_version() : "meta.k8s.io/" + std::string(show.meta_version());
  head_ += "\",\"metadata\":" + model::dump(metadata) + ",\"items\":[";
  if (!as_stored_) return;
  size_ = head_.size() + std::string_view("]}").size() + objects_.size();
  if (!objects_.empty()) --size_;  // one comma less than objects
  for (const auto& o : objects_) size_ += o->bytes().size();
}

void list_text::append(std::string& out, const object_ptr& object) const {
  if (as_stored_)
    out += object->bytes();
  else
    out += render_json(kind_, object, show_, now_, false);
}

bool list_text::pull(std::string& out, std::size_t limit) {
  if (sent_ == 0) out += std::exchange(head_, {});
  for (; sent_ < objects_.size(); ++sent_) {
    if (out.size() >= limit) return true;
    if (sent_ > 0) out += ',';
    append(out, objects_[sent_]);
  }
  out += "]}";
  return false;
}

std::string encode(std::string text, const rendering& show) {
  if (show.in == encoding::protobuf) return model::protobuf_document(text);
  if (show.in == encoding::json && !show.pretty) return text;
  const auto document = model::json::parse(text);
  return show.in == encoding::yaml ? model::yaml_text(document) : document.dump(2) + "\n";
}

std::string render_json(const model::kind_info& kind, const object_ptr& object,
                        const rendering& show, model::time_point now, bool columns) {
  switch (show.as) {
    case rendering::form::full:
      return model::shown_as_stored(kind, *object) ? object->bytes()
                                                   : model::dump(model::parse_as(kind, *object));
    case rendering::form::table:
      return model::table_text(kind, {object},
                               {{"resourceVersion", std::to_string(object->version())}},
                               {show.include, columns, show.meta_version()}, now);
    default:
      break;
  }
  std::string out = R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/)";
  out += show.meta_version();
  out += R"(","metadata":)";
  out += object->text_of(model::part::metadata);
  out += '}';
  return out;
}

body render(const model::kind_info& kind, const object_ptr& object, const rendering& show,
            model::time_point now) {
  if (show.plain() && model::shown_as_stored(kind, *object)) return {object, &object->bytes()};
  if (show.as == rendering::form::full && show.in == encoding::protobuf && kind.stored)
    return std::make_shared<const std::string>(
        model::to_protobuf(kind.api_version(), kind.kind, *kind.type, object->bytes()));
  return std::make_shared<const std::string>(
      encode(render_json(kind, object, show, now, true), show));
}

std::string render_list(const model::kind_info& kind, const std::vector<object_ptr>& objects,
                        const model::json& metadata, const rendering& show, model::time_point now) {
  if (show.as == rendering::form::table)
    return encode(
        model::table_text(kind, objects, metadata, {show.include, true, show.meta_version()}, now),
        show);
  if (show.as == rendering::form::full && show.in == encoding::protobuf && kind.stored) {
    // From object to object, without the text of the list in between.
    model::protobuf_list list(kind.api_version(), kind.kind, kind.type, model::dump(metadata));
    for (const auto& o : objects) list.add(o->bytes());
    return list.take();
  }
  list_text text(kind, objects, metadata, show, now);
  std::string all;
  all.reserve(text.size());
  text.pull(all, std::string::npos);
  return encode(std::move(all), show);
}

}  // namespace troupe::store
