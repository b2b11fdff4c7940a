// What `kubectl get` shows of each type: the columns of the built-in printers
// and of the CloudNativePG types.
#ifndef HOWDAH_BACKEND_LOCAL_API_PRINTER_COLUMNS_H_
#define HOWDAH_BACKEND_LOCAL_API_PRINTER_COLUMNS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "backend/local/api/resource_catalogue.h"

namespace howdah::local {

std::vector<Column> ClusterColumns();
// Database and DatabaseRole.
std::vector<Column> AppliedColumns();
std::vector<Column> ConfigMapColumns();
std::vector<Column> EventColumns();
std::vector<Column> NamespaceColumns();
std::vector<Column> PersistentVolumeClaimColumns();
std::vector<Column> PodColumns();
std::vector<Column> SecretColumns();
std::vector<Column> ServiceColumns();

// "5m12s", "3h", "2d4h": as kubectl prints ages.
std::string HumanDuration(absl::Duration duration);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_PRINTER_COLUMNS_H_
