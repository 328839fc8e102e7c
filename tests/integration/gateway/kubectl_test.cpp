// floors: actors/store actors/api net/rest
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace troupe {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

bool have_kubectl() {
  return std::system("kubectl version --client >/dev/null 2>&1") == 0;
}

/// The real kubectl against a control plane over plain HTTP.
class Kubectl : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_kubectl()) GTEST_SKIP() << "there is no kubectl";
    char pattern[] = "/tmp/troupe-kubectl-XXXXXX";
    home_ = mkdtemp(pattern);
  }
  void TearDown() override {
    if (!home_.empty()) std::filesystem::remove_all(home_);
  }

  /// What it printed, on both streams.
  std::string kubectl(const std::string& arguments, const std::string& input = {}) {
    const auto in = home_ / "input";
    std::ofstream(in) << input;
    const std::string command = "HOME=" + home_.string() +
                                " KUBECONFIG=/dev/null timeout 30 kubectl " + arguments +
                                " --server " + cluster_.url() + " <" + in.string() + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    std::array<char, 4096> buffer;
    while (const auto n = fread(buffer.data(), 1, buffer.size(), pipe))
      out.append(buffer.data(), n);
    exit_code_ = pclose(pipe);
    return out;
  }

  test::control_plane cluster_;
  std::filesystem::path home_;
  int exit_code_ = 0;
};

constexpr const char* web_pod = R"(
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: nginx, image: nginx}, {name: log, image: busybox}]}
)";

TEST_F(Kubectl, CreatesGetsAndDeletesAPod) {
  EXPECT_EQ(kubectl("create -f -", web_pod), "pod/web created\n");
  EXPECT_THAT(kubectl("get pods"), HasSubstr("web    0/2     Pending   0"));
  EXPECT_THAT(kubectl("get pods -l app=web -o name"), "pod/web\n");
  EXPECT_THAT(kubectl("get pods -l app!=web"), HasSubstr("No resources found"));
  EXPECT_THAT(kubectl("get pods --field-selector=status.phase=Running"),
              HasSubstr("No resources found"));
  EXPECT_THAT(kubectl("get pods -A -o wide"), HasSubstr("NOMINATED NODE"));
  EXPECT_THAT(kubectl("create -f -", web_pod), HasSubstr("pods \"web\" already exists"));
  EXPECT_THAT(kubectl("describe pod web"), AllOf(HasSubstr("Image:"), HasSubstr("Pending")));
  EXPECT_THAT(kubectl("delete pod web"), HasSubstr("pod \"web\" deleted"));
  EXPECT_THAT(kubectl("get pod web"), HasSubstr("pods \"web\" not found"));
}

TEST_F(Kubectl, AppliesLabelsAnnotatesAndPatches) {
  const std::string one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n";
  const std::string two = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {b: '2'}\n";
  EXPECT_EQ(kubectl("apply -f -", one), "configmap/c created\n");
  EXPECT_EQ(kubectl("apply -f -", one), "configmap/c unchanged\n");
  EXPECT_EQ(kubectl("apply -f -", two), "configmap/c configured\n");
  EXPECT_EQ(kubectl("get cm c -o jsonpath={.data}"), "{\"b\":\"2\"}");
  EXPECT_EQ(kubectl("label cm c tier=back"), "configmap/c labeled\n");
  EXPECT_EQ(kubectl("annotate cm c note=x"), "configmap/c annotated\n");
  EXPECT_EQ(kubectl("patch cm c --type=merge -p '{\"data\":{\"b\":null,\"d\":\"4\"}}'"),
            "configmap/c patched\n");
  EXPECT_EQ(kubectl("patch cm c --type=json -p "
                    "'[{\"op\":\"add\",\"path\":\"/data/e\",\"value\":\"5\"}]'"),
            "configmap/c patched\n");
  EXPECT_EQ(kubectl("get cm c -o jsonpath={.data}"), "{\"d\":\"4\",\"e\":\"5\"}");
}

