#pragma once

#include <vector>

namespace troupe::model {

// Who is bound to the default roles of Kubernetes 1.32, as its bootstrap policy has it, with what
// `kubeadm init` and this server add. Each line is a binding: "NAME = ROLE: SUBJECTS", with the
// namespace before the name of a RoleBinding ("kube-system/x"). Each role of a controller,
// system:controller:NAME, is bound to the account NAME of kube-system under its own name.

inline const std::vector<const char*>& bootstrap_bindings() {
  static const std::vector<const char*> all = {
      "cluster-admin = cluster-admin: group:system:masters",
      "system:monitoring = system:monitoring: group:system:monitoring",
      "system:discovery = system:discovery: group:system:authenticated",
      "system:basic-user = system:basic-user: group:system:authenticated",
      "system:public-info-viewer = system:public-info-viewer: group:system:authenticated "
      "group:system:unauthenticated",
      "system:node-proxier = system:node-proxier: user:system:kube-proxy",
      "system:kube-controller-manager = system:kube-controller-manager: "
      "user:system:kube-controller-manager",
      "system:kube-dns = system:kube-dns: account:kube-system/kube-dns",
      "system:kube-scheduler = system:kube-scheduler: user:system:kube-scheduler",
      "system:volume-scheduler = system:volume-scheduler: user:system:kube-scheduler",
      "system:node = system:node:",
      "system:service-account-issuer-discovery = system:service-account-issuer-discovery: "
      "group:system:serviceaccounts",
      "kube-system/system::extension-apiserver-authentication-reader = "
      "extension-apiserver-authentication-reader: user:system:kube-controller-manager "
      "user:system:kube-scheduler",
      "kube-system/system:controller:bootstrap-signer = system:controller:bootstrap-signer: "
      "account:kube-system/bootstrap-signer",
      "kube-system/system:controller:cloud-provider = system:controller:cloud-provider: "
      "account:kube-system/cloud-provider",
      "kube-system/system:controller:token-cleaner = system:controller:token-cleaner: "
      "account:kube-system/token-cleaner",
      "kube-system/system::leader-locking-kube-controller-manager = "
      "system::leader-locking-kube-controller-manager: account:kube-system/kube-controller-manager "
      "user:system:kube-controller-manager",
      "kube-system/system::leader-locking-kube-scheduler = "
      "system::leader-locking-kube-scheduler: account:kube-system/kube-scheduler "
      "user:system:kube-scheduler",
      "kube-public/system:controller:bootstrap-signer = system:controller:bootstrap-signer: "
      "account:kube-system/bootstrap-signer",
      // kubeadm's
      "kubeadm:kubelet-bootstrap = system:node-bootstrapper: group:system:bootstrappers",
      "kube-public/kubeadm:bootstrap-signer-clusterinfo = kubeadm:bootstrap-signer-clusterinfo: "
      "user:system:anonymous",
      // Our own: controllers of others renew their certificates.
      "troupe:controllers-renew = system:node-bootstrapper: group:troupe:controllers",
  };
  return all;
}

}  // namespace troupe::model
