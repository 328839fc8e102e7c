#include "cli/commands/session.hpp"

#include "model/api_path.hpp"
#include "model/json_read.hpp"
#include "model/status.hpp"

#include <ostream>

namespace troupe::cli {

using model::at;
using model::in_quotes;
using model::json;
using model::string_at;

namespace {

command_failure failure_of(const client_response& answer, const std::string& context) {
  command_failure f(failure_text(answer.body, context));
  f.code = answer.code;
  return f;
}

}  // namespace

session::session(const client_factory& factory, console& io, const common_flags& flags) : io_(io) {
  // Before anything can fail.
  if (flags.colour != "auto") io_.colour = flags.colour;
  client_ = factory(flags.kubeconfig);
  if (!flags.all_namespaces) ns_ = flags.ns.empty() ? client_->default_namespace() : flags.ns;
}

json session::send(const client_request& request, const std::string& context) {
  const client_response answer = client_->request(request);
  for (const std::string& w : answer.warnings) warn(io_, w);
  if (answer.code >= 400) throw failure_of(answer, context);
  json out = model::read_json(answer.body);
  if (out.is_discarded()) throw command_failure("error: the server's answer is no JSON");
  return out;
}

json session::get(const std::string& target, const std::string& accept) {
  return send({"GET", target, "", "", accept});
}

std::string session::raw(const std::string& target) {
  client_response answer = client_->request({"GET", target, "", "", "*/*"});
  if (answer.code >= 400) throw failure_of(answer, {});
  return std::move(answer.body);
}

std::optional<json> session::find(const std::string& target) {
  try {
    return get(target);
  } catch (const command_failure& f) {
    if (f.code != 404) throw;
    return std::nullopt;
  }
}

void session::stream(const std::string& target, const std::string& accept,
                     const std::function<bool(std::string_view)>& on_chunk) {
  const client_response answer = client_->stream(target, accept, on_chunk);
  if (answer.code >= 400) throw failure_of(answer, {});
}

std::vector<json> session::list(const std::string& target) {
  std::vector<json> out;
  std::string more;
  do {
    std::string page = target + (target.find('?') == std::string::npos ? "?" : "&") + "limit=500";
    if (!more.empty()) page += "&continue=" + model::percent_encoded(more);
    json answer = get(page);
    const std::string kind = string_at(answer, {"kind"});
    for (json& item : answer["items"]) {
      if (!item.contains("kind") && kind.ends_with("List")) {
        item["kind"] = kind.substr(0, kind.size() - 4);
        item["apiVersion"] = string_at(answer, {"apiVersion"});
      }
      out.push_back(std::move(item));
    }
    more = string_at(answer, {"metadata", "continue"});
  } while (!more.empty());
  return out;
}

const served_kinds& session::served() {
  if (!served_) served_.emplace(get("/apis", served_kinds::accept));
  return *served_;
}

std::string path_of(const model::kind_info& kind, const std::string& ns, const std::string& name,
                    const std::string& subresource) {
  std::string out = model::resource_path(kind, ns, name);
  if (!subresource.empty()) out += "/" + subresource;
  return out;
}

void tell(console& io, const std::string& failure) {
  io.err << (io.paints_err() ? painted_failure(failure) : failure) << '\n';
}

void warn(console& io, const std::string& warning) {
  io.err << painted("Warning:", io.paints_err() ? colour::yellow : colour::none) << ' ' << warning
         << '\n';
}

std::string display_name(const model::kind_info& kind, const std::string& name) {
  std::string out(kind.singular);
  if (!kind.group.empty()) out.append(".").append(kind.group);
  return out + "/" + name;
}

std::string bare_name(const std::string& argument) {
  const auto slash = argument.find('/');
  return slash == std::string::npos ? argument : argument.substr(slash + 1);
}

std::string failure_text(const std::string& body, const std::string& context) {
  const model::status s = model::status_from_text(body);
  const std::string lead = context.empty() ? "" : context + ": ";
  if (s.reason == "Invalid") {
    std::string out = s.kind.empty() ? "The request is invalid: "
                                     : "The " + s.kind + " " + in_quotes(s.name) + " is invalid: ";
    if (s.causes.empty()) return out + (s.kind.empty() ? s.message : "");
    for (const auto& c : s.causes)
      out +=
          (s.causes.size() > 1 ? "\n* " : "") + (c.field.empty() ? "" : c.field + ": ") + c.message;
    return out;
  }
  if (s.reason.empty()) return "Error from server: " + lead + s.message;
  return "Error from server (" + s.reason + "): " + lead + s.message;
}

}  // namespace troupe::cli
