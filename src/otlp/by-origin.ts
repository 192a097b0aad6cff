import type { LogRecord, Resource, Scope } from "./model.ts";
import type { MappedRecord } from "./record-of-event.ts";

/** The records of one resource, by scope. */
export interface OfResource {
  readonly resource: Resource;
  readonly scopes: readonly { readonly scope: Scope; readonly logs: readonly LogRecord[] }[];
}

interface Group {
  readonly resource: Resource;
  readonly scopes: { readonly scope: Scope; readonly logs: LogRecord[] }[];
  readonly byScope: Map<string, LogRecord[]>;
}

/** Records of the same resource and scope together, each group in the order of its first record. */
export const byOrigin = (records: readonly MappedRecord[]): readonly OfResource[] => {
  const groups = new Map<string, Group>();
  for (const { origin, record } of records) {
    const { resource, scope } = origin;
    const key = keyOf(resource);
    const group: Group = groups.get(key) ?? { resource, scopes: [], byScope: new Map() };
    groups.set(key, group);
    const ofScope = keyOf(scope);
    const logs = group.byScope.get(ofScope);
    if (logs) logs.push(record);
    else {
      const first = [record];
      group.byScope.set(ofScope, first);
      group.scopes.push({ scope, logs: first });
    }
  }
  return [...groups.values()];
};

/** Equal for what is equal; types that JSON does not have are marked. */
const keyOf = (origin: Resource): string =>
  JSON.stringify(origin, (_name, value: unknown) => {
    if (typeof value === "bigint") return { int: String(value) };
    return typeof value === "number" ? { number: String(value) } : value;
  });
