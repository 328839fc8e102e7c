#pragma once

#include <string>
#include <string_view>

namespace troupe::model::kubelet {

/// What is wrong with the name of an image, in the words of the library that kubelets read it with
/// (github.com/distribution/reference); empty when it can be pulled.
std::string image_name_fault(std::string_view name);

}  // namespace troupe::model::kubelet
