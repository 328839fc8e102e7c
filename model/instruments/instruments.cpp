#include "model/instruments/instruments.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace troupe::model {
namespace {

// Label sets a family holds.
constexpr std::size_t most_series = 2048;

void escape(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

template <class T>
std::string number(T v) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, v).ptr};
}

template <class T>
void write_value(exposition& out, const std::vector<std::string>& values, const T& v) {
  out.value(values, v.value());
}
void write_value(exposition& out, const std::vector<std::string>& values, const histogram& h) {
  out.value(values, h);
}

}  // namespace

exposition::exposition(std::string& out, std::string_view name, std::string_view help,
                       std::string_view type, const std::vector<std::string>& labels)
    : out_(out), name_(name), labels_(labels) {
  out_.append("# HELP ").append(name).append(" ");
  escape(out_, help, false);
  out_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void exposition::line(std::string_view suffix, const std::vector<std::string>& values,
                      std::string_view le, std::string_view text) {
  out_.append(name_).append(suffix);
  char mark = '{';
  const auto label = [&](std::string_view name, std::string_view value) {
    out_ += mark;
    mark = ',';
    out_.append(name).append("=\"");
    escape(out_, value, true);
    out_ += '"';
  };
  for (std::size_t i = 0; i < labels_.size(); ++i) label(labels_[i], values[i]);
  if (!le.empty()) label("le", le);
  if (mark == ',') out_ += '}';
  out_.append(" ").append(text).append("\n");
}

void exposition::value(const std::vector<std::string>& values, double v) {
  line("", values, "", number(v));
}
void exposition::value(const std::vector<std::string>& values, std::uint64_t v) {
  line("", values, "", number(v));
}
void exposition::value(const std::vector<std::string>& values, std::int64_t v) {
  line("", values, "", number(v));
}

void exposition::value(const std::vector<std::string>& values, const histogram& h) {
  const auto read = h.read();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < read.counts.size(); ++i) {
    count += read.counts[i];
    line("_bucket", values, i < h.bounds().size() ? number(h.bounds()[i]) : "+Inf", number(count));
  }
  line("_sum", values, "", number(read.sum));
  line("_count", values, "", number(count));
}

template <class T>
series_table<T>& instruments::made(const std::string& name, const std::string& help,
                                   const char* type, const labels& names, typename T::shape shape) {
  const std::lock_guard lock(mutex_);
  auto& f = families_[name];
  if (f.read) {
    if (f.type != type || f.names != names)
      throw std::logic_error("metric " + name + " is there as another one");
    return *static_cast<series_table<T>*>(f.table.get());
  }
  auto table = std::make_shared<series_table<T>>(names.size(), most_series, std::move(shape));
  if (names.empty()) table->with(std::span<const std::string_view>());  // there from the start
  f = {help, type, names,
       [t = table.get()](exposition& out) {
         std::vector<std::pair<std::vector<std::string>, const T*>> all;
         t->each([&](const auto& values, const T& v) { all.emplace_back(values, &v); });
         std::sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
         for (const auto& [values, v] : all) write_value(out, values, *v);
       },
       table};
  return *table;
}

series_table<counter>& instruments::counters(const std::string& name, const std::string& help,
                                             const labels& names) {
  return made<counter>(name, help, "counter", names, {});
}

series_table<gauge>& instruments::gauges(const std::string& name, const std::string& help,
                                         const labels& names) {
  return made<gauge>(name, help, "gauge", names, {});
}

series_table<histogram>& instruments::histograms(const std::string& name, const std::string& help,
                                                 const labels& names,
                                                 const std::vector<double>& bounds) {
  return made<histogram>(name, help, "histogram", names, bounds);
}

void instruments::collected(const std::string& name, const std::string& help,
                            const std::string& type, const labels& names,
                            std::function<void(exposition&)> read) {
  const std::lock_guard lock(mutex_);
  families_[name] = {help, type, names, std::move(read), nullptr};
}

std::string instruments::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, f] : families_) {
    exposition e(out, name, f.help, f.type, f.names);
    f.read(e);
  }
  return out;
}

}  // namespace troupe::model
