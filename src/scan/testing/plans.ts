import fc from "fast-check";
import type { JsonType } from "../../transform/passing.ts";
import type { Envelope, Leaf, MemberPlan, ObjectPlan, Part, ScanPlan } from "../plan.ts";
import { randomOf } from "./mutator.ts";

/** Names of members, some of which are hard to tell apart. */
const names: readonly string[] = [
  ...["a", "b", "ab", "ba", "aa", "verb", "user", "userAgent", "user_name", "objectRef", "", ".", "a.b", "user.name"],
  ...["é", "名前", "\u{1f600}", 'q"', "back\\slash", "tab\t", "__proto__", "constructor", "\x7f"],
  ...[
    "x".repeat(15),
    "x".repeat(16),
    "x".repeat(17),
    "x".repeat(31),
    "x".repeat(32),
    `${"x".repeat(31)}y`,
    "x".repeat(64),
  ],
  ...[`${"x".repeat(40)}m${"x".repeat(23)}`, "é".repeat(100)],
];

/** Values, as written, of which some are known. */
export const values: readonly string[] = [
  ...['"secrets"', '"nodes"', '"leases"', '"update"'],
  ...['"get"', '"list"', '"lis"', '"listx"', '""', '"g\\u0065t"', '"\\n"', "1", "1.0", "-0", "true", "false", "null"],
  ...[
    "{}",
    "[]",
    "[ ]",
    '["get"]',
    '["get", "list"]',
    '{"a":1}',
    '{"a": "get"}',
    '{"verb":"list","b":2}',
    "[1,[2,{}]]",
  ],
  ...[
    `"${"v".repeat(252)}"`,
    `"${"v".repeat(253)}"`,
    `"${"v".repeat(254)}"`,
    `[${"1,".repeat(130)}1]`,
    '"eight888"',
    '"sixteen-sixteen."',
  ],
  ...[
    '"g\\u0065t"',
    '"\\u006c\\u0069\\u0073\\u0074"',
    '"li\\/st"',
    '"sec\\u005crets"',
    '"\\u0022list"',
    '"l\\u0069st\\t"',
    '"\\u017fecret"',
  ],
  ...[
    `"${"v".repeat(254)}\\u0026"`,
    `"${"\\u0076".repeat(682)}"`,
    `"${"\\u0076".repeat(682)}vv"`,
    `"${"\\u0076".repeat(682)}vvv"`,
  ],
  ...['"é"', '"éget"', '"名前"', `"${"w".repeat(30)}1"`, `"${"w".repeat(30)}2"`],
];

/** Parts of the texts in values, and texts that are nearly parts. */
const parts: readonly string[] = [
  ...["e", "s", "ge", "GET", "lis", "list", "ListX", "ists", "get_", "nodes", "secret", "888", "8888"],
  ...["sixteen-sixteen", "sixteen-sixteen.", "-sixteen.", "wwwwwwww1", `${"w".repeat(30)}2`, "v".repeat(32)],
  ...["v".repeat(33), `${"v".repeat(40)}w`, '"', "@", "[", "\\"],
];

/** Mostly one of a few names, so that records have what plans name. */
const usual = ["a", "b", "ab", "verb"];
const name = fc.oneof(fc.constantFrom(...usual), fc.constantFrom(...names));

/** Mostly the same, so that envelopes are what plans say. */
const textName = fc.oneof({ weight: 9, arbitrary: fc.constant("log") }, name);
const besideName = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("date", "stream") }, name);

const types: readonly JsonType[] = ["string", "number", "boolean", "null", "object", "array"];

interface ObjectShape {
  readonly members: readonly MemberShape[];
  readonly others: "free" | "asked";
  readonly hasPaths: boolean;
}

interface MemberShape {
  readonly name: string;
  readonly types: readonly JsonType[];
  readonly isRequired: boolean;
  readonly isLeaf: boolean;
  readonly object?: ObjectShape | undefined;
}

const { root } = fc.letrec<{ root: ObjectShape; member: MemberShape }>((tie) => ({
  root: fc.record({
    members: fc.uniqueArray(tie("member"), { maxLength: 4, selector: ({ name }) => name }),
    others: fc.oneof({ weight: 9, arbitrary: fc.constant("free" as const) }, fc.constant("asked" as const)),
    hasPaths: fc.nat(3).map((at) => at === 0),
  }),
  member: fc.record({
    name,
    types: fc.oneof({ weight: 6, arbitrary: fc.constant(types) }, fc.subarray([...types])),
    isRequired: fc.nat(9).map((at) => at === 0),
    isLeaf: fc.boolean(),
    object: fc.option(tie("root"), { nil: undefined, maxDepth: 2, freq: 1 }),
  }),
}));

