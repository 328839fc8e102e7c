#pragma once

#include "model/table/printers.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

// Columns as tables of printers write them down. A path is a dotted one: "spec.replicas".

shown_column name_column(std::string description = "Name within its namespace or the cluster");
shown_column age_column();
/// The text at a path; `missing` when there is none.
shown_column text_column(std::string name, std::string description, std::string_view path,
                         std::string missing = "");
/// The integer at a path, else 0. `type` is what the column claims to be.
shown_column number_column(std::string name, std::string description, std::string_view path,
                           std::string type = "integer");
/// The boolean at a path, else `missing`.
shown_column boolean_column(std::string name, std::string description, std::string_view path,
                            bool missing = false);
/// How many entries there are at a path.
shown_column count_column(std::string name, std::string description, std::string_view path,
                          std::string type = "integer");
/// A column of text that a function of the document fills.
shown_column made_column(std::string name, std::string description,
                         std::function<json(const json&)> cell, std::string type = "string");
/// The same column, shown with -o wide only.
shown_column wide(shown_column c);
/// Wide columns with names and images of the containers in the pod template at a path.
shown_column container_names_column(std::string_view template_path);
shown_column container_images_column(std::string_view template_path);
/// Wide column with the metav1.LabelSelector at a path.
shown_column selector_column(std::string_view path);

// Cells.

/// The value at a dotted path, or a shared null.
const json& at_path(const json& document, std::string_view path);
std::int64_t number_at(const json& document, std::string_view path);
/// The strings of a list, or of one field of its items, with a separator between them.
std::string joined(const json& list, std::string_view field = {}, std::string_view separator = ",");
/// "a=b,c=d", or "<none>".
std::string label_text(const json& labels);
/// Addresses of a load balancer, each once, sorted.
std::string balancer_text(const json& status);
/// "a,b,c + 2 more..." of `count` pieces, the first few of which are `shown`.
std::string with_more(const std::vector<std::string>& shown, std::size_t count);
/// The status of a condition: "True", "False", "Unknown" or "" when it is missing.
std::string condition_status(const json& document, std::string_view type);

}  // namespace troupe::model
