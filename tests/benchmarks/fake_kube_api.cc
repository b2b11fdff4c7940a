// A Kubernetes API for benchmarks: N CNPG Clusters of realistic size, answered
// from prepared bytes, so that what is measured is its clients. Lists (whole,
// paged, as Table), single objects, watches, and discovery. It counts its
// requests: GET /requests.
//
//   fake_kube_api CLUSTERS [NAMESPACES [BYTES]]
//
// prints "PORT\n" and serves until killed. With several namespaces they are
// called team-000 and so on; each cluster has at least BYTES, filled up with
// managedFields as servers keep them. What happens is told by POST:
//
//   /change/NUMBER/READY   the cluster's readyInstances become READY
//   /churn/PER_SECOND      clusters change in turn, so many a second; 0 ends it
//   /expire                watches end with 410, older versions are forgotten
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "boost/asio.hpp"
#include "boost/beast.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;

constexpr char kGroupVersion[] = "postgresql.cnpg.io/v1";

constexpr int64_t kFirstVersion = 1'000'000;

struct Shape {
  int clusters = 1;
  int namespaces = 1;
  size_t bytes = 0;

  std::string NamespaceOf(int number) const {
    return namespaces == 1
               ? "default"
               : absl::StrFormat("team-%03d", NamespaceIndexOf(number));
  }
  // Neighbours in a namespace are neighbours in the list.
  int NamespaceIndexOf(int number) const {
    return static_cast<int>(int64_t{number} * namespaces / clusters);
  }
};

// Servers keep who set which field, often more text than the fields.
std::string ManagedFields(size_t bytes) {
  std::string fields;
  for (int i = 0; fields.size() < bytes; ++i) {
    absl::StrAppendFormat(
        &fields,
        R"("f:field-%d":{".":{},"f:value":{},"f:lastTransitionTime":{}},)", i);
  }
  if (!fields.empty()) fields.pop_back();
  return absl::StrCat(
      R"([{"manager":"manager","operation":"Update","apiVersion":"postgresql.cnpg.io/v1","time":"2026-01-01T00:01:00Z","fieldsType":"FieldsV1","subresource":"status","fieldsV1":{"f:status":{)",
      fields, "}}}]");
}

std::string ClusterJson(const Shape& shape, int number, int ready,
                        int64_t version, size_t managed_bytes) {
  const std::string name = absl::StrFormat("cluster-%05d", number);
  return absl::StrFormat(
      R"({"apiVersion":"postgresql.cnpg.io/v1","kind":"Cluster","metadata":{"name":"%1$s","namespace":"%4$s","uid":"00000000-0000-4000-8000-%2$012d","resourceVersion":"%5$d","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z","managedFields":%7$s,"labels":{"team":"payments","env":"production"},"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"%3$s"}},"spec":{"instances":3,"imageName":"ghcr.io/cloudnative-pg/postgresql:16.4","storage":{"size":"10Gi","storageClass":"standard"},"bootstrap":{"initdb":{"database":"app","owner":"app"}},"postgresql":{"parameters":{"max_connections":"200","shared_buffers":"256MB","work_mem":"8MB"}},"affinity":{"podAntiAffinityType":"preferred"},"resources":{"requests":{"cpu":"500m","memory":"1Gi"}}},"status":{"instances":3,"readyInstances":%6$d,"phase":"Cluster in healthy state","currentPrimary":"%1$s-1","targetPrimary":"%1$s-1","currentPrimaryTimestamp":"2026-01-01T00:00:30.000000Z","image":"ghcr.io/cloudnative-pg/postgresql:16.4","instanceNames":["%1$s-1","%1$s-2","%1$s-3"],"instancesStatus":{"healthy":["%1$s-1","%1$s-2","%1$s-3"]},"instancesReportedState":{"%1$s-1":{"isPrimary":true,"timeLineID":1,"ip":"10.0.0.1"},"%1$s-2":{"isPrimary":false,"timeLineID":1,"ip":"10.0.0.2"},"%1$s-3":{"isPrimary":false,"timeLineID":1,"ip":"10.0.0.3"}},"healthyPVC":["%1$s-1","%1$s-2","%1$s-3"],"writeService":"%1$s-rw","readService":"%1$s-r","topology":{"successfullyExtracted":true,"nodesUsed":3},"timelineID":1,"conditions":[{"type":"Ready","status":"True","reason":"ClusterIsReady","message":"Cluster is Ready","lastTransitionTime":"2026-01-01T00:01:00Z"},{"type":"ContinuousArchiving","status":"True","reason":"ContinuousArchivingSuccess","message":"Continuous archiving is working","lastTransitionTime":"2026-01-01T00:01:00Z"}]}})", name,
      number + 1, std::string(600, 'a'), shape.NamespaceOf(number), version,
      ready, ManagedFields(managed_bytes));
}

