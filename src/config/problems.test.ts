import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { change, problemsOf, sound } from "./testing/fixtures/sound.ts";

/** The line, what is underlined there, the code, the message, and the hint. */
const told = (text: string): string[] =>
  problemsOf(text).map(({ line, column, length = 1, code, message, hint }) => {
    const underlined = text.split("\n")[line - 1]?.slice(column - 1, column - 1 + length);
    return `${line} ‹${underlined}› ${code}: ${message}${hint ? ` | ${hint}` : ""}`;
  });

/** One piece of the sound pipeline, what it becomes, and everything that is then told. */
const cases: readonly (readonly [from: string, to: string, ...problems: string[]])[] = [
  [
    "type: ticker",
    "type: ticker, every: 5 parsecs",
    '3:32-9 config/wrong-value "5 parsecs" is not a duration such as 500ms, 30s, 5m, 1h or 7d.',
  ],
  [
    "type: ticker",
    "type: ticker, every: 5",
    '3:32-1 config/wrong-value "5" is not a duration such as 500ms, 30s, 5m, 1h or 7d. | Add a unit: 5s.',
  ],
  [
    "type: ticker",
    "type: ticker, evry: 5s",
    '3:25-4 config/unknown-option Unknown option "evry" of ticker. | Did you mean "every"?',
  ],
  ["type: ticker", "type: ticker, count: 0", '3:32-1 config/wrong-value "0" is not a whole number of at least 1.'],
  [
    "type: ticker",
    "type: ticker, count: 1001",
    '3:32-4 config/wrong-value "1001" is not a whole number of at most 1000.',
  ],
  ["type: ticker", "type: ticker, quiet: yes", '3:32-3 config/wrong-value "yes" is not true or false. | Write true.'],
  [
    "type: ticker",
    "type: ticker, codec: jsn",
    '3:32-3 config/wrong-value "jsn" is not one of text, json. | Did you mean "json"?',
  ],
  ["type: ticker", "type: ticker, count: '${env:WORD}'", '3:32-13 config/wrong-value "seven" is not a whole number.'],
  [
    "type: ticker",
    "type: ticker, count: '${env:NONE}'",
    '3:33-11 config/unset-variable The environment variable "NONE" is not set. | Set it, or give a default: ${env:NONE:-…}.',
  ],
  [
    "type: ticker",
    "type: ticker, every: '${file:/x}'",
    '3:33-10 config/unreadable-file The file "/x" cannot be read: there is no such file.',
  ],
  [
    "type: ticker",
    "type: ticker, every: '${COUNT}'",
    '3:33-8 config/wrong-reference "${COUNT}" is not a reference such as ${env:NAME}, ${env:NAME:-default} or ${file:/run/secrets/name}. | Did you mean "${env:COUNT}"? For the text itself write $${.',
  ],
  [
    "type: ticker",
    "type: tiker",
    '3:18-5 config/unknown-type There is no source type "tiker". | Did you mean "ticker"?',
  ],
  [
    "type: ticker",
    "type: post",
    '3:18-4 config/unknown-type There is no source type "post". | It is a sink, not a source: it goes under "sinks".',
  ],
  [
    "{ type: ticker }",
    "{ every: 1s }",
    '3:3-5 config/missing-type "clock" does not say its type. | Known source types: ticker.',
  ],
  ["{ type: ticker }", "ticker", '3:3-5 config/not-a-map "clock" is not a map of options. | It wants at least a type.'],
  [
    "  clock: { type: ticker }",
    "  - ticker",
    '3:3-8 config/not-a-map "sources" is not a map of ids and components.',
    '5:32-5 config/unknown-input There is no component "clock". | Did you mean "some"?',
  ],
  [
    "clock: {",
    "o'clock: {",
    `3:3-7 config/unusable-id "o'clock" is not an id: letters, digits, "_", "-" and ".".`,
    `5:32-5 config/unknown-input There is no component "clock". | Did you mean "o'clock"?`,
  ],
  [
    "transforms:",
    "transform:",
    '4:1-9 config/unknown-section A pipeline has no section "transform". | Did you mean "transforms"?',
    '7:30-4 config/unknown-input There is no component "some". | There are clock.',
  ],
  [
    "  clock: {",
    "  some: { type: ticker }\n  clock: {",
    '6:3-4 config/duplicate-id "some" is already the id of a component under "sources".',
  ],
  [
    "  clock: {",
    "  clock: { type: ticker }\n  clock: {",
    '4:3-5 config/duplicate-key "clock" is written twice in one map. | Take one of them away.',
  ],
  [
    "inputs: [clock]",
    "inputs: [clok]",
    '5:32-4 config/unknown-input There is no component "clok". | Did you mean "clock"?',
  ],
  [
    "inputs: [clock]",
    "inputs: ['x*']",
    `5:32-4 config/unknown-input "x*" matches no source or transform. | There are clock, some.`,
  ],
  [
    "inputs: [clock]",
    "inputs: [clock, out]",
    '5:39-3 config/sink-as-input "out" is a sink: no events come out of it. | Name the component that feeds it.',
  ],
  ["inputs: [clock]", "inputs: [clock, some]", '5:39-4 config/self-input "some" takes its own events.'],
  ["inputs: [clock]", "inputs: clock", '5:31-5 config/wrong-value "clock" is not a list. | Write [clock].'],
  ["inputs: [clock], ", "", '5:3-4 config/missing-option keep wants the option "inputs". | It is a list.'],
  ["inputs: [clock]", "inputs: []", "5:31-2 config/wrong-value An empty list is not a list of at least 1."],
  [
    "inputs: [some]",
    "inputs: [clock]",
    '5:3-4 config/unused-output No component takes the events of "some". | Name it among the inputs of a sink, or take it away.',
  ],
  ["inputs: [clock], where", "inputs: [clock, more], where", "5:39-4 config/cycle These components feed each other: …"],
  [
    ", where: 'level: error'",
    ", wher: 'level: error'",
    '5:40-4 config/unknown-option Unknown option "wher" of keep. | Did you mean "where"?',
  ],
  [
    ", where: 'level: error'",
    ", where: {level: error}",
    "5:47-14 config/wrong-value A map is not a KQL query. | Quote it: YAML reads this as a map.",
  ],
  [", where: 'level: error'", "", '5:3-4 config/missing-option keep wants the option "where". | It is a KQL query.'],
  ["'level: error'", "'level: (a or'", "5:… config/kql"],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: watch, inputs: [clock], rules: [nite_login]",
    '5:48-10 config/unknown-rule There is no rule "nite_login". | Did you mean "night_login"?',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: watch, inputs: [clock], rules: [torn]",
    '5:48-4 config/rule-in-error The rule "torn" cannot be used: its file has errors.',
    "3:1-undefined config/yaml Torn.",
  ],
  ['url: "https', 'token: 12, url: "https', "7:44-2 config/wrong-value This secret is not text. | Quote it."],
  [
    'url: "https',
    'buffer: { max: 1GiB }, url: "https',
    '7:47-3 config/unknown-option Unknown option "max" of "buffer". | Known are max_size, when_full.',
  ],
  [
    'url: "https',
    'buffer: { max_size: big }, url: "https',
    '7:57-3 config/wrong-value "big" is not a size such as 64KiB, 16MiB or 1GiB.',
  ],
];

describe("a problem is told with its place, its sentence and the way out", () => {
  it.each(cases)("%s → %s", (from, to, ...problems) => {
    expect(told(change(from, to))).toEqual(problems);
  });
});
