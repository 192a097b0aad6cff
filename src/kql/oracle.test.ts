import { isIP } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import type { FieldType } from "../fields/types.ts";
import type { Guard } from "../guard/guard.ts";
import { GuardIndex } from "../guard/guard-index.ts";
import { guardOfKql } from "./guard.ts";
import { compileKql, type KqlLiteral, type KqlNode } from "./index.ts";

/** The slow and plain way: every value of the document under its whole path. */
const flatten = (value: unknown, path = "", into = new Map<string, unknown[]>()): Map<string, unknown[]> => {
  if (value === null) return into;
  if (Array.isArray(value)) for (const item of value) flatten(item, path, into);
  else if (typeof value === "object") {
    for (const [key, inner] of Object.entries(value!)) flatten(inner, path === "" ? key : `${path}.${key}`, into);
  } else into.set(path, [...(into.get(path) ?? []), value]);
  return into;
};

const regExp = (parts: readonly string[]) =>
  new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join(".*")}$`, "s");

const bits = (text: unknown): string | undefined => {
  if (typeof text !== "string" || isIP(text) === 0) return undefined;
  const ip = ipaddr.parse(text);
  const bytes = ip instanceof ipaddr.IPv4 ? ip.toIPv4MappedAddress().toByteArray() : ip.toByteArray();
  return bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
};

const holds = {
  "<": (n: number) => n < 0,
  "<=": (n: number) => n <= 0,
  ">": (n: number) => n > 0,
  ">=": (n: number) => n >= 0,
};

type Test = Extract<KqlNode, { type: "is" | "range" }>;

const judgeIp = (node: Test, value: unknown, literal: string) => {
  const own = bits(value);
  const [address, prefix] = literal.split("/");
  const wanted = bits(address);
  if (own === undefined || wanted === undefined) return false;
  if (node.type === "range") return holds[node.operator](own < wanted ? -1 : own > wanted ? 1 : 0);
  const fixed = prefix === undefined ? 128 : Number(prefix) + (address!.includes(":") ? 0 : 96);
  return own.slice(0, fixed) === wanted.slice(0, fixed);
};

const isStar = (parts: readonly string[]) => parts.length === 2 && parts.join("") === "";

const judge = (node: Test, type: FieldType | undefined, value: unknown): boolean => {
  const literal = node.value.type === "wildcard" ? node.value.parts : String((node.value as { value: unknown }).value);
  const isText = typeof literal === "string";
  if (type === "ip") return isText ? judgeIp(node, value, literal) : isStar(literal) && bits(value) !== undefined;
  if (type === "keyword" && String(value).length > 1024) return false;
  if (!isText) return regExp(literal).test(String(value));
  const numeric = typeof value === "number" && type === undefined;
  if (node.type === "is") return numeric ? Number.parseFloat(literal) === value : String(value) === literal;
  if (numeric)
    return !Number.isNaN(Number.parseFloat(literal)) && holds[node.operator](value - Number.parseFloat(literal));
  if (typeof value === "boolean" && type === undefined) return false;
  return holds[node.operator](Buffer.compare(Buffer.from(String(value)), Buffer.from(literal)));
};

const isExistence = ({ type, value }: Test) => type === "is" && value.type === "wildcard" && isStar(value.parts);

type Types = (field: string) => FieldType | "none" | undefined;

const oracle = (node: KqlNode, document: unknown, types: Types): boolean => {
  if (node.type === "and") return node.nodes.every((child) => oracle(child, document, types));
  if (node.type === "or") return node.nodes.some((child) => oracle(child, document, types));
  if (node.type === "not") return !oracle(node.node, document, types);
  if (node.type === "nested") throw new Error("not generated");
  const name = node.field.type === "wildcard" ? regExp(node.field.parts) : (node.field as { value: string }).value;
  return [...flatten(document)].some(([path, values]) => {
    const type = types(path);
    if (typeof name === "string" && isExistence(node) && path.startsWith(`${name}.`)) {
      // An object exists if there is a value in it; one without a type, if a field with a type is there.
      return (
        types(name) === undefined ||
        (types(name) === "none" &&
          type !== "none" &&
          type !== undefined &&
          values.some((value) => judge(node, type, value)))
      );
    }
    if (type === "none" || (typeof name === "string" ? path !== name : !name.test(path))) return false;
    return values.some((value) => judge(node, type, value));
  });
};

const addresses = ["192.0.2.1", "192.0.2.9", "::ffff:192.0.2.1", "2001:db8::1", "2001:DB8:0::1"];
const words = ["", "a", "ab", "aba", "abab", "a\nb", "a*b", "7", "07", "true", "\uffee", "😀", "x".repeat(1025)];
const fields = ["p", "p", "p", "p.q", "p.q.r", "s.p"];
const addressed = "source.ip";

const unquoted = (value: string): KqlLiteral =>
  value === "true" ? { type: "boolean", value: true } : { type: "unquoted", value };
const plain = fc
  .constantFrom(...words)
  .chain((word) => fc.constantFrom<KqlLiteral>(unquoted(word), { type: "quoted", value: word }));
const pattern = fc
  .array(fc.constantFrom("", "a", "b", "ab", "*", "."), { minLength: 2, maxLength: 4 })
  .map((parts): KqlLiteral => ({ type: "wildcard", parts }));
const address = fc.constantFrom(...addresses).map((value): KqlLiteral => ({ type: "quoted", value }));
const network = fc
  .tuple(fc.constantFrom(...addresses), fc.nat(32))
  .map(([ip, prefix]): KqlLiteral => ({ type: "unquoted", value: `${ip}/${prefix}` }));
const star: fc.Arbitrary<KqlLiteral> = fc.constant({ type: "wildcard", parts: ["", ""] });
const operator = fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const);
const name = fc.constantFrom(...fields).map((value): KqlLiteral => ({ type: "unquoted", value }));
const names = fc
  .constantFrom(["p", ""], ["", "p"], ["p.", ".r"], ["", "q", ""])
  .map((parts): KqlLiteral => ({ type: "wildcard", parts }));
const ip: fc.Arbitrary<KqlLiteral> = fc.constant({ type: "unquoted", value: addressed });

const leaf: fc.Arbitrary<KqlNode> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("is" as const),
      field: fc.oneof(name, name, names),
      value: fc.oneof(plain, pattern),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("range" as const), field: name, operator, value: plain }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("is" as const), field: ip, value: fc.oneof(address, network, star) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("range" as const), field: ip, operator, value: address }) },
);

const { node } = fc.letrec<{ node: KqlNode; nodes: KqlNode[] }>((tie) => ({
  nodes: fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({ type: fc.constant("and" as const), nodes: tie("nodes") }),
    fc.record({ type: fc.constant("or" as const), nodes: tie("nodes") }),
    fc.record({ type: fc.constant("not" as const), node: tie("node") }),
  ),
}));

const scalar = fc.oneof(fc.constantFrom(...words), fc.constantFrom(7, 7, 10, -1, true, false, null));
const { document } = fc.letrec<{ document: Record<string, unknown>; value: unknown }>((tie) => ({
  document: fc.dictionary(fc.constantFrom("p", "q", "r", "s", "p.q", "q.r", "s.p"), tie("value"), { maxKeys: 4 }),
  value: fc.oneof({ maxDepth: 4 }, scalar, scalar, tie("document"), fc.array(tie("value"), { maxLength: 3 })),
}));
/** Most queries ask for `p`, so most documents have it. */
const event = fc
  .tuple(
    document,
    fc.array(scalar, { maxLength: 2 }),
    fc.array(fc.constantFrom(...addresses, "nowhere"), { maxLength: 2 }),
  )
  .map(([data, p, ip]) => ({ p, ...data, source: { ip } }));

const isExcluded = (guard: Guard, data: Record<string, unknown>) => new GuardIndex([guard]).holding(data).length === 0;

describe("a compiled query, with a guard that excludes only events that it does not match,", () => {
  it("says what a plain reading of the flattened document says, by the JSON type of the values", () => {
    fc.assert(
      fc.property(node, event, (query, data) => {
        const matches = oracle(query, data, (path) => (path === addressed ? "ip" : undefined));
        expect(compileKql(query)(data)).toBe(matches);
        expect(matches && isExcluded(guardOfKql(query), data)).toBe(false);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 4000 : 1_000 },
    );
  });

  it("… and by given types, where what is not listed is not there", () => {
    const types = { p: "keyword", "p.q": "keyword", "p.q.r": "keyword", [addressed]: "ip" } as const;
    let excluded = 0;
    const typeOf: Types = (path) => (Object.hasOwn(types, path) ? types[path as keyof typeof types] : "none");
    fc.assert(
      fc.property(node, event, (query, data) => {
        const matches = oracle(query, data, typeOf);
        expect(compileKql(query, { fields: types })(data)).toBe(matches);
        const mayMatch = !isExcluded(guardOfKql(query, { fields: types }), data);
        expect(matches && !mayMatch).toBe(false);
        if (!mayMatch) excluded++;
      }),
      { numRuns: process.env["WEIR_LONG"] ? 2000 : 500 },
    );
    expect(excluded).toBeGreaterThan(50);
  });
});
