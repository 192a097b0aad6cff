import fc from "fast-check";
import { expect, it } from "vitest";
import { LinearRegex } from "weir/regex";
import { runStep, testEvent, testTransform } from "weir/testing";
import redact from "./index.ts";
import { knownSecrets } from "./secrets.ts";

const base = {
  fields: [],
  keys: [],
  patterns: [],
  own_patterns: [],
  action: "replace",
  replacement: "[redacted]",
} as const;
const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";

testTransform(redact, [
  {
    name: "replaces fields, keys and what looks like a secret",
    config: { ...base, fields: ["user.pin"], keys: ["Password"], patterns: Object.keys(knownSecrets) },
    input: [
      {
        message: `Authorization: Bearer abc.def== and ${jwt}, card 4111 1111 1111 1111, not 4111 1111 1111 1112`,
        user: { pin: 1234, name: "ann@example.org" },
        nested: [{ PASSWORD: { a: 1 } }, "postgres://ann:s3cret@db/x"],
        n: 4111111111111111,
        other: 4111111111111112,
      },
      { message: "nothing here" },
    ],
    output: [
      {
        message: "Authorization: Bearer [redacted] and [redacted], card [redacted], not 4111 1111 1111 1112",
        user: { pin: "[redacted]", name: "[redacted]" },
        nested: [{ PASSWORD: "[redacted]" }, "postgres://ann:[redacted]@db/x"],
        n: "[redacted]",
        other: 4111111111111112,
      },
      { message: "nothing here" },
    ],
  },
  {
    name: "finds a key also as a part of a key with dots",
    config: { ...base, keys: ["password"] },
    input: [{ "user.password": "a", "Password.old": "b", password_hint: "c", "user.name": "d" }],
    output: [{ "user.password": "[redacted]", "Password.old": "[redacted]", password_hint: "c", "user.name": "d" }],
  },
  {
    name: "finds a field in all places, and in the items of arrays",
    config: { ...base, fields: ["users.password", "list.1"] },
    input: [
      {
        users: [{ password: "a", name: "x" }, [{ password: 1 }], "y"],
        "users.password": "b",
        list: ["p", "q", "r"],
      },
      JSON.parse('{"users":{"password":"c"},"__proto__":{"users":{"password":"d"}}}'),
    ],
    output: [
      {
        users: [{ password: "[redacted]", name: "x" }, [{ password: "[redacted]" }], "y"],
        "users.password": "[redacted]",
        list: ["p", "[redacted]", "r"],
      },
      JSON.parse('{"users":{"password":"[redacted]"},"__proto__":{"users":{"password":"d"}}}'),
    ],
  },
  {
    name: "removes one item of an array",
    config: { ...base, fields: ["list.1"], action: "remove" },
    input: [{ list: ["p", "q", "r"] }],
    output: [{ list: ["p", "r"] }],
  },
  {
    name: "finds a card among other numbers",
    config: { ...base, patterns: ["credit_card"] },
    input: [{ m: "order 12 4111111111111111, 4111-1111-1111-1111 7, 34 56 4111 1111 1111 1111 of 1234567890123" }],
    output: [{ m: "order 12 [redacted], [redacted] 7, 34 56 [redacted] of 1234567890123" }],
  },
  {
    name: "removes them",
    config: { ...base, fields: ["a.b"], keys: ["token"], patterns: ["jwt"], action: "remove" },
    input: [{ a: { b: 1, c: 2 }, x: { token: "t", y: [jwt] }, "a.b": 3 }],
    output: [{ a: { c: 2 }, x: { y: [""] } }],
  },
  {
    name: "takes own patterns, and of them the group that is the secret",
    config: { ...base, own_patterns: [new LinearRegex("key=(?<secret>\\w+)"), new LinearRegex("X\\d+")] },
    input: [{ message: "key=abc X12 key=" }],
    output: [{ message: "key=[redacted] [redacted] key=" }],
  },
]);

const context = { id: "it", clock: undefined as never, signal: new AbortController().signal, log: undefined as never };
const run = (config: object, data: object) =>
  runStep(redact.each({ ...context, config: { ...base, ...config } as never }) as never, [testEvent(data as never)])
    .events[0]!.data;

it("hashes equal secrets to equal texts, and others to others", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, two) => {
      const hashed = run({ fields: ["a", "b", "c"], action: "hash", key: "k".repeat(16) }, { a: one, b: one, c: two });
      expect(hashed["a"]).toBe(hashed["b"]);
      expect(hashed["a"] === hashed["c"]).toBe(one === two);
      expect(hashed["a"]).toMatch(/^[0-9a-f]{32}$/);
    }),
  );
});

it("leaves no secret that was put into any text", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", '"', "=", ".", "-", "1", "\n"), maxLength: 20 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { message } = run({ patterns: ["jwt"] }, { message: `${before} ${jwt} ${after}` });
      expect(message).not.toContain(jwt.slice(0, 30));
    }),
  );
});

it("needs a key for a hash", () => {
  expect(() => run({ action: "hash" }, {})).toThrow('"hash" needs a "key" of at least 16 characters');
});

it("takes linear time for texts of a megabyte", () => {
  for (const part of ["eyJ", "1 ", "bearer ", "a@", "://a:", "-----BEGIN PRIVATE KEY-----"])
    run({ patterns: Object.keys(knownSecrets) }, { message: part.repeat(200_000) });
});
