import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalIp, parseIp } from "../../fields/ip.ts";
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

/** An address as a number of 128 bits; that of IPv4 is at the end of `::ffff:0:0/96`. */
const bitsOf = (text: string): bigint | undefined =>
  parseIp(text)?.reduce((bits, group) => bits * 65_536n + BigInt(group), 0n);

/** Whether an address is the same as another one, or in a network. */
const isIn = (address: string, addressOrNetwork: string): boolean => {
  const [base = "", length = base.includes(":") ? "128" : "32"] = addressOrNetwork.split("/");
  const ignored = (base.includes(":") ? 128n : 32n) - BigInt(length);
  const [ours, theirs] = [bitsOf(address), bitsOf(base)];
  return ours !== undefined && theirs !== undefined && ours >> ignored === theirs >> ignored;
};

it("finds by networks in several entries what a plain loop over all values finds, also in events with many values", () => {
  const part = fc.constantFrom(0, 1, 127, 128, 255);
  const host = fc.oneof(
    fc.tuple(part, part).map(([a, b]) => `10.0.${a}.${b}`),
    part.map((a) => `2001:db8::${a}`),
    part.map((a) => `::ffff:10.0.1.${a}`),
  );
  const network = fc.oneof(
    fc.tuple(part, part, fc.constantFrom(0, 8, 23, 24, 25, 31, 32)).map(([a, b, bits]) => `10.0.${a}.${b}/${bits}`),
    fc.tuple(part, fc.constantFrom(0, 32, 120, 127, 128)).map(([a, bits]) => `2001:db8::${a}/${bits}`),
    fc.constantFrom("::ffff:10.0.1.0/120", "10.0.0.0/33", "10.0.0.0/", "/8"),
  );
  const isUsable = (text: string) => parseIp(text.split("/")[0]!) !== undefined && !/\/(33)?$/.test(text);
  const indicator = fc.record({
    a: fc.array(fc.oneof(host, network), { maxLength: 3 }),
    b: oneOrMore(fc.oneof(host, network)),
  });
  const values = fc.oneof(fc.array(host, { maxLength: 4 }), fc.array(host, { minLength: 9, maxLength: 20 }));
  const event = fc.record({ "source.ip": values, "destination.ip": values });
  const entries = fc
    .tuple(fc.constantFrom("a", "b"), fc.constantFrom("a", "b"), fc.boolean())
    .map(([one, other, negate]) => [
      { field: "source.ip", value: one, negate: false },
      { field: "destination.ip", value: other, negate },
    ]);
  fc.assert(
    fc.property(entries, fc.array(indicator, { maxLength: 12 }), event, (entries, threats, data) => {
      const given = threats.map((threat, at) => ({ _id: `i${at}`, ...threat }));
      const theirsOf = (threat: Data, value: string) => [threat[value] ?? []].flat().map(String).filter(isUsable);
      const holds = (threat: Data, { field, value, negate }: Entry) => {
        const [ours, theirs] = [data[field as keyof typeof data], theirsOf(threat, value)];
        const isCommon = ours.some((address) => theirs.some((each) => isIn(address, each)));
        if (!negate) return isCommon;
        return theirs.length === 0 ? ours.length > 0 : !isCommon;
      };
      const fitting = given.filter((threat) => entries.every((one) => holds(threat, one)));
      const wanted = entries.filter(({ negate }) => !negate);
      const found = matchedIn({ mapping: [{ entries }] }, given, data);
      expect(found.map(([field, , id]) => `${id} ${field}`).sort()).toEqual(
        fitting.flatMap(({ _id }) => wanted.map(({ field }) => `${_id} ${field}`)).sort(),
      );
      for (const [field, value, id] of found) {
        const threat = given.find(({ _id }) => _id === id)!;
        const { value: path } = wanted.find((one) => one.field === field)!;
        expect(data[field as keyof typeof data]).toContain(value);
        expect(theirsOf(threat, path).some((each) => isIn(value as string, each))).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
