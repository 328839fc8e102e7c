#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model::cel {

// The types of expressions, as values.

enum class type_kind : std::uint8_t {
  error,  ///< of what has been complained about already
  dyn,    ///< known when it is evaluated
  null,
  boolean,
  integer,
  unsigned_integer,
  real,
  text,
  bytes,
  timestamp,
  duration,
  list,       ///< params: of the items
  map,        ///< params: of the keys and the values
  meta,       ///< of types; params: of what, or none
  structure,  ///< an object with fields, or a library's own type
  opaque,     ///< optional_type, with what it holds
  parameter   ///< a variable for a type: A
};

struct type;
using type_ptr = std::shared_ptr<const type>;
using type_list = std::vector<type_ptr>;

struct type {
  type_kind kind = type_kind::dyn;
  std::string name;  ///< of structures, opaque types and parameters
  type_list params;
  bool has_fields = false;                              ///< of structures
  std::map<std::string, type_ptr, std::less<>> fields;  ///< under their names in expressions
  bool is_set = false;                                  ///< lists without order
  std::vector<std::string> keys;                        ///< lists that are maps: members of items
  std::uint64_t max_elements = 0;  ///< items, members or characters, as far as a schema says so
  std::uint64_t min_bytes = 0;     ///< as JSON
};

/// A type without parameters: bool, dyn, ...
const type_ptr& plain_type(type_kind kind);
type_ptr list_of(type_ptr items);
type_ptr map_of(type_ptr keys, type_ptr held);
type_ptr type_of(type_ptr what);
type_ptr optional_of(type_ptr held);
type_ptr parameter_type(std::string name);
/// A type of a library: "kubernetes.Quantity".
type_ptr library_type(std::string name);
type_ptr structure_of(std::string name, std::map<std::string, type_ptr, std::less<>> fields);

/// What an optional holds; null for other types.
type_ptr held_by(const type& t);

/// Structures are the same by name.
bool same_type(const type& a, const type& b);
/// How expressions write the name of a member: "a__dash__b", "__namespace__". Empty where they
/// cannot name it.
std::string escaped_name(std::string_view member);

/// As faults name it: "list(int)", "optional_type(dyn)".
std::string shown_type(const type& t);
/// As Go prints a type: "bool", "null_type".
std::string printed_type(const type& t);

/// "list(A)", "map(string, list(A))", "optional(A)", "net.IP": one capital is a parameter.
type_ptr read_type(std::string_view text);

/// Stands for one of several types until one is found; what is found may become more general.
/// Attempts that fail leave nothing behind.
class type_mapping {
 public:
  type_ptr fresh();
  /// Whether a value of type `a` may stand where `b` is wanted, and the other way round.
  bool assignable(const type_ptr& a, const type_ptr& b);
  bool assignable(const type_list& a, const type_list& b);
  /// With all that is known of its parameters; those that nothing is known of stay, or become dyn.
  type_ptr substitute(const type_ptr& t, bool to_dyn) const;

 private:
  const type_ptr* find(const type& t) const;
  void set(const std::string& name, type_ptr to);
  void undo(std::size_t mark);
  bool agree(const type_ptr& a, const type_ptr& b);
  bool agree(const type_list& a, const type_list& b);
  /// Whether `t` may stand for the parameter, and whether another type did before.
  std::pair<bool, bool> stands_for(const type_ptr& t, const type_ptr& parameter);
  bool free_of(const type& parameter, const type& in) const;

  std::map<std::string, type_ptr, std::less<>> known_;
  std::vector<std::pair<std::string, type_ptr>> trail_;  ///< what was known before
  std::size_t made_ = 0;
};

/// The more general one of two types that agree.
const type_ptr& most_general(const type_ptr& a, const type_ptr& b);

}  // namespace troupe::model::cel
