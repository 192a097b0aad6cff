import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalIp } from "../../fields/ip.ts";
import type { Data } from "../../json.ts";
import type { Entry } from "./options.ts";
import { matchedIn } from "./testing/rule.ts";

const address = fc.constantFrom("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:DB8:0:0::1", "name");
const name = fc.constantFrom("a", "A", "b", 1, "1");
const oneOrMore = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { maxLength: 3 }));
const document = fc.record(
  {
    source: fc.record({ ip: oneOrMore(address) }),
    user: fc.record({ name: oneOrMore(name) }),
    zone: oneOrMore(name),
  },
  { requiredKeys: [] },
);
const fields = fc.constantFrom("source.ip", "user.name", "zone");
const elements = fc
  .array(fc.record({ field: fields, value: fields, negate: fc.boolean() }), { minLength: 1, maxLength: 3 })
  .map((entries) => ({ entries: entries.map((one, at) => (at === 0 ? { ...one, negate: false } : one)) }));

/** The values of a field, as texts; addresses in one form for the field of addresses. */
const valuesOf = (data: Data, path: string, isAddress: boolean): readonly string[] => {
  const found = path.split(".").reduce<unknown>((value, key) => (value as Data | undefined)?.[key], data);
  const texts = (found === undefined ? [] : [found].flat()).map(String);
  return isAddress ? texts.flatMap((text) => canonicalIp(text) ?? []) : texts;
};

const fits = (event: Data, threat: Data, { field, value, negate }: Entry): boolean => {
  const isAddress = field === "source.ip";
  const [ours, theirs] = [valuesOf(event, field, isAddress), valuesOf(threat, value, isAddress)];
  const isCommon = ours.some((text) => theirs.includes(text));
  if (!negate) return isCommon;
  return theirs.length === 0 ? ours.length > 0 : !isCommon;
};

it("finds what a plain double loop over events and indicators finds", () => {
  fc.assert(
    fc.property(
      fc.array(elements, { minLength: 1, maxLength: 3 }),
      fc.array(document, { maxLength: 8 }),
      fc.array(document, { maxLength: 5 }),
      (mapping, threats, events) => {
        const given = threats.map((threat, at) => ({ _id: `i${at}`, ...threat }));
        const expected = events.map((event) => [
          ...new Set(
            mapping.flatMap(({ entries }) =>
              given.flatMap((threat) =>
                entries.every((one) => fits(event, threat, one))
                  ? entries.filter(({ negate }) => !negate).map(({ field }) => `${threat._id} ${field}`)
                  : [],
              ),
            ),
          ),
        ]);
        const found = events.map((event) =>
          matchedIn({ mapping }, given, event).map(([field, , id]) => `${id} ${field}`),
        );
        expect(found.map((each) => [...each].sort())).toEqual(expected.map((each) => [...each].sort()));
      },
    ),
    { numRuns: 300 },
  );
});
