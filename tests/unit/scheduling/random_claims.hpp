#pragma once

// Claims, volumes and CSINodes for random clusters: told to the oracle, and put into a scheduler's
// book.

#include "model/random.hpp"
#include "model/scheduling/volume_book.hpp"
#include "tests/unit/scheduling/oracle_cluster.hpp"

#include <string>
#include <vector>

namespace troupe::model {

class random_claims {
 public:
  random_claims(random_source& random, oracle::cluster& truth, volume_book& book)
      : random_(random), truth_(truth), book_(book) {}

  static const std::vector<std::string>& names() {
    static const std::vector<std::string> all{"alone", "all",    "csi-1",  "csi-2",  "csi-3",
                                              "near",  "tree-1", "tree-2", "tree-3", "late"};
    return all;
  }

  /// In each namespace claims that are bound, one of them to a volume that not all nodes reach, and
  /// one that is to be provisioned. Two of CSI may have the same volume. Nodes take a few of these.
  void add() {
    put("storageclasses.storage.k8s.io", {{"metadata", {{"name", "slow"}}},
                                          {"provisioner", "a.csi"},
                                          {"volumeBindingMode", "WaitForFirstConsumer"}});
    for (const auto& [ns, labels] : truth_.namespaces)
      for (const auto& name : names()) {
        const auto c = draw(ns, name);
        truth_.claims[ns + "/" + name] = c;
        if (name == "late")
          put_unbound(ns, name);
        else
          put_bound(ns, name, c);
      }
    for (const json& node : truth_.nodes)
      if (often()) limit(oracle::name(node));
  }

 private:
  bool often() { return random_.below(4) != 0; }
  void put(const char* resource, const json& document) {
    book_.put(seal(encode(resource, document), ++version_));
  }

  oracle::claim draw(const std::string& ns, const std::string& name) {
    oracle::claim c;
    c.alone = name == "alone";
    if (name.starts_with("csi")) {
      c.driver = random_.below(2) == 0 ? "a.csi" : "b.csi";
      c.handle = "h" + std::to_string(random_.below(4));
    }
    if (name.starts_with("tree")) {
      constexpr const char* drivers[] = {"ebs.csi.aws.com", "cinder.csi.openstack.org",
                                         "pxd.portworx.com", ""};
      c.driver = drivers[random_.below(4)];
      c.handle = "vol-" + std::to_string(random_.below(3));
      c.where_migrated = c.driver == "pxd.portworx.com";
    }
    if (name == "late") {
      c.driver = "a.csi";
      c.handle = ns + "/late";
    }
    if (name == "near" && often()) c.rack = "r1";
    if (name == "near" && often()) c.zones = {"z1", "z2"};
    return c;
  }

  void put_unbound(const std::string& ns, const std::string& name) {
    put("persistentvolumeclaims",
        {{"metadata", {{"name", name}, {"namespace", ns}}},
         {"spec", {{"accessModes", {"ReadWriteMany"}}, {"storageClassName", "slow"}}}});
  }

  void put_bound(const std::string& ns, const std::string& name, const oracle::claim& c) {
    json volume = {{"metadata", {{"name", ns + "-" + name}}}, {"spec", json::object()}};
    if (name.starts_with("tree"))
      volume["spec"].update(in_tree(c));
    else if (!c.driver.empty())
      volume["spec"]["csi"] = {{"driver", c.driver}, {"volumeHandle", c.handle}};
    if (!c.rack.empty())
      volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"] = {
          {{"matchExpressions", {{{"key", "rack"}, {"operator", "In"}, {"values", {c.rack}}}}}}};
    if (!c.zones.empty())
      volume["metadata"]["labels"] = {
          {"topology.kubernetes.io/zone", c.zones[0] + "__" + c.zones[1]}};
    put("persistentvolumes", volume);
    put("persistentvolumeclaims",
        {{"metadata",
          {{"name", name},
           {"namespace", ns},
           {"annotations", {{"pv.kubernetes.io/bind-completed", "yes"}}}}},
         {"spec",
          {{"accessModes", {c.alone ? "ReadWriteOncePod" : "ReadWriteMany"}},
           {"volumeName", ns + "-" + name}}},
         {"status", {{"phase", "Bound"}}}});
  }

  // Its plugin may have a volume of its own or be one that is never counted.
  json in_tree(const oracle::claim& c) {
    if (c.driver == "ebs.csi.aws.com")
      return {{"awsElasticBlockStore",
               {{"volumeID", (random_.below(2) == 0 ? "aws://zone/" : "") + c.handle}}}};
    if (c.driver == "cinder.csi.openstack.org") return {{"cinder", {{"volumeID", c.handle}}}};
    if (c.driver == "pxd.portworx.com") return {{"portworxVolume", {{"volumeID", c.handle}}}};
    return {{"vsphereVolume", {{"volumePath", c.handle}}}};
  }

  void limit(const std::string& node) {
    json drivers = json::array();
    for (const char* driver :
         {"a.csi", "b.csi", "ebs.csi.aws.com", "cinder.csi.openstack.org", "pxd.portworx.com",
          "pd.csi.storage.gke.io", "disk.csi.azure.com", "csi.vsphere.vmware.com"})
      if (often()) {
        const auto count = 1 + random_.below(4);
        truth_.limits[node][driver] = count;
        drivers.push_back({{"name", driver}, {"allocatable", {{"count", count}}}});
      }
    json said = {{"metadata", {{"name", node}}}, {"spec", {{"drivers", drivers}}}};
    if (random_.below(2) == 0) {
      truth_.migrating.insert(node);
      said["metadata"]["annotations"]["storage.alpha.kubernetes.io/migrated-plugins"] =
          "kubernetes.io/cinder,kubernetes.io/portworx-volume";
    }
    put("csinodes.storage.k8s.io", said);
  }

  random_source& random_;
  oracle::cluster& truth_;
  volume_book& book_;
  std::uint64_t version_ = 0;
};

}  // namespace troupe::model
