import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery, Json, Plugin } from "weir";
import { delivery, flaws, openSink } from "weir/testing";
import { receiver } from "../../../test/http/receiver.ts";
import sink from "./index.ts";
import { KeyPrefix } from "./key-template.ts";
import { objectsOf } from "./objects.ts";
import { encoded, signed } from "./sign.ts";

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

describe("a signature", () => {
  // The examples in "Signature Calculations for the Authorization Header" of the API reference of S3.
  const credentials = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const now = Date.UTC(2013, 4, 24);
  const host = "https://examplebucket.s3.amazonaws.com";

  it("is that of Amazon's example of a GET", () => {
    const request = { method: "GET", url: `${host}/test.txt`, headers: { range: "bytes=0-9" }, body: Buffer.alloc(0) };
    expect(signed(request, "us-east-1", credentials, now)["authorization"]).toMatch(
      /SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41$/,
    );
  });

  it("is that of Amazon's example of a PUT, with a key that needs encoding", () => {
    const headers = { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" };
    const url = `${host}/${encoded("test$file.text")}`;
    const request = { method: "PUT", url, headers, body: Buffer.from("Welcome to Amazon S3.") };
    expect(signed(request, "us-east-1", credentials, now)["authorization"]).toMatch(
      /Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/,
    );
  });
});

describe("the beginning of a key", () => {
  const rendered = (text: string, data: Readonly<Record<string, Json>>) => new KeyPrefix(text).render(delivery(data));

  it("has parts of the event's time, and values that stay within one name", () => {
    const data = { "@timestamp": "2026-03-01T23:59:58.5+01:00", cluster: "a/b %Y" };
    expect(rendered("x%%/{{ cluster }}/%F/%Y-%m-%dT%H:%M:%S/", data)).toBe("x%/a_b %Y/2026-03-01/2026-03-01T22:59:58/");
    expect(rendered("%F/", {})).toBe("2026-01-01/");
    expect(rendered("%F/", { "@timestamp": 9e15 })).toBe("2026-01-01/");
  });

  it.each([
    ["{{ no }}/", {}, '"no" has no value'],
    ["{{ up }}/x", { up: ".." }, 'a name that is "." or ".."'],
    ["{{ long }}/", { long: "x".repeat(2000) }, "too long for a key"],
  ])("%s of %j is refused", (text, data, message) => {
    expect(() => rendered(text, data)).toThrow(message);
  });
});

it("PROPERTY: however the same events are divided the next time, all objects of an attempt are written again", () => {
  const prefix = new KeyPrefix("{{ set }}/");
  const arbitraryEvents = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 30 })
    .map((sets) => sets.map((set, n) => delivery({ set, n }, `in/s@${n % 7}`)));
  const arbitraryCuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 });
  /** What a bucket holds in the end, when one attempt on the first events is killed and the others succeed. */
  const bucketAfter = (events: readonly Delivery[], first: number, cuts: readonly number[]) => {
    const bucket = new Map<string, readonly Delivery[]>();
    const write = (from: number, to: number) => {
      const place = { writer: "w", position: 100 + from };
      for (const { key, events: held } of objectsOf(events.slice(from, to), place, { prefix, compression: "none" })
        .objects)
        bucket.set(key, held);
    };
    write(0, first);
    for (let [at, turn] = [0, 0]; at < events.length; turn++) {
      const to = Math.min(events.length, at + cuts[turn % cuts.length]!);
      write(at, to);
      at = to;
    }
    return [...bucket.values()].flat();
  };
  fc.assert(
    fc.property(arbitraryEvents, fc.integer({ min: 0, max: 30 }), arbitraryCuts, (events, first, cuts) => {
      const found = bucketAfter(events, first, cuts).map(({ data }) => data["n"]);
      // What the killed attempt wrote is at most what is written afterwards.
      expect(found.sort((a, b) => Number(a) - Number(b))).toEqual(events.map((_, n) => n));
    }),
  );
});

const config = (endpoint: string, more: Readonly<Record<string, unknown>> = {}) => ({
  bucket: "logs",
  key_prefix: "{{ set }}/",
  region: "eu-central-1",
  endpoint,
  compression: "gzip",
  auth: { access_key_id: "AKID", secret_access_key: "secret" },
  headers: { "X-Amz-Storage-Class": "STANDARD_IA" },
  tls: {},
  ...more,
});

const events = (sets: readonly string[]) =>
  sets.map((set, n) => delivery(set === "" ? { n } : { set, n }, `in/s@${n}`));

describe("a write", () => {
  it("saves its place, writes an object for each key, and counts on", async () => {
    const saved: Json[] = [];
    const { origin, taken } = await receiver();
    const save = async (record: Json) => void saved.push(record);
    const recorded = { writer: "abcd0123", position: 40 };
    const opened = await openSink(sink, { config: config(origin), save, recorded });
    expect(await opened.write(events(["a", "b", "", "a"]))).toMatchObject({
      record: { writer: "abcd0123", position: 44 },
      failed: [{ index: 2, final: true }],
    });
    expect(saved).toEqual([recorded]);
    const byUrl = Object.fromEntries(
      taken.map(({ url, plain }) => [url.replace(/-[0-9a-f]{8}\./, "-ID."), plain.toString().trimEnd().split("\n")]),
    );
    expect(byUrl).toEqual({
      "/logs/a/abcd0123-000000000040-ID.ndjson.gz": ['{"set":"a","n":0}', '{"set":"a","n":3}'],
      "/logs/b/abcd0123-000000000041-ID.ndjson.gz": ['{"set":"b","n":1}'],
    });
    for (const { headers, body } of taken) {
      expect(headers).toMatchObject({ "content-encoding": "gzip", "x-amz-storage-class": "STANDARD_IA" });
      expect(headers.authorization).toContain("Credential=AKID/");
      expect(headers["content-md5"]).toBe(createHash("md5").update(body).digest("base64"));
    }
    await opened.close();
  });

  it("that fails is sent again under the same keys, without what was taken", async () => {
    const slow = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    const { origin, taken } = await receiver(({ url }, response) =>
      url.startsWith("/logs/b/") && taken.length <= 2 ? response.writeHead(503).end(slow) : response.end(),
    );
    const opened = await openSink(sink, { config: config(origin) });
    const all = events(["a", "b"]);
    await expect(opened.write(all)).rejects.toThrow("503 Service Unavailable: SlowDown: Please reduce");
    await opened.write(all);
    const urls = taken.map(({ url }) => url);
    expect(urls.filter((url) => url.startsWith("/logs/a/")).length).toBe(1);
    expect(new Set(urls.filter((url) => url.startsWith("/logs/b/"))).size).toBe(1);
    expect(urls.length).toBe(3);
    await opened.close();
  });

  it.each([400, 403, 404, 301])("refused by %s is never final", async (status) => {
    const { origin } = await receiver((_request, response) =>
      response.writeHead(status).end("<Error><Code>No</Code></Error>"),
    );
    const opened = await openSink(sink, { config: config(origin) });
    await expect(opened.write(events(["a"]))).rejects.toMatchObject({
      final: false,
      message: expect.stringContaining("No"),
    });
    await opened.close();
  });
});
