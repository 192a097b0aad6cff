import type { JsonType } from "../../transform/passing.ts";
import { deepestRecord, longestEscaped, longestRecord, longestValue, type ObjectPlan, type ScanPlan } from "../plan.ts";

/** What becomes of a record; with `unknown`, the leaf and its value as written. */
export interface Judgement {
  readonly why: "passed" | "wanted" | "asked" | "unknown";
  readonly leaf?: number;
  readonly value?: string;
}

/** What a scanner has to say of records, in the plain way: with JSON.parse, and one look at a member after the other. */
export class Oracle {
  readonly #plan: ScanPlan;
  readonly #known = new Map<string, Uint32Array>();
  readonly #open = new Map<number, Uint32Array>();
  /** How many envelopes it has opened. */
  opened = 0;

  constructor(plan: ScanPlan) {
    this.#plan = plan;
  }

  learn(leaf: number, json: string, alternatives: Uint32Array): void {
    this.#known.set(`${leaf} ${json}`, alternatives);
  }

  open(leaf: number, alternatives: Uint32Array): void {
    this.#open.set(leaf, alternatives);
  }

  /** A line as bytes in latin1. */
  judge(line: string): Judgement {
    const record = this.#plan.hasPrefixes ? line.replace(runtimePrefix, "") : line;
    if (line.length > longestRecord || !isObject(record) || depthOf(record) > deepestRecord) return { why: "asked" };
    const values = new Map<number, string>();
    const isBare = this.#isAsPlanned(record, this.#plan.root, values);
    if (!isBare && !this.#isEnvelope(record, values)) return { why: "asked" };
    if (!isBare) this.opened++;
    let left = Array.from({ length: this.#plan.alternatives }, (_, at) => at);
    const unknown: number[] = [];
    for (const leaf of this.#plan.leaves.keys()) {
      const { sets, isKnown } = this.#alternativesOf(leaf, values.get(leaf));
      if (!isKnown) unknown.push(leaf);
      if (sets.length > 0) left = left.filter((at) => sets.some((set) => ((set[at >> 5]! >>> (at & 31)) & 1) === 1));
    }
    if (left.length === 0) return { why: "passed" };
    const [leaf] = unknown;
    if (leaf === undefined) return { why: "wanted" };
    if (unknown.some((one) => values.get(one)!.length > longestValue)) return { why: "asked" };
    return isBare ? { why: "unknown", leaf, value: values.get(leaf)! } : { why: "unknown", leaf };
  }

  /** Whether there is a record in an envelope; notes the values of leaves. */
  #isEnvelope(json: string, values: Map<number, string>): boolean {
    const { envelope, root } = this.#plan;
    if (envelope === undefined) return false;
    const members = membersOf(json);
    const isKnown = members.every(
      ({ name }) => !name.includes("\\") && [envelope.text, ...envelope.beside].some((one) => latin1(one) === name),
    );
    const texts = members.filter(({ name }) => name === latin1(envelope.text)).map(({ value }) => value);
    if (!isKnown || texts.length === 0 || !texts.every((text) => text.startsWith('"') && text !== '""')) return false;
    const record = unescaped(texts.at(-1)!.slice(1, -1))?.replace(/^[ \t\r\n]+/, "");
    values.clear();
    return (
      record?.startsWith("{") === true &&
      isObject(record) &&
      depthOf(record) <= deepestRecord &&
      this.#isAsPlanned(record, root, values)
    );
  }

  /** What a value says: the alternatives in any of the sets, or anything if there are none; and whether this is all about it. */
  #alternativesOf(
    leaf: number,
    json: string | undefined,
  ): { readonly sets: readonly Uint32Array[]; readonly isKnown: boolean } {
    const { absent, otherTexts, parts } = this.#plan.leaves[leaf]!;
    if (json === undefined) return { sets: [absent], isKnown: true };
    const known = this.#known.get(`${leaf} ${json}`);
    if (known) return { sets: [known], isKnown: true };
    const open = this.#open.get(leaf);
    const text = otherTexts && plainTextOf(json);
    const asPlain =
      text === undefined || text.length > longestValue - 2 ? undefined : this.#known.get(`${leaf} "${text}"`);
    if (asPlain) return { sets: [asPlain], isKnown: true };
    if (otherTexts && text !== undefined && !(parts && /[^\0-\x7f]/.test(text))) {
      const there = (parts ?? []).filter((part) => withoutCase(text).includes(withoutCase(part.text)));
      const sets = [otherTexts, ...there.map(({ alternatives }) => alternatives)];
      return { sets, isKnown: there.length === 0 || open !== undefined };
    }
    return { sets: open ? [open] : [], isKnown: open !== undefined };
  }

  /** Looks for what is not as planned, and notes the values of leaves. */
  #isAsPlanned(json: string, plan: ObjectPlan, values: Map<number, string>): boolean {
    const members = membersOf(json).map(({ name, value }) => ({ name: nameOf(name), written: name, value }));
    if (members.some(({ written }) => written.includes("\\"))) return false;
    for (const { name, value } of members) {
      const member = plan.members.get(name);
      if (member === undefined) {
        const dot = name.indexOf(".", 1);
        if (plan.others === "asked" || (plan.hasPaths && dot > 0 && plan.members.has(name.slice(0, dot)))) return false;
        continue;
      }
      if (!member.types.includes(typeOfValid(value))) return false;
      if (member.isRequired && value === '""') return false;
      if (member.leaf !== undefined) values.set(member.leaf, value);
      if (member.object === undefined) continue;
      for (const leaf of leavesOf(member.object)) values.delete(leaf);
      // The values of items are not looked at.
      if (value.startsWith("["))
        for (const leaf of leavesOf(member.object)) values.set(leaf, "?".repeat(longestValue + 1));
      if (value.startsWith("{") && !this.#isAsPlanned(value, member.object, values)) return false;
    }
    const names = new Set(members.map(({ name }) => name));
    return [...plan.members].every(([name, { isRequired }]) => !isRequired || names.has(name));
  }
}

/** What is between the quotes of a text that is not empty, when it is written without escapes; `undefined` if it cannot be. */
const plainTextOf = (json: string): string | undefined => {
  if (!json.startsWith('"') || json === '""') return undefined;
  const written = json.slice(1, -1);
  if (!written.includes("\\")) return written;
  const text = json.length > longestEscaped ? undefined : unescaped(written);
  return text !== undefined && /^[^"\\\0-\x1f]+$/.test(text) ? text : undefined;
};

/** Characters that differ only in the bit of 0x20 become the same. */
const withoutCase = (text: string): string =>
  text.replace(/[\0-\x7f]/g, (character) => String.fromCharCode(character.charCodeAt(0) | 0x20));

/** Only what is certain to be one. */
const runtimePrefix = /^[ \t\r]*[A-Za-z0-9:.+-]{1,64} std(?:out|err) F (?=\{)/;

const leavesOf = ({ members }: ObjectPlan): number[] =>
  [...members.values()].flatMap(({ leaf, object }) => [
    ...(leaf === undefined ? [] : [leaf]),
    ...(object === undefined ? [] : leavesOf(object)),
  ]);

/** A name as it is written without escapes, as bytes in latin1. */
const latin1 = (name: string): string => Buffer.from(JSON.stringify(name)).toString("latin1");

/** A text without its escapes, if all are in ASCII. */
const unescaped = (text: string): string | undefined => {
  const codes = [...text.matchAll(/\\(?:u(....)|.)/g)].flatMap(([, code]) => (code === undefined ? [] : code));
  if (codes.some((code) => Number.parseInt(code, 16) > 0x7f)) return undefined;
  return text.replace(/\\(?:u....|.)/g, (written) => JSON.parse(`"${written}"`) as string);
};

const parsed = (json: string): unknown => JSON.parse(Buffer.from(json, "latin1").toString("utf8"));

/** The same names come again and again. */
const names = new Map<string, string>();

const nameOf = (json: string): string => {
  const known = names.get(json);
  if (known !== undefined) return known;
  const name = parsed(json) as string;
  if (names.size < 10_000) names.set(json, name);
  return name;
};

const types: Readonly<Record<string, JsonType>> = {
  "{": "object",
  "[": "array",
  '"': "string",
  t: "boolean",
  f: "boolean",
  n: "null",
};

/** Of a valid value, the first character tells. */
const typeOfValid = (json: string): JsonType => types[json[0]!] ?? "number";

/** Whether this is an object, as JSON.parse reads it. */
export const isObject = (json: string): boolean => {
  try {
    const value = parsed(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Where the text ends that begins here: at its last quote. */
const endOfText = (json: string, start: number): number => {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
};

/** How many levels valid JSON has. */
export const depthOf = (json: string): number => {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at]!;
    if (character === '"') at = endOfText(json, at);
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
};

/** The members of an object, which is valid, as written. */
const membersOf = (json: string): { readonly name: string; readonly value: string }[] => {
  const members: { name: string; value: string }[] = [];
  let depth = 0;
  let name = "";
  let start = -1;
  let before = "";
  let end = 0;
  for (const { 0: part, index } of json.matchAll(token)) {
    if (depth === 1 && (part === "," || part === "}") && start >= 0) {
      members.push({ name, value: json.slice(start, end) });
      start = -1;
    }
    if (depth === 1 && before === ":") start = index;
    if (depth === 1 && part === ":") name = before;
    if (part === "{" || part === "[") depth++;
    if (part === "}" || part === "]") depth--;
    before = part;
    end = index + part.length;
  }
  return members;
};
