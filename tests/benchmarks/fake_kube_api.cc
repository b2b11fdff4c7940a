// A Kubernetes API for benchmarks: N CNPG Clusters of realistic size, answered
// from prepared bytes, so that what is measured is its clients. Lists (whole,
// paged, as Table), single objects, watches that stay silent, and discovery. It
// counts its requests: GET /requests.
//
//   fake_kube_api CLUSTERS   prints "PORT\n", serves until killed.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "boost/asio.hpp"
#include "boost/beast.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;

constexpr char kGroupVersion[] = "postgresql.cnpg.io/v1";

std::string ClusterJson(int number) {
  const std::string name = absl::StrFormat("cluster-%05d", number);
  return absl::StrFormat(
      R"({"apiVersion":"postgresql.cnpg.io/v1","kind":"Cluster","metadata":{"name":"%1$s","namespace":"default","uid":"00000000-0000-4000-8000-%2$012d","resourceVersion":"%2$d","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z","labels":{"team":"payments","env":"production"},"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"%3$s"}},"spec":{"instances":3,"imageName":"ghcr.io/cloudnative-pg/postgresql:16.4","storage":{"size":"10Gi","storageClass":"standard"},"bootstrap":{"initdb":{"database":"app","owner":"app"}},"postgresql":{"parameters":{"max_connections":"200","shared_buffers":"256MB","work_mem":"8MB"}},"affinity":{"podAntiAffinityType":"preferred"},"resources":{"requests":{"cpu":"500m","memory":"1Gi"}}},"status":{"instances":3,"readyInstances":3,"phase":"Cluster in healthy state","currentPrimary":"%1$s-1","targetPrimary":"%1$s-1","currentPrimaryTimestamp":"2026-01-01T00:00:30.000000Z","image":"ghcr.io/cloudnative-pg/postgresql:16.4","instanceNames":["%1$s-1","%1$s-2","%1$s-3"],"instancesStatus":{"healthy":["%1$s-1","%1$s-2","%1$s-3"]},"instancesReportedState":{"%1$s-1":{"isPrimary":true,"timeLineID":1,"ip":"10.0.0.1"},"%1$s-2":{"isPrimary":false,"timeLineID":1,"ip":"10.0.0.2"},"%1$s-3":{"isPrimary":false,"timeLineID":1,"ip":"10.0.0.3"}},"healthyPVC":["%1$s-1","%1$s-2","%1$s-3"],"writeService":"%1$s-rw","readService":"%1$s-r","topology":{"successfullyExtracted":true,"nodesUsed":3},"timelineID":1,"conditions":[{"type":"Ready","status":"True","reason":"ClusterIsReady","message":"Cluster is Ready","lastTransitionTime":"2026-01-01T00:01:00Z"},{"type":"ContinuousArchiving","status":"True","reason":"ContinuousArchivingSuccess","message":"Continuous archiving is working","lastTransitionTime":"2026-01-01T00:01:00Z"}]}})", name,
      number + 1, std::string(600, 'a'));
}

std::string TableJson(int count) {
  std::vector<std::string> rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back(absl::StrFormat(
        R"({"cells":["cluster-%1$05d","10d",3,3,"Cluster in healthy state","cluster-%1$05d-1"],"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"cluster-%1$05d","namespace":"default","uid":"00000000-0000-4000-8000-%2$012d","resourceVersion":"%2$d","creationTimestamp":"2026-01-01T00:00:00Z"}}})",
        i, i + 1));
  }
  std::vector<std::string> columns;
  for (const char* name :
       {"Name", "Age", "Instances", "Ready", "Status", "Primary"}) {
    columns.push_back(absl::StrFormat(
        R"({"name":"%s","type":"string","format":"","description":"","priority":0})",
        name));
  }
  return absl::StrCat(
      R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1000000"},"columnDefinitions":[)",
      absl::StrJoin(columns, ","), R"(],"rows":[)", absl::StrJoin(rows, ","),
      "]}");
}

