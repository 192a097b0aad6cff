import type { Data } from "weir";

/** Members as Go names them where the type has no names for JSON. */
export const goCased = (one: Data): Data => {
  const special: Readonly<Record<string, string>> = {
    auditID: "AuditID",
    requestURI: "RequestURI",
    sourceIPs: "SourceIPs",
  };
  const upper = (name: string) => special[name] ?? name.slice(0, 1).toUpperCase() + name.slice(1);
  const cased = (value: unknown, same: readonly string[] = []): unknown =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).map(([name, one]) => [same.includes(name) ? name : upper(name), one]));
  const { objectRef, ...rest } = cased(one, ["kind", "apiVersion", "metadata", "objectRef"]) as Data;
  return { ...rest, ...(objectRef !== undefined && { ObjectRef: cased(objectRef) }) };
};

/** Every object and list becomes JSON text. */
export const textsOnly = (one: Data): Data =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [
      name,
      typeof value === "object" && value !== null ? JSON.stringify(value) : value,
    ]),
  );

const quoted = (text: unknown, none: string) =>
  JSON.stringify(typeof text === "string" && text !== "" ? text : none).replaceAll("$", "\\u0024");

/** What a line of the legacy text format contains of an event. Its URI names the object. */
export const legacyLine = (one: Data): string => {
  const { username, groups } = (one["user"] ?? {}) as Data;
  const { resource, namespace, name } = (one["objectRef"] ?? {}) as Data;
  const inside = namespace ? `/namespaces/${namespace}` : "";
  const path = `/api/v1${inside}/${encodeURIComponent(String(resource))}${name ? `/${encodeURIComponent(String(name))}` : ""}`;
  const list = Array.isArray(groups) ? groups.map((group) => JSON.stringify(group)).join(",") : "";
  const addresses = firstAddress(one)["sourceIPs"] as readonly unknown[] | undefined;
  return [
    `2026-05-06T07:00:00Z AUDIT: id=${quoted(one["auditID"], "")} stage=${quoted(one["stage"], "")}`,
    `ip=${quoted(addresses?.[0], "<unknown>")} method=${quoted(one["verb"], "")} user=${quoted(username, "<none>")}`,
    `groups=${quoted(list, "<none>")} as="<self>" asgroups="<lookup>" user-agent=${quoted(one["userAgent"], "")}`,
    `namespace="orchard" uri=${quoted(resource ? `${path}?x=1` : "/healthz", "")} response="200"`,
  ].join(" ");
};
export const firstAddress = ({ sourceIPs, ...one }: Data): Data =>
  Array.isArray(sourceIPs) ? { ...one, sourceIPs: sourceIPs.slice(0, 1) } : one;
