#include "backend/local/api/schema_data.h"

namespace howdah::local {

const char kClusterSchema[] = R"json({
"type": "object", "required": ["spec"], "description": "A PostgreSQL cluster.",
"properties": {
 "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "spec": {"type": "object", "required": ["instances"],
  "description": "What the cluster should be.",
  "properties": {
   "description": {"type": "string", "description": "For people."},
   "instances": {"type": "integer", "minimum": 1, "default": 1,
    "description": "Number of instances: one primary, the others replicas."},
   "imageName": {"type": "string",
    "description": "Its tag names the PostgreSQL version, which must be installed on this machine."},
   "storage": {"type": "object", "description": "Size of the data volume.",
    "properties": {
     "size": {"type": "string", "description": "A quantity, for example 10Gi."},
     "storageClass": {"type": "string"},
     "resizeInUseVolumes": {"type": "boolean", "default": true}},
    "x-unsupported": ["pvcTemplate"]},
   "postgresql": {"type": "object", "properties": {
     "parameters": {"type": "object", "additionalProperties": {"type": "string"},
      "description": "Settings of postgresql.conf."},
     "pg_hba": {"type": "array", "items": {"type": "string"}},
     "shared_preload_libraries": {"type": "array", "items": {"type": "string"}}},
    "x-unsupported": ["enableAlterSystem", "extensions", "ldap", "pg_ident", "promotionTimeout",
     "syncReplicaElectionConstraint", "synchronous"]},
   "bootstrap": {"type": "object", "properties": {
     "initdb": {"type": "object", "properties": {
       "database": {"type": "string"}, "owner": {"type": "string"},
       "secret": {"type": "object", "required": ["name"],
        "properties": {"name": {"type": "string"}}},
       "encoding": {"type": "string"}, "locale": {"type": "string"},
       "localeCollate": {"type": "string"}, "localeCType": {"type": "string"},
       "localeProvider": {"type": "string"}, "icuLocale": {"type": "string"},
       "icuRules": {"type": "string"}, "builtinLocale": {"type": "string"},
       "dataChecksums": {"type": "boolean"},
       "walSegmentSize": {"type": "integer", "minimum": 1, "maximum": 1024},
       "postInitSQL": {"type": "array", "items": {"type": "string"}},
       "postInitApplicationSQL": {"type": "array", "items": {"type": "string"}}},
      "x-unsupported": ["import", "options", "postInitApplicationSQLRefs",
       "postInitSQLRefs", "postInitTemplateSQL", "postInitTemplateSQLRefs"]}},
    "x-unsupported": ["pg_basebackup", "recovery"]},
   "enableSuperuserAccess": {"type": "boolean", "default": false,
    "description": "Whether postgres gets a password, in the Secret <cluster>-superuser."},
   "superuserSecret": {"type": "object", "required": ["name"],
    "properties": {"name": {"type": "string"}}},
   "managed": {"type": "object", "properties": {
     "roles": {"type": "array", "items": {"type": "object", "required": ["name"],
      "properties": {
       "name": {"type": "string"}, "comment": {"type": "string"},
       "ensure": {"type": "string", "enum": ["present", "absent"], "default": "present"},
       "login": {"type": "boolean"}, "superuser": {"type": "boolean"},
       "inherit": {"type": "boolean", "default": true},
       "createdb": {"type": "boolean"}, "createrole": {"type": "boolean"},
       "replication": {"type": "boolean"}, "bypassrls": {"type": "boolean"},
       "connectionLimit": {"type": "integer", "default": -1},
       "validUntil": {"type": "string", "format": "date-time"},
       "inRoles": {"type": "array", "items": {"type": "string"}},
       "passwordSecret": {"type": "object", "required": ["name"],
        "properties": {"name": {"type": "string"}}},
       "disablePassword": {"type": "boolean"}}}},
     "services": {"type": "object", "properties": {
      "disabledDefaultServices": {"type": "array",
       "items": {"type": "string", "enum": ["rw", "r", "ro"]}}},
      "x-unsupported": ["additional"]}}},
   "primaryUpdateStrategy": {"type": "string", "x-fixed": true,
    "enum": ["unsupervised", "supervised"], "default": "unsupervised"},
   "primaryUpdateMethod": {"type": "string", "x-fixed": true,
    "enum": ["switchover", "restart"], "default": "restart"},
   "minSyncReplicas": {"type": "integer", "x-fixed": true, "minimum": 0, "default": 0},
   "maxSyncReplicas": {"type": "integer", "x-fixed": true, "minimum": 0, "default": 0},
   "failoverDelay": {"type": "integer", "x-fixed": true, "default": 0},
   "startDelay": {"type": "integer", "x-fixed": true, "default": 3600},
   "stopDelay": {"type": "integer", "x-fixed": true, "default": 1800},
   "smartShutdownTimeout": {"type": "integer", "x-fixed": true, "default": 180},
   "switchoverDelay": {"type": "integer", "x-fixed": true, "default": 3600},
   "livenessProbeTimeout": {"type": "integer", "minimum": 0},
   "enablePDB": {"type": "boolean", "x-fixed": true, "default": true},
   "logLevel": {"type": "string", "x-fixed": true, "default": "info",
    "enum": ["error", "warning", "info", "debug", "trace"]}},
  "x-unsupported": ["affinity", "backup", "certificates", "env", "envFrom",
   "ephemeralVolumeSource", "ephemeralVolumesSizeLimit", "externalClusters",
   "imageCatalogRef", "imagePullPolicy", "imagePullSecrets",
   "inheritedMetadata", "monitoring",
   "nodeMaintenanceWindow", "plugins", "podSecurityContext", "podSelectorRefs",
   "postgresGID", "postgresUID", "primaryLease", "priorityClassName", "probes",
   "projectedVolumeTemplate", "replica", "replicationSlots", "resources",
   "schedulerName", "seccompProfile", "securityContext", "serviceAccountName",
   "serviceAccountTemplate", "tablespaces", "topologySpreadConstraints",
   "walStorage"]}}
})json";

