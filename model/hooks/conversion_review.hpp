#pragma once

#include "model/custom/kinds.hpp"
#include "model/hooks/hook.hpp"

#include <string>
#include <variant>
#include <vector>

namespace troupe::model {

// ConversionReview: a definition's webhook changes objects from version to version.

/// The webhook of a definition with conversion strategy Webhook.
hook read_conversion_hook(const custom_definition& definition);

std::string conversion_text(const std::string& uid, const std::string& desired,
                            const std::vector<json>& objects);

/// The converted objects, in the order in which they were sent: of their metadata only labels and
/// annotations are the webhook's to change. A text when the answer does not count.
std::variant<std::vector<json>, std::string> read_conversion(const std::string& uid,
                                                             const std::string& desired,
                                                             const std::vector<json>& objects,
                                                             int code, const std::string& body);

/// 500: `conversion webhook for stable.example.com/v1, Kind=CronTab failed: WHY`.
status conversion_failed(const json& object, const std::string& why);

}  // namespace troupe::model