class Api {
 public:
  explicit Api(int count) : table_(TableJson(count)) {
    for (int i = 0; i < count; ++i) {
      clusters_.push_back(ClusterJson(i));
      by_name_[absl::StrFormat("cluster-%05d", i)] = i;
    }
    documents_ = {
        {"/version", R"({"major":"1","minor":"31","gitVersion":"v1.31.0"})"},
        {"/api",
         R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]})"},
        {"/api/v1",
         R"({"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"namespaces","singularName":"","namespaced":false,"kind":"Namespace","verbs":["get","list","watch"]},{"name":"secrets","singularName":"","namespaced":true,"kind":"Secret","verbs":["get","list","watch"]}]})"},
        {"/apis",
         R"({"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"postgresql.cnpg.io","versions":[{"groupVersion":"postgresql.cnpg.io/v1","version":"v1"}],"preferredVersion":{"groupVersion":"postgresql.cnpg.io/v1","version":"v1"}}]})"},
        {absl::StrCat("/apis/", kGroupVersion),
         R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"postgresql.cnpg.io/v1","resources":[{"name":"clusters","singularName":"cluster","namespaced":true,"kind":"Cluster","verbs":["create","delete","get","list","patch","update","watch"]},{"name":"databases","singularName":"database","namespaced":true,"kind":"Database","verbs":["create","delete","get","list","patch","update","watch"]}]})"},
    };
  }

  struct Answer {
    http::status status = http::status::ok;
    std::string body;
    bool watch = false;
  };

  Answer Handle(absl::string_view target, absl::string_view accept) {
    const size_t question = target.find('?');
    const absl::string_view path = target.substr(0, question);
    const absl::string_view query = question == absl::string_view::npos
                                        ? absl::string_view()
                                        : target.substr(question + 1);
    if (path == "/requests") {
      return {http::status::ok, absl::StrCat(count_.load()), false};
    }
    ++count_;
    if (absl::StrContains(query, "watch=")) return {http::status::ok, "", true};
    if (const auto found = documents_.find(std::string(path));
        found != documents_.end()) {
      return {http::status::ok, found->second, false};
    }
    if (absl::EndsWith(path, "/clusters")) {
      if (absl::StrContains(accept, "as=Table")) {
        return {http::status::ok, table_, false};
      }
      return {http::status::ok, List(query), false};
    }
    const std::string name(path.substr(path.rfind('/') + 1));
    if (const auto found = by_name_.find(name);
        found != by_name_.end() && absl::StrContains(path, "/clusters/")) {
      return {http::status::ok, clusters_[found->second], false};
    }
    if (absl::EndsWith(path, "/databases")) {
      return {
          http::status::ok,
          R"({"kind":"DatabaseList","apiVersion":"postgresql.cnpg.io/v1","metadata":{"resourceVersion":"1000000"},"items":[]})",
          false};
    }
    return {
        http::status::not_found,
        R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"not found","code":404})",
        false};
  }

 private:
  std::string List(absl::string_view query) const {
    size_t begin = 0;
    size_t limit = clusters_.size();
    for (absl::string_view part = query; !part.empty();) {
      const size_t end = part.find('&');
      absl::string_view pair = part.substr(0, end);
      if (absl::ConsumePrefix(&pair, "limit=")) {
        (void)absl::SimpleAtoi(pair, &limit);
      } else if (absl::ConsumePrefix(&pair, "continue=")) {
        (void)absl::SimpleAtoi(pair, &begin);
      }
      part = end == absl::string_view::npos ? "" : part.substr(end + 1);
    }
    if (limit == 0) limit = clusters_.size();
    const size_t end = std::min(clusters_.size(), begin + limit);
    const std::string next = end < clusters_.size() ? absl::StrCat(end) : "";
    return absl::StrCat(
        R"({"kind":"ClusterList","apiVersion":"postgresql.cnpg.io/v1","metadata":{"resourceVersion":"1000000","continue":")",
        next, R"("},"items":[)",
        absl::StrJoin(clusters_.begin() + begin, clusters_.begin() + end, ","),
        "]}");
  }

  std::vector<std::string> clusters_;
  std::map<std::string, size_t> by_name_;
  std::map<std::string, std::string> documents_;
  std::string table_;
  std::atomic<int64_t> count_{0};
};

void Serve(Tcp::socket socket, Api& api) {
  socket.set_option(Tcp::no_delay(true));
  beast::flat_buffer buffer;
  beast::error_code error;
  while (true) {
    http::request<http::string_body> request;
    http::read(socket, buffer, request, error);
    if (error) return;
    const auto target = request.target();
    const auto accept = request[http::field::accept];
    Api::Answer answer = api.Handle({target.data(), target.size()},
                                    {accept.data(), accept.size()});
    if (answer.watch) {
      const std::string head =
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
          "Transfer-Encoding: chunked\r\n\r\n";
      asio::write(socket, asio::buffer(head), error);
      char byte;
      socket.read_some(asio::buffer(&byte, 1), error);  // until the client goes
      return;
    }
    http::response<http::string_body> response(answer.status, 11);
    response.set(http::field::content_type, "application/json");
    response.body() = std::move(answer.body);
    response.prepare_payload();
    http::write(socket, response, error);
    if (error) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Api api(argc > 1 ? std::atoi(argv[1]) : 1);
  asio::io_context io;
  Tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  while (true) {
    Tcp::socket socket(io);
    acceptor.accept(socket);
    std::thread(Serve, std::move(socket), std::ref(api)).detach();
  }
}