const char kDatabaseSchema[] = R"json({
"type": "object", "required": ["spec"], "description": "A database of a cluster.",
"properties": {
 "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "spec": {"type": "object", "required": ["cluster", "name", "owner"],
  "properties": {
   "cluster": {"type": "object", "properties": {"name": {"type": "string", "default": ""}}},
   "name": {"type": "string"}, "owner": {"type": "string"},
   "ensure": {"type": "string", "enum": ["present", "absent"], "default": "present"},
   "databaseReclaimPolicy": {"type": "string", "enum": ["delete", "retain"], "default": "retain"},
   "template": {"type": "string"}, "encoding": {"type": "string"},
   "locale": {"type": "string"}, "localeProvider": {"type": "string"},
   "localeCollate": {"type": "string"}, "localeCType": {"type": "string"},
   "icuLocale": {"type": "string"}, "icuRules": {"type": "string"},
   "builtinLocale": {"type": "string"}, "collationVersion": {"type": "string"},
   "isTemplate": {"type": "boolean"}, "allowConnections": {"type": "boolean"},
   "connectionLimit": {"type": "integer"}, "tablespace": {"type": "string"},
   "schemas": {"type": "array", "items": {"type": "object", "required": ["name"],
    "properties": {"name": {"type": "string"}, "owner": {"type": "string"},
     "ensure": {"type": "string", "enum": ["present", "absent"], "default": "present"}}}},
   "extensions": {"type": "array", "items": {"type": "object", "required": ["name"],
    "properties": {"name": {"type": "string"}, "version": {"type": "string"},
     "schema": {"type": "string"},
     "ensure": {"type": "string", "enum": ["present", "absent"], "default": "present"}}}}},
  "x-unsupported": ["fdws", "servers"]}}
})json";

const char kDatabaseRoleSchema[] = R"json({
"type": "object", "required": ["spec"], "description": "A role of a cluster.",
"properties": {
 "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "spec": {"type": "object", "required": ["cluster", "name"],
  "properties": {
   "cluster": {"type": "object", "properties": {"name": {"type": "string", "default": ""}}},
   "name": {"type": "string"}, "comment": {"type": "string"},
   "ensure": {"type": "string", "enum": ["present", "absent"], "default": "present"},
   "login": {"type": "boolean"}, "superuser": {"type": "boolean"},
   "inherit": {"type": "boolean", "default": true},
   "createdb": {"type": "boolean"}, "createrole": {"type": "boolean"},
   "replication": {"type": "boolean"}, "bypassrls": {"type": "boolean"},
   "connectionLimit": {"type": "integer", "default": -1},
   "validUntil": {"type": "string", "format": "date-time"},
   "inRoles": {"type": "array", "items": {"type": "string"}},
   "passwordSecret": {"type": "object", "required": ["name"],
    "properties": {"name": {"type": "string"}}},
   "disablePassword": {"type": "boolean"},
   "databaseRoleReclaimPolicy": {"type": "string", "enum": ["delete", "retain"], "default": "retain"}},
  "x-unsupported": ["clientCertificate"]}}
})json";

const char kSecretSchema[] = R"json({
"type": "object", "description": "Small confidential data.", "properties": {
 "type": {"type": "string"}, "immutable": {"type": "boolean"},
 "data": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}},
 "stringData": {"type": "object", "additionalProperties": {"type": "string"}}}
})json";

const char kConfigMapSchema[] = R"json({
"type": "object", "description": "Small data.", "properties": {
 "immutable": {"type": "boolean"},
 "data": {"type": "object", "additionalProperties": {"type": "string"}},
 "binaryData": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}}}
})json";

const char kNamespaceSchema[] = R"json({
"type": "object", "description": "A scope for names.", "properties": {
 "spec": {"type": "object", "properties": {
  "finalizers": {"type": "array", "items": {"type": "string"}}}},
 "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}
})json";

const char kEventSchema[] = R"json({
"type": "object", "required": ["involvedObject"],
"description": "Something that happened to an object.", "properties": {
 "involvedObject": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "related": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "source": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "series": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "reason": {"type": "string"}, "message": {"type": "string"},
 "type": {"type": "string"}, "action": {"type": "string"},
 "count": {"type": "integer"},
 "firstTimestamp": {"type": "string", "format": "date-time"},
 "lastTimestamp": {"type": "string", "format": "date-time"},
 "eventTime": {"type": "string", "format": "date-time"},
 "reportingComponent": {"type": "string"},
 "reportingInstance": {"type": "string"}}
})json";

const char kFreeSchema[] = R"json({
"type": "object", "properties": {
 "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
 "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}
})json";

}  // namespace howdah::local
