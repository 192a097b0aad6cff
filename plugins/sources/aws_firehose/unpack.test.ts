import fc from "fast-check";
import { expect, it } from "vitest";
import { unpacked } from "./unpack.ts";

const limit = 1_000_000;

it("gives back what was encoded, with or without padding", async () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (bytes, isPadded) => {
      fc.pre(bytes[0] !== 0x1f);
      const text = bytes.toString("base64");
      const found = await unpacked([isPadded ? text : text.replace(/=+$/, "")], limit);
      expect(found).toEqual(bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from("\n")]));
    }),
  );
});

it.each(["QUJDR", "Q", "QUJDQ===", "QQ=", "Q=", "=", "==", "QUJD=", "QUJD==", "QQ==QQ==", "QU JD"])(
  "makes a line with the reason of %j, which is not base64",
  async (record) =>
    expect((await unpacked([record], limit)).toString()).toBe(
      `record 0 cannot be decoded: it is not base64; in base64: ${JSON.stringify(record)}\n`,
    ),
);

it("takes a long record as it is", async () => {
  const bytes = Buffer.alloc(12_000_000, "x");
  const found = await unpacked([bytes.toString("base64")], 20_000_000);
  expect(found.length).toBe(bytes.length + 1);
});
