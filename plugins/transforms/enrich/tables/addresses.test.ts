import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { readWhole } from "weir/tables";
import { writeMmdb } from "../../../../test/mmdb-writer.ts";
import { csvReader } from "./csv.ts";
import { mmdbReader } from "./mmdb.ts";
import type { Table, TableOptions, TableReader } from "./table.ts";

const tableOf = (read: TableReader, content: string | Buffer, options: Partial<TableOptions> = {}): Table =>
  readWhole(read(Buffer.from(content), { key: "k", match: "exact", ignoreCase: false, ...options }));

const byte = fc.integer({ min: 0, max: 255 });
const v4 = fc
  .tuple(fc.constantFrom(10, 11), fc.constantFrom(0, 128), fc.constantFrom(0, 1), byte)
  .map((parts) => parts.join("."));
const v6 = fc
  .tuple(fc.constantFrom("fd00", "fd01"), fc.constantFrom("0", "8000"), fc.constantFrom("1", "ffff"))
  .map(([a, b, c]) => `${a}:${b}::${c}`);
const network = fc.oneof(
  fc.tuple(v4, fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(v6, fc.integer({ min: 0, max: 128 })).map(([address, bits]) => `${address}/${bits}`),
);

const isIn = (address: string, network: string): boolean => {
  const [ip, range] = [ipaddr.process(address), ipaddr.parseCIDR(network)];
  // As in queries, an address of IPv4 is one of IPv6, too.
  if (ip.kind() === "ipv4" && range[0].kind() === "ipv6") return range[1] === 0;
  return ip.kind() === range[0].kind() && ip.match(range);
};
const lengthOf = (network: string) => Number(network.split("/")[1]);
/** How many bits of an address are free. */
const sizeOf = (network: string) => (network.includes(":") ? 128 : 32) - lengthOf(network);
/** Two texts of one network have the same start. */
const startOf = (network: string) =>
  `${network.includes(":")}${ipaddr
    .parseCIDR(network)[0]
    .toByteArray()
    .map((part) => part.toString(2).padStart(8, "0"))
    .join("")
    .slice(0, lengthOf(network))}`;

describe("networks", () => {
  it("have the addresses that a plain loop finds in them; the smallest counts", () => {
    const networks = fc.uniqueArray(network, { selector: startOf, maxLength: 8 });
    fc.assert(
      fc.property(
        networks,
        fc.array(
          fc.oneof(
            v4,
            v6,
            v4.map((ip) => `::ffff:${ip}`),
          ),
          { maxLength: 5 },
        ),
        (networks, addresses) => {
          const table = tableOf(csvReader(","), `k,v\n${networks.map((one, at) => `${one},${at}`).join("\n")}\n`, {
            match: "network",
          });
          for (const address of addresses) {
            const all = networks.filter((one) => isIn(address, one)).sort((a, b) => sizeOf(a) - sizeOf(b));
            expect(table.find(address)).toEqual(all.length > 0 ? { v: String(networks.indexOf(all[0]!)) } : undefined);
          }
        },
      ),
    );
  });

  it("can be single addresses, and nothing else", () => {
    const table = tableOf(csvReader(","), "k,v\n10.0.0.1,a\n::1,b\n", { match: "network" });
    expect([
      table.find("10.0.0.1"),
      table.find("0:0:0:0:0:0:0:1"),
      table.find("10.0.0.2"),
      table.find("10.0.0.1/32"),
    ]).toEqual([{ v: "a" }, { v: "b" }, undefined, undefined]);
    expect(() => tableOf(csvReader(","), "k,v\nhost,a\n", { match: "network" })).toThrow(
      'line 2: "host" is no network such as 10.0.0.0/8',
    );
  });
});

describe("a database of MaxMind's format", () => {
  const options = { key: undefined };

  it("has the addresses that a plain loop finds in its networks", () => {
    const disjoint = fc
      .array(
        network.filter((one) => lengthOf(one) > 0),
        { maxLength: 8 },
      )
      .map((all) =>
        all.filter(
          (one, at) =>
            !all
              .slice(0, at)
              .some((other) => startOf(one).startsWith(startOf(other)) || startOf(other).startsWith(startOf(one))),
        ),
      );
    fc.assert(
      fc.property(disjoint, fc.array(fc.oneof(v4, v6), { maxLength: 5 }), (networks, addresses) => {
        const table = tableOf(
          mmdbReader,
          writeMmdb(
            "Test",
            networks.map((network) => ({ network, record: { network } })),
          ),
          options,
        );
        for (const address of addresses) {
          const expected = networks.find((one) => isIn(address, one));
          expect(table.find(address)).toEqual(expected && { network: expected });
        }
      }),
    );
  });

  it("gives fields of ECS, as Elasticsearch's geoip processor does", () => {
    const record = {
      city: { geoname_id: 5, names: { de: "Mailand", en: "Milan" } },
      continent: { code: "EU", names: { en: "Europe" } },
      country: { iso_code: "IT", names: { en: "Italy" } },
      location: { accuracy_radius: 10, latitude: 45.4707, longitude: 9.1889, time_zone: "Europe/Rome" },
      postal: { code: "20121" },
      subdivisions: [{ iso_code: "25", names: { en: "Lombardy" } }],
    };
    const table = tableOf(mmdbReader, writeMmdb("GeoLite2-City", [{ network: "89.160.20.0/24", record }]), options);
    expect(table.find("89.160.20.112")).toEqual({
      "geo.continent_code": "EU",
      "geo.continent_name": "Europe",
      "geo.country_iso_code": "IT",
      "geo.country_name": "Italy",
      "geo.region_iso_code": "IT-25",
      "geo.region_name": "Lombardy",
      "geo.city_name": "Milan",
      "geo.postal_code": "20121",
      "geo.timezone": "Europe/Rome",
      "geo.location": { lat: 45.4707, lon: 9.1889 },
    });
    const asn = { autonomous_system_number: 29518, autonomous_system_organization: "Bredband2 AB" };
    const numbers = tableOf(
      mmdbReader,
      writeMmdb("GeoLite2-ASN", [{ network: "89.160.0.0/17", record: asn }], 4),
      options,
    );
    expect(numbers.find("89.160.20.112")).toEqual({ "as.number": 29518, "as.organization.name": "Bredband2 AB" });
    expect(numbers.find("::ffff:89.160.20.112")).toEqual({
      "as.number": 29518,
      "as.organization.name": "Bredband2 AB",
    });
    for (const value of ["fd00::1", "89.160.20.112 ", "host", 1, null, undefined])
      expect(numbers.find(value)).toBeUndefined();
  });

  it("may have values that JSON has not", () => {
    const record = { big: 2n ** 63n, bytes: new Uint8Array([1, 2, 3]), list: [1, -1.5, true, "x".repeat(300)] };
    const table = tableOf(mmdbReader, writeMmdb("Own", [{ network: "fd00::/8", record }]), options);
    expect(JSON.stringify(table.find("fd00::1"))).toBe(
      `{"big":9223372036854775808,"bytes":"AQID","list":[1,-1.5,true,"${"x".repeat(300)}"]}`,
    );
  });

  it("that is damaged is refused, or fails by the event, whatever the damage is", () => {
    const bytes = writeMmdb("Test", [{ network: "10.0.0.0/8", record: { a: { b: ["c", 1] } } }]);
    expect(() => tableOf(mmdbReader, "nothing of the kind", options)).toThrow(
      "the file is no database of MaxMind's format (MMDB), or it is damaged",
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), byte, fc.nat(bytes.length), (at, value, length) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        for (const content of [damaged, bytes.subarray(0, length)])
          try {
            tableOf(mmdbReader, content, options).find("10.1.2.3");
          } catch (error) {
            expect((error as Error).name).toBe("TableError");
          }
      }),
    );
  });
});
