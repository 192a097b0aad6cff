import { describe, expect, it } from "vitest";
import { type Event, RecordMeta, withData } from "../event.ts";
import { fingerprint as hash } from "../fingerprint.ts";
import { option } from "../option/option.ts";
import type { State } from "../state.ts";
import { KeepRun } from "../testing/keep-run.ts";
import { TimedKeys } from "../timed-keys/timed-keys.ts";
import { detect } from "./detect.ts";
import type { QueryLanguage } from "./query-language.ts";
import type { Rule } from "./rule.ts";
import type { Finding, RuleType } from "./rule-type.ts";
import { setRuleType } from "./rule-types.ts";
import { plainRule } from "./testing/plain-rule.ts";

/** Two actions: the second must follow the first within ten milliseconds. */
const pair: QueryLanguage = { name: "pair", title: "Pairs", option: option.text };

const window = 10;

interface Seen {
  readonly ids: readonly string[];
  readonly missing?: true;
}

/** Raises a building block for each event of a pair and an alert about both, or an alert about a second that is missing. */
const pairType: RuleType = {
  name: "pair",
  language: pair,
  options: {},
  silences: ["waiting"],
  detector: ({ query }, { state, timestamp, alertId }) => {
    const [first, second] = query.split(" then ");
    const open = new TimedKeys(state);
    return {
      event: (event) => {
        const { user, action, [timestamp]: time } = event.data;
        const at = time === undefined ? event.meta.ingested : Number(time);
        if (action === first) {
          open.set(String(user), JSON.stringify({ id: event.meta.id, at }), at + window + 1);
          return "waiting";
        }
        const known = action === second ? open.get(String(user)) : undefined;
        if (known === undefined) return "filtered";
        open.delete(String(user));
        const { id } = JSON.parse(known) as { readonly id: string };
        const ids = [id, event.meta.id];
        const blocks = ids.map((each) => {
          const uuid = alertId({ ancestors: [{ id: each }], terms: [] });
          return withData(event, { user, pair: { ids: [each] } satisfies { ids: string[] } }, () => uuid);
        });
        return [...blocks, withData(event, { user, pair: { ids } }, () => ids.join("+"))];
      },
      tick: ({ now, final, emit }) =>
        open.tick({ now, final }, (user, text, isFull) => {
          const { id, at } = JSON.parse(text) as { readonly id: string; readonly at: number };
          const data = { user, pair: { ids: [id], missing: true } };
          if (!emit({ id, data, at })) isFull();
          return undefined;
        }),
    };
  },
  finding: ({ data }): Finding => {
    const { ids, missing } = data["pair"] as Seen;
    const events = ids.map((id) => ({ id, type: "event", depth: 0 }) as const);
    const blocks = ids.length > 1 ? ids.map((id) => ({ id: `block of ${id}`, type: "signal", depth: 1 }) as const) : [];
    return {
      eventId: ids.at(-1)!,
      ancestors: [...events, ...blocks],
      terms: missing ? [{ field: "missing", value: "yes" }] : [],
      sentences: [missing ? "The second is missing." : "Both came."],
      fields: ids.length > 1 || missing ? {} : { "kibana.alert.building_block_type": "default" },
    };
  },
  alertFields: ({ query }) => ({ "kibana.alert.rule.parameters": { language: pair.name, query } }),
  testAlert: { option: option.text, of: () => "" },
};

const ruleOn = (timestamp: string): Rule => {
  const rule: Rule = {
    name: "pairs",
    id: "b4c1f1de-98e2-4b8d-9a8b-3b0b8e0a7c57",
    version: 1,
    title: "Pairs",
    description: "For tests.",
    type: "pair",
    query: "open then close",
    timestamp,
    severity: "low",
    risk_score: 10,
    ...plainRule,
  };
  setRuleType(rule, pairType);
  return rule;
};

const runOf = (rule: Rule) => {
  const build = (state: State) => detect({ rules: [rule], state, hash });
  return new KeepRun({ id: "rules", outputs: [], build });
};

