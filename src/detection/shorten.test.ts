import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Data, isObject } from "../json.ts";
import { parseJson } from "../parse-json.ts";
import { shorten } from "./shorten.ts";

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const documents = fc
  .dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }), { size: "medium" })
  .map((data) => parseJson(JSON.stringify(data)) as Data);

/** Whether `part` has only what `all` has: the beginnings of lists and texts, and some of the members of objects. */
const isPart = (part: unknown, all: unknown): boolean => {
  if (typeof part === "string" && typeof all === "string") return all.startsWith(part);
  if (Array.isArray(part) && Array.isArray(all))
    return part.length <= all.length && part.every((item, index) => isPart(item, all[index]));
  if (isObject(part) && isObject(all))
    return Object.entries(part).every(([key, value]) => Object.hasOwn(all, key) && isPart(value, all[key]));
  return Object.is(part, all);
};

describe("shorten", () => {
  it("returns data that fits as it is", () => {
    fc.assert(
      fc.property(documents, fc.nat(50), (data, more) => {
        // The size counts a comma for the last member of each container, too.
        const result = shorten(data, bytesOf(data) * 2 + more);
        expect(result).toEqual({ data, fields: [] });
        expect(result.data).toBe(data);
      }),
    );
  });

  it("fits any data into any room, with a part of what was there, and names what is missing", () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 2, max: 400 }), (data, room) => {
        const { data: part, fields } = shorten(data, room);
        expect(bytesOf(part)).toBeLessThanOrEqual(room);
        expect(isPart(part, data)).toBe(true);
        expect(fields.length > 0).toBe(JSON.stringify(part) !== JSON.stringify(data));
      }),
      { numRuns: process.env["WEIR_LONG"] ? 500 : 125 },
    );
  });

  it("keeps small members whole, and of large ones the beginning", () => {
    const ips = Array.from({ length: 50_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const data = { user: { name: "ada" }, source: { ip: ips }, message: "x".repeat(1_000_000), verb: "get" };
    const { data: part, fields } = shorten(data, 10_000);
    expect(part).toMatchObject({ user: { name: "ada" }, verb: "get" });
    const { ip } = part["source"] as { readonly ip: readonly string[] };
    expect(ip.length).toBeGreaterThan(100);
    expect(ip).toEqual(ips.slice(0, ip.length));
    expect((part["message"] as string).length).toBeGreaterThan(4_000);
    expect(fields).toEqual(["source.ip", "message"]);
  });
});
