#pragma once

#include <vector>

namespace troupe::model {

// How priority levels lend each other seats (KEP-1040): every ten seconds the server's seats are
// shared out anew by what each level has wanted lately, within the bounds of its configuration.

/// How much of something there was over a time. Times are seconds; no clock of its own.
class demand_meter {
 public:
  struct sums {
    double average = 0, deviation = 0, highest = 0;
  };

  explicit demand_meter(double at = 0) : since_(at), at_(at) {}
  /// From `at` on it is so much.
  void set(double value, double at);
  /// What it was since the last take().
  sums take(double at);

 private:
  void advance(double at);

  double since_, at_;
  double value_ = 0, sum_ = 0, squares_ = 0, highest_ = 0;
};

/// What a level is taken to want: it goes up at once and comes down within minutes.
double smoothed_demand(double before, const demand_meter::sums& seen);

/// What a level may have and wants.
struct seat_claim {
  double least = 0, most = 0, target = 0;
};
/// The bounds of a level's seats in the coming period: it gives away no more than its lendable
/// seats, and of those only what it has not used in the last one.
seat_claim claim_seats(unsigned nominal, unsigned least, unsigned most, double highest,
                       double smoothed);
/// Shares `seats` out in proportion to the targets, as far as the bounds let it.
std::vector<unsigned> share_seats(double seats, const std::vector<seat_claim>& claims);

/// A level at the end of a period.
struct lending_level {
  bool exempt = false;  ///< has what it wants, and the others share what that leaves
  unsigned nominal = 0, least = 0, most = 0;
  double highest = 0;   ///< seats that it wanted at a time in the period
  double smoothed = 0;  ///< of limited ones: smoothed_demand()
};
/// The seats of each level in the coming period.
std::vector<unsigned> lend_seats(const std::vector<lending_level>& levels);

}  // namespace troupe::model
