import type { JsonType } from "../transform/passing.ts";
import * as layout from "./layout.ts";
import { longestName, mostAlternatives, mostLeaves, mostMembers } from "./limits.ts";
import { writeParts } from "./part-tables.ts";
import type { Envelope, MemberPlan, ObjectPlan, ScanPlan } from "./plan.ts";
import { leafSetAt, setBytesOf, writeSet } from "./sets.ts";

/** Writes a plan into the memory of an engine. Throws a RangeError if it has more than a plan can have. */
export const writePlan = (memory: ArrayBuffer, plan: ScanPlan): void => {
  atMost(mostAlternatives, plan.alternatives, "alternatives");
  atMost(mostLeaves, plan.leaves.length, "leaves");
  writeBytes(new Uint8Array(memory));
  new PlanWriter(memory).write(plan);
  writeParts(memory, plan.leaves, plan.alternatives);
};

/** The place in a bucket of members, as the engines compute it. The name is between quotes, also if it is empty. */
export const bucketOf = (first: number, middle: number, last: number, length: number, object: number): number =>
  (first + 5 * middle + 17 * last + 67 * length + 3 * (object >> 4)) & (layout.bucketCount - 1);

const typeBits: Readonly<Record<JsonType, number>> = {
  string: layout.stringType,
  number: layout.numberType,
  boolean: layout.booleanType,
  null: layout.nullType,
  object: layout.objectType,
  array: layout.arrayType,
};

const allTypes = Object.keys(typeBits) as readonly JsonType[];

const quote = 0x22;