/** A plan, and a seed for sets of its alternatives. */
export const planned: fc.Arbitrary<{ readonly plan: ScanPlan; readonly seed: number }> = fc
  .record({
    root,
    hasPrefixes: fc.boolean(),
    envelope: fc.option(fc.record({ text: textName, beside: fc.uniqueArray(besideName, { maxLength: 4 }) }), {
      nil: undefined,
    }),
    alternatives: fc.constantFrom(0, 1, 2, 31, 32, 33, 127, 128, 129, 500, 2048),
    seed: fc.nat(),
  })
  .map(({ root: shape, hasPrefixes, envelope: wanted, alternatives, seed }) => {
    const random = randomOf(seed);
    const leaves: Leaf[] = [];
    const objectOf = ({ members, ...rest }: ObjectShape): ObjectPlan => ({
      ...rest,
      members: new Map(members.map((member): [string, MemberPlan] => [member.name, memberOf(member)])),
    });
    const memberOf = ({ types: mayBe, isRequired, isLeaf, object }: MemberShape): MemberPlan => {
      const leaf = isLeaf && leaves.length < 32 ? leaves.length : undefined;
      if (leaf !== undefined)
        leaves.push({
          absent: randomSet(alternatives, random),
          otherTexts: random(2) === 0 ? undefined : randomSet(alternatives, random),
          parts: random(2) === 0 ? undefined : randomParts(alternatives, random),
        });
      return {
        types: mayBe,
        ...(isRequired && { isRequired }),
        ...(leaf !== undefined && { leaf }),
        ...(object && { object: objectOf(object) }),
      };
    };
    const root = objectOf(shape);
    const envelope = wanted && distinguished(root, wanted);
    return { plan: { root, hasPrefixes, envelope, alternatives, leaves }, seed };
  });

/** The envelope, if there is a member that tells records from it: that is then required. */
const distinguished = ({ members }: ObjectPlan, { text, beside }: Envelope): Envelope | undefined => {
  const others = [...members.keys()].filter((own) => own !== text && !beside.includes(own));
  const other = others.find((own) => usual.includes(own)) ?? others[0];
  if (other === undefined) return undefined;
  (members as Map<string, MemberPlan>).set(other, { ...members.get(other)!, isRequired: true });
  return { text, beside };
};

const randomParts = (alternatives: number, random: (below: number) => number): readonly Part[] =>
  Array.from({ length: random(5) }, () => ({
    text: parts[random(parts.length)]!,
    alternatives: randomSet(alternatives, random),
  }));

/** A set that is empty, full or sparse; bits after the last alternative mean nothing. */
export const randomSet = (alternatives: number, random: (below: number) => number): Uint32Array => {
  const set = new Uint32Array(Math.ceil(alternatives / 32));
  const kind = random(6);
  for (let word = 0; word < set.length; word++)
    set[word] = kind === 0 ? 0 : kind < 4 ? 2 ** 32 - 1 : kind === 4 ? random(2 ** 32) : 1 << random(32);
  return set;
};

const blank = fc.constantFrom("", "", "", "", " ", "\t", "\r", "  ");
const written = (label: string): fc.Arbitrary<string> =>
  fc.constantFrom(...Array.from({ length: 30 }, () => JSON.stringify(label)), escaped(label));
const escaped = (label: string): string =>
  `"${label.replace(/^./, (first) => `\\u${first.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;

const { object } = fc.letrec<{ object: string; member: string; value: string }>((tie) => ({
  object: fc
    .tuple(fc.array(tie("member"), { maxLength: 5 }), blank)
    .map(([members, space]) => `{${space}${members.join(`,${space}`)}${space}}`),
  member: fc
    .tuple(name.chain(written), blank, blank, tie("value"))
    .map(([label, before, after, value]) => `${label}${before}:${after}${value}`),
  value: fc.oneof({ maxDepth: 2 }, fc.constantFrom(...values), tie("object")),
}));

/** What is before an object in a line: mostly nothing. */
const prefix = fc.oneof(
  { weight: 5, arbitrary: fc.constant("") },
  fc.constantFrom(
    "2026-05-06T07:00:01.123456789Z stdout F ",
    " 2026-05-06T07:00:01+02:00 stderr F ",
    `${"x".repeat(64)} stdout F `,
  ),
  fc.constantFrom(
    "1 stdout P ",
    "1 stdout F:x ",
    "1  stdout F ",
    "1 stdout F  ",
    "stdout F ",
    "1 stdfoo F ",
    `${"x".repeat(65)} stdout F `,
  ),
);

/** An object, as text; most of its names and values are those of plans. */
export const recordText: fc.Arbitrary<string> = object;

/** The text of an object as a text in another: mostly with the usual escapes. */
const quoted: fc.Arbitrary<string> = fc
  .tuple(
    object,
    fc.constantFrom("", "", "\n", " ", "\n\n", "x"),
    fc.constantFrom("", "", "\n", " "),
    fc.nat({ max: 5 }),
  )
  .map(([text, after, before, kind]) => {
    const plain = JSON.stringify(before + text + after);
    if (kind === 0) return plain.replaceAll('\\"', "\\u0022").replaceAll("{", "\\u007B");
    return kind === 1
      ? plain.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      : plain;
  });

const envelope: fc.Arbitrary<string> = fc
  .tuple(textName, quoted, fc.array(fc.tuple(besideName, fc.constantFrom(...values)), { maxLength: 2 }), fc.boolean())
  .map(([label, text, others, isFirst]) => {
    const members = others.map(([other, value]) => `${JSON.stringify(other)}: ${value}`);
    const own = `${JSON.stringify(label)}:${text}`;
    return `{${(isFirst ? [own, ...members] : [...members, own]).join(",")}}`;
  });

/** A line with such an object, alone or in an envelope, which may be that of a container runtime. */
export const lineText: fc.Arbitrary<string> = fc
  .tuple(prefix, fc.oneof({ weight: 2, arbitrary: object }, envelope))
  .map(([before, text]) => before + text);
