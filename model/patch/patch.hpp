#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <variant>

namespace troupe::model {

/// The patched document, or the Status that refuses the patch.
using patched = std::variant<json, status>;

/// RFC 6902. A failed "test" is 422 Invalid, a malformed patch 400, as in kube-apiserver. At most
/// 10,000 operations.
patched json_patch(const json& document, const json& patch);

/// RFC 7396.
patched merge_patch(const json& document, const json& patch);

/// Kubernetes' strategic merge patch by the type's merge keys, with $patch (replace, delete,
/// merge), $retainKeys, $deleteFromPrimitiveList and $setElementOrder.
patched strategic_merge_patch(const json& document, const json& patch, const type_info& type);

/// The strategic patch from `original` to `modified` that also keeps what others set in `current`:
/// the three-way diff that client-side apply sends.
json three_way_strategic_patch(const json& original, const json& modified, const json& current,
                               const type_info& type);
/// The same as a merge patch, for custom kinds: lists are values.
json three_way_merge_patch(const json& original, const json& modified, const json& current);

}  // namespace troupe::model
