#include "tests/conformance/fixture_resources.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/conformance/fixture_samples.h"

namespace howdah::conformance {
namespace {

constexpr char kTextUri[] = "test://static-text";
constexpr char kBinaryUri[] = "test://static-binary";
constexpr char kWatchedUri[] = "test://watched-resource";

mcp::ResourceDefinition Definition(const char* uri, const char* name,
                                   const char* description,
                                   const char* mime_type) {
  mcp::ResourceDefinition definition;
  definition.uri = uri;
  definition.name = name;
  definition.description = description;
  definition.mime_type = mime_type;
  return definition;
}

absl::StatusOr<mcp::ResourceContent> Content(absl::string_view uri) {
  mcp::ResourceContent content;
  content.uri = std::string(uri);
  content.mime_type = "text/plain";
  if (uri == kTextUri || uri == kWatchedUri) {
    content.bytes = "This is the content of the static text resource.";
    return content;
  }
  if (uri == kBinaryUri) {
    content.mime_type = "image/png";
    content.binary = true;
    absl::Base64Unescape(kPngBase64, &content.bytes);
    return content;
  }
  absl::string_view id = uri;
  if (absl::ConsumePrefix(&id, "test://template/") &&
      absl::ConsumeSuffix(&id, "/data")) {
    content.mime_type = "application/json";
    content.bytes = absl::StrCat(
        R"({"id":")", id, R"(","templateTest":true,"data":"Data for ID: )", id,
        "\"}");
    return content;
  }
  return absl::NotFoundError("Resource not found");
}

}  // namespace

std::unique_ptr<mcp::RunningCall> FixtureResources::List(
    absl::string_view cursor, const mcp::RequestContext&,
    std::function<void(absl::StatusOr<mcp::ResourcePage>)> done) {
  if (!cursor.empty()) {
    done(absl::InvalidArgumentError("There is one page only."));
    return nullptr;
  }
  mcp::ResourcePage page;
  page.items = {
      Definition(kTextUri, "Static text", "A text.", "text/plain"),
      Definition(kBinaryUri, "Static binary", "A picture.", "image/png"),
      Definition(kWatchedUri, "Watched", "To subscribe to.", "text/plain")};
  done(std::move(page));
  return nullptr;
}

std::unique_ptr<mcp::RunningCall> FixtureResources::ListTemplates(
    absl::string_view, const mcp::RequestContext&,
    std::function<void(absl::StatusOr<mcp::TemplatePage>)> done) {
  mcp::TemplatePage page;
  page.items.emplace_back();
  page.items[0].uri_template = "test://template/{id}/data";
  page.items[0].name = "Template";
  page.items[0].description = "What its id says.";
  page.items[0].mime_type = "application/json";
  done(std::move(page));
  return nullptr;
}

std::unique_ptr<mcp::RunningCall> FixtureResources::Read(
    absl::string_view uri, const mcp::RequestContext&,
    std::function<void(absl::StatusOr<mcp::ResourceReading>)> done) {
  absl::StatusOr<mcp::ResourceContent> content = Content(uri);
  if (!content.ok()) {
    done(content.status());
    return nullptr;
  }
  mcp::ResourceReading reading;
  reading.contents.push_back(*std::move(content));
  done(std::move(reading));
  return nullptr;
}

absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>> FixtureResources::Watch(
    absl::string_view, const mcp::RequestContext&, std::function<void()>) {
  return std::make_unique<mcp::ResourceWatch>();
}

absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>> FixtureResources::WatchList(
    const mcp::RequestContext&, std::function<void()>) {
  return std::make_unique<mcp::ResourceWatch>();
}

}  // namespace howdah::conformance