std::string ClusterJson(const Shape& shape, int number, int ready,
                        int64_t version) {
  std::string json = ClusterJson(shape, number, ready, version, 0);
  if (json.size() >= shape.bytes) return json;
  return ClusterJson(shape, number, ready, version, shape.bytes - json.size());
}

// Of clusters [begin, end).
std::string TableJson(const Shape& shape, int begin, int end) {
  std::vector<std::string> rows;
  for (int i = begin; i < end; ++i) {
    rows.push_back(absl::StrFormat(
        R"({"cells":["cluster-%1$05d","10d",3,3,"Cluster in healthy state","cluster-%1$05d-1"],"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"cluster-%1$05d","namespace":"%3$s","uid":"00000000-0000-4000-8000-%2$012d","resourceVersion":"%2$d","creationTimestamp":"2026-01-01T00:00:00Z"}}})",
        i, i + 1, shape.NamespaceOf(i)));
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

// Objects and what happened to them. Threads: safe.
class Store {
 public:
  explicit Store(const Shape& shape) : shape_(shape) {
    for (int i = 0; i < shape.clusters; ++i) {
      clusters_.push_back(ClusterJson(shape, i, 3, i + 1));
    }
  }

  void Change(int number, int ready) {
    const std::lock_guard lock(mutex_);
    const int64_t version = oldest_ + static_cast<int64_t>(events_.size()) + 1;
    clusters_[number] = ClusterJson(shape_, number, ready, version);
    events_.push_back(number);
    changed_.notify_all();
  }

  void Expire() {
    const std::lock_guard lock(mutex_);
    oldest_ += static_cast<int64_t>(events_.size()) + 1;
    events_.clear();
    changed_.notify_all();
  }

  // Clusters [begin, end) of a list, and its version.
  std::pair<std::string, int64_t> Items(size_t begin, size_t end) {
    const std::lock_guard lock(mutex_);
    return {
        absl::StrJoin(clusters_.begin() + begin, clusters_.begin() + end, ","),
        oldest_ + static_cast<int64_t>(events_.size())};
  }

  std::string Get(int number) {
    const std::lock_guard lock(mutex_);
    return clusters_[number];
  }

  // Lines of a watch behind `version`, which moves on; waits a moment for one.
  // False: too old.
  bool Events(int64_t& version, std::string& lines) {
    std::unique_lock lock(mutex_);
    const auto newest = [this] {
      return oldest_ + static_cast<int64_t>(events_.size());
    };
    changed_.wait_for(lock, std::chrono::milliseconds(200),
                      [&] { return version != newest(); });
    if (version < oldest_) return false;
    for (; version < newest(); ++version) {
      absl::StrAppend(&lines, R"({"type":"MODIFIED","object":)",
                      clusters_[events_[version - oldest_]], "}\n");
    }
    return true;
  }

 private:
  const Shape shape_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> clusters_;
  // Numbers of the clusters that changed since version `oldest_`.
  std::vector<int> events_;
  int64_t oldest_ = kFirstVersion;
};

