{{- define "weir.labels" -}}
app.kubernetes.io/name: weir
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "weir.name" -}}
{{ printf "%s-%s" .root.Release.Name .component | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* Of what belongs to no namespace. */}}
{{- define "weir.clusterName" -}}
{{ printf "%s-%s" .root.Release.Namespace (include "weir.name" .) }}
{{- end }}

{{- define "weir.image" -}}
{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}{{ .suffix }}
{{- end }}

{{/* Probes of a weir that serves --listen on port 9598. A full disk makes it unready, and must not restart it. */}}
{{- define "weir.probes" -}}
startupProbe: { httpGet: { path: /health, port: metrics }, periodSeconds: 2, failureThreshold: 60 }
livenessProbe: { httpGet: { path: /health, port: metrics }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
readinessProbe: { httpGet: { path: /ready, port: metrics }, periodSeconds: 5, timeoutSeconds: 5 }
{{- end }}

{{/* The pipeline of a part: its own text, or that of a file, with the shared history if there is one. */}}
{{- define "weir.pipeline" -}}
{{- $text := .own | default (.root.Files.Get .file) }}
{{- if and (or .root.Values.valkey.url .kafka) (not .own) }}
{{- $text = replace "\nsinks:\n" (printf "\n%s\nsinks:\n" (include "weir.history" . | trim | indent 4)) $text }}
{{- end }}
{{- trim $text }}
{{- end }}

{{/* The state of a detection: in Valkey if valkey.url is set, otherwise in Kafka for weirs that read Kafka. */}}
{{- define "weir.history" }}
{{- if not .root.Values.valkey.url }}
state:
  type: kafka
  brokers: ["${env:BROKER}"]
  topic: "${env:HISTORY}"
{{- else }}
state:
  type: valkey
  url: "${env:VALKEY_URL}"
  prefix: "${env:VALKEY_PREFIX}"
  {{- if .root.Values.valkey.secret }}
  username: "${env:VALKEY_USERNAME}"
  password: "${env:VALKEY_PASSWORD}"
  {{- end }}
  {{- if .root.Values.valkey.caSecret }}
  tls: { ca: /etc/weir/valkey/ca.crt }
  {{- end }}
{{- end }}
{{- end }}

{{/* Without a shared history, each of several weirs would have its own, and raise the same alerts. */}}
{{- define "weir.replicas" -}}
{{- if and (gt (int .replicas) 1) (not .own) (not .root.Values.valkey.url) }}
{{- fail (printf "%s.replicas is %d, so the weirs must share a history: set valkey.url, or %s.pipeline to a pipeline of your own" .values (int .replicas) .values) }}
{{- end }}
{{- .replicas }}
{{- end }}

{{- define "weir.valkey.env" -}}
{{- with .Values.valkey }}
{{- if .url }}
- { name: VALKEY_URL, value: {{ .url | quote }} }
- { name: VALKEY_PREFIX, value: {{ .prefix | quote }} }
{{- if .secret }}
- name: VALKEY_USERNAME
  valueFrom: { secretKeyRef: { name: {{ .secret | quote }}, key: username } }
- name: VALKEY_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ .secret | quote }}, key: password } }
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "weir.valkey.mount" -}}
{{- if and .Values.valkey.url .Values.valkey.caSecret }}
- { name: valkey, mountPath: /etc/weir/valkey, readOnly: true }
{{- end }}
{{- end }}

{{- define "weir.valkey.volume" -}}
{{- if and .Values.valkey.url .Values.valkey.caSecret }}
- name: valkey
  secret: { secretName: {{ .Values.valkey.caSecret | quote }}, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- end }}
