#include "model/scheduling/topology.hpp"

#include "model/selector.hpp"

namespace troupe::model {
namespace {

// Labels with a column at a time; when there would be more, they start over.
constexpr std::size_t most_columns = 64;
// A column starts over when so many of its domains, and more than half, have lost their nodes.
constexpr std::size_t spare_domains = 1024;

}  // namespace

void topology::leave(column& c, std::size_t row) {
  const auto domain = c.domain[row];
  if (domain < 0) return;
  --c.labelled;
  if (--c.rows[static_cast<std::size_t>(domain)] == 0) --c.domains;
  c.domain[row] = -1;
}

void topology::assign(column& c, const std::string& label, std::size_t row, const node_view& node) {
  leave(c, row);
  const auto* value = find(node.labels, label);
  if (!value) return;
  const auto [at, fresh] = c.ids.try_emplace(*value, static_cast<std::int32_t>(c.rows.size()));
  if (fresh) c.rows.push_back(0);
  c.domain[row] = at->second;
  ++c.labelled;
  if (++c.rows[static_cast<std::size_t>(at->second)] == 1) ++c.domains;
}

std::shared_ptr<const topology::column> topology::of(const std::string& label,
                                                     std::span<const node_view_ptr> views) {
  const auto at = columns_.find(label);
  if (at != columns_.end() && at->second->rows.size() <= 2 * at->second->domains + spare_domains)
    return at->second;
  if (columns_.size() >= most_columns) columns_.clear();
  auto made = std::make_shared<column>();
  made->domain.assign(views.size(), -1);
  for (std::size_t row = 0; row < views.size(); ++row) assign(*made, label, row, *views[row]);
  columns_[label] = made;
  return made;
}

void topology::append() {
  for (auto& [label, c] : columns_) c->domain.push_back(-1);
}

void topology::set(std::size_t row, const node_view& node) {
  for (auto& [label, c] : columns_) assign(*c, label, row, node);
}

void topology::remove(std::size_t row) {
  for (auto& [label, c] : columns_) {
    leave(*c, row);
    c->domain[row] = c->domain.back();
    c->domain.pop_back();
  }
}

}  // namespace troupe::model
