#pragma once

#include "cli/commands/commands.hpp"
#include "model/json.hpp"
#include "model/status.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace troupe::cli {

using model::json;

/// A cluster of scripted answers: one per "METHOD /path" (query left out), all requests recorded.
struct script {
  std::map<std::string, std::vector<client_response>> answers;  ///< the last one stays
  std::vector<client_request> requests;
  std::string streamed;

  client_response answer(const client_request& r) {
    requests.push_back(r);
    const auto found = answers.find(r.method + " " + r.target.substr(0, r.target.find('?')));
    if (found == answers.end())
      return {404, model::to_text(model::not_found({"things", "default", "x"})), {}};
    client_response out = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    return out;
  }
};

class scripted_client : public api_client {
 public:
  explicit scripted_client(script& s) : script_(s) {}
  client_response request(const client_request& r) override { return script_.answer(r); }
  client_response stream(const std::string& target, const std::string& accept,
                         const std::function<bool(std::string_view)>& on_chunk) override {
    const auto out = script_.answer({"GET", target, "", "", accept});
    // Chunks know nothing of lines.
    if (out.code == 200)
      for (std::size_t i = 0; i < out.body.size(); i += 7)
        if (!on_chunk(std::string_view(out.body).substr(i, 7))) break;
    return {out.code, out.code == 200 ? "" : out.body, {}};
  }

 private:
  script& script_;
};

inline const model::time_point now = *model::from_rfc3339("2024-05-01T10:00:00Z");

struct Commands : testing::Test {
  script cluster;
  std::stringstream in;
  std::ostringstream out, err;
  int code = 0;

  void run(const std::string& line) {
    out.str("");
    err.str("");
    cluster.requests.clear();
    CLI::App app{"", "troupe"};
    add_commands(app,
                 [this](const std::string&) { return std::make_unique<scripted_client>(cluster); },
                 {in, out, err, false, [] { return now; }});
    code = 0;
    try {
      app.parse(line);
    } catch (const CLI::ParseError& e) {
      code = app.exit(e, err, err);
    }
  }

  void serve(const std::string& request, const json& body, int status = 200) {
    cluster.answers[request].push_back({status, body.dump(), {}});
  }
  void fail(const std::string& request, const model::status& s) {
    cluster.answers[request].push_back({s.code, model::to_text(s), {}});
  }
};

}  // namespace troupe::cli
