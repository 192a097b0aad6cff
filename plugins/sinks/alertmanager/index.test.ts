import { afterEach, beforeEach, expect, it } from "vitest";
import type { Plugin } from "weir";
import { Template } from "weir/fields";
import { delivery, flaws, type OpenedSink, openSink } from "weir/testing";
import { receiver, type Taken } from "../../../test/http/receiver.ts";
import sink from "./index.ts";

let url: string;
let taken: readonly Taken[];
let writer: OpenedSink | undefined;

beforeEach(async () => {
  const there = await receiver();
  taken = there.taken;
  url = `${there.origin}/prefix/`;
});

afterEach(() => writer?.close());

const alertsOf = ({ body }: Taken): readonly Record<string, unknown>[] => JSON.parse(body.toString());

const open = async (config: Readonly<Record<string, unknown>>): Promise<OpenedSink> => {
  const byDefault = { annotations: {}, resolve_after: 60_000, auth: {}, headers: {}, tls: {} };
  writer = await openSink(sink, { config: { url, ...byDefault, ...config } });
  return writer;
};

const templates = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Template(text)]));

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

it("posts alerts that have begun, and end later, without labels that are empty", async () => {
  const sent = await open({ labels: templates({ who: "{{ who:- }}", fixed: "x" }) });
  const early = { who: "ada", "@timestamp": "2026-01-01T00:00:00.000Z" };
  const all = [early, { "@timestamp": "9999-01-01T00:00:00Z" }, { "@timestamp": "no time" }];
  expect(await sent.write(all.map((data, n) => delivery(data, `in/s@${n}`)))).toBeUndefined();
  expect(taken.map(({ url }) => url)).toEqual(["/prefix/api/v2/alerts"]);
  const alerts = alertsOf(taken[0]!);
  expect(alerts.map(({ labels }) => labels)).toEqual([{ who: "ada", fixed: "x" }, { fixed: "x" }, { fixed: "x" }]);
  expect(alerts[0]?.["startsAt"]).toBe("2026-01-01T00:00:00.000Z");
  for (const { startsAt, endsAt } of alerts) expect(String(startsAt) < String(endsAt)).toBe(true);
});

it("gives up an event that has no value for a label or an annotation, and sends the others", async () => {
  const sent = await open({
    labels: templates({ who: "{{ who }}" }),
    annotations: templates({ why: "{{ why }}" }),
  });
  const all = [{ who: "ada", why: "x" }, { who: "ada" }, { why: "x" }];
  expect(await sent.write(all.map((data, n) => delivery(data, `in/s@${n}`)))).toMatchObject({
    failed: [
      { index: 1, final: true },
      { index: 2, final: true },
    ],
  });
  expect(alertsOf(taken[0]!).length).toBe(1);
});
