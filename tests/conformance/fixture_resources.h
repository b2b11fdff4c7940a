// The resources that the official conformance suite reads.
#ifndef HOWDAH_TESTS_CONFORMANCE_FIXTURE_RESOURCES_H_
#define HOWDAH_TESTS_CONFORMANCE_FIXTURE_RESOURCES_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/resource_provider.h"

namespace howdah::conformance {

// Threads: one. They never change.
class FixtureResources : public mcp::ResourceProvider {
 public:
  std::unique_ptr<mcp::RunningCall> List(
      absl::string_view cursor, const mcp::RequestContext& context,
      std::function<void(absl::StatusOr<mcp::ResourcePage>)> done) override;
  std::unique_ptr<mcp::RunningCall> ListTemplates(
      absl::string_view cursor, const mcp::RequestContext& context,
      std::function<void(absl::StatusOr<mcp::TemplatePage>)> done) override;
  std::unique_ptr<mcp::RunningCall> Read(
      absl::string_view uri, const mcp::RequestContext& context,
      std::function<void(absl::StatusOr<mcp::ResourceReading>)> done) override;
  absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>> Watch(
      absl::string_view uri, const mcp::RequestContext& context,
      std::function<void()> on_change) override;
  absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>> WatchList(
      const mcp::RequestContext& context,
      std::function<void()> on_change) override;
};

}  // namespace howdah::conformance

#endif  // HOWDAH_TESTS_CONFORMANCE_FIXTURE_RESOURCES_H_
