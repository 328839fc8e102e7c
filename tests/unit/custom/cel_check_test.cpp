// floors: model
#include "model/cel/check.hpp"

#include <gmock/gmock.h>

namespace troupe::model::cel {
namespace {

/// An object with a field of each type.
variable_types sample() {
  const auto& text = plain_type(type_kind::text);
  const auto& number = plain_type(type_kind::integer);
  const type_ptr spec = structure_of("selfType.spec", {{"name", text},
                                                       {"replicas", number},
                                                       {"ratio", plain_type(type_kind::real)},
                                                       {"on", plain_type(type_kind::boolean)},
                                                       {"raw", plain_type(type_kind::bytes)},
                                                       {"since", plain_type(type_kind::timestamp)},
                                                       {"every", plain_type(type_kind::duration)},
                                                       {"port", plain_type(type_kind::dyn)},
                                                       {"names", list_of(text)},
                                                       {"labels", map_of(text, text)},
                                                       {"a__dash__b", text},
                                                       {"__namespace__", text}});
  const type_ptr self = structure_of("selfType", {{"spec", spec}, {"kind", text}});
  return {{"self", self},
          {"oldSelf", optional_of(self)},
          {"any", plain_type(type_kind::dyn)},
          {"authorizer", library_type("kubernetes.authorization.Authorizer")},
          {"authorizer.requestResource", library_type("kubernetes.authorization.ResourceCheck")}};
}

/// The type of what is good.
struct good_row {
  const char *expression, *type;
};

void expect_types(std::initializer_list<good_row> table) {
  for (const auto& [expression, type] : table) {
    const auto found = check(expression, sample());
    EXPECT_EQ(found.result ? shown_type(*found.result) : found.faults, type) << expression;
  }
}

/// What is said first of what is bad, and where.
struct bad_row {
  const char* expression;
  int column;
  const char* fault;
};

void expect_faults(std::initializer_list<bad_row> table) {
  for (const auto& [expression, column, fault] : table) {
    const auto found = check(expression, sample());
    const std::string first = found.faults.substr(0, found.faults.find('\n'));
    EXPECT_EQ(first, "ERROR: <input>:1:" + std::to_string(column) + ": " + fault) << expression;
  }
}

TEST(CelCheck, Literals) {
  expect_types({{"1", "int"},
                {"1u", "uint"},
                {"1.5", "double"},
                {"'a'", "string"},
                {"b'a'", "bytes"},
                {"true", "bool"},
                {"null", "null"},
                {"[]", "list(dyn)"},
                {"[1, 2]", "list(int)"},
                {"[[], [1]]", "list(list(int))"},
                {"{}", "map(dyn, dyn)"},
                {"{'a': 1}", "map(string, int)"},
                {"[?optional.of(1), 2]", "list(int)"},
                {"{?'a': optional.of(1)}", "map(string, int)"},
                {"int", "type(int)"},
                {"google.protobuf.Timestamp", "type(timestamp)"}});
  expect_faults({{"[self.spec.port, 1]", 18, "expected type 'dyn' but found 'int'"},
                 {"[1, 'a']", 5, "expected type 'int' but found 'string'"},
                 {"{'a': 1, 2: 3}", 10, "expected type 'string' but found 'int'"},
                 {"{'a': 1, 'b': 'c'}", 15, "expected type 'int' but found 'string'"},
                 {"[?1]", 3, "expected type 'optional_type(int)' but found 'int'"}});
}

TEST(CelCheck, Fields) {
  expect_types({{"self.spec.name", "string"},
                {"self.spec.labels", "map(string, string)"},
                {"self.spec.labels.app", "string"},
                {"self.spec.labels['app']", "string"},
                {"self.spec.names[0]", "string"},
                {"self.spec.a__dash__b", "string"},
                {"self.spec.__namespace__", "string"},
                {"has(self.spec.name)", "bool"},
                {"has(self.spec.labels.app)", "bool"},
                {"self.?spec", "optional_type(selfType.spec)"},
                {"self.?spec.name", "optional_type(string)"},
                {"self.spec.labels[?'a']", "optional_type(string)"},
                {"self.spec.?labels[?'a'].orValue('')", "string"},
                {"oldSelf.spec.replicas.orValue(1)", "int"},
                {"oldSelf.hasValue() ? oldSelf.value().spec.replicas : 1", "int"},
                {"any.a.b[0].c", "dyn"},
                {"self.spec.port.x", "dyn"}});
  expect_faults(
      {{"self.none", 5, "undefined field 'none'"},
       {"self.spec.none == 1", 10, "undefined field 'none'"},
       {"has(self.spec.none)", 4, "undefined field 'none'"},
       {"self.?none", 5, "undefined field 'none'"},
       {"self.spec.name.x", 15, "type 'string' does not support field selection"},
       {"self.spec.names.x", 16, "type 'list(string)' does not support field selection"},
       {"other", 1, "undeclared reference to 'other' (in container '')"},
       {"self.spec.replicas > other", 22, "undeclared reference to 'other' (in container '')"},
       {"self.spec.names['a']", 16,
        "found no matching overload for '_[_]' applied to '(list(string), string)'"},
       {"self.spec['name']", 10,
        "found no matching overload for '_[_]' applied to '(selfType.spec, string)'"}});
}

TEST(CelCheck, Operators) {
  expect_types({{"1 + 2", "int"},
                {"1.0 + 2.0", "double"},
                {"'a' + 'b'", "string"},
                {"[1] + [2]", "list(int)"},
                {"self.spec.since - self.spec.since", "duration"},
                {"self.spec.since + self.spec.every", "timestamp"},
                {"self.spec.since < timestamp('2024-01-01T00:00:00Z')", "bool"},
                {"1 < 2.0", "bool"},
                {"1u <= 2", "bool"},
                {"self.spec.port == 1", "bool"},
                {"self.spec == null", "bool"},
                {"self.spec.port + 1", "int"},
                {"any + any", "dyn"},
                {"any == 'a' || any > 3", "bool"},
                {"!self.spec.on && self.spec.replicas in [1, 2]", "bool"},
                {"'a' in self.spec.labels", "bool"},
                {"self.spec.on ? 1 : 2", "int"},
                {"self.spec.on ? self.spec.port : 'a'", "dyn"},
                {"-1 < -self.spec.ratio", "bool"}});
  expect_faults(
      {{"self.spec.name + 1", 16,
        "found no matching overload for '_+_' applied to '(string, int)'"},
       {"self.spec.replicas == 'a'", 20,
        "found no matching overload for '_==_' applied to '(int, string)'"},
       {"1 == 1.0", 3, "found no matching overload for '_==_' applied to '(int, double)'"},
       {"self.spec.replicas == null", 20,
        "found no matching overload for '_==_' applied to '(int, null)'"},
       {"self.spec.name < 3", 16,
        "found no matching overload for '_<_' applied to '(string, int)'"},
       {"self.spec.since < self.spec.every", 17,
        "found no matching overload for '_<_' applied to '(timestamp, duration)'"},
       {"1 in ['a']", 3, "found no matching overload for '@in' applied to '(int, list(string))'"},
       {"!1", 1, "found no matching overload for '!_' applied to '(int)'"},
       {"-self.spec.name", 1, "found no matching overload for '-_' applied to '(string)'"},
       {"self.spec.on && self.spec.replicas", 26, "expected type 'bool' but found 'int'"},
       {"1 || true", 1, "expected type 'bool' but found 'int'"},
       {"1 ? 2 : 3", 3, "found no matching overload for '_?_:_' applied to '(int, int, int)'"},
       {"true ? 1 : 'a'", 6,
        "found no matching overload for '_?_:_' applied to '(bool, int, string)'"},
       {"1.5 % 2.0", 5, "found no matching overload for '_%_' applied to '(double, double)'"}});
}

TEST(CelCheck, Functions) {
  expect_types({{"size(self.spec.names)", "int"},
                {"self.spec.name.size()", "int"},
                {"self.spec.name.matches('^a')", "bool"},
                {"self.spec.name.split(',')", "list(string)"},
                {"self.spec.names.join('-')", "string"},
                {"[3, 1].isSorted()", "bool"},
                {"[3, 1].sum()", "int"},
                {"[1.5].max()", "double"},
                {"self.spec.names.indexOf('a')", "int"},
                {"sets.contains(self.spec.names, ['a'])", "bool"},
                {"'%d %s'.format([1, 'a'])", "string"},
                {"type(1) == int", "bool"},
                {"type(self.spec.port) == string", "bool"},
                {"string(self.spec.replicas)", "string"},
                {"int('1')", "int"},
                {"duration('1h').getHours()", "int"},
                {"self.spec.since.getFullYear('UTC')", "int"},
                {"url('https://a').getHost()", "string"},
                {"url('https://a').getQuery()", "map(string, list(string))"},
                {"quantity('1').add(1).isLessThan(quantity('2'))", "bool"},
                {"ip('1.1.1.1').family()", "int"},
                {"cidr('1.1.1.0/24').containsIP(ip('1.1.1.1'))", "bool"},
                {"string(cidr('1.1.1.0/24').ip())", "string"},
                {"format.named('uri').hasValue()", "bool"},
                {"format.dns1123Label().validate('a')", "optional_type(list(string))"},
                {"authorizer.group('').resource('pods').check('get').allowed()", "bool"},
                {"authorizer.requestResource.check('update').reason()", "string"},
                {"authorizer.serviceAccount('a', 'b').path('/x').check('get').errored()", "bool"},
                {"optional.ofNonZeroValue('').or(optional.of('a')).value()", "string"},
                {"optional.none()", "optional_type(dyn)"}});
  expect_faults(
      {{"self.spec.name.shout()", 21, "undeclared reference to 'shout' (in container '')"},
       {"shout(1)", 6, "undeclared reference to 'shout' (in container '')"},
       {"self.spec.replicas.size()", 24,
        "found no matching overload for 'size' applied to 'int.()'"},
       {"size(1)", 5, "found no matching overload for 'size' applied to '(int)'"},
       {"self.spec.name.startsWith(1)", 26,
        "found no matching overload for 'startsWith' applied to 'string.(int)'"},
       {"['a'].sum()", 10, "found no matching overload for 'sum' applied to 'list(string).()'"},
       {"quantity('1').add('2')", 18,
        "found no matching overload for 'add' applied to 'kubernetes.Quantity.(string)'"},
       {"authorizer.check('get')", 17,
        "found no matching overload for 'check' applied to "
        "'kubernetes.authorization.Authorizer.(string)'"},
       {"quantity('1').x", 14, "unexpected failed resolution of 'kubernetes.Quantity'"},
       {"duration('1 day') > duration('1h')", 10, "invalid duration argument"},
       {"timestamp('today') < self.spec.since", 11, "invalid timestamp argument"},
       {"self.spec.name.matches('[')", 24, "invalid matches argument"}});
}

TEST(CelCheck, ClausesOfFormats) {
  const auto formatting = [](const char* what) {
    return std::string("error during formatting: ") + what;
  };
  const std::string no_text = formatting(
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
      "durations, and timestamps, was given ");
  expect_types({{"'%s %s %s %s'.format([1, 'a', [true], {'k': null}])", "string"},
                {"'%d %x %X %o %b'.format([1, 'a', b'a', 7u, true])", "string"},
                {"'%.2f %e %f'.format([1.5, 2.0, 'NaN'])", "string"},
                {"'100%%'.format([])", "string"},
                {"'%d %f'.format([self.spec.port, dyn(1)])", "string"},
                {"'%q'.format(self.spec.names)", "string"},
                {"self.spec.name.format([1, 2])", "string"}});
  expect_faults({
      {"'%d'.format(['x'])", 14,
       formatting("decimal clause can only be used on integers, was given string").c_str()},
      {"'%d'.format([duration('1h')])", 22,
       formatting("decimal clause can only be used on integers, was given "
                  "google.protobuf.Duration")
           .c_str()},
      {"'%s %d'.format([1, self.spec.ratio])", 29,
       formatting("decimal clause can only be used on integers, was given double").c_str()},
      {"'%f'.format([1])", 14,
       formatting("fixed-point clause can only be used on doubles, was given int").c_str()},
      {"'%e'.format([null])", 14,
       formatting("scientific clause can only be used on doubles, was given null_type").c_str()},
      {"'%b'.format(['x'])", 14,
       formatting("only integers and bools can be formatted as binary, was given string").c_str()},
      {"'%o'.format([[1]])", 14,
       formatting("octal clause can only be used on integers, was given list").c_str()},
      {"'%x'.format([{}])", 14,
       formatting("only integers, byte buffers, and strings can be formatted as hex, was given map")
           .c_str()},
      {"'%s'.format([self.spec])", 18, (no_text + "selfType.spec").c_str()},
      {"'%s'.format([[1, {'a': quantity('1')}]])", 32, (no_text + "kubernetes.Quantity").c_str()},
      {"'%q'.format([1])", 12,
       "could not parse formatting clause: unrecognized formatting clause \"q\""},
      {"'%.f'.format([1.0])", 13,
       "could not parse formatting clause: error while parsing precision: error while converting "
       "precision to integer: strconv.Atoi: parsing \"\": invalid syntax"},
      {"'%.2'.format([1.0])", 13,
       "could not parse formatting clause: error while parsing precision: could not find end of "
       "precision specifier"},
      {"'%'.format([1])", 11, "unexpected end of string"},
      {"'%s %s'.format([1])", 15, "index 1 out of range"},
      {"'%s'.format([1, 2])", 12,
       "too many arguments supplied to string.format (expected 1, got 2)"},
      {"'%%'.format([1])", 12, "too many arguments supplied to string.format (expected 0, got 1)"},
  });
}

TEST(CelCheck, Macros) {
  expect_types({{"self.spec.names.all(n, n.size() > 1)", "bool"},
                {"self.spec.labels.all(k, k != 'a')", "bool"},
                {"self.spec.names.exists(n, n == 'a')", "bool"},
                {"self.spec.names.exists_one(n, n == 'a')", "bool"},
                {"self.spec.names.filter(n, n == 'a')", "list(string)"},
                {"self.spec.names.map(n, n.size())", "list(int)"},
                {"self.spec.names.map(n, n == 'a', n.size())", "list(int)"},
                {"[].map(x, x)", "list(dyn)"},
                {"any.filter(x, x.a == 1)", "list(dyn)"},
                {"any.all(x, x in self.spec.names)", "bool"},
                {"self.spec.?name.optMap(n, n.size())", "optional_type(int)"},
                {"self.spec.?name.optFlatMap(n, optional.of(1))", "optional_type(int)"},
                {"self.spec.names.all(i, n, i < 3 && n != '')", "bool"},
                {"self.spec.labels.exists(k, v, k == v)", "bool"},
                {"self.spec.labels.existsOne(k, v, k == v)", "bool"},
                {"self.spec.names.transformList(i, n, i)", "list(int)"},
                {"self.spec.labels.transformList(k, v, k == 'a', v.size())", "list(int)"},
                {"self.spec.names.transformMap(i, n, n.size())", "map(int, int)"},
                {"self.spec.labels.transformMapEntry(k, v, {v: k})", "map(string, string)"}});
  expect_faults(
      {{"self.spec.names.all(n, n > 1)", 26,
        "found no matching overload for '_>_' applied to '(string, int)'"},
       {"self.spec.names.all(n, n)", 24, "expected type 'bool' but found 'string'"},
       {"self.spec.names.all(n, m == 'a')", 24, "undeclared reference to 'm' (in container '')"},
       {"self.spec.names.filter(n, n.size())", 23,
        "found no matching overload for '_?_:_' applied to '(int, list(string), list(string))'"},
       {"self.spec.names.exists_one(n, 1)", 27,
        "found no matching overload for '_?_:_' applied to '(int, int, int)'"},
       {"self.spec.replicas.all(n, true)", 10,
        "expression of type 'int' cannot be range of a comprehension (must be list, map, or "
        "dynamic)"},
       {"self.spec.all(n, true)", 5,
        "expression of type 'selfType.spec' cannot be range of a comprehension (must be list, "
        "map, or dynamic)"},
       {"self.spec.names.all(1, true)", 21, "argument must be a simple name"},
       {"has(self)", 5, "invalid argument to has() macro"},
       {"self.spec.name.optMap(n, n)", 22,
        "found no matching overload for 'hasValue' applied to 'string.()'"},
       {"self.spec.names.transformMapEntry(i, n, n)", 34,
        "found no matching overload for 'cel.@mapInsert' applied to '(map(dyn, dyn), string)'"}});
}

TEST(CelCheck, ShowsEachFaultWithItsPlace) {
  EXPECT_EQ(check("self.none > 1 &&\n\tother", sample()).faults,
            "ERROR: <input>:1:5: undefined field 'none'\n"
            " | self.none > 1 &&\n"
            " | ....^\n"
            "ERROR: <input>:2:2: undeclared reference to 'other' (in container '')\n"
            " |  other\n"
            " | .^");
  EXPECT_EQ(check("'ä' + 1", sample()).faults,
            "ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, int)'\n"
            " | 'ä' + 1\n"
            " | .\uff0e..^");
  EXPECT_EQ(check("self.", sample()).faults,
            "ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>'\n | self.\n | .....^");
}

TEST(CelCheck, RefusesWordsOfItsOwn) {
  expect_faults({{"namespace == 'a'", 1, "reserved identifier: namespace"},
                 {"[1].all(for, true)", 9, "reserved identifier: for"}});
}

}  // namespace
}  // namespace troupe::model::cel
