#include "cli/client/host_name.hpp"

#include "model/random.hpp"
#include "model/utf8.hpp"

#include <unistd.h>

namespace troupe::cli {

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || !name[0]) return "localhost";
  return model::ascii_lower(name);
}

std::string new_identity() {
  return host_name() + "_" + model::random_source(model::entropy_seed()).uuid();
}

}  // namespace troupe::cli
