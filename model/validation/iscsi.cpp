#include "model/validation/lists.hpp"
#include "model/validation/storage.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// iqn.2001-04.com.example:storage.disk1
bool is_iqn(std::string_view text) {
  constexpr std::string_view shape = "iqn.dddd-dd.";
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  const auto colon = text.find(':', shape.size());
  if (colon == text.npos || colon == shape.size() || colon + 1 == text.size()) return false;
  return std::ranges::all_of(text.substr(shape.size(), colon - shape.size()),
                             [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; }) &&
         text.find_first_of(",;*&$| \t\n\v\f\r", colon) == text.npos;
}

/// Three letters, any character, and `size` letters and digits.
bool is_id(std::string_view text, std::size_t size) {
  return text.size() == 4 + size && std::ranges::all_of(text.substr(4), is_alphanumeric);
}

void judge_name(std::string_view name, bool persistent, const field_path& path, faults& out) {
  const bool iqn = name.starts_with("iqn");
  const bool eui = name.starts_with("eui");
  const bool naa = name.starts_with("naa");
  if (!iqn && !eui && !naa)
    out.invalid(path, name,
                persistent ? "must be valid format"
                           : "must be valid format starting with iqn, eui, or naa");
  else if (!(iqn ? is_iqn(name) : is_id(name, eui ? 16 : 32)))
    out.invalid(path, name, "must be valid format");
}

constexpr std::size_t longest_initiator_name = 64;
constexpr std::string_view too_long =
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
    "iscsi.initiatorName is specified.";

}  // namespace

void validate_iscsi(const json& source, const field_path& path, const source_place& in,
                    faults& out) {
  const auto portal = text_of(source, "targetPortal");
  const json& initiator = value_of(source, "initiatorName");
  const bool long_name =
      !initiator.is_null() && in.volume.size() + 1 + portal.size() > longest_initiator_name;
  if (long_name && in.persistent) out.invalid(path.child("targetportal"), portal, too_long);
  if (const auto iqn = text_of(source, "iqn"); !iqn.empty())
    judge_name(iqn, in.persistent, path.child("iqn"), out);
  if (const auto lun = integer_of(source, "lun"); lun < 0 || lun > 255)
    out.invalid(path.child("lun"), lun, "must be between 0 and 255, inclusive");
  const bool authenticates =
      value_of(source, "chapAuthDiscovery") == true || value_of(source, "chapAuthSession") == true;
  const json& secret = value_of(source, "secretRef");
  if (authenticates && secret.is_null()) out.required(path.child("secretRef"));
  if (in.persistent && !secret.is_null() && text_of(secret, "name").empty())
    out.required(path.child("secretRef").child("name"));
  if (!initiator.is_null())
    judge_name(as_text(initiator), in.persistent, path.child("initiatorname"), out);
  if (long_name && !in.persistent) out.invalid(in.path.child("name"), in.volume, too_long);
}

}  // namespace troupe::model
