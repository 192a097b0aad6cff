import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { wholeBody } from "./whole-body.ts";

const compressions = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  identity: (body: Buffer) => body,
} as const;

const answer = (body: Buffer, encoding?: string) => ({
  status: 200,
  headers: encoding === undefined ? {} : { "content-encoding": encoding },
  body,
  isCut: false,
});

it("undoes every Content-Encoding, up to the most that is read and no further", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...(Object.keys(compressions) as (keyof typeof compressions)[])),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      async (encoding, bytes) => {
        const body = Buffer.from(bytes);
        const sent = answer(compressions[encoding](body), encoding);
        const most = Math.max(body.length, sent.body.length);
        expect(await wholeBody(sent, most)).toEqual(body);
        await expect(wholeBody(sent, most - 1)).rejects.toThrow(
          `the response is larger than the limit of ${most - 1} bytes`,
        );
      },
    ),
  );
});

it("stops where a small body becomes a long one", async () => {
  const bomb = answer(gzipSync(Buffer.alloc(64 * 1024 * 1024)), "gzip");
  await expect(wholeBody(bomb, 1024 * 1024)).rejects.toThrow("the response is larger than the limit of 1048576 bytes");
});

it.each([
  [
    "gzip",
    gzipSync("almost whole").subarray(0, -9),
    "the response does not match its Content-Encoding: unexpected end of file",
  ],
  ["gzip", Buffer.from("plain"), "the response does not match its Content-Encoding: incorrect header check"],
  ["snappy", Buffer.from("plain"), 'Content-Encoding "snappy" is not supported; use one of gzip, deflate, br, zstd.'],
])("says what is wrong with %s", async (encoding, body, sentence) => {
  await expect(wholeBody(answer(body, encoding), 1024)).rejects.toThrow(sentence);
});

it("takes no beginning for the whole", async () => {
  await expect(wholeBody({ ...answer(Buffer.from("12345678")), isCut: true }, 8)).rejects.toThrow(
    "larger than the limit of 8 bytes",
  );
});

it("has nothing to undo in an empty body", async () => {
  expect(await wholeBody(answer(Buffer.alloc(0), "gzip"), 8)).toEqual(Buffer.alloc(0));
});
