import { isObject } from "weir/fields";
import { around } from "./around.ts";
import type { AuditEnvelope } from "./envelope.ts";
import { eventMembers } from "./shape.ts";

const byLowerCase = (names: Iterable<string>): ReadonlyMap<string, string> =>
  new Map([...names].map((name) => [name.toLowerCase(), name]));

const members = byLowerCase(eventMembers);
const userMembers = byLowerCase(["username", "uid", "groups", "extra"]);
const objectMembers = byLowerCase([
  "resource",
  "namespace",
  "name",
  "uid",
  "apiGroup",
  "apiVersion",
  "resourceVersion",
  "subresource",
]);
const inner: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ["user", userMembers],
  ["impersonatedUser", userMembers],
  ["objectRef", objectMembers],
]);

/**
 * An event whose members are named in another case, such as `AuditID`. Go writes these names for the apiserver's internal
 * type, which has no JSON names; tables change the case, too. A list of such events is under `Items`.
 */
export const goCase: readonly AuditEnvelope[] = [
  {
    name: "go_case_list",
    matches: ({ Items }) => Array.isArray(Items),
    open: ({ Items }) => (Items as readonly unknown[]).map((item) => ({ content: item })),
  },
  {
    name: "go_case",
    matches: (record) => {
      const names = new Set(Object.keys(record).map((name) => name.toLowerCase()));
      return names.has("auditid") && names.has("verb") && record["auditID"] === undefined;
    },
    open: (record) => {
      const known = Object.keys(record).filter((name) => members.has(name.toLowerCase()));
      const event = Object.fromEntries(known.map((name) => named(members.get(name.toLowerCase())!, record[name])));
      const rest = Object.entries(record).filter(([name]) => !members.has(name.toLowerCase()));
      return { content: event, context: around(Object.fromEntries(rest)) };
    },
  },
];

const named = (name: string, value: unknown): readonly [string, unknown] => {
  const names = inner.get(name);
  if (!names || !isObject(value)) return [name, value];
  return [
    name,
    Object.fromEntries(Object.entries(value).map(([key, one]) => [names.get(key.toLowerCase()) ?? key, one])),
  ];
};
