import { isIP } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { canonicalIp as canonical, compareIps, isIp, isWithin, parseIp, parseNetwork } from "./ip.ts";

const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const groups = fc.array(group, { minLength: 8, maxLength: 8 });
const hex = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(":");
const byte = fc.integer({ min: 0, max: 255 });
const v4 = fc.tuple(byte, byte, byte, byte).map((parts) => parts.join("."));
const address = fc.oneof(v4, groups.map(hex), fc.ipV6());
const noise = fc.string({ unit: fc.constantFrom("0", "1", "25", "f", ".", ":", "::"), maxLength: 12 });
/** An address after a slip: one character more, or another one. */
const nearly = fc
  .tuple(address, fc.nat(40), fc.constantFrom(".", ":", "0", "1", "g", " ", "%"), fc.boolean())
  .map(([text, at, slip, isMore]) => text.slice(0, at) + slip + text.slice(at + (isMore ? 0 : 1)));

describe("an address", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:c000:207", "192.0.2.7"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["::", "::"],
    ["2001:DB8::0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
    ["fe80::", "fe80::"],
    ["::192.0.2.7", "::c000:207"],
  ])("%s is printed as %s", (text, wanted) => {
    expect(canonical(text)).toBe(wanted);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.04",
    "0x1.2.3.4",
    "3232235521",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4:80",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "[::1]",
    "::1.2.3",
    "::01.2.3.4",
    "1.2.3.4::",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "10.0.0.0/8",
  ])("%j is none", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it("is what Node calls one, without zones, and printed as ipaddr.js prints it", () => {
    fc.assert(
      fc.property(fc.oneof(address, nearly, noise), (text) => {
        const isAddress = isIP(text) !== 0 && !text.includes("%");
        expect([isIp(text), parseIp(text) !== undefined]).toEqual([isAddress, isAddress]);
        // ipaddr.js reads ::1.2.3.4 as ::ffff:1.2.3.4, which is another address.
        if (isAddress && !/^::[^:]*\./.test(text)) expect(canonical(text)).toBe(printed(ipaddr.process(text)));
      }),
      { numRuns: 8000 },
    );
  });

  it("is a text", () => {
    for (const value of [undefined, null, 1, ["10.0.0.1"], { ip: "10.0.0.1" }]) expect(isIp(value)).toBe(false);
  });

  it("keeps its canonical text", () => {
    fc.assert(
      fc.property(address, (text) => {
        expect(canonical(canonical(text)!)).toBe(canonical(text));
      }),
    );
  });
});

const printed = (ip: ipaddr.IPv4 | ipaddr.IPv6) => (ip instanceof ipaddr.IPv6 ? ip.toRFC5952String() : ip.toString());

describe("a network", () => {
  it.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.9.9.9/8", "10.0.0.1", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/8", "::ffff:10.0.0.9", true],
    ["192.0.2.128/25", "192.0.2.127", false],
    ["192.0.2.4/32", "192.0.2.4", true],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "::1", false],
    ["fd00::/8", "fdff::1", true],
    ["fd00::/8", "fe00::", false],
    ["2001:db8::/33", "2001:db8:7fff::", true],
    ["2001:db8::/33", "2001:db8:8000::", false],
    ["::/0", "10.0.0.1", true],
    ["::ffff:10.0.0.0/104", "10.200.0.1", true],
  ])("%s holds %s: %s", (network, ip, wanted) => {
    expect(isWithin(parseIp(ip)!, parseNetwork(network)!)).toBe(wanted);
  });

  it.each(["10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "/8", "10.0.0.0/+8", "10.0.0/8"])(
    "%j is none",
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );

  it("holds the addresses whose first bits are its own", () => {
    const bitsOf = (ip: readonly number[]) => ip.map((part) => part.toString(2).padStart(16, "0")).join("");
    fc.assert(
      fc.property(groups, groups, fc.integer({ min: 0, max: 128 }), fc.nat(128), (a, b, bits, shared) => {
        const near = b.map((part, i) => ((i + 1) * 16 <= shared ? a[i]! : part));
        expect(isWithin(near, { address: a, bits })).toBe(bitsOf(near).slice(0, bits) === bitsOf(a).slice(0, bits));
      }),
    );
  });
});

it("addresses are in the order of their bits", () => {
  const number = (ip: readonly number[]) => ip.reduce((sum, part) => sum * 65536n + BigInt(part), 0n);
  fc.assert(
    fc.property(groups, groups, (a, b) => {
      expect(Math.sign(compareIps(a, b))).toBe(number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0);
    }),
  );
});
