import { isDeeperThan, isObject, maxDepth } from "../../json.ts";
import { isComponentId } from "../../topology/reference.ts";
import { decodeTime, encodeTime } from "../time-form.ts";
import type { StoredKey } from "./keys.ts";
import type { Maker, MakerRule } from "./maker.ts";

/** A component and what it remembers, but for its key spaces. Times are in milliseconds since 1970. */
export interface StoredComponent {
  readonly id: string;
  readonly maker: Maker;
  /** When it wants its next tick, the time of the last that changed something, and how many epochs have ended. */
  readonly wake: number | undefined;
  readonly mark: number | undefined;
  readonly epoch: number;
  /** The latest ingestion time of the data dir; 0 if there is none. */
  readonly clock: number;
  /** What its baseline was read from, as JSON; `undefined` if it has read none. */
  readonly baseline: string | undefined;
}

/** A key space within a component: `scope` is empty, or its name within the component. */
export interface StoredSpace {
  readonly component: string;
  readonly scope: string;
  /** The name of the rule that it belongs to, for people. */
  readonly rule?: string | undefined;
  /** What expires before it is gone. */
  readonly swept: number | undefined;
}

export type SealedLine =
  | { readonly kind: "component"; readonly component: StoredComponent }
  | { readonly kind: "space"; readonly space: StoredSpace }
  | { readonly kind: "key"; readonly key: StoredKey };

const time = (name: string, at: number | undefined) => (at === undefined ? {} : { [name]: encodeTime(at) });

/** The members of lines, to be sealed. */
export const componentMembers = ({ id, maker, wake, mark, epoch, clock, baseline }: StoredComponent): object => ({
  component: id,
  ...maker,
  epoch,
  ...time("wake", wake),
  ...time("mark", mark),
  ...(clock > 0 && time("clock", clock)),
  ...(baseline !== undefined && { baseline: JSON.parse(baseline) }),
});

export const spaceMembers = ({ component, scope, rule, swept }: StoredSpace): object => ({
  space: scope,
  of: component,
  ...(rule !== undefined && { rule }),
  ...time("swept", swept),
});

export const keyMembers = (stored: StoredKey): object => {
  const { key } = stored;
  if ("due" in stored) return { key, ...time("due", stored.due), ...valueMembers(stored.value) };
  return { key, ...time("expires", stored.expires), ...valueMembers(stored.value) };
};

/** How deep a value may be nested that is written as JSON: that of an event, in a list of some more. */
const deepest = maxDepth + 16;

/** A value as the JSON that it is, so that people and programs can read it; as `text` if that would change a character. */
const valueMembers = (text: string): object => {
  try {
    const value: unknown = JSON.parse(text);
    if (!isDeeperThan(value, deepest) && JSON.stringify(value) === text) return { value };
  } catch {
    // It is a text.
  }
  return { text };
};

/** Reads the members of a line with a seal. Throws an error that says what is wrong with it. */
export const readSealed = (given: Readonly<Record<string, unknown>>): SealedLine => {
  if (given["component"] !== undefined) return { kind: "component", component: readComponent(given) };
  if (given["space"] !== undefined) return { kind: "space", space: readSpace(given) };
  return { kind: "key", key: readKey(given) };
};

const readComponent = (given: Readonly<Record<string, unknown>>): StoredComponent => {
  const { component: id, type, epoch, baseline } = given;
  if (typeof id !== "string" || !isComponentId(id)) throw new Error('"component" must be the id of a component');
  if (typeof type !== "string" || !Number.isSafeInteger(epoch) || (epoch as number) < 0)
    throw new Error('"type" must be a text, and "epoch" a number of epochs');
  const maker: Maker = { type, ...readRules(given["rules"]), ...readOptions(given["options"]) };
  const clock = readTime(given, "clock") ?? 0;
  if (clock !== 0 && !(Number.isSafeInteger(clock) && clock > 0)) throw new Error('"clock" must be a time');
  return {
    id,
    maker,
    wake: finite(given, "wake"),
    mark: finite(given, "mark"),
    epoch: epoch as number,
    clock,
    baseline: baseline === undefined ? undefined : baselineText(baseline),
  };
};

const baselineText = (given: unknown): string => {
  if (isObject(given) && !isDeeperThan(given, 8) && Array.isArray(given["from"])) return JSON.stringify(given);
  throw new Error('"baseline" must have "from", a list of paths');
};

const readRules = (given: unknown): { readonly rules?: readonly MakerRule[] } => {
  if (given === undefined) return {};
  const isRule = (rule: unknown): rule is MakerRule =>
    isObject(rule) && ["id", "name", "memory"].every((member) => typeof rule[member] === "string");
  if (Array.isArray(given) && given.every(isRule)) return { rules: given };
  throw new Error('"rules" must be a list of rules with "id", "name" and "memory"');
};

const readOptions = (given: unknown): { readonly options?: Readonly<Record<string, unknown>> } => {
  if (given === undefined) return {};
  if (isObject(given) && !isDeeperThan(given, deepest)) return { options: given };
  throw new Error('"options" is not an object');
};

const readSpace = (given: Readonly<Record<string, unknown>>): StoredSpace => {
  const { of: component, space: scope } = given;
  if (typeof component !== "string" || !isComponentId(component))
    throw new Error('"of" must be the id of the component that the space is of');
  if (typeof scope !== "string" || !scope.isWellFormed() || !/^([^/\n]+(\/[^/\n]+)*)?$/.test(scope))
    throw new Error('"space" must be empty, or names with "/" between them');
  return { component, scope, swept: readTime(given, "swept") };
};

const readKey = (given: Readonly<Record<string, unknown>>): StoredKey => {
  const { key } = given;
  if (typeof key !== "string" || !key.isWellFormed()) throw new Error('"key" must be a text');
  const value = readValue(given);
  if (given["due"] === undefined) return { key, value, expires: readTime(given, "expires") };
  const due = finite(given, "due")!;
  if (!Number.isSafeInteger(due) || due < 0 || due > 999_999_999_999_999) throw new Error('"due" must be a time');
  return { key, value, due };
};

const readValue = (given: Readonly<Record<string, unknown>>): string => {
  const { text, value } = given;
  if (typeof text === "string" && text.isWellFormed() && value === undefined) return text;
  if (text !== undefined || value === undefined || isDeeperThan(value, deepest))
    throw new Error('it must have either "value", or "text" that is a text');
  return JSON.stringify(value);
};

const readTime = (given: Readonly<Record<string, unknown>>, member: string): number | undefined => {
  if (given[member] === undefined) return undefined;
  const at = decodeTime(given[member]);
  if (at === undefined) throw new Error(`"${member}" must be a time such as "2026-01-01T00:00:00.000Z"`);
  return at;
};

const finite = (given: Readonly<Record<string, unknown>>, member: string): number | undefined => {
  const at = readTime(given, member);
  if (at === undefined || Number.isFinite(at)) return at;
  throw new Error(`"${member}" must be a time such as "2026-01-01T00:00:00.000Z"`);
};
