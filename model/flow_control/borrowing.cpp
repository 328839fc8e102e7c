#include "model/flow_control/borrowing.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model {
namespace {

// apiserver's seatDemandSmoothingCoefficient: half of a fall shows after about five minutes.
constexpr double smoothing = 0.977;

double given(const seat_claim& c, double fraction) {
  return std::clamp(c.target * fraction, c.least, std::max(c.least, c.most));
}

double total(const std::vector<seat_claim>& claims, double fraction) {
  double out = 0;
  for (const auto& c : claims) out += given(c, fraction);
  return out;
}

}  // namespace

void demand_meter::advance(double at) {
  const double time = std::max(0.0, at - at_);
  sum_ += value_ * time;
  squares_ += value_ * value_ * time;
  at_ = std::max(at_, at);
}

void demand_meter::set(double value, double at) {
  advance(at);
  value_ = value;
  highest_ = std::max(highest_, value);
}

demand_meter::sums demand_meter::take(double at) {
  advance(at);
  sums out{0, 0, highest_};
  if (const double time = at_ - since_; time > 0) {
    out.average = sum_ / time;
    out.deviation = std::sqrt(std::max(0.0, squares_ / time - out.average * out.average));
  }
  since_ = at_;
  sum_ = squares_ = 0;
  highest_ = value_;
  return out;
}

double smoothed_demand(double before, const demand_meter::sums& seen) {
  const double envelope = seen.average + seen.deviation;
  return std::max(envelope, smoothing * before + (1 - smoothing) * envelope);
}

seat_claim claim_seats(unsigned nominal, unsigned least, unsigned most, double highest,
                       double smoothed) {
  seat_claim out;
  out.least = std::max<double>(least, std::min<double>(nominal, highest));
  out.most = std::max<double>(out.least, most);
  out.target = std::max(out.least, smoothed);
  return out;
}

std::vector<unsigned> share_seats(double seats, const std::vector<seat_claim>& claims) {
  // What is given grows with the fraction, so that the right one is found between two bounds.
  double low = 0, high = 1;
  while (total(claims, high) < seats && high < 1e9) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (total(claims, middle) < seats ? low : high) = middle;
  }
  std::vector<unsigned> out;
  out.reserve(claims.size());
  for (const auto& c : claims) out.push_back(static_cast<unsigned>(std::lround(given(c, high))));
  return out;
}

std::vector<unsigned> lend_seats(const std::vector<lending_level>& levels) {
  std::vector<unsigned> out(levels.size());
  std::vector<seat_claim> claims;
  double left = 0, least = 0, kept = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto& l = levels[i];
    left += l.nominal;
    if (l.exempt) {
      out[i] = std::max(l.least, static_cast<unsigned>(std::lround(l.highest)));
      left -= out[i];
      continue;
    }
    claims.push_back(claim_seats(l.nominal, l.least, l.most, l.highest, l.smoothed));
    least += l.least;
    kept += claims.back().least;
  }
  // Where exempt requests take even what the others need, these get nearer to their least.
  std::vector<unsigned> shared;
  if (left > kept) shared = share_seats(left, claims);
  const double part = kept > least ? std::clamp((left - least) / (kept - least), 0.0, 1.0) : 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].exempt) continue;
    const double own = levels[i].least;
    out[i] = shared.empty()
                 ? static_cast<unsigned>(std::lround(own + (claims[at].least - own) * part))
                 : shared[at];
    ++at;
  }
  return out;
}

}  // namespace troupe::model
