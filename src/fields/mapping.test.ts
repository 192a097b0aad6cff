import { describe, expect, it } from "vitest";
import { ecsFields } from "./ecs-fields.ts";
import { mappingFor, mappingOf } from "./mapping.ts";

describe("the mapping of a field", () => {
  it.each([
    ["user_agent.original", "keyword", 1024],
    ["user.name", "keyword", 1024],
    ["process.args", "keyword", 1024],
    ["tags", "keyword", 1024],
    ["file.drive_letter", "keyword", 1],
    ["process.command_line", "wildcard", Infinity],
    ["process.parent.command_line", "wildcard", Infinity],
    ["url.full", "wildcard", Infinity],
    ["error.stack_trace", "wildcard", Infinity],
    ["http.request.body.content", "wildcard", Infinity],
    ["data_stream.dataset", "constant_keyword", Infinity],
    ["source.ip", "ip", Infinity],
    ["dns.resolved_ip", "ip", Infinity],
    ["message", "match_only_text", Infinity],
    ["error.message", "match_only_text", Infinity],
    ["@timestamp", "date", Infinity],
    ["process.interactive", "boolean", Infinity],
    ["host.cpu.usage", "scaled_float", Infinity],
    ["source.geo.location", "geo_point", Infinity],
    ["process.pe.imports", "flattened", Infinity],
    ["process.pe.imports.kernel32", "flattened_key", Infinity],
    ["email.attachments", "nested", Infinity],
    ["http.response.status_code", "long", Infinity],
    // Not indexed; a subfield of an object; nothing that ECS knows.
    ["event.original", "by_value", Infinity],
    ["labels.team", "by_value", Infinity],
    ["app.command_line", "by_value", Infinity],
    ["constructor", "by_value", Infinity],
    ["app.text", "by_value", Infinity],
    ["source.ip.text", "by_value", Infinity],
    // Elastic's other integrations.
    ["powershell.file.script_block_text", "script_text", Infinity],
    ["okta.client.ip", "ip", Infinity],
    // Elastic's Kubernetes integration.
    ["kubernetes.audit.requestURI", "keyword", 1024],
    ["kubernetes.audit.verb", "keyword", 1024],
    ["kubernetes.audit.objectRef.name", "keyword", 1024],
    ["kubernetes.audit.annotations.authorization_k8s_io/decision", "keyword", 1024],
    ["kubernetes.audit.annotations.authorization_k8s_io/reason", "text", Infinity],
    ["kubernetes.audit.responseStatus.message", "text", Infinity],
    ["kubernetes.audit.responseStatus.code", "integer", Infinity],
    ["kubernetes.audit.user.groups", "text", Infinity],
    ["kubernetes.audit.requestObject.spec.containers.image", "text", Infinity],
    ["kubernetes.audit.requestObject.rules", "nested", Infinity],
    ["kubernetes.audit.requestObject.spec.volumes.hostPath.path", "flattened_key", Infinity],
    ["kubernetes.audit.user.extra.scopes", "keyword", 1024],
  ])("%s is %s, up to %d units", (field, type, ignoreAbove) => {
    expect(mappingOf(field)).toEqual({ type, ignoreAbove });
  });

  it.each([
    ["process.name.text", "match_only_text", Infinity, ".text"],
    ["process.command_line.text", "match_only_text", Infinity, ".text"],
    ["dll.Ext.x.caseless", "caseless", 1024, ".caseless"],
  ])("%s is %s, up to %d units, of the field without %s", (field, type, ignoreAbove, suffix) => {
    expect(mappingOf(field)).toEqual({ type, ignoreAbove, suffix });
  });

  it("is one object for each mapping", () => {
    expect(mappingOf("user.name")).toBe(mappingOf("host.name"));
    expect(mappingOf("user.name")).toBe(mappingFor("keyword"));
    expect(mappingOf("a")).toBe(mappingOf("b"));
  });

  it("is there for all fields of ECS, each once", () => {
    const namesIn = (section: string) =>
      section
        .trim()
        .split("\n")
        .flatMap((line) => {
          const [parent, ...names] = line.split(/:? /);
          return names.map((name) => (parent === "" ? name : `${parent}.${name}`));
        });
    const names = Object.values(ecsFields).flatMap(namesIn);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(1500);
    for (const name of namesIn(ecsFields["keyword 1024"]!)) expect(mappingOf(name)).toBe(mappingFor("keyword"));
    for (const name of namesIn(ecsFields["wildcard"]!)) expect(mappingOf(name)).toBe(mappingFor("wildcard"));
  });
});
