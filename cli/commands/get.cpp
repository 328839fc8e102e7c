#include "cli/commands/command.hpp"
#include "cli/output/object_printer.hpp"
#include "cli/output/plain_table.hpp"
#include "cli/output/sorting.hpp"
#include "cli/output/table_printer.hpp"
#include "model/api_path.hpp"
#include "model/json_read.hpp"

#include <ostream>
#include <set>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

constexpr const char* table_accept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

struct get_flags : common_flags {
  std::vector<std::string> args;
  std::string output, labels, fields, sort_by, raw;
  std::string label_columns;
  int chunk_size = 500;
  bool watch = false, watch_only = false, no_headers = false, show_labels = false;
  bool show_managed_fields = false, show_kind = false, ignore_not_found = false;
};

/// "apps/v1"; "/v1" for the core group.
std::string group_version(const model::kind_info& kind) {
  return std::string(kind.group) + "/" + std::string(kind.version);
}

class getter {
 public:
  getter(session& s, const get_flags& flags) : s_(s), flags_(flags) {}

  int run() {
    if (!flags_.raw.empty()) {
      if (!flags_.args.empty())
        throw command_failure("error: arguments may not be passed when --raw is specified");
      s_.io().out << s_.raw(flags_.raw);
      return 0;
    }
    if (flags_.args.empty())
      throw command_failure(
          "You must specify the type of resource to get. Use \"troupe api-resources\" for a "
          "complete list of supported resources.\n\nerror: Required resource not specified.\nUse "
          "\"troupe explain <resource>\" for a detailed description of that resource (e.g. troupe "
          "explain pods).\nSee 'troupe get -h' for help and examples");
    const auto wanted = selections_of(s_, flags_.args);
    std::set<std::string_view> kinds;
    for (const auto& w : wanted) kinds.insert(w.kind->resource);
    if (flags_.watch && (wanted.size() > 1))
      throw command_failure("error: you may only specify a single resource type to watch");
    if (prints_objects(flags_.output)) return objects(wanted);
    bool first = true;
    for (std::size_t i = 0; i < wanted.size();) {
      std::size_t end = i;
      while (end < wanted.size() && wanted[end].kind == wanted[i].kind) ++end;
      table({wanted.begin() + static_cast<std::ptrdiff_t>(i),
             wanted.begin() + static_cast<std::ptrdiff_t>(end)},
            kinds.size() > 1 || flags_.show_kind, first);
      i = end;
    }
    if (first && failed_ == 0 && !flags_.watch && !flags_.ignore_not_found) {
      const bool namespaced = wanted[0].kind->namespaced && !s_.ns().empty();
      s_.io().err << "No resources found"
                  << (namespaced ? " in " + s_.ns() + " namespace.\n" : std::string("\n"));
    }
    return failed_;
  }

 private:
  std::string target(const selection& w) const {
    std::string out = path_of(*w.kind, s_.ns(), w.name);
    char mark = '?';
    auto add = [&](const char* name, const std::string& value) {
      if (value.empty()) return;
      out.append(1, mark).append(name).append("=").append(model::percent_encoded(value));
      mark = '&';
    };
    if (w.name.empty()) {
      add("labelSelector", flags_.labels);
      add("fieldSelector", flags_.fields);
    }
    return out;
  }

  static std::string with(std::string target, const std::string& parameter) {
    return target + (target.find('?') == std::string::npos ? "?" : "&") + parameter;
  }

  /// Runs a request; a failure is printed and counted, and the others go on.
  template <class F>
  void attempt(F&& f) {
    try {
      f();
    } catch (const command_failure& e) {
      if (flags_.ignore_not_found && e.code == 404) return;
      tell(s_.io(), e.what());
      failed_ = 1;
    }
  }

  std::string page() const {
    return "limit=" + std::to_string(flags_.chunk_size) +
           (flags_.sort_by.empty() ? "" : "&includeObject=Object");
  }

  /// Runs a list; what the server says against it is told with the selectors, as kubectl does.
  template <class F>
  auto listed(const selection& w, F&& f) {
    try {
      return f();
    } catch (const command_failure& e) {
      static const std::string lead = "Error from server (BadRequest): ";
      const std::string text = e.what();
      if (e.code != 400 || !w.name.empty() || !text.starts_with(lead)) throw;
      const std::string of =
          "\"" + group_version(*w.kind) + ", Resource=" + std::string(w.kind->plural) + "\"";
      const bool selected = !flags_.labels.empty() || !flags_.fields.empty();
      command_failure out(lead +
                          (selected ? "Unable to find " + of + " that match label selector \"" +
                                          flags_.labels + "\", field selector \"" + flags_.fields +
                                          "\": "
                                    : "Unable to list " + of + ": ") +
                          text.substr(lead.size()));
      out.code = e.code;
      throw out;
    }
  }

  static json shown(json answer) {
    return table_of(std::move(answer), std::chrono::system_clock::now());
  }

  /// A list's table, all pages in one.
  json whole_table(const selection& w) {
    const std::string first_page = target(w);
    if (!w.name.empty()) return shown(s_.get(first_page, table_accept));
    json all = listed(w, [&] { return shown(s_.get(with(first_page, page()), table_accept)); });
    for (std::string more = string_at(all, {"metadata", "continue"}); !more.empty();) {
      json next = shown(s_.get(
          with(first_page, page() + "&continue=" + model::percent_encoded(more)), table_accept));
      for (json& row : next["rows"]) all["rows"].push_back(std::move(row));
      all["metadata"] = next["metadata"];
      more = string_at(next, {"metadata", "continue"});
    }
    return all;
  }

