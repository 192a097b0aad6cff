/**
 * The types of the fields of audit events in the mapping of Elastic's integration (elastic/integrations,
 * packages/kubernetes/data_stream/audit_logs/fields), in the form of the table of ECS. Images, groups and source addresses
 * are full text there, although many rules compare them as keywords.
 */
export const kubernetesFields: Readonly<Record<string, string>> = {
  "keyword 1024": `
kubernetes.audit: apiVersion auditID kind level requestURI stage userAgent verb
kubernetes.audit.annotations: authorization_k8s_io/decision
kubernetes.audit.impersonatedUser: uid username
kubernetes.audit.objectRef: apiGroup apiVersion name namespace resource resourceVersion subresource uid
kubernetes.audit.requestObject.spec.containers.securityContext.capabilities: add
kubernetes.audit.requestObject.spec.containers.securityContext: procMount
kubernetes.audit.requestObject.spec: restartPolicy serviceAccountName type
kubernetes.audit.responseObject.roleRef: kind
kubernetes.audit.responseObject.spec: restartPolicy
kubernetes.audit.responseStatus: reason status
kubernetes.audit.user: uid username
`,
  text: `
kubernetes.audit: sourceIPs
kubernetes.audit.annotations: authorization_k8s_io/reason
kubernetes.audit.impersonatedUser: groups
kubernetes.audit.requestObject.spec.containers: image
kubernetes.audit.responseStatus: message
kubernetes.audit.user: groups
`,
  boolean: `
kubernetes.audit.requestObject.spec.containers.securityContext: allowPrivilegeEscalation privileged runAsNonRoot
kubernetes.audit.requestObject.spec: hostIPC hostNetwork hostPID
kubernetes.audit.requestObject.spec.securityContext: runAsNonRoot
kubernetes.audit.responseObject.spec.containers.securityContext: allowPrivilegeEscalation privileged
kubernetes.audit.responseObject.spec: hostIPC hostNetwork hostPID
`,
  integer: `
kubernetes.audit.requestObject.spec.containers.securityContext: runAsGroup runAsUser
kubernetes.audit.requestObject.spec.securityContext: runAsGroup runAsUser
kubernetes.audit.responseObject.spec.containers.securityContext: runAsUser
kubernetes.audit.responseStatus: code
`,
  date: `
kubernetes.audit: requestReceivedTimestamp stageTimestamp
`,
  flattened: `
kubernetes.audit.requestObject.spec.containers: volumeMounts
kubernetes.audit.requestObject.spec.volumes: hostPath
kubernetes.audit.responseObject.spec.containers: volumeMounts
kubernetes.audit.responseObject.spec.volumes: hostPath
`,
  nested: `
kubernetes.audit.requestObject: rules
kubernetes.audit.responseObject: rules
`,
};

/** Objects whose keys are all keywords. */
export const keywordObjects: readonly string[] = [
  "kubernetes.audit.impersonatedUser.extra",
  "kubernetes.audit.user.extra",
];
