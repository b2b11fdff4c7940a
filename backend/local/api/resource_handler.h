// The verbs on stored objects: get, list, watch, create, update, patch, delete
// and collection delete, with their query parameters.
//
//   ResourceHandler handler(store, &absl::Now);
//   absl::StatusOr<ApiResponse> response =
//       handler.Handle(*info, path, query, request);
#ifndef HOWDAH_BACKEND_LOCAL_API_RESOURCE_HANDLER_H_
#define HOWDAH_BACKEND_LOCAL_API_RESOURCE_HANDLER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/local/api/api_request.h"
#include "backend/local/api/representation.h"
#include "backend/local/api/resource_catalogue.h"
#include "backend/local/api/selectors.h"
#include "backend/local/api/write_options.h"
#include "backend/local/fields/managed_fields.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// Threads: safe. Limits: the store must outlive it.
class ResourceHandler {
 public:
  ResourceHandler(ObjectStore& store, std::function<absl::Time()> clock)
      : store_(store), clock_(std::move(clock)) {}

  absl::StatusOr<ApiResponse> Handle(const ResourceInfo& info,
                                     const ResourcePath& path,
                                     const Query& query,
                                     const ApiRequest& request);

 private:
  // One request with what its verbs need.
  struct Call {
    const ResourceInfo& info;
    const ResourcePath& path;
    const Query& query;
    const ApiRequest& request;
    Representation representation;
    WriteOptions options;
    // Server-side apply, which says itself whose fields are which.
    bool applies = false;
    std::vector<std::string> warnings;
  };
  struct Selection {
    LabelSelector labels;
    FieldSelector fields;
  };

  absl::StatusOr<ApiResponse> Get(Call& call);
  absl::StatusOr<ApiResponse> List(Call& call);
  absl::StatusOr<ApiResponse> Watch(Call& call);
  absl::StatusOr<ApiResponse> Create(Call& call);
  // The object of a request, read and with its metadata an object.
  absl::StatusOr<ApiResponse> CreateObject(Call& call, Json object);
  absl::StatusOr<ApiResponse> Update(Call& call);
  absl::StatusOr<ApiResponse> Patch(Call& call);
  absl::StatusOr<ApiResponse> Apply(Call& call);
  absl::StatusOr<ApiResponse> Delete(Call& call);
  absl::StatusOr<ApiResponse> DeleteCollection(Call& call);

  // Reads, lets `change` make the next object from the present one, checks and
  // writes it (or not, in a dry run).
  absl::StatusOr<Json> Write(
      Call& call,
      const std::function<absl::StatusOr<Json>(const Json& before)>& change,
      bool needs_version);
  // Refuses or warns about fields that the type does not have.
  // Those that `before` has already, if there is one, are not told again.
  absl::Status CheckFields(Call& call, Json& object, const Json* before);
  absl::Status CheckNamespace(const Call& call, absl::string_view name);
  // Completes the object and notes whose its fields are; `before` is null for a
  // new one.
  void CompleteFields(const Call& call, const Json* before, Json& object);
  FieldManager Manager(const Call& call) const;
  absl::StatusOr<Json> DeleteOne(Call& call, const std::string& space,
                                 const std::string& name, const Json& options);
  absl::StatusOr<Selection> ParseSelection(const Call& call);

  ApiResponse Respond(const Call& call, const Json& object, int code = 200);

  ObjectStore& store_;
  const std::function<absl::Time()> clock_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_RESOURCE_HANDLER_H_
