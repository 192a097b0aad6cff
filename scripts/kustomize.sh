#!/usr/bin/env bash
# Writes what deploy/kustomize has in common with the Helm chart: kustomize.sh [FOLDER]. It needs helm.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-deploy/kustomize}

write() {
  local part=$1
  shift
  mkdir -p "$folder/$part"
  {
    echo "# Made from deploy/helm/weir by scripts/kustomize.sh"
    helm template weir deploy/helm/weir "$@" | sed '/^# Source/d; /^$/d'
  } >"$folder/$part/weir.yaml"
}

write audit-log
write pod-logs --namespace weir-pod-logs --set auditLog.enabled=false,podLogs.enabled=true
write webhook --set auditLog.enabled=false,webhook.enabled=true
write many-collectors --set auditLog.enabled=false,webhook.enabled=true,webhook.replicas=3,valkey.url=redis://valkey:6379
write detectors --set auditLog.enabled=false,detectors.enabled=true,detectors.replicas=3
