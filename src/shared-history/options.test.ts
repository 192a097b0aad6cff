import { expect, it } from "vitest";
import { valkeyWords } from "../valkey/words.ts";
import { storeOf } from "./options.ts";

const words = (error: Error) => valkeyWords(error, { optionsAt: "state.", rights: "weir runs EVALSHA" });

const state = { type: "valkey", max_size: 1, tls: {}, prefix: "weir:", topic: "t", disorder: 0 } as const;
const url = "rediss://valkey.example.org";

it("is none on disk, and has what the connection needs elsewhere", () => {
  expect(storeOf({ ...state, type: "disk" })).toBeUndefined();
  expect(storeOf({ ...state, url, password: "x" })).toEqual({
    type: "valkey",
    config: { url, password: "x", tls: {}, prefix: "weir:", disorder: 0 },
  });
  expect(storeOf({ ...state, type: "kafka", brokers: ["kafka:9092"] })).toEqual({
    type: "kafka",
    config: { brokers: ["kafka:9092"], topic: "t", tls: {}, disorder: 0, max_size: 1 },
  });
});

it.each([
  [{}, 'a state of type "valkey" needs "url"'],
  [{ type: "disk", url }, '"url" has no effect on a state on disk'],
  [{ type: "disk", tls: { ca: "ca.pem" } }, '"tls" has no effect on a state on disk'],
  [{ url: "redis://localhost", tls: { ca: "ca.pem" } }, '"tls" has no effect on a URL that begins with "redis://"'],
  [{ url, tls: { enabled: true } }, '"tls.enabled" has no effect on a URL'],
  [{ type: "kafka" }, 'a state of type "kafka" needs "brokers"'],
  [{ type: "kafka", brokers: ["b:1"], url }, '"url" has no effect on a state of type "kafka"'],
  [{ url, brokers: ["b:1"] }, '"brokers" has no effect on a state of type "valkey"'],
  [{ type: "disk", brokers: ["b:1"] }, '"brokers" has no effect on a state on disk'],
] as const)("refuses what does not fit together: %j", (more, message) => {
  expect(() => storeOf({ ...state, ...more })).toThrow(message);
});

it("says in words what the server or the network refuses", () => {
  expect(words(new Error("WRONGPASS invalid username-password pair or user is disabled."))).toContain("(WRONGPASS)");
  expect(words(new Error("ERR something else."))).toBe("ERR something else");
  const older =
    "ERR Error running script (call to f_0a): @user_script:9: OOM command not allowed when used memory > 'maxmemory'.";
  expect(words(new Error(older))).toContain("(OOM)");
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  expect(words(new AggregateError([refused, refused]))).toBe("nothing is listening there (ECONNREFUSED)");
});
