#pragma once

#include <string>
#include <string_view>

namespace troupe::model {

/// An OpenAPI 2 document (JSON) as gnostic's protobuf message openapi.v2.Document, the form that
/// client-go reads. Members that Troupe's documents do not have are left out.
std::string gnostic_document(std::string_view json_text);
/// The same of OpenAPI 3: openapi.v3.Document.
std::string gnostic_document_3(std::string_view json_text);

}  // namespace troupe::model
