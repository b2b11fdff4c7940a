// The store as the operator of a real cluster writes to it: what it sets is
// noted as set by `manager`, the name that CloudNativePG has there.
//
//   OperatorStore store(objects, &absl::Now);
//   store.Update(kClusters, "default", "demo", edit);   // managedFields follow
#ifndef HOWDAH_BACKEND_LOCAL_API_OPERATOR_STORE_H_
#define HOWDAH_BACKEND_LOCAL_API_OPERATOR_STORE_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// Threads: safe. Owns: nothing. Limits: the store must outlive it.
class OperatorStore : public ObjectStore {
 public:
  OperatorStore(ObjectStore& store, std::function<absl::Time()> clock)
      : store_(store), clock_(std::move(clock)) {}

  absl::StatusOr<Json> Get(const ResourceType& type,
                           absl::string_view namespace_name,
                           absl::string_view name) override;
  absl::StatusOr<Listing> List(const ResourceType& type,
                               absl::string_view namespace_name) override;
  absl::StatusOr<Json> Create(const ResourceType& type,
                              absl::string_view namespace_name,
                              Json object) override;
  absl::StatusOr<Json> Update(
      const ResourceType& type, absl::string_view namespace_name,
      absl::string_view name,
      const std::function<absl::Status(Json& object)>& edit) override;
  absl::StatusOr<Json> Delete(const ResourceType& type,
                              absl::string_view namespace_name,
                              absl::string_view name,
                              const Expected& expected) override;
  absl::StatusOr<int64_t> Subscribe(
      uint64_t after, std::function<void(const Change&)> on_change) override;
  void Unsubscribe(int64_t id) override;
  uint64_t resource_version() const override;

 private:
  ObjectStore& store_;
  const std::function<absl::Time()> clock_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_OPERATOR_STORE_H_
