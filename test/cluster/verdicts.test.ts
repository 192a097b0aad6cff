import fc from "fast-check";
import { expect, it } from "vitest";
import type { Alert } from "../kill/alerts.ts";
import { type AuditEvent, combinationsOf, expectedAlerts, isTooDeep } from "./oracle.ts";
import type { Post } from "./recording-proxy.ts";
import { judgeLog, judgePosts, textOf } from "./verdicts.ts";

const address = (index: number) => `10.0.${index >> 8}.${index & 255}`;

const anyEvents = fc
  .array(
    fc.record({
      verb: fc.constantFrom("get", "list", "watch"),
      userAgent: fc.constantFrom("curl", "wget", "curl kubernetes/$Format", "x".repeat(1025), ""),
      user: fc.constantFrom({ username: "marta" }, { username: "carol" }, {}),
      length: fc.constantFrom(1, 1, 2, 5, 101, 150),
      objectRef: fc.constantFrom({ resource: "secrets" }, { resource: "pods" }),
    }),
    { maxLength: 40 },
  )
  .map((events) =>
    events.map(
      ({ length, ...event }, index): AuditEvent => ({
        ...event,
        auditID: `a-${index}`,
        sourceIPs: Array.from({ length }, (_, at) => address(at)),
      }),
    ),
  );

/** The alerts of a weir that does everything right. */
const alertsOf = (events: readonly AuditEvent[]): Alert[] =>
  expectedAlerts(events).map((text, index) => {
    const space = text.indexOf(" ");
    const terms = JSON.parse(text.slice(space + 1)) as string[];
    return { id: String(index), auditID: text.slice(0, space), terms: terms.map((term) => [term, true]) };
  });

const logOf = (events: readonly AuditEvent[]) => ({ events, deep: [], torn: 0, lines: events.length, bytes: 0 });

/** Two events in each, one after the other; some are not accepted, and come again at the end. */
const postsOf = (events: readonly AuditEvent[], refuses: (index: number) => boolean): Post[] => {
  const posts: Post[] = [];
  const send = (pair: readonly AuditEvent[], isAccepted: boolean) => {
    const started = posts.length * 10;
    const base = { events: pair, deep: [], size: pair.length, started };
    posts.push(isAccepted ? { ...base, status: 200, accepted: started + 5 } : { ...base, status: 0 });
  };
  const pairs = Array.from({ length: Math.ceil(events.length / 2) }, (_, at) => events.slice(2 * at, 2 * at + 2));
  pairs.forEach((pair, index) => {
    send(pair, !refuses(index));
  });
  for (const [index, pair] of pairs.entries()) if (refuses(index)) send(pair, true);
  return posts;
};

it("what is right is found right, whether a refused POST was processed or not", () => {
  fc.assert(
    fc.property(anyEvents, fc.array(fc.boolean()), fc.boolean(), (events, refused, isProcessed) => {
      expect(judgeLog(logOf(events), alertsOf(events))).toMatchObject({ missed: [], invented: [], isInOrder: true });
      const posts = postsOf(events, (index) => refused[index] ?? false);
      const seen = posts.flatMap(({ status, ...post }) => (status === 200 || isProcessed ? post.events : []));
      expect(judgePosts(posts, alertsOf(seen))).toMatchObject({ missed: [], invented: [] });
    }),
  );
});

it("an alert that is missing, twice, or of another event is noticed on both paths", () => {
  const withAlerts = anyEvents.filter((events) => expectedAlerts(events).length > 0);
  fc.assert(
    fc.property(withAlerts, fc.nat(), (events, chosen) => {
      const alerts = alertsOf(events);
      const at = chosen % alerts.length;
      const alert = alerts[at]!;
      const others = alerts.toSpliced(at, 1);
      const posts = postsOf(events, () => false);
      for (const judge of [judgeLog.bind(undefined, logOf(events)), judgePosts.bind(undefined, posts)]) {
        expect(judge(others)).toMatchObject({ missed: [expect.anything()], invented: [] });
        expect(judge([...alerts, { ...alert, id: "other" }])).toMatchObject({ missed: [], invented: [textOf(alert)] });
        const moved = judge([...others, { ...alert, auditID: "never-sent" }]);
        expect([moved.missed.length, moved.invented.length]).toEqual([1, 1]);
      }
    }),
  );
});

it("an alert of an event that came after the accepted one is invented", () => {
  const event = { verb: "get", userAgent: "curl", user: { username: "marta" }, objectRef: { resource: "secrets" } };
  const [first, second] = ["a-1", "a-2"].map((auditID) => ({ ...event, auditID, sourceIPs: ["10.0.0.1"] }));
  const posts: Post[] = [first!, second!].map((sent, index) => ({
    ...{ events: [sent], deep: [], size: 1, status: 200, started: index * 10, accepted: index * 10 + 5 },
  }));
  const [alert] = alertsOf([second!]);
  expect(judgePosts(posts, [alert!])).toMatchObject({ invented: [textOf(alert!)], missed: [expect.anything()] });
});

it("the oracle knows the edges of the rule", () => {
  const read = { auditID: "a-1", verb: "get", user: { username: "marta" }, objectRef: { resource: "secrets" } };
  const count = (event: Partial<AuditEvent>) =>
    combinationsOf({ ...read, userAgent: "curl", sourceIPs: ["10.0.0.1"], ...event }).length;
  expect(count({})).toBe(1);
  expect(count({ verb: "watch" })).toBe(0);
  expect(count({ userAgent: "x".repeat(1024) })).toBe(1);
  expect(count({ userAgent: "x".repeat(1025) })).toBe(0);
  expect(count({ userAgent: "a kubernetes/$Format" })).toBe(0);
  expect(count({ userAgent: "a kubernetes/$Format/leader" })).toBe(1);
  expect(count({ sourceIPs: ["10.0.0.1", "10.0.0.2", "10.0.0.1"] })).toBe(2);
  expect(count({ sourceIPs: Array.from({ length: 300 }, (_, index) => address(index)) })).toBe(101);
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}"}]"${"}".repeat(depth)}`;
  expect([isTooDeep(nested(512)), isTooDeep(nested(513))]).toEqual([false, true]);
});
