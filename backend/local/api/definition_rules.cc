#include "backend/local/api/definition_rules.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/schema.h"

namespace howdah::local {
namespace {

using Causes = std::vector<FieldCause>;

// What stands at a field of an object, and where.
struct Place {
  std::string path;
  const Json& value;

  Place At(const char* field) const {
    return {absl::StrCat(path, ".", field), PartOf(value, field)};
  }
  bool Has(const char* field) const {
    return value.is_object() && value.contains(field);
  }
  std::string Text(const char* field) const { return value.value(field, ""); }
  // Calls `check` with each element of a list.
  template <typename Check>
  void Each(const char* field, Check check) const {
    const Place list = At(field);
    if (!list.value.is_array()) return;
    for (size_t i = 0; i < list.value.size(); ++i) {
      check(Place{absl::StrCat(list.path, "[", i, "]"), list.value[i]});
    }
  }
};

void Refuse(bool wrong, const Place& place, absl::string_view why,
            Causes& causes) {
  if (wrong) causes.push_back(InvalidValue(place.path, place.value, why));
}

// Rules of the form `self == oldSelf`, which are not asked when the field comes
// or goes.
void CheckUnchanged(const Place& holder, const Json& old, const char* field,
                    absl::string_view why, Causes& causes) {
  if (!holder.Has(field) || !old.contains(field)) return;
  const Place place = holder.At(field);
  Refuse(place.value != old.at(field), place, why, causes);
}

void CheckLocale(const Place& holder, Causes& causes) {
  const auto needs = [&](const char* field, const char* provider) {
    Refuse(holder.Has(field) && holder.Text("localeProvider") != provider,
           holder,
           absl::StrCat(field,
                        " is only available when localeProvider is set to `",
                        provider, "`"),
           causes);
  };
  needs("builtinLocale", "builtin");
  needs("icuLocale", "icu");
  needs("icuRules", "icu");
}

void CheckUsage(const Place& holder, Causes& causes) {
  holder.Each("usage", [&](const Place& usage) {
    Refuse(usage.Text("name").empty(), usage.At("name"), "name is required",
           causes);
  });
}

void CheckDatabase(const Place& spec, const Json& old, Causes& causes) {
  CheckUnchanged(spec, old, "cluster",
                 "cluster reference is immutable after creation", causes);
  for (const char* field :
       {"name", "builtinLocale", "collationVersion", "encoding", "icuLocale",
        "icuRules", "locale", "localeCType", "localeCollate", "localeProvider",
        "template"}) {
    CheckUnchanged(spec, old, field, absl::StrCat(field, " is immutable"),
                   causes);
  }
  for (const char* reserved : {"postgres", "template0", "template1"}) {
    Refuse(spec.Text("name") == reserved, spec.At("name"),
           absl::StrCat("the name ", reserved, " is reserved"), causes);
  }
  CheckLocale(spec, causes);
  spec.Each("fdws", [&](const Place& fdw) { CheckUsage(fdw, causes); });
  spec.Each("servers", [&](const Place& server) {
    Refuse(server.Text("fdw").empty(), server.At("fdw"), "fdw is required",
           causes);
    CheckUsage(server, causes);
  });
}

void CheckDatabaseRole(const Place& spec, const Json& old, Causes& causes) {
  const std::string name = spec.Text("name");
  const auto refuse = [&](bool wrong, absl::string_view why) {
    Refuse(wrong, spec, why, causes);
  };
  refuse(old.value("name", name) != name, "name is immutable");
  refuse(spec.Text("ensure") == "absent",
         "ensure: absent is not supported for DatabaseRole; delete the "
         "resource with databaseRoleReclaimPolicy: delete instead");
  for (const char* reserved : {"postgres", "streaming_replica"}) {
    refuse(name == reserved,
           absl::StrCat("the role name ", name, " is reserved"));
  }
  refuse(absl::StartsWith(name, "pg_"),
         "role names starting with pg_ are reserved by PostgreSQL");
  refuse(absl::StartsWith(name, "cnpg_"),
         "role names starting with cnpg_ are reserved by the operator");
  refuse(name.empty(), "role name must not be empty");
  refuse(spec.Has("passwordSecret") && spec.At("disablePassword").value == true,
         "passwordSecret and disablePassword are mutually exclusive");
  refuse(spec.At("clientCertificate").At("enabled").value == true &&
             spec.At("login").value != true,
         "clientCertificate requires the role to have login enabled");
  CheckUnchanged(spec, old, "cluster",
                 "cluster reference is immutable after creation", causes);
}

void CheckCatalog(const Place& catalog, Causes& causes) {
  const std::string kind = catalog.Text("kind");
  for (const bool wrong :
       {kind != "ImageCatalog" && kind != "ClusterImageCatalog",
        catalog.At("apiGroup").value != kCnpgGroup}) {
    Refuse(wrong, catalog, "Only image catalogs are supported", causes);
  }
}

void CheckSynchronous(const Place& synchronous, Causes& causes) {
  Refuse(synchronous.Text("dataDurability") == "preferred" &&
             (!synchronous.At("standbyNamesPre").value.empty() ||
              !synchronous.At("standbyNamesPost").value.empty()),
         synchronous,
         "dataDurability set to 'preferred' requires empty 'standbyNamesPre' "
         "and empty 'standbyNamesPost'",
         causes);
  const Place number = synchronous.At("number");
  Refuse(number.value.is_number() && number.value <= 0, number,
         "The number of synchronous replicas should be greater than zero",
         causes);
}

void CheckCluster(const Place& spec, const Json& old, Causes& causes) {
  Refuse(spec.Has("imageName") && spec.Has("imageCatalogRef"), spec,
         "imageName and imageCatalogRef are mutually exclusive", causes);
  CheckLocale(spec.At("bootstrap").At("initdb"), causes);
  if (spec.Has("imageCatalogRef")) {
    CheckCatalog(spec.At("imageCatalogRef"), causes);
  }
  CheckSynchronous(spec.At("postgresql").At("synchronous"), causes);
  CheckUnchanged(spec, old, "serviceAccountName",
                 "serviceAccountName is immutable", causes);
}

}  // namespace

void CheckRules(const ResourceInfo& info, const Json& object,
                const Json* before, std::vector<FieldCause>& causes) {
  const Place spec{"spec", PartOf(object, "spec")};
  static const auto* const kNone = new Json(Json::object());
  const Json& old = PartOf(before == nullptr ? *kNone : *before, "spec");
  if (info.type.plural == "databases") CheckDatabase(spec, old, causes);
  if (info.type.plural == "databaseroles") CheckDatabaseRole(spec, old, causes);
  if (info.type.plural == "clusters") CheckCluster(spec, old, causes);
}

}  // namespace howdah::local
