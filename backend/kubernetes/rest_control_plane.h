// ControlPlane over the REST API of a Kubernetes API server.
//
//   ASSIGN_OR_RETURN(Connection connection, kubeconfig.Resolve(context));
//   auto plane = MakeRestControlPlane(std::move(connection));
//
// Writes carry fieldManager=howdah and fieldValidation=Strict, so that an API
// server whose schema lacks a field refuses it instead of dropping it. Deletion
// is in the background, as kubectl does it: the name is free at once, and no
// finalizer stays behind when garbage collection stops.
#ifndef HOWDAH_BACKEND_KUBERNETES_REST_CONTROL_PLANE_H_
#define HOWDAH_BACKEND_KUBERNETES_REST_CONTROL_PLANE_H_

#include <memory>

#include "backend/kubernetes/api_client.h"
#include "backend/kubernetes/connection.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/net/clock.h"

namespace howdah::kubernetes {

// Makes no connection before the first call.
std::unique_ptr<ControlPlane> MakeRestControlPlane(Connection connection);

// With other retries and another clock; `clock` must outlive the plane.
std::unique_ptr<ControlPlane> MakeRestControlPlane(Connection connection,
                                                   ApiClientOptions options,
                                                   net::Clock& clock);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_REST_CONTROL_PLANE_H_