TEST_F(Kubectl, CreatesWhatItSendsAsProtobuf) {
  EXPECT_EQ(kubectl("create namespace team"), "namespace/team created\n");
  EXPECT_EQ(kubectl("create configmap c --from-literal=k=v -n team"), "configmap/c created\n");
  EXPECT_EQ(kubectl("create secret generic s --from-literal=k=v"), "secret/s created\n");
  EXPECT_EQ(kubectl("get cm c -n team -o jsonpath={.data.k}"), "v");
  EXPECT_EQ(kubectl("get secret s -o jsonpath={.data.k}"), "dg==");
}

TEST_F(Kubectl, KeepsNamespacesApart) {
  EXPECT_THAT(kubectl("create configmap c -n nowhere"),
              HasSubstr("namespaces \"nowhere\" not found"));
  kubectl("create namespace ending");
  kubectl("delete namespace ending --wait=false");
  EXPECT_THAT(kubectl("get ns ending"), HasSubstr("Terminating"));
  EXPECT_THAT(kubectl("create configmap c -n ending"), HasSubstr("is being terminated"));
  EXPECT_THAT(kubectl("delete namespace default"), HasSubstr("may not be deleted"));
}

TEST_F(Kubectl, DiscoversTheApi) {
  EXPECT_THAT(kubectl("api-resources"), AllOf(HasSubstr("pods"), HasSubstr("leases")));
  EXPECT_THAT(kubectl("api-versions"), HasSubstr("coordination.k8s.io/v1\n"));
  EXPECT_THAT(kubectl("version"), HasSubstr("Server Version: v1.32"));
  EXPECT_THAT(kubectl("explain pod.spec.nodeName"), HasSubstr("nodeName"));
  EXPECT_EQ(kubectl("get --raw /readyz"), "ok");
}

TEST_F(Kubectl, RefusesBadManifests) {
  EXPECT_THAT(kubectl("create -f -",
                      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                      "spec: {containres: []}\n"),
              HasSubstr("containres"));
  EXPECT_THAT(kubectl("create -f -",
                      "apiVersion: v1\nkind: Pod\nmetadata: {name: P_}\n"
                      "spec: {containers: [{name: a, image: b}]}\n"),
              AllOf(HasSubstr("is invalid"), HasSubstr("metadata.name")));
  EXPECT_THAT(kubectl("get pods"), HasSubstr("No resources found"));
}

TEST_F(Kubectl, BindsAPodOnce) {
  kubectl("create -f -", web_pod);
  const std::string body =
      R"({"apiVersion":"v1","kind":"Binding","metadata":{"name":"web"},"target":{"kind":"Node","name":"n1"}})";
  kubectl("create --raw /api/v1/namespaces/default/pods/web/binding -f -", body);
  EXPECT_EQ(exit_code_, 0);
  EXPECT_EQ(kubectl("get pod web -o jsonpath={.spec.nodeName}"), "n1");
  EXPECT_THAT(kubectl("create --raw /api/v1/namespaces/default/pods/web/binding -f -", body),
              HasSubstr("pod web is already assigned to node \"n1\""));
}

TEST_F(Kubectl, RefusesABindingThatIsNone) {
  kubectl("create -f -", web_pod);
  for (const char* body : {R"({"metadata":"web"})", R"({"metadata":[]})", R"({"target":"n1"})",
                           R"({"kind":"Pod"})", "[]"}) {
    EXPECT_THAT(kubectl("create --raw /api/v1/namespaces/default/pods/web/binding -f -", body),
                HasSubstr("(BadRequest)"))
        << body;
  }
  EXPECT_EQ(kubectl("get pod web -o jsonpath={.spec.nodeName}"), "");
}

TEST_F(Kubectl, WaitsAndWatches) {
  kubectl("create -f -", web_pod);
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cluster_.client().send("PATCH", "/api/v1/namespaces/default/pods/web",
                           R"({"metadata":{"labels":{"seen":"yes"}}})",
                           "application/merge-patch+json");
  });
  EXPECT_EQ(kubectl("wait pod/web --for=jsonpath='{.metadata.labels.seen}'=yes --timeout=10s"),
            "pod/web condition met\n");
  later.join();
}

}  // namespace
}  // namespace troupe
