#include "backend/local/store/object_rules.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace howdah::local {
namespace {

// Built-in types of the core group have no generation.
bool HasGeneration(const ResourceType& type) {
  return !type.group.empty() && type.group != "events.k8s.io";
}

const Json* Find(const Json& object, absl::string_view key) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(std::string(key));
  return found == object.end() ? nullptr : &*found;
}

bool SameOutsideMetadataAndStatus(const Json& a, const Json& b) {
  auto covered = [](const Json& from, const Json& in) {
    for (const auto& [key, value] : from.items()) {
      if (key == "metadata" || key == "status") continue;
      const Json* other = Find(in, key);
      if (other == nullptr || *other != value) return false;
    }
    return true;
  };
  return covered(a, b) && covered(b, a);
}

void Restore(const Json& before, Json& metadata, const char* key) {
  if (const Json* value = Find(before, key)) {
    metadata[key] = *value;
  } else {
    metadata.erase(key);
  }
}

}  // namespace

std::string NewUid() {
  unsigned char bytes[16];
  for (size_t have = 0; have < sizeof(bytes);) {
    ssize_t got = getrandom(bytes + have, sizeof(bytes) - have, 0);
    if (got > 0) have += static_cast<size_t>(got);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    absl::StrAppend(&text, absl::Hex(bytes[i], absl::kZeroPad2));
  }
  return text;
}

std::string KubernetesTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string TextAt(const Json& object, absl::string_view a,
                   absl::string_view b) {
  const Json* outer = Find(object, a);
  const Json* inner = outer == nullptr ? nullptr : Find(*outer, b);
  if (inner == nullptr || !inner->is_string()) return "";
  return inner->get<std::string>();
}

std::string NameOf(const Json& object) {
  return TextAt(object, "metadata", "name");
}
std::string NamespaceOf(const Json& object) {
  return TextAt(object, "metadata", "namespace");
}
std::string UidOf(const Json& object) {
  return TextAt(object, "metadata", "uid");
}

void DropEmptyMetadata(Json& metadata) {
  for (const char* key :
       {"labels", "annotations", "finalizers", "ownerReferences"}) {
    const Json* value = Find(metadata, key);
    if (value != nullptr && (value->is_null() || value->empty())) {
      metadata.erase(key);
    }
  }
  metadata.erase("selfLink");
}

Json NewObject(const ResourceType& type, absl::string_view namespace_name,
               Json object, absl::Time now) {
  Json& metadata = object["metadata"];
  DropEmptyMetadata(metadata);
  metadata["uid"] = NewUid();
  metadata["creationTimestamp"] = KubernetesTime(now);
  metadata.erase("resourceVersion");
  metadata.erase("deletionTimestamp");
  metadata.erase("deletionGracePeriodSeconds");
  if (namespace_name.empty()) {
    metadata.erase("namespace");
  } else {
    metadata["namespace"] = std::string(namespace_name);
  }
  if (HasGeneration(type)) {
    metadata["generation"] = 1;
  } else {
    metadata.erase("generation");
  }
  return object;
}

Json NextObject(const ResourceType& type, const Json& before, Json edited) {
  const Json& old = before.at("metadata");
  if (!edited.is_object()) edited = Json::object();
  Json& metadata = edited["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  DropEmptyMetadata(metadata);
  for (const char* key :
       {"name", "namespace", "generateName", "uid", "creationTimestamp",
        "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds",
        "generation"}) {
    Restore(old, metadata, key);
  }
  if (HasGeneration(type) && !SameOutsideMetadataAndStatus(before, edited)) {
    metadata["generation"] = old.value("generation", int64_t{0}) + 1;
  }
  return edited;
}

Json MarkDeleted(const Json& object, absl::Time now) {
  if (IsTerminating(object)) return object;
  Json marked = object;
  Json& metadata = marked["metadata"];
  metadata["deletionTimestamp"] = KubernetesTime(now);
  metadata["deletionGracePeriodSeconds"] = 0;
  if (metadata.contains("generation")) {
    metadata["generation"] = metadata["generation"].get<int64_t>() + 1;
  }
  return marked;
}

void SetResourceVersion(Json& object, uint64_t version) {
  object["metadata"]["resourceVersion"] = std::to_string(version);
}

bool IsTerminating(const Json& object) {
  return !TextAt(object, "metadata", "deletionTimestamp").empty();
}

bool HasFinalizer(const Json& object, absl::string_view finalizer) {
  const Json* metadata = Find(object, "metadata");
  const Json* list =
      metadata == nullptr ? nullptr : Find(*metadata, "finalizers");
  if (list == nullptr || !list->is_array()) return false;
  return std::find(list->begin(), list->end(), std::string(finalizer)) !=
         list->end();
}

bool HasFinalizers(const ResourceType& type, const Json& object) {
  auto held = [&](const char* part) {
    const Json* outer = Find(object, part);
    const Json* list = outer == nullptr ? nullptr : Find(*outer, "finalizers");
    return list != nullptr && list->is_array() && !list->empty();
  };
  if (held("metadata")) return true;
  return type.group.empty() && type.plural == "namespaces" && held("spec");
}

std::vector<std::string> OwnerUids(const Json& object) {
  std::vector<std::string> uids;
  const Json* metadata = Find(object, "metadata");
  const Json* owners =
      metadata == nullptr ? nullptr : Find(*metadata, "ownerReferences");
  if (owners == nullptr || !owners->is_array()) return uids;
  for (const Json& owner : *owners) {
    const Json* uid = Find(owner, "uid");
    if (uid != nullptr && uid->is_string()) {
      uids.push_back(uid->get<std::string>());
    }
  }
  return uids;
}

}  // namespace howdah::local
