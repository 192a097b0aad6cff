import { ingestionAxis } from "../detection/event-time.ts";
import type { Rule, RuleTest } from "../detection/rule.ts";
import { indicatorsOfTest } from "../detection/threat-match/indicator.ts";
import { fieldValues } from "../fields/values.ts";
import { deadLetters, defaultStart, type PipelineTest, type Step } from "../pipeline-tests/format/test.ts";
import { type Failure, runPipelineTest } from "../pipeline-tests/run/trial.ts";
import { counted } from "../text.ts";
import { alertsOf, pipelineOf, rulesOf } from "./pipeline.ts";

/**
 * Runs one timeline of a rule, as the only rule of a pipeline, on a clock of its own: through the runtime of `run`, with a
 * data dir. Returns what is not as expected. The test starts at 2026-01-01T00:00:00Z. A rule with another time axis than
 * `event.ingested` finds the time of each event in the field of that axis, unless the event has one of its own.
 * `lines`: of the steps in the rule file, for messages.
 */
export const runRuleTest = async (
  rule: Rule,
  test: RuleTest,
  lines: readonly number[] = [],
): Promise<readonly Failure[]> => {
  const { topology, trusted } = pipelineOf(rule, {
    isUnlimited: true,
    indicators: indicatorsOfTest(test),
    default_fields: test.default_fields,
  });
  const pipelineTest: PipelineTest = {
    name: test.name,
    file: "",
    line: 0,
    start: defaultStart,
    surroundings: { env: {}, files: {} },
    steps: stepsOf(rule, test, lines),
  };
  const failures = await runPipelineTest(topology, pipelineTest, trusted);
  // What the second component got is what the first one sent.
  const isAboutRule = (note: string) => !note.startsWith(`${alertsOf}: `);
  return failures.map((failure) => ({ ...failure, notes: failure.notes.filter(isAboutRule) }));
};

const stepsOf = (rule: Rule, { events }: RuleTest, lines: readonly number[]): readonly Step[] => {
  let now = 0;
  const steps = events.flatMap((step, index): Step[] => {
    const line = lines[index] ?? 0;
    if (typeof step === "string") return [{ kind: step, line }];
    const { at = now, advance = 0, event, alerts } = step;
    now = at + advance;
    return [
      ...(advance > 0 ? [{ kind: "advance", by: advance, line } as const] : []),
      ...(event
        ? [{ kind: "send", into: rulesOf, at, input: { events: [timed(rule, event, now)] }, line } as const]
        : []),
      ...(alerts ? [expected(alerts, event ? undefined : at + advance, line, `step ${index + 1}: `)] : []),
    ];
  });
  const line = lines.at(-1) ?? 0;
  return [...steps, expected([], undefined, line, "after the last step: "), noLetters(line)];
};

/** An event with its time on the axis of the rule. The clock is the axis of `event.ingested`. */
const timed = ({ timestamp }: Rule, event: NonNullable<unknown>, now: number) => {
  const data = event as Readonly<Record<string, unknown>>;
  const hasTime = timestamp === ingestionAxis || fieldValues(timestamp)(data).length > 0;
  return hasTime ? data : { [timestamp]: new Date(defaultStart + now).toISOString(), ...data };
};

const expected = (alerts: readonly unknown[], at: number | undefined, line: number, place: string): Step => ({
  kind: "expect",
  from: alertsOf,
  at,
  where: undefined,
  count: undefined,
  equals: alerts.map((alert) => ({ alert })),
  contains: undefined,
  inOrder: true,
  found: (count) => `${place}the rule raised ${counted(count, "alert")}`,
  line,
});

const noLetters = (line: number): Step => ({
  kind: "expect",
  from: deadLetters,
  where: undefined,
  count: 0,
  equals: undefined,
  contains: undefined,
  inOrder: true,
  line,
});
