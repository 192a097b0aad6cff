{{- define "weir.labels" -}}
app.kubernetes.io/name: weir
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "weir.name" -}}
{{ printf "%s-%s" .root.Release.Name .component | trunc 52 | trimSuffix "-" }}
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
