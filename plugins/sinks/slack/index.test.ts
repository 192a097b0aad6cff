import fc from "fast-check";
import { expect, it } from "vitest";
import type { Plugin } from "weir";
import { delivery, flaws, openSink } from "weir/testing";
import { receiver } from "../../../test/http/receiver.ts";
import sink from "./index.ts";
import { messageText } from "./message.ts";

const alert = {
  "@timestamp": "2031-03-04T05:06:07.089Z",
  "kibana.alert.severity": "low",
  "kibana.alert.risk_score": 21,
  "kibana.alert.rule.name": "Secret read by a stranger",
  "kibana.alert.reason": '"mallory" did "list" on "secrets".',
  weir: {
    new_terms: {
      terms: [
        { field: "user_agent.original", value: "wget/9 <!channel>", new: true },
        { field: "source.ip", value: "192.0.2.7", new: false },
      ],
    },
  },
};

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

it("tells an alert in words", () => {
  expect(messageText(delivery(alert))).toBe(
    [
      "*Secret read by a stranger* (low, 21)",
      '"mallory" did "list" on "secrets".',
      "• user_agent.original: `wget/9 &lt;!channel&gt;` (new)",
      "• source.ip: `192.0.2.7`",
      "_2031-03-04T05:06:07.089Z_",
    ].join("\n"),
  );
});

it("tells when the request of an alert was made, and whether it was allowed, however long the reason is", () => {
  const audit = { requestReceivedTimestamp: "2031-03-04T05:00:00.123456Z", responseStatus: { code: 403 } };
  const long = { ...alert, "kibana.alert.reason": "x".repeat(10_000), kubernetes: { audit } };
  expect(messageText(delivery(long))).toMatch(/\n_2031-03-04T05:00:00\.123Z, denied \(403\)_$/);
});

it("shows any other event as JSON", () => {
  expect(messageText(delivery({ message: "a ``` & b" }))).toBe('```{"message":"a \'\'\' &amp; b"}```');
});

it("makes no markup of what an event holds, and always has something to say", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("<", "!", ">", "`", "\n", "&") }),
  );
  fc.assert(
    fc.property(nasty, nasty, fc.jsonValue(), (one, two, three) => {
      const terms = [{ field: one, value: two }, { field: "f", value: three }, three];
      for (const data of [{ ...alert, "kibana.alert.reason": one, weir: { new_terms: { terms } } }, { message: two }]) {
        const text = messageText({ ...delivery({}), data, json: JSON.stringify({ message: two }) });
        expect(text).not.toMatch(/[<>]/);
        expect(text.replace(/&(?:amp|lt|gt);/g, "")).not.toContain("&");
        expect(text.match(/`/g)?.length ?? 0).toBe(text.startsWith("```") ? 6 : (text.match(/^•/gm)?.length ?? 0) * 2);
        expect(text.length).toBeLessThan(40_000);
      }
    }),
  );
});

it("posts one message for each alert", async () => {
  const { origin, taken } = await receiver((_request, response) => response.end("ok"));
  const writer = await openSink(sink, { config: { url: `${origin}/services/x` } });
  expect(await writer.write([delivery(alert), delivery({ n: 1 })])).toBeUndefined();
  await writer.close();
  expect(taken.map(({ body }) => JSON.parse(body.toString()))).toEqual([
    { text: messageText(delivery(alert)), unfurl_links: false },
    { text: '```{"n":1}```', unfurl_links: false },
  ]);
});
