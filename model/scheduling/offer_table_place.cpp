// Where pods go whose places do not depend on other pods.
#include "model/scheduling/offer_table_order.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// Kinds of pods for which the nodes are kept in order: 40 bytes a node and kind.
constexpr std::size_t most_orders = 4;
// What drawing lots for all nodes may cost a pod.
constexpr std::size_t looks_a_pod = 4;
// Of outdated entries, beside as many as there are nodes.
constexpr std::size_t least_outdated = 64;

}  // namespace

bool offer_table::candidate::operator<(const candidate& o) const {
  if (score != o.score) return score < o.score;
  if (pods != o.pods) return pods > o.pods;
  return tie < o.tie;
}

void offer_table::order::begin(const offer_table& table, const pod_view& pod,
                               const circumstances& given, bool lasts, random_source& random) {
  // Who lost once would lose to all that is drawn after it: lots are drawn anew every so many pods.
  const bool known = lasts && lasts_ && asked_ * looks_a_pod < table.size();
  table_ = &table;
  pod_ = &pod;
  given_ = &given;
  lasts_ = lasts;
  if (known) return;
  asked_ = 0;
  salt_ = random.next();
  fill();
}

void offer_table::order::fill() {
  raw_ = table_->judge(*pod_, *given_);
  lasts_ = lasts_ && !raw_.normalises();
  heap_.clear();
  heap_.reserve(raw_.feasible.size());
  for (const std::size_t row : raw_.feasible) heap_.push_back(entry_of(row));
  std::make_heap(heap_.begin(), heap_.end());
  read_ = table_->changes_before_ + table_->changes_.size();
}

offer_table::order::entry offer_table::order::entry_of(std::size_t row) const {
  const auto stamp = table_->stamps_[row];
  // Drawn for a row as it is, so that no row gains by being looked at often.
  random_source tie(salt_ ^ (row << 32) ^ stamp);
  return {{table_->score(row, *pod_, raw_), table_->taken_[row].pods, tie.next(), row}, stamp};
}

// False: what is known of the others no longer holds either.
bool offer_table::order::judge_again(std::size_t row) {
  if (!table_->fits(row, *pod_)) return !raw_.normalises();  // the highest may have left with it
  if (lasts_) {
    if (!(table_->open_[row] && table_->asks_nothing_of_nodes(*pod_)) &&
        static_filter(*pod_, *table_->views_[row], table_->rules_.filters))
      return true;
    if (table_->taints_of(row, *pod_) > 0) return false;
  }
  heap_.push_back(entry_of(row));
  std::push_heap(heap_.begin(), heap_.end());
  return true;
}

void offer_table::order::follow() {
  const auto& changes = table_->changes_;
  const auto before = table_->changes_before_;
  if (read_ < before) return fill();  // too many to remember
  for (; read_ < before + changes.size(); ++read_)
    if (!judge_again(changes[read_ - before])) return fill();
  if (heap_.size() > 2 * table_->size() + least_outdated) drop_outdated();
}

void offer_table::order::drop_outdated() {
  std::erase_if(heap_, [this](const entry& e) { return !is_current(e); });
  std::make_heap(heap_.begin(), heap_.end());
}

std::optional<std::size_t> offer_table::order::best() {
  ++asked_;
  follow();
  while (!heap_.empty() && !is_current(heap_.front())) {
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
  }
  if (heap_.empty()) return std::nullopt;
  return heap_.front().node.row;
}

bool offer_table::may_last(const pod_view& pod, const circumstances& given) const {
  return !prefers_nodes(pod) && !prefers_images(pod) && !given.volumes && rules_.custom.empty() &&
         pod.node_name.empty() && !nominations_.contains(pod.uid) && !named_nodes(pod);
}

offer_table::order& offer_table::order_of(const pod_view& pod) {
  // Room that others have been promised is theirs by priority.
  auto kind = std::to_string(pod.priority) + '\n' + pod.signature;
  const auto at = std::find_if(orders_.begin(), orders_.end(),
                               [&](const auto& o) { return o->kind() == kind; });
  if (at != orders_.end()) {
    std::rotate(at, at + 1, orders_.end());
  } else {
    if (orders_.size() >= most_orders) orders_.erase(orders_.begin());
    orders_.push_back(std::make_shared<order>(std::move(kind)));
  }
  return *orders_.back();
}

std::vector<std::string> offer_table::place(std::span<const pod_view_ptr> pods,
                                            random_source& random, const circumstances& given) {
  std::vector<std::string> chosen;
  if (pods.empty()) return chosen;
  const auto& first = *pods.front();
  if (!first.nominated_node.empty()) {
    while (chosen.size() < pods.size() &&
           place_on(pods[chosen.size()], pods[chosen.size()]->nominated_node, given))
      chosen.push_back(pods[chosen.size()]->nominated_node);
    if (!chosen.empty()) {
      const auto rest = place(pods.subspan(chosen.size()), random, given);
      chosen.insert(chosen.end(), rest.begin(), rest.end());
      return chosen;
    }
  }
  if (!given.spread.empty() || is_ruled(first)) return place_ruled(pods, random, given);
  chosen.resize(pods.size());
  const bool lasts = may_last(first, given);
  order passing;
  order& nodes = lasts ? order_of(first) : passing;
  nodes.begin(*this, first, given, lasts, random);
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const auto row = nodes.best();
    if (!row) break;
    chosen[i] = names_[*row];
    assume(*row, pods[i]);
  }
  return chosen;
}

bool offer_table::place_on(const pod_view_ptr& pod, const std::string& node,
                           const circumstances& given) {
  const auto at = rows_.find(node);
  if (at == rows_.end()) return false;
  const auto row = at->second;
  if (!fits(row, *pod) || static_filter(*pod, *views_[row], rules_.filters) ||
      volume_refusal(row, given, is_taken(given)) || custom_refusal(row, *pod))
    return false;
  if (is_ruled(*pod) || !given.spread.empty()) {
    const auto around = surroundings_of(*pod, given);
    if (!around.admits(around.key_of(row))) return false;
  }
  assume(row, pod);
  return true;
}

}  // namespace troupe::model