const host = 1_000_000;
const eventAt = (at: number, user: string, action: string, ingested = host + at): Event => ({
  data: { user, action, "door.time": at },
  meta: new RecordMeta("doors", "log", at, ingested),
});

const alertsOf = (run: KeepRun) =>
  run.result.sent.map(({ event: { data } }) => ({
    user: data["user"],
    depth: data["kibana.alert.depth"],
    ancestors: (data["kibana.alert.ancestors"] as readonly { readonly id: string }[]).map(({ id }) => id),
    block: data["kibana.alert.building_block_type"],
  }));

describe("a rule type with a language of its own", () => {
  it("gets every event, and raises alerts with several ancestors and their building blocks", () => {
    const run = runOf(ruleOn("door.time"));
    run.batch([eventAt(0, "ada", "open"), eventAt(1, "ada", "look"), eventAt(2, "ada", "close")]);
    expect(alertsOf(run)).toEqual([
      { user: "ada", depth: 1, ancestors: ["doors/log@0"], block: "default" },
      { user: "ada", depth: 1, ancestors: ["doors/log@2"], block: "default" },
      {
        user: "ada",
        depth: 2,
        ancestors: ["doors/log@0", "doors/log@2", "block of doors/log@0", "block of doors/log@2"],
        block: undefined,
      },
    ]);
    const ids = run.result.sent.map(({ event }) => event.data["kibana.alert.uuid"]);
    expect(new Set(ids).size).toBe(3);
    expect(run.result.consumed).toEqual({ waiting: 1, filtered: 1 });
  });

  const missing = [{ user: "ada", depth: 1, ancestors: ["doors/log@0"], block: undefined }];

  it("gets a tick when events on its axis have reached the time that it asked for", () => {
    const run = runOf(ruleOn("door.time"));
    run.batch([eventAt(0, "ada", "open")]);
    run.batch([eventAt(10, "ben", "look")]);
    run.tick({ tick: host + 10 });
    expect(alertsOf(run)).toEqual([]);
    run.restart();
    run.batch([eventAt(11, "ben", "look")]);
    run.tick({ tick: host + 11 });
    expect(alertsOf(run)).toEqual(missing);
  });

  it("gets a tick by the host's clock while the sources are idle, and not while they have more", () => {
    const run = runOf(ruleOn("door.time"));
    run.batch([eventAt(0, "ada", "open")]);
    run.tick({ tick: host + 5_000, idle: 0 });
    expect(alertsOf(run)).toEqual([]);
    run.restart();
    run.tick({ tick: host + 10_000, idle: 4_000 });
    expect(alertsOf(run)).toEqual(missing);
  });

  it("gets a tick by the host's clock if that is its axis", () => {
    const run = runOf(ruleOn("event.ingested"));
    run.batch([{ ...eventAt(0, "ada", "open"), data: { user: "ada", action: "open" } }]);
    run.tick({ tick: host + 10 });
    expect(alertsOf(run)).toEqual([]);
    run.tick({ tick: host + 11 });
    expect(alertsOf(run)).toEqual(missing);
  });

  it("raises what is still open at the end, with the same id as it would have had", () => {
    const uuids = [true, false].map((final) => {
      const run = runOf(ruleOn("door.time"));
      run.batch([eventAt(0, "ada", "open")]);
      if (!final) run.batch([eventAt(11, "ben", "look")]);
      run.tick({ tick: host + 11, final });
      expect(alertsOf(run)).toEqual(missing);
      return run.result.sent[0]!.event.data["kibana.alert.uuid"];
    });
    expect(uuids[0]).toBe(uuids[1]);
  });
});

it("two rules with one id are refused", () => {
  const rules = [ruleOn("door.time"), ruleOn("event.ingested")];
  const state = {} as State;
  expect(() => detect({ rules, state, hash })).toThrow('the rules "pairs" and "pairs" have the same id');
});
