import type { JsonType } from "../transform/passing.ts";

export {
  deepestRecord,
  longestBlock,
  longestEscaped,
  longestRecord,
  longestValue,
  mostAlternatives,
  mostLeaves,
  mostMembers,
} from "./limits.ts";

/**
 * What a scanner looks for in records, which are JSON objects: the members that decide whether anybody can want the record, and
 * what their values say. A record is passed over only if it is certain that nobody wants it, and that the full path would
 * have taken it for valid. Whatever is not certain is asked: it takes the full path, which decides.
 */
export interface ScanPlan {
  /** What is known of the record itself. */
  readonly root: ObjectPlan;
  /** Whether a line may begin with what a container runtime (CRI) writes before it: `<time> stdout F `, or `stderr`. */
  readonly hasPrefixes?: boolean;
  /** An object that can wrap a record. */
  readonly envelope?: Envelope | undefined;
  /**
   * How many alternatives there are. A record is wanted if all conditions of one of them hold; a set of alternatives has a
   * bit for each, and is empty if nobody wants the record.
   */
  readonly alternatives: number;
  /** The values that are looked up, by the numbers that `MemberPlan.leaf` has. */
  readonly leaves: readonly Leaf[];
}

/**
 * An object that contains a record as JSON text. It is not a record itself: the plan requires a member that the envelope does not have.
 * A text with escapes for characters beyond ASCII is asked.
 */
export interface Envelope {
  /** The member with the text. */
  readonly text: string;
  /** The other members that it may have. With any others, it is asked. */
  readonly beside: readonly string[];
}

/** What is known of the members of an object. */
export interface ObjectPlan {
  readonly members: ReadonlyMap<string, MemberPlan>;
  /** Other members: anything may be in them (`free`), or the record is asked (`asked`). */
  readonly others: "free" | "asked";
  /**
   * Whether a dot in the name of another member stands for a level of nesting, as in paths of fields. A member whose name begins
   * with that of a known one and a dot is then asked.
   */
  readonly hasPaths: boolean;
}

/** A member: a record in which it is not as said here is asked. */
export interface MemberPlan {
  /** The JSON types that its value may have. */
  readonly types: readonly JsonType[];
  /** Whether it must be there, if its object is. If it is a text, it must not be empty. */
  readonly isRequired?: boolean;
  /** What is known of it if it is an object. If it is an array, leaves below it have values that are not known. */
  readonly object?: ObjectPlan;
  /** The number of the leaf for its value. */
  readonly leaf?: number;
}

/** What values at one place of a record say: for each, the alternatives that may still hold. */
export interface Leaf {
  /** If there is no value. */
  readonly absent: Alternatives;
  /**
   * If the value is a text, not empty, and not known; `undefined`: it is asked, and may be learned. A text with escapes is asked,
   * too, if it has more than `longestEscaped` bytes, or if one of them stands for a character beyond ASCII or one that must be
   * escaped (a quote, a backslash or a control character). All others are only another way to write a text.
   */
  readonly otherTexts: Alternatives | undefined;
  /**
   * If given, `otherTexts` is only what a text says that is ASCII and has none of these parts. One with some of them says at most what they
   * and `otherTexts` say together. It may be learned; if the leaf is open, it says that. A text that is not ASCII may say anything.
   */
  readonly parts?: readonly Part[] | undefined;
}

/** A part of texts: a text has it if it contains the same ASCII characters, apart from the bit of 0x20, which is the case of letters. */
export interface Part {
  readonly text: string;
  readonly alternatives: Alternatives;
}

/** A set of alternatives: a bit for each, in words of 32 bits, the first alternative in the lowest bit of the first word. */
export type Alternatives = Uint32Array;

/** A record that takes the full path, and why. */
export interface Found {
  /** Where it is in the block: `[start, end)`, without the line feed or comma that follows. */
  start: number;
  end: number;
  /**
   * `wanted`: somebody may want it. `asked`: it is not certain. `unknown`: the value of a leaf is not known, but everything
   * else is certain; tell it with `learn` for the next time (of a value in an envelope, start and end are the same). If no alternative is left whatever the value says, the record is
   * passed over.
   */
  why: "wanted" | "asked" | "unknown";
  /** With `unknown`: the first such leaf, and where its value is in the block, as JSON. */
  leaf: number;
  valueStart: number;
  valueEnd: number;
}

/**
 * Scans blocks of records by a plan. It reads each record once, as bytes, and decides three things in this pass: whether it is
 * a JSON object as JSON.parse accepts it, whether it is as the plan says, and which alternatives may hold.
 *
 * Valid UTF-8 is up to the caller: bytes above 0x7f mean nothing to the scanner. It says if there are none.
 */
export interface Scanner {
  /**
   * Scans the lines in `block[start, end)`, which ends with a line feed and has at most `longestBlock` bytes. It stops
   * after so many found records as fit: `reached` says where. Empty lines are asked, too. The result is reused by the next scan.
   */
  lines(block: Uint8Array, start: number, end: number): Scanned;
  /**
   * Scans items of a JSON array: `block[start, end)` begins with one, or white space before it, and more follow after commas.
   * It stops before the first item that is not an object or not valid or too deep or goes on after `end`, and after the last
   * one of the array: `reached` is then where this item begins, or where the `]` is. An item goes on until it is certain that
   * another follows its comma, or until the `]`.
   */
  items(block: Uint8Array, start: number, end: number): Scanned;
  /**
   * From now on, the value `json` (bytes as written in a record, at most `longestValue`) of the leaf says this. Returns
   * false if there is no room; then all that was learned is forgotten.
   */
  learn(leaf: number, json: Uint8Array, alternatives: Alternatives): boolean;
  /**
   * From now on, any value says this that is not known, and is no text of which `otherTexts` or `parts` say more: for leaves with
   * too many values.
   */
  open(leaf: number, alternatives: Alternatives): void;
}

/** What a scan found. */
export interface Scanned {
  /** How many records were scanned. Those that were not found are passed over. */
  readonly records: number;
  /** The records that take the full path, in order; the first `count` of the list. */
  readonly found: readonly Found[];
  readonly count: number;
  /** Up to where the block was scanned: after the line feed of the last line, or as said for `items`. */
  readonly reached: number;
  /**
   * Whether it is certain that all records that are passed over, or unknown, have no bytes above 0x7f, but for names of the plan.
   * The plain scanner is never certain.
   */
  readonly isAscii: boolean;
}
