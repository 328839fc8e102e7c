// floors: model
#include "model/cel/authorizer_library.hpp"
#include "model/cel/program.hpp"

#include <gmock/gmock.h>

namespace troupe::model::cel {
namespace {

/// May get pods in namespace "a", and the path /healthz.
struct few_rights : authorizer {
  opinion decide(const subject& who, const request_info& what) const override {
    const bool path = !what.is_resource && what.path == "/healthz" && what.verb == "get";
    const bool pods = what.is_resource && what.group.empty() && what.resource == "pods" &&
                      what.subresource.empty() && what.verb == "get" && what.ns == "a";
    const bool account = who.name == "system:serviceaccount:a:bot" && what.name == "own";
    if (path || pods || account) return {true, {}};
    return {false, "not for " + std::string(who.name)};
  }
  held_rules rules_of(const subject&, std::string_view) const override { return {}; }
  std::optional<std::vector<rbac::policy_rule>> rules_of_role(std::string_view, std::string_view,
                                                              std::string_view) const override {
    return std::nullopt;
  }
};

std::string result_of(std::string_view text) {
  std::string error;
  const auto p = program::compile(text, error);
  if (!p) return "error: " + error;
  static const few_rights rights;
  static const std::vector<std::string> groups{"devs"};
  static const json self = json::parse(R"({"ips": ["10.0.0.1", "fd00::1"]})");
  const subject jane{"jane", groups};
  request_info asked;
  asked.is_resource = true;
  asked.resource = "pods";
  asked.ns = "a";
  const scope s{[&](std::string_view name) -> std::optional<value> {
    if (name == "authorizer") return authorizer_of(rights, jane);
    if (name == "authorizer.requestResource") return resource_check_of(rights, jane, asked);
    if (name == "self") return value::of(self);
    return std::nullopt;
  }};
  budget b;
  try {
    return text_of(p->evaluate(s, b));
  } catch (const failure& f) {
    return "error: " + f.message;
  }
}

using rows = std::vector<std::pair<const char*, const char*>>;

// Most are the examples of Kubernetes' documentation.
void expect(const rows& table) {
  for (const auto& [text, shown] : table) EXPECT_EQ(result_of(text), shown) << text;
}

TEST(CelLibraries, Urls) {
  expect(
      {{"url('https://example.com:80/').getHost()", "example.com:80"},
       {"url('https://example.com/path with spaces/').getEscapedPath()", "/path%20with%20spaces/"},
       {"url('https://example.com:80/').getScheme()", "https"},
       {"url('/absolute-path').getScheme()", ""},
       {"url('https://[::1]:80/').getHost()", "[::1]:80"},
       {"url('https://[::1]:80/').getHostname()", "::1"},
       {"url('https://[::1]/').getHostname() + url('https://[::1]/').getPort()", "::1"},
       {"url('https://127.0.0.1:80/').getPort()", "80"},
       {"url('/path').getHostname()", ""},
       {"url('https://example.com').getEscapedPath()", ""},
       {"url('https://example.com/path?k1=a&k2=b&k2=c').getQuery()",
        R"({"k1":["a"],"k2":["b","c"]})"},
       {"url('https://example.com/path').getQuery()", "{}"},
       {"url('https://user:pw@example.com:8080/x').getHostname()", "example.com"},
       {"isURL('https://user:pass@example.com:80/path?query=val#fragment')", "true"},
       {"isURL('/absolute-path')", "true"},
       {"isURL('https://a:b:c/')", "false"},
       {"isURL('../relative-path')", "false"},
       {"isURL('https://example.com:port/')", "false"},
       {"isURL('/%zz')", "false"},
       {"url('https://example.com') == url('https://example.com')", "true"},
       {"url('https://example.com') == url('https://example.com/')", "false"},
       {"type(url('/a')) == type(url('/b'))", "true"},
       {"string(url('/a'))", "error: no such overload"},
       {"url('foo')",
        "error: URL parse error during conversion from string: parse \"foo\": invalid URI for "
        "request"}});
}

TEST(CelLibraries, Addresses) {
  expect(
      {{"isIP('127.0.0.1') && isIP('::1')", "true"},
       {"isIP('127.0.0.256') || isIP(':::1') || isIP('127.0.0.01') || isIP('::ffff:1.2.3.4')",
        "false"},
       {"isIP('fe80::1%eth0')", "false"},
       {"ip('127.0.0.1').family() == 4 && ip('::1').family() == 6", "true"},
       {"ip.isCanonical('127.0.0.1') && ip.isCanonical('2001:db8::abcd')", "true"},
       {"ip.isCanonical('2001:DB8::ABCD') || ip.isCanonical('2001:db8::0:0:0:abcd')", "false"},
       {"ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()", "true"},
       {"ip('127.0.0.1').isLoopback() && !ip('192.168.0.1').isLoopback()", "true"},
       {"ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()", "true"},
       {"ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast()", "true"},
       {"ip('192.168.0.1').isGlobalUnicast()", "true"},
       {"ip('255.255.255.255').isGlobalUnicast() || ip('224.0.0.1').isGlobalUnicast()", "false"},
       {"string(ip('2001:DB8::ABCD'))", "2001:db8::abcd"},
       {"ip('2001:DB8::ABCD') == ip('2001:db8::abcd')", "true"},
       {"self.ips.all(ip, isIP(ip))", "true"},
       {"self.ips.map(a, ip(a).family())", "[4,6]"},
       {"ip('::ffff:1.2.3.4')",
        "error: IPv4-mapped IPv6 address \"::ffff:1.2.3.4\" is not allowed"},
       {"ip('x')",
        "error: IP Address \"x\" parse error during conversion from string: ParseAddr(\"x\"): "
        "unable to parse IP"}});
}

TEST(CelLibraries, Networks) {
  expect({{"isCIDR('192.168.0.0/16') && isCIDR('::1/128')", "true"},
          {"isCIDR('192.168.0.1/33') || isCIDR('10.0.0.0') || isCIDR('10.0.0.0/08')", "false"},
          {"cidr('192.168.0.0/24').containsIP('192.168.0.1')", "true"},
          {"cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))", "false"},
          {"cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24')", "true"},
          {"cidr('192.168.1.0/24').containsCIDR(cidr('192.168.2.0/24'))", "false"},
          {"cidr('192.168.1.0/24').containsCIDR('192.168.0.0/16')", "false"},
          {"cidr('10.0.0.0/8').containsIP('::1')", "false"},
          {"string(cidr('192.168.0.1/24').ip())", "192.168.0.1"},
          {"string(cidr('192.168.1.5/24').masked())", "192.168.1.0/24"},
          {"cidr('192.168.1.0/24') == cidr('192.168.1.5/24').masked()", "true"},
          {"cidr('::1/128').prefixLength()", "128"},
          {"cidr('10.0.0.0/8').containsIP('x')",
           "error: IP Address \"x\" parse error during conversion from string: ParseAddr(\"x\"): "
           "unable to parse IP"}});
}

TEST(CelLibraries, Formats) {
  expect(
      {{"!format.dns1123Label().validate('my-label-name').hasValue()", "true"},
       {"!format.dns1123Subdomain().validate('apiextensions.k8s.io').hasValue()", "true"},
       {"!format.dns1123LabelPrefix().validate('my-label-prefix-').hasValue()", "true"},
       {"!format.qualifiedName().validate('apiextensions.k8s.io/v1beta1').hasValue()", "true"},
       {"!format.labelValue().validate('my-cool-label-Value').hasValue()", "true"},
       {"!format.uri().validate('http://example.com').hasValue()", "true"},
       {"!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()", "true"},
       {"!format.byte().validate('aGVsbG8=').hasValue()", "true"},
       {"!format.date().validate('2021-01-01').hasValue()", "true"},
       {"!format.datetime().validate('2021-01-01T00:00:00Z').hasValue()", "true"},
       {"format.dns1035Label().validate('1a').hasValue()", "true"},
       {"format.dns1123Label().validate('A0123456789012345678901234567890123456789012345678901234"
        "567890123456789').value().size()",
        "2"},
       {"format.uuid().validate('x').value()[0]", "does not match the UUID format"},
       {"format.named('dns1123Label').value().validate('My_Name').value().size()", "1"},
       {"format.named('nothing').hasValue()", "false"},
       {"format.dns1123Label().validate('contains a space').value()[0].contains('lower case "
        "alphanumeric')",
        "true"}});
}

TEST(CelLibraries, Versions) {
  expect({{"isSemver('1.0.0')", "true"},
          {"isSemver('v1.0') || isSemver('1.0') || isSemver('01.0.0') || isSemver('1.0.0-01')",
           "false"},
          {"semver('1.2.3').major() * 100 + semver('1.2.3').minor() * 10 + semver('1.2.3').patch()",
           "123"},
          {"semver('1.2.3').compareTo(semver('1.2.3'))", "0"},
          {"semver('1.2.3').compareTo(semver('2.0.0'))", "-1"},
          {"semver('1.0.0').isGreaterThan(semver('1.0.0-alpha.1'))", "true"},
          {"semver('1.0.0-alpha.2').isLessThan(semver('1.0.0-alpha.10'))", "true"},
          {"semver('1.0.0+a') == semver('1.0.0+b')", "true"},
          {"semver('x')", "error: No valid semantic version: \"x\""}});
}

TEST(CelLibraries, Quantities) {
  expect({{"isQuantity('1.3G') && isQuantity('1.3Gi') && isQuantity('1_3G') == false", "true"},
          {"isQuantity('10000k') && !isQuantity('1,3G') && !isQuantity('200K')", "true"},
          {"quantity('50M').isInteger()", "true"},
          {"quantity('50k').isInteger()", "true"},
          {"quantity('9999999999999999999999999999999999999G').isInteger()", "false"},
          {"quantity('50k').asInteger() == 50000", "true"},
          {"quantity('200M').compareTo(quantity('0.2G'))", "0"},
          {"quantity('50M').compareTo(quantity('100M'))", "-1"},
          {"quantity('150Mi').isGreaterThan(quantity('100Mi'))", "true"},
          {"quantity('50k').add(quantity('20k')) == quantity('70k')", "true"},
          {"quantity('50k').sub(20000) == quantity('30k')", "true"},
          {"quantity('50k').sign() + quantity('-50k').sign() + quantity('0').sign()", "0"},
          {"quantity('50.703k').asApproximateFloat() == 50703.0", "true"}});
}

TEST(CelLibraries, StringsAreFormatted) {
  expect({{"'%s is %d of %d'.format(['a', 1, 2u])", "a is 1 of 2"},
          {"'%.2f %f'.format([1.234, 2.0])", "1.23 2.000000"},
          {"'%.1f %.0f %.0f %f'.format([-1234567.25, 1000.0, 999.0, 'NaN'])",
           "-1,234,567.2 1,000 999 NaN"},
          {"'%f %f %e'.format(['Infinity', '-Infinity', double('-Infinity')])",
           "\u221e -\u221e -\u221e"},
          {"'%.6e'.format([1052.032911275])", "1.052033\u202f\u00d7\u202f10\u2070\u00b3"},
          {"'%.1e'.format([0.25])", "2.5\u202f\u00d7\u202f10\u207b\u2070\u00b9"},
          {"'%b %o %x %X'.format([5, 8, 255, 'hi'])", "101 10 ff 6869"},
          {"'100%%'.format([])", "100%"},
          {"'%s %s %s'.format([[1, 'a'], {'k': true}, null])", "[1, \"a\"] {\"k\":true} null"},
          {"'%s'.format([['abc', 3.14, null, [9, 8], timestamp('2023-02-03T23:31:20Z')]])",
           "[\"abc\", 3.140000, null, [9, 8], timestamp(\"2023-02-03T23:31:20Z\")]"},
          {"'%s'.format([{'b': b'xyz', 'd': null, 'a': duration('2h'), 'c': true}])",
           "{\"a\":duration(\"7200s\"), \"b\":b\"xyz\", \"c\":true, \"d\":null}"},
          {"'%s'.format([{1: 'v', 2u: type(1), true: double('NaN')}])",
           "{1:\"v\", 2:int, true:\"NaN\"}"},
          {"'%s %s'.format([56.8, b'xyz'])", "56.8 xyz"},
          {"'%s'.format([duration('90m')])", "5400s"},
          {"'%s'.format([])", "error: index 0 out of range"},
          {"'%d'.format(['x'])",
           "error: error during formatting: decimal clause can only be used on integers, was given "
           "string"},
          {"'%f'.format(['x'])",
           "error: error during formatting: fixed-point clause can only be used on doubles, was "
           "given string"},
          {"'%s'.format([[quantity('1')]])",
           "error: error during formatting: no formatting function for kubernetes.Quantity"},
          {"'%q'.format(['x'])",
           "error: could not parse formatting clause: unrecognized formatting clause \"q\""},
          {"strings.quote('a \"b\"')", "\"a \\\"b\\\"\""},
          {"optional.ofNonZeroValue('').hasValue() || optional.ofNonZeroValue([]).hasValue()",
           "false"},
          {"optional.ofNonZeroValue(1).value()", "1"}});
}

TEST(CelLibraries, Authorizers) {
  expect({{"authorizer.path('/healthz').check('get').allowed()", "true"},
          {"authorizer.path('/metrics').check('get').allowed()", "false"},
          {"authorizer.path('/metrics').check('get').reason()", "not for jane"},
          {"authorizer.path('/metrics').check('get').errored()", "false"},
          {"authorizer.path('/metrics').check('get').error()", ""},
          {"authorizer.group('').resource('pods').namespace('a').check('get').allowed()", "true"},
          {"authorizer.group('').resource('pods').namespace('b').check('get').allowed()", "false"},
          {"authorizer.group('').resource('pods').subresource('log').namespace('a').check('get')."
           "allowed()",
           "false"},
          {"authorizer.group('').resource('pods').namespace('a').labelSelector('a=b')."
           "fieldSelector('x=y').check('get').allowed()",
           "true"},
          {"authorizer.serviceAccount('a', "
           "'bot').group('apps').resource('x').name('own').check('delete').allowed()",
           "true"},
          {"authorizer.serviceAccount('a', "
           "'other').group('apps').resource('x').name('own').check('delete').allowed()",
           "false"},
          {"authorizer.requestResource.check('get').allowed()", "true"},
          {"authorizer.requestResource.name('x').check('delete').allowed()", "false"},
          {"authorizer.check('get')", "error: no such overload"}});
}

}  // namespace
}  // namespace troupe::model::cel
