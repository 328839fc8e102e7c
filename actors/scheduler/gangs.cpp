#include "actors/scheduler/gangs.hpp"

namespace troupe::scheduler {

void gangs::define(const std::string& gang, std::optional<std::size_t> least) {
  all_[gang].least = least;
  drop_if_empty(gang);
}

void gangs::forget_definitions() {
  for (auto& [name, g] : all_) g.least.reset();
  std::erase_if(all_,
                [](const auto& g) { return g.second.held.empty() && g.second.placed.empty(); });
}

void gangs::hold(const std::string& gang, const std::string& uid) {
  all_[gang].held.insert(uid);
}

void gangs::release(const std::string& gang, const std::string& uid) {
  if (const auto at = all_.find(gang); at != all_.end()) at->second.held.erase(uid);
  drop_if_empty(gang);
}

void gangs::place(const std::string& gang, const std::string& uid, bool on_node) {
  if (on_node)
    all_[gang].placed.insert(uid);
  else if (const auto at = all_.find(gang); at != all_.end())
    at->second.placed.erase(uid);
  drop_if_empty(gang);
}

const gangs::roll* gangs::find(const std::string& name) const {
  const auto at = all_.find(name);
  return at == all_.end() ? nullptr : &at->second;
}

void gangs::drop_if_empty(const std::string& name) {
  const auto* g = find(name);
  if (g && !g->least && g->held.empty() && g->placed.empty()) all_.erase(name);
}

bool gangs::has_quorum(const std::string& gang) const {
  const auto* g = find(gang);
  return g && g->least && g->placed.size() >= *g->least;
}

bool gangs::is_complete(const std::string& gang) const {
  const auto* g = find(gang);
  return g && g->least && !g->held.empty() && g->held.size() + g->placed.size() >= *g->least;
}

const std::set<std::string>& gangs::held(const std::string& gang) const {
  static const std::set<std::string> nobody;
  const auto* g = find(gang);
  return g ? g->held : nobody;
}

std::set<std::string> gangs::waiting() const {
  std::set<std::string> out;
  for (const auto& [name, g] : all_)
    if (!g.held.empty()) out.insert(name);
  return out;
}

std::string gangs::complaint(const std::string& gang) const {
  const auto* g = find(gang);
  if (!g || !g->least) return "pod group " + gang + " not found";
  return "pod group " + gang +
         " is incomplete: " + std::to_string(g->held.size() + g->placed.size()) + " of " +
         std::to_string(*g->least) + " pods are there";
}

}  // namespace troupe::scheduler