/** Writes what the bytes of JSON mean, for all engines. */
export const writeBytes = (bytes: Uint8Array): void => {
  const mark = (at: number, value: number, texts: string) => {
    for (const byte of Buffer.from(texts)) bytes[at + byte] = value;
  };
  mark(layout.typesAt, layout.stringType, '"');
  mark(layout.typesAt, layout.numberType, "-0123456789");
  mark(layout.typesAt, layout.booleanType, "tf");
  mark(layout.typesAt, layout.nullType, "n");
  mark(layout.typesAt, layout.objectType, "{");
  mark(layout.typesAt, layout.arrayType, "[");
  mark(layout.escapesAt, 1, '"\\/bfnrt');
  mark(layout.escapesAt, 2, "u");
  for (const [letter, byte] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"])
    bytes[layout.unescapedAt + letter!.charCodeAt(0)] = byte!.charCodeAt(0);
  mark(layout.hexDigitsAt, 1, "0123456789abcdefABCDEF");
  for (let length = 0; length < 16; length++)
    bytes.fill(255, layout.masksAt + 16 * length, layout.masksAt + 16 * length + length);
};

class PlanWriter {
  readonly #bytes: Uint8Array;
  readonly #numbers: Uint32Array;
  readonly #leaves = new Set<number>();
  #objects = 0;
  #members = 0;

  constructor(memory: ArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#numbers = new Uint32Array(memory);
  }

  write({ root, leaves, alternatives, envelope, hasPrefixes = false }: ScanPlan): void {
    this.#put(layout.hasPrefixesAt, hasPrefixes ? 1 : 0);
    this.#put(layout.leafCountAt, leaves.length);
    this.#put(layout.setBytesAt, setBytesOf(alternatives));
    const words = Math.ceil(alternatives / 32);
    writeSet(this.#numbers, layout.allAlternativesAt, new Uint32Array(words).fill(2 ** 32 - 1), alternatives);
    for (const [leaf, { absent, otherTexts }] of leaves.entries()) {
      const at = layout.leavesAt + leaf * layout.leafBytes;
      writeSet(this.#numbers, leafSetAt(leaf, "absent"), absent, alternatives);
      this.#put(at + layout.absentOffset, leafSetAt(leaf, "absent"));
      if (otherTexts === undefined) continue;
      writeSet(this.#numbers, leafSetAt(leaf, "otherTexts"), otherTexts, alternatives);
      this.#put(at + layout.otherTextsOffset, leafSetAt(leaf, "otherTexts"));
    }
    this.#object(root, leaves.length);
    if (envelope) this.#put(layout.envelopeAt, this.#envelope(envelope, root));
  }

  /** Writes an envelope; returns its address. */
  #envelope({ text, beside }: Envelope, { members }: ObjectPlan): number {
    const isDistinct = [...members].some(
      ([name, { isRequired }]) => isRequired && name !== text && !beside.includes(name),
    );
    if (!isDistinct) throw new RangeError("An envelope has all members that the plan requires of a record.");
    const asks = { others: "asked", hasPaths: false } as const;
    const others = beside
      .filter((name) => name !== text)
      .map((name): [string, MemberPlan] => [name, { types: allTypes }]);
    const at = this.#object({ ...asks, members: new Map(others) }, 0);
    const textAt = this.#member(text, at);
    this.#put(textAt + layout.memberTypesOffset, layout.stringType);
    this.#put(textAt + layout.leafOffset, layout.textLeaf + 1);
    this.#put(at + layout.requiredOffset, this.#put(textAt + layout.isRequiredOffset, 1));
    return at;
  }

  /** Writes an object and what is in it; returns its address. */
  #object({ members, others, hasPaths }: ObjectPlan, leafCount: number): number {
    const at = layout.objectsAt + this.#objects++ * layout.objectBytes;
    let required = 0;
    let leaves = 0;
    for (const [name, member] of members) {
      const memberAt = this.#member(name, at);
      this.#put(
        memberAt + layout.memberTypesOffset,
        member.types.reduce((bits, type) => bits | typeBits[type], 0),
      );
      if (member.isRequired) required += this.#put(memberAt + layout.isRequiredOffset, 1);
      if (member.leaf !== undefined) {
        this.#use(member.leaf, leafCount);
        leaves |= 1 << member.leaf;
        this.#put(memberAt + layout.leafOffset, member.leaf + 1);
      }
      if (member.object === undefined) continue;
      const objectAt = this.#put(memberAt + layout.objectOffset, this.#object(member.object, leafCount));
      leaves |= this.#numbers[(objectAt + layout.leavesOffset) >> 2]!;
    }
    this.#put(at + layout.othersOffset, others === "asked" ? layout.askOthers : hasPaths ? layout.askPaths : 0);
    this.#put(at + layout.requiredOffset, required);
    this.#put(at + layout.leavesOffset, leaves);
    return at;
  }

  /** Writes a member's name, and puts it into its bucket; returns its address. */
  #member(name: string, owner: number): number {
    if (!name.isWellFormed()) throw new RangeError(`The name "${name}" has half of a surrogate pair.`);
    const bytes = Buffer.from(name);
    atMost(longestName, bytes.length, `bytes in the name "${name}"`);
    atMost(mostMembers, this.#members + 1, "members");
    const at = layout.membersAt + this.#members * layout.memberBytes;
    const nameAt = layout.namesAt + this.#members++ * layout.nameBytes;
    this.#bytes.set(bytes, nameAt);
    const [first, middle, last] = [bytes[0], bytes[bytes.length >> 1], bytes.at(-1)].map((byte) => byte ?? quote);
    const bucketAt = layout.bucketsAt + 4 * bucketOf(first!, middle!, last!, bytes.length, owner);
    this.#put(at + layout.nameOffset, nameAt);
    this.#put(at + layout.nameLengthOffset, bytes.length);
    this.#put(at + layout.ownerOffset, owner);
    this.#put(at + layout.nextOffset, this.#numbers[bucketAt >> 2]!);
    this.#put(bucketAt, at);
    return at;
  }

  /** Takes a leaf, which has one place. */
  #use(leaf: number, leafCount: number): void {
    if (!Number.isInteger(leaf) || leaf < 0 || leaf >= leafCount) throw new RangeError(`The plan has no leaf ${leaf}.`);
    if (this.#leaves.has(leaf)) throw new RangeError(`The plan has leaf ${leaf} twice.`);
    this.#leaves.add(leaf);
  }

  #put(at: number, number: number): number {
    this.#numbers[at >> 2] = number;
    return number;
  }
}

const atMost = (most: number, count: number, what: string): void => {
  if (count > most) throw new RangeError(`A plan can have at most ${most} ${what}; this one has ${count}.`);
};