  void table(const std::vector<selection>& wanted, bool prefixed, bool& first) {
    table_options options;
    options.headers = !flags_.no_headers;
    options.wide = flags_.output == "wide";
    options.labels = flags_.show_labels;
    options.colours = s_.io().paints_out();
    options.label_columns = split(flags_.label_columns, ',');
    // Once there was a column of namespaces, kinds without one leave it empty.
    namespaced_ = namespaced_ || wanted[0].kind->namespaced;
    options.namespaces = flags_.all_namespaces && namespaced_;
    if (prefixed) options.name_prefix = display_name(*wanted[0].kind, "");
    table_printer printer(options);
    json merged;
    for (const selection& w : wanted)
      attempt([&] {
        json one = whole_table(w);
        if (merged.is_null()) {
          merged = std::move(one);
        } else {
          for (json& row : one["rows"]) merged["rows"].push_back(std::move(row));
        }
      });
    if (merged.is_null()) return;
    if (!flags_.sort_by.empty())
      sort_by(flags_.sort_by, merged["rows"].get_ref<json::array_t&>(),
              [](const json& row) -> const json& { return at(row, {"object"}); });
    if (!at(merged, {"rows"}).empty() && !flags_.watch_only) {
      if (!first) s_.io().out << '\n';
      first = false;
      s_.io().out << printer.print(merged);
    }
    if (flags_.watch) {
      watch(wanted[0], printer, merged);
    }
  }

  void watch(const selection& w, table_printer& printer, const json& from) {
    s_.io().out.flush();
    selection list = w;
    list.name.clear();
    std::string where = path_of(*w.kind, s_.ns());
    where = with(where, "watch=true");
    if (!w.name.empty())
      where = with(where, "fieldSelector=metadata.name%3D" + model::percent_encoded(w.name));
    if (w.name.empty() && !flags_.labels.empty())
      where = with(where, "labelSelector=" + model::percent_encoded(flags_.labels));
    if (w.name.empty() && !flags_.fields.empty())
      where = with(where, "fieldSelector=" + model::percent_encoded(flags_.fields));
    std::string version = string_at(from, {"metadata", "resourceVersion"});
    if (!version.empty()) where = with(where, "resourceVersion=" + version);
    std::string pending;
    s_.stream(where, table_accept, [&](std::string_view chunk) {
      pending += chunk;
      for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
        const json event = model::read_json(pending.substr(0, end));
        pending.erase(0, end + 1);
        const std::string type = string_at(event, {"type"});
        if (type == "ERROR") throw command_failure(failure_text(at(event, {"object"}).dump()));
        if (type != "BOOKMARK") s_.io().out << printer.print(shown(at(event, {"object"})));
      }
      s_.io().out.flush();
      return static_cast<bool>(s_.io().out);
    });
  }

  int objects(const std::vector<selection>& wanted) {
    std::vector<json> found;
    for (const selection& w : wanted)
      attempt([&] {
        if (!w.name.empty()) return found.push_back(s_.get(target(w)));
        for (json& o : listed(w, [&] { return s_.list(target(w)); })) found.push_back(std::move(o));
      });
    const bool as_list = !(wanted.size() == 1 && !wanted[0].name.empty());
    if (found.empty() && !as_list) return failed_;
    if (!flags_.sort_by.empty())
      sort_by(flags_.sort_by, found, [](const json& o) -> const json& { return o; });
    s_.io().out << print_objects(flags_.output, std::move(found), as_list, !flags_.no_headers,
                                 flags_.show_managed_fields);
    return failed_;
  }

  session& s_;
  const get_flags& flags_;
  bool namespaced_ = false;
  int failed_ = 0;
};

}  // namespace

void add_get(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("get", "Display one or many resources");
  auto flags = std::make_shared<get_flags>();
  add_common(command, *flags, true);
  command.add_option("resources", flags->args, "Kinds and names: pods | pod NAME | pod/NAME ...");
  command.add_option("-o,--output", flags->output,
                     "wide, json, yaml, name, jsonpath=TEMPLATE, jsonpath-as-json=TEMPLATE, "
                     "custom-columns=HEADER:PATH,...; jsonpath-file=, custom-columns-file=");
  command.add_option("-l,--selector", flags->labels, "A label selector");
  command.add_option("--field-selector", flags->fields, "A field selector");
  command.add_option("-L,--label-columns", flags->label_columns,
                     "Labels that get a column: a,b,...");
  command.add_option("--sort-by", flags->sort_by, "A JSONPath of the field to sort by");
  command.add_option("--chunk-size", flags->chunk_size, "Objects a page; 0: all in one")
      ->check(CLI::Range(0, 1 << 30));
  command.add_option("--raw", flags->raw, "Print what the server answers to GET of this path");
  command.add_flag("--show-kind", flags->show_kind, "Put the kind before the name");
  command.add_flag("-w,--watch", flags->watch, "Then show what changes");
  command.add_flag("--watch-only", flags->watch_only, "Show only what changes");
  command.add_flag("--no-headers", flags->no_headers, "Leave out the header line");
  command.add_flag("--show-labels", flags->show_labels, "Add a column of labels");
  command.add_flag("--show-managed-fields", flags->show_managed_fields, "Keep managedFields");
  command.add_flag("--ignore-not-found", flags->ignore_not_found, "Do not fail on missing objects");
  run_as(command, tools, [tools, flags] {
    flags->watch = flags->watch || flags->watch_only;
    session s(tools->factory, tools->io, *flags);
    return getter(s, *flags).run();
  });
}

}  // namespace troupe::cli