class Api {
 public:
  explicit Api(const Shape& shape)
      : shape_(shape),
        table_(TableJson(shape, 0, shape.clusters)),
        store_(shape) {
    for (int i = 0; i < shape.clusters; ++i) {
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
    churn_ = std::thread([this] { Churn(); });
  }

  struct Answer {
    http::status status = http::status::ok;
    std::string body = {};
    // Of a watch: where it begins.
    std::optional<int64_t> watch_from = {};
  };

  Answer Handle(http::verb method, absl::string_view target,
                absl::string_view accept) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(target, absl::MaxSplits('?', 1));
    const auto [path, query] = parts;
    if (path == "/requests") return {.body = absl::StrCat(count_.load())};
    if (method == http::verb::post && Happens(path)) return {.body = "{}"};
    ++count_;
    if (absl::StrContains(query, "watch=")) {
      return {.watch_from = Number(query, "resourceVersion=", kFirstVersion)};
    }
    if (const auto found = documents_.find(std::string(path));
        found != documents_.end()) {
      return {.body = found->second};
    }
    if (absl::EndsWith(path, "/clusters")) {
      return {.body = List(path, query, absl::StrContains(accept, "as=Table"))};
    }
    const std::string name(path.substr(path.rfind('/') + 1));
    if (const auto found = by_name_.find(name);
        found != by_name_.end() && absl::StrContains(path, "/clusters/")) {
      return {.body = store_.Get(found->second)};
    }
    if (absl::EndsWith(path, "/databases")) {
      return {
          .body =
              R"({"kind":"DatabaseList","apiVersion":"postgresql.cnpg.io/v1","metadata":{"resourceVersion":"1000000"},"items":[]})"};
    }
    return {
        http::status::not_found,
        R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"not found","code":404})"};
  }

  bool Events(int64_t& version, std::string& lines) {
    return store_.Events(version, lines);
  }

 private:
  bool Happens(absl::string_view path) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(absl::StripPrefix(path, "/"), '/');
    const auto number = [&](size_t i) {
      int value = 0;
      if (i < words.size()) (void)absl::SimpleAtoi(words[i], &value);
      return value;
    };
    if (words[0] == "change") {
      store_.Change(number(1), number(2));
    } else if (words[0] == "churn") {
      SetChurn(number(1));
    } else if (words[0] == "expire") {
      store_.Expire();
    } else {
      return false;
    }
    return true;
  }

  // Each in its turn falls back to two ready instances, and is well the next
  // time.
  void Churn() {
    std::unique_lock lock(churn_mutex_);
    for (int64_t i = 0;; ++i) {
      churn_set_.wait(lock, [this] { return churn_per_second_ > 0; });
      const int per_second = churn_per_second_;
      churn_set_.wait_for(lock,
                          std::chrono::microseconds(1'000'000 / per_second),
                          [&] { return churn_per_second_ != per_second; });
      store_.Change(static_cast<int>(i * 7 % shape_.clusters),
                    2 + static_cast<int>(i / shape_.clusters % 2));
    }
  }

  void SetChurn(int per_second) {
    const std::lock_guard lock(churn_mutex_);
    churn_per_second_ = per_second;
    churn_set_.notify_one();
  }

  static int64_t Number(absl::string_view query, absl::string_view name,
                        int64_t otherwise) {
    int64_t value = otherwise;
    for (absl::string_view pair : absl::StrSplit(query, '&')) {
      if (absl::ConsumePrefix(&pair, name)) {
        (void)absl::SimpleAtoi(pair, &value);
      }
    }
    return value;
  }

  std::string List(absl::string_view path, absl::string_view query,
                   bool as_table) {
    // Clusters [begin, all) are those of the namespace.
    size_t begin = 0;
    size_t all = shape_.clusters;
    if (absl::ConsumePrefix(&path, "/apis/postgresql.cnpg.io/v1/namespaces/") &&
        shape_.namespaces > 1) {
      const std::string name(path.substr(0, path.find('/')));
      while (begin < all && shape_.NamespaceOf(begin) != name) ++begin;
      size_t end = begin;
      while (end < all && shape_.NamespaceOf(end) == name) ++end;
      all = end;
    }
    if (as_table) {
      const bool whole = all - begin == static_cast<size_t>(shape_.clusters);
      return whole ? table_ : TableJson(shape_, begin, all);
    }
    begin = Number(query, "continue=", begin);
    const size_t limit = Number(query, "limit=", 0);
    const size_t end = limit == 0 ? all : std::min(all, begin + limit);
    const auto [items, version] = store_.Items(begin, end);
    return absl::StrCat(
        R"({"kind":"ClusterList","apiVersion":"postgresql.cnpg.io/v1","metadata":{"resourceVersion":")",
        version, R"(","continue":")", end < all ? absl::StrCat(end) : "",
        R"("},"items":[)", items, "]}");
  }

  const Shape shape_;
  std::map<std::string, size_t> by_name_;
  std::map<std::string, std::string> documents_;
  std::string table_;
  Store store_;
  std::atomic<int64_t> count_{0};
  std::mutex churn_mutex_;
  std::condition_variable churn_set_;
  int churn_per_second_ = 0;
  std::thread churn_;
};

// Until the client goes or the watch is too old.
void Watch(Tcp::socket& socket, Api& api, int64_t version) {
  beast::error_code error;
  const auto send = [&](absl::string_view text) {
    asio::write(socket, asio::buffer(text.data(), text.size()), error);
  };
  const auto chunk = [&](absl::string_view text) {
    send(absl::StrFormat("%x\r\n%s\r\n", text.size(), text));
  };
  send(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  while (!error) {
    std::string lines;
    if (!api.Events(version, lines)) {
      chunk(
          R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","message":"too old resource version","code":410}})"
          "\n");
      return chunk("");
    }
    if (!lines.empty()) chunk(lines);
    char byte;
    if (::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) ==
        0) {
      return;
    }
  }
}

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
    Api::Answer answer =
        api.Handle(request.method(), {target.data(), target.size()},
                   {accept.data(), accept.size()});
    if (answer.watch_from) return Watch(socket, api, *answer.watch_from);
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
  Shape shape;
  if (argc > 1) shape.clusters = std::atoi(argv[1]);
  if (argc > 2) shape.namespaces = std::atoi(argv[2]);
  if (argc > 3) shape.bytes = std::atoi(argv[3]);
  Api api(shape);
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
