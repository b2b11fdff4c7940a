{{- define "howdah.labels" -}}
app.kubernetes.io/name: howdah
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "howdah.selector" -}}
app.kubernetes.io/name: howdah
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* A role of our own and its binding: in each of the namespaces, or for all.
     Arguments: root, name, rules. */}}
{{- define "howdah.role" -}}
{{- $root := .root }}
{{- $name := .name }}
{{- $rules := .rules }}
{{- range $namespace := $root.Values.namespaces | default (list "") }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "Role" "ClusterRole" (ne $namespace "") }}
metadata:
  name: {{ $name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "howdah.labels" $root | nindent 4 }}
rules:
  {{- $rules | nindent 2 }}
{{- end }}
{{- include "howdah.binding" (dict "root" $root "name" $name "role" $name "kind" (ternary "Role" "ClusterRole" (not (empty $root.Values.namespaces)))) }}
{{- end }}

{{/* What binds the ServiceAccount to a role, in each of the namespaces or for all.
     Arguments: root, name, role, kind. */}}
{{- define "howdah.binding" -}}
{{- $root := .root }}
{{- $name := .name }}
{{- $role := .role }}
{{- $kind := .kind }}
{{- range $namespace := $root.Values.namespaces | default (list "") }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "RoleBinding" "ClusterRoleBinding" (ne $namespace "") }}
metadata:
  name: {{ $name }}
  {{- with $namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "howdah.labels" $root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ $role }}
subjects:
  - kind: ServiceAccount
    name: {{ $root.Values.serviceAccount.name }}
    namespace: {{ $root.Release.Namespace }}
{{- end }}
{{- end }}

{{/* The operator's own roles cover these. */}}
{{- define "howdah.operatorResources" -}}
[backups, clusterimagecatalogs, clusters, databases, imagecatalogs, poolers, publications, scheduledbackups, subscriptions]
{{- end }}

{{/* What every container may do: nothing but run. */}}
{{- define "howdah.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Live and ready, asked on the admin listener, where no Host is checked. */}}
{{- define "howdah.probes" -}}
startupProbe:
  httpGet: {path: /health/live, port: {{ . }}}
  periodSeconds: 1
  failureThreshold: 30
livenessProbe:
  httpGet: {path: /health/live, port: {{ . }}}
  periodSeconds: 10
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /health/ready, port: {{ . }}}
  periodSeconds: 5
  failureThreshold: 2
{{- end }}


{{/* Who may call: from a Secret, or the values; and a Secret with more variables.
     Arguments: root, more. */}}
{{- define "howdah.oidc" -}}
{{- $oidc := .root.Values.oidc }}
{{- if not $oidc.existingSecret }}
env:
  - {name: OIDC_ISSUER, value: {{ $oidc.issuer | quote }}}
  - {name: OIDC_AUDIENCE, value: {{ $oidc.audience | quote }}}
{{- end }}
{{- with compact (list $oidc.existingSecret .more) }}
envFrom:
  {{- range . }}
  - secretRef: {name: {{ . }}}
  {{- end }}
{{- end }}
{{- end }}
