#pragma once

#include "model/instruments/series_table.hpp"
#include "model/instruments/values.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// Writes one family of metrics in Prometheus' text format.
class exposition {
 public:
  exposition(std::string& out, std::string_view name, std::string_view help, std::string_view type,
             const std::vector<std::string>& labels);

  void value(const std::vector<std::string>& values, double v);
  void value(const std::vector<std::string>& values, std::uint64_t v);
  void value(const std::vector<std::string>& values, std::int64_t v);
  void value(const std::vector<std::string>& values, const histogram& h);

 private:
  void line(std::string_view suffix, const std::vector<std::string>& values, std::string_view le,
            std::string_view text);

  std::string& out_;
  std::string name_;
  const std::vector<std::string>& labels_;
};

/// All metrics of a process, for /metrics. Families are made once and live as long as this; who
/// asks for one of a name that is there gets that one.
class instruments {
 public:
  using labels = std::vector<std::string>;

  series_table<counter>& counters(const std::string& name, const std::string& help,
                                  const labels& names);
  series_table<gauge>& gauges(const std::string& name, const std::string& help,
                              const labels& names);
  series_table<histogram>& histograms(const std::string& name, const std::string& help,
                                      const labels& names, const std::vector<double>& bounds);
  /// A family whose values are read when somebody looks: `read` writes them. Replaces one of the
  /// same name; must not ask for families.
  void collected(const std::string& name, const std::string& help, const std::string& type,
                 const labels& names, std::function<void(exposition&)> read);

  /// In the text format 0.0.4, families by name.
  std::string text() const;
  /// Its media type.
  static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct family {
    std::string help, type;
    labels names;
    std::function<void(exposition&)> read;
    std::shared_ptr<void> table;  // what the read function reads
  };
  template <class T>
  series_table<T>& made(const std::string& name, const std::string& help, const char* type,
                        const labels& names, typename T::shape shape);

  mutable std::mutex mutex_;
  std::map<std::string, family> families_;
};

}  // namespace troupe::model
