#include "backend/services/plane_registry.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

absl::Status NoCurrentContext(const PlaneFactory::Contexts& contexts) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "CONTEXT_MISSING", support::kPostgresDomain)
      .Message(
          contexts.names.empty()
              ? absl::StrCat(
                    "The kubeconfig ", contexts.source,
                    " has no context; it does not say which Kubernetes "
                    "cluster to use.")
              : absl::StrCat("The kubeconfig ", contexts.source,
                             " has no current context; pass context, one of: ",
                             absl::StrJoin(contexts.names, ", "), "."))
      .With("kubeconfig", contexts.source)
      .With("contexts", absl::StrJoin(contexts.names, ","))
      .Precondition("KUBECONFIG", "current-context", "is not set")
      .Build();
}

absl::Status UnknownContext(absl::string_view context,
                            const PlaneFactory::Contexts& contexts) {
  std::string names = absl::StrJoin(contexts.names, ", ");
  return support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                               "CONTEXT_UNKNOWN", support::kPostgresDomain)
      .Message(absl::StrCat("context \"", context,
                            "\" does not exist in the kubeconfig, which has: ",
                            names.empty() ? "none" : names, "."))
      .With("context", context)
      .With("contexts", names)
      .Field("context", absl::StrCat("one of: ", names))
      .Build();
}

}  // namespace

Plane* PlaneRegistry::Find(absl::string_view context) const {
  if (context.empty()) return current_.load(std::memory_order_acquire);
  std::shared_lock lock(mutex_);
  auto it = planes_.find(context);
  return it == planes_.end() ? nullptr : it->second.get();
}

absl::StatusOr<Plane*> PlaneRegistry::Get(absl::string_view context) {
  if (Plane* plane = Find(context)) return plane;
  std::unique_lock lock(mutex_);
  ASSIGN_OR_RETURN(PlaneFactory::Contexts contexts, factory_->ReadContexts());
  bool current = context.empty();
  std::string name = current ? contexts.current : std::string(context);
  if (name.empty()) return NoCurrentContext(contexts);
  auto it = planes_.find(name);
  if (it == planes_.end()) {
    if (std::find(contexts.names.begin(), contexts.names.end(), name) ==
        contexts.names.end()) {
      return UnknownContext(name, contexts);
    }
    ASSIGN_OR_RETURN(PlaneParts parts, factory_->Make(name));
    it = planes_.emplace(name, std::make_unique<Plane>(name, std::move(parts)))
             .first;
  }
  Plane* plane = it->second.get();
  // The meaning of "current" is fixed at its first use: a kubeconfig that is
  // edited later must not move running callers to another cluster.
  if (current) current_.store(plane, std::memory_order_release);
  return plane;
}

}  // namespace howdah::services
