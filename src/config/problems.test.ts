import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readEvents } from "../explain/read-events.ts";
import { readTestSection } from "../pipeline-tests/format/read.ts";
import type { Problem } from "../problem.ts";
import { readExported } from "../rules/exported/read.ts";
import { loadRule } from "../rules/load.ts";
import { readRule } from "../rules/read-rule.ts";
import { withoutRepeatedIds } from "../rules/repeated-ids.ts";
import { change, load, problemsOf, sound } from "./testing/fixtures/sound.ts";
import { wording } from "./wording.ts";

const raised = new Set<string>();

/** The line, the underlined text, the code, the message, and the hint. */
const reported = (text: string, problems: readonly Problem[]): string[] =>
  problems.map(({ line, column, length = 1, code, message, hint }) => {
    raised.add(code);
    const underlined = text.split("\n")[line - 1]?.slice(column - 1, column - 1 + length);
    return `${line} ‹${underlined}› ${code}: ${message}${hint ? ` | ${hint}` : ""}`;
  });

/** A piece of the sound pipeline, its replacement, and every problem that follows. */
const changes: readonly (readonly [from: string, to: string, ...problems: string[]])[] = [
  [
    "type: ticker",
    "type: ticker, every: 5 parsecs",
    '3 ‹5 parsecs› config/wrong-value: "5 parsecs" is not a duration such as 500ms, 30s, 5m, 1h or 7d.',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    'type: steps, inputs: [clock], steps: [{ walk: far }, { walk: "to ?" }]',
    '5 ‹?› config/build: "some" cannot be built: nobody knows how far. | Measure it.',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: steps, inputs: [clock], steps: [{ walk: far, run: [a] }, {}]",
    '5 ‹{ walk: far, run: [a] }› config/not-one: There must be one of several options here, but there is "walk" and "run". | Keep one of them.',
    "5 ‹{}› config/not-one: There must be one of several options here, but there is none of them. | Available: walk, run.",
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: steps, inputs: [clock], steps: { walk: far }, names: [a]",
    '5 ‹{ walk: far }› config/wrong-value: A map is not a list. | Begin each item with "- ".',
    "5 ‹[a]› config/wrong-value: A list of 1 is not a map. | Before each colon there is a name, after it text.",
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: steps, inputs: [clock], steps: [far], names: {}",
    '5 ‹far› config/wrong-value: "far" is not a map with one of walk, run. | Write { walk: … }.',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    'type: steps, inputs: [clock], steps: [{ run: "%{a}: b" }]',
    '5 ‹"%{a}: b"› config/wrong-value: "%{a}: b" is not a list. | Write ["%{a}: b"].',
  ],
  [
    'type: post, inputs: [some], url: "https://example.org" }',
    "type: post, inputs: [some], url: near, method: put }",
    '7 ‹put› config/build: "out" cannot be built: only a safe place takes what is put. | Write post.',
  ],
  [
    "type: ticker",
    "type: ticker, every: 5",
    '3 ‹5› config/wrong-value: "5" is not a duration such as 500ms, 30s, 5m, 1h or 7d. | Add a unit: 5s.',
  ],
  [
    "type: ticker",
    "type: ticker, every: 1m30s",
    '3 ‹1m30s› config/wrong-value: "1m30s" is not a duration such as 500ms, 30s, 5m, 1h or 7d. | Write 90s.',
  ],
  [
    "type: ticker",
    "type: ticker, max_line: 16 MiB",
    '3 ‹16 MiB› config/wrong-value: "16 MiB" is not a size above zero such as 64KiB, 16MiB or 1GiB. | Write 16MiB.',
  ],
  [
    "type: ticker",
    "type: ticker, every:",
    "3 ‹every› config/wrong-value: A value is missing here; it must be a duration such as 500ms, 30s, 5m, 1h or 7d.",
  ],
  [
    "type: ticker",
    "type: ticker, evry: 5s",
    '3 ‹evry› config/unknown-option: Unknown option "evry" of ticker. | Did you mean "every"?',
  ],
  [
    "type: ticker",
    `type: ticker, field: ${"a.".repeat(64)}b`,
    "3 ‹.› config/compiled: The path of the field has 65 segments; at most 64 are supported.",
  ],
  [
    "'level: error'",
    `'${"a.".repeat(64)}b: error'`,
    "5 ‹a› config/kql: The path of the field has 65 segments; at most 64 are supported. | Name a shorter path.",
  ],
  [
    "'level: error'",
    `'level: (${"a or ".repeat(4_096)}b)'`,
    "5 ‹)› config/kql: The query has more than 4096 conditions, which is the limit. | Split it into several queries.",
  ],
  ["type: ticker", "type: ticker, count: 0", '3 ‹0› config/wrong-value: "0" is not a whole number of at least 1.'],
  [
    "type: ticker",
    "type: ticker, count: 1001",
    '3 ‹1001› config/wrong-value: "1001" is not a whole number of at most 1000.',
  ],
  ["type: ticker", "type: ticker, quiet: yes", '3 ‹yes› config/wrong-value: "yes" is not true or false. | Write true.'],
  [
    "type: ticker",
    "type: ticker, codec: jsn",
    '3 ‹jsn› config/unknown-codec: There is no codec "jsn". | Did you mean "json"?',
  ],
  [
    "sources:\n",
    "plugins: [./louder.ts]\nsources:\n  m: { type: bell/ring, codec: morse }\n",
    '4 ‹morse› config/unknown-codec: There is no codec "morse". | Did you mean "bell/morse"?',
  ],
  [
    "type: ticker",
    "type: ticker, codec_options: { a: 1 }",
    '3 ‹a› config/unknown-option: Unknown option "a" of the codec json. | It has no options.',
  ],
  [
    "type: ticker",
    "type: ticker, codec: bell/morse, codec_options: { dash: . }",
    '3 ‹bell/morse› config/build: "clock" cannot be built: the codec "bell/morse": A dash must differ from a dot.',
  ],
  [
    "sources:\n",
    "plugins: [torn, ./shout.ts, ./louder.ts, ./shout.ts, 5, '${env:WORD}']\nsources:\n",
    '2 ‹torn› config/plugin-module: The package "torn" is not installed. | Run `npm i torn`.',
    '2 ‹./louder.ts› config/plugin-module: The transform "shout" of "./louder.ts" has the same name as one of "./shout.ts". | Rename the plugin.',
    '2 ‹./shout.ts› config/plugin-module: "./shout.ts" is listed twice. | Remove one of them.',
    '2 ‹5› config/wrong-value: "5" is not the name of a package, or the path of a file such as ./plugins/geo.ts.',
    "2 ‹'${env:WORD}'› config/plugin-module: A reference cannot be used here: plugins are loaded before references are followed. | Write the name or the path itself.",
  ],
  [
    "sources:\n",
    "plugins: ./shout.ts\nsources:\n",
    '2 ‹./shout.ts› config/wrong-value: "./shout.ts" is not a list of packages and files. | Write a list: [./geo.ts].',
  ],
  [
    "type: ticker",
    "type: ticker, count: '${env:WORD}'",
    "3 ‹'${env:WORD}'› config/wrong-value: \"seven\" is not a whole number.",
  ],
  [
    "type: ticker",
    "type: ticker, count: '${file:/run/secrets/token}'",
    "3 ‹'${file:/run/secrets/token}'› config/wrong-value: \"${file:/run/secrets/token}\" is not a whole number.",
  ],
  [
    "type: ticker",
    "type: ticker, count: '${env:NONE}'",
    '3 ‹${env:NONE}› config/unset-variable: The environment variable "NONE" is not set. | Set it, or give a default: ${env:NONE:-…}.',
  ],
  [
    "type: ticker",
    "type: ticker, every: '${file:/x}'",
    '3 ‹${file:/x}› config/unreadable-file: The file "/x" cannot be read: there is no such file.',
  ],
  [
    "type: ticker",
    "type: ticker, every: '${COUNT}'",
    '3 ‹${COUNT}› config/wrong-reference: "${COUNT}" is not a reference such as ${env:NAME}, ${env:NAME:-default} or ${file:/run/secrets/name}. | Did you mean "${env:COUNT}"? For a literal "${" write "$${".',
  ],
  [
    "type: ticker",
    "type: ticker, every: '${env:COUNT'",
    '3 ‹${env:COUNT› config/wrong-reference: "${env:COUNT" is not a reference such as ${env:NAME}, ${env:NAME:-default} or ${file:/run/secrets/name}. | A "}" is missing. For a literal "${" write "$${".',
  ],
  [
    "type: ticker",
    "type: ticker, page: 'http://ada:s3cr3t@example.org/'",
    `3 ‹'http://ada:s3cr3t@example.org/'› config/wrong-value: "http://…@example.org/" is not a URL such as https://example.org/events. | User and password go under "auth".`,
  ],
  [
    "type: ticker",
    "type: ticker, page: 'http://ada:s/3#cr@t@example.org/'",
    `3 ‹'http://ada:s/3#cr@t@example.org/'› config/wrong-value: "http://…@example.org/" is not a URL such as https://example.org/events. | User and password go under "auth".`,
  ],
  [
    "type: ticker",
    "type: ticker, page: 'ftp://example.org/'",
    `3 ‹'ftp://example.org/'› config/wrong-value: "ftp://example.org/" is not a URL such as https://example.org/events. | It must begin with http:// or https://, not ftp://.`,
  ],
  [
    "type: ticker",
    "type: ticker, page: 'example.org/events'",
    `3 ‹'example.org/events'› config/wrong-value: "example.org/events" is not a URL such as https://example.org/events. | It must begin with http:// or https://.`,
  ],
  [
    "type: ticker",
    "type: ticker, page: 'http://example.org/#top'",
    `3 ‹'http://example.org/#top'› config/wrong-value: "http://example.org/#top" is not a URL such as https://example.org/events. | The part from "#" on is never sent: remove it.`,
  ],
  [
    "type: ticker",
    "type: ticker, page: 'http://example.org/a b'",
    `3 ‹'http://example.org/a b'› config/wrong-value: "http://example.org/a b" is not a URL such as https://example.org/events. | Write a space as %20.`,
  ],
  [
    "type: ticker",
    "type: ticker, page: 'http://${env:EMPTY}/'",
    `3 ‹'http://\${env:EMPTY}/'› config/wrong-value: "http:///" is not a URL such as https://example.org/events. | The environment variable "EMPTY" is empty: set it before you start weir.`,
  ],
  [
    "type: ticker",
    "type: ticker, page: '${env:EMPTY}'",
    `3 ‹'\${env:EMPTY}'› config/wrong-value: A value is missing here; it must be a URL such as https://example.org/events. | The environment variable "EMPTY" is empty: set it before you start weir.`,
  ],
  [
    "type: ticker",
    "type: ticker, count: '${env:EMPTY}'",
    `3 ‹'\${env:EMPTY}'› config/wrong-value: A value is missing here; it must be a whole number. | The environment variable "EMPTY" is empty: set it before you start weir.`,
  ],
  [
    "type: ticker",
    "type: ticker, listen: 8080",
    `3 ‹8080› config/wrong-value: "8080" is not an address and a port such as 127.0.0.1:8080 or [::1]:8080. | Write 127.0.0.1:8080.`,
  ],
  [
    "type: ticker",
    "type: ticker, listen: ':8080'",
    `3 ‹':8080'› config/wrong-value: ":8080" is not an address and a port such as 127.0.0.1:8080 or [::1]:8080. | Write 127.0.0.1:8080.`,
  ],
  [
    "type: ticker",
    "type: ticker, listen: 0.0.0.0",
    `3 ‹0.0.0.0› config/wrong-value: "0.0.0.0" is not an address and a port such as 127.0.0.1:8080 or [::1]:8080. | Add a port, such as 0.0.0.0:8080.`,
  ],
  [
    "type: ticker",
    "type: ticker, listen: 80800",
    `3 ‹80800› config/wrong-value: "80800" is not an address and a port such as 127.0.0.1:8080 or [::1]:8080.`,
  ],
  [
    "type: ticker",
    "type: ticker, route: a//b",
    "3 ‹/› config/compiled: This is not a route such as a/b: a step is empty. | Remove one of the slashes.",
  ],
  [
    "type: ticker",
    "type: ticker, route: 'a/${env:WORD}//b'",
    "3 ‹/› config/compiled: This is not a route such as a/b: a step is empty. | Remove one of the slashes.",
  ],
  [
    "type: ticker",
    "type: ticker, match: '(a'",
    "3 ‹'(a'› config/compiled: This is not a regular expression: Invalid regular expression: /(a/u: Unterminated group.",
  ],
  [
    "type: ticker",
    "type: once, headers: { X-A: a, x-a: b }",
    '3 ‹x-a› config/options-apart: "x-a" and "X-A" cannot be used together. | Both set the same header: remove one of them.',
  ],
  [
    "type: ticker",
    "type: once, auth: { user: ada }, headers: { authorization: b }",
    '3 ‹authorization› config/options-apart: "authorization" and "auth" cannot be used together. | Both set the same header: remove one of them.',
  ],
  [
    "type: ticker",
    "type: once, headers: { Authorization: b, request-key: c }",
    '3 ‹request-key› config/options-apart: "request-key" and "key" cannot be used together. | Both set the same header: remove one of them.',
  ],
  [
    "type: ticker",
    "type: ticker, multiline: { start: a, end: b }",
    '3 ‹{ start: a, end: b }› config/not-one: There must be one of several options here, but there is "start" and "end". | Keep one of them.',
  ],
  [
    "type: ticker",
    "type: ticker, multiline: { start: '^(a' }",
    "3 ‹(› config/compiled: This is not a regular expression: this `(` has no `)`; write `\\(` for the character.",
  ],
  [
    "type: ticker",
    "type: ticker, framing: whole, multiline: { start: a }",
    '3 ‹whole› config/options-apart: "multiline" and "framing: whole" cannot be used together. | Remove one of them.',
  ],
  [
    "type: ticker",
    "type: tiker",
    '3 ‹tiker› config/unknown-type: "tiker" is not a source type. | Did you mean "ticker"?',
  ],
  [
    "type: ticker",
    "type: post",
    '3 ‹post› config/unknown-type: "post" is not a source type. | It is a sink: move it to "sinks".',
  ],
  [
    "type: ticker",
    "type: [ticker]",
    "3 ‹[ticker]› config/unknown-type: A list of 1 is not a source type. | Available: ticker, once.",
  ],
  [
    "{ type: ticker }",
    "{ every: 1s }",
    '3 ‹clock› config/missing-type: The component "clock" has no type. | Available: ticker, once.',
  ],
  [
    "{ type: ticker }",
    "ticker",
    '3 ‹clock› config/not-a-map: "clock" is not a map of options. | It needs at least a type.',
  ],
  [
    "  clock: { type: ticker }",
    "  - ticker",
    '3 ‹- ticker› config/not-a-map: "sources" is not a map of ids and components.',
    '5 ‹clock› config/unknown-input: There is no component "clock". | Available: some.',
  ],
  [
    "clock: {",
    "o'clock: {",
    '3 ‹o\'clock› config/unusable-id: "o\'clock" is not an id: only letters, digits, "_" and "-" are allowed.',
    '5 ‹clock› config/unknown-input: There is no component "clock". | Did you mean "o\'clock"?',
  ],
  [
    "transforms:",
    "label: { a: b }\ntransforms:",
    '4 ‹label› config/unknown-section: A pipeline has no section "label". | Did you mean "labels"?',
  ],
  ["transforms:", "data_dir: []\ntransforms:", "4 ‹[]› config/wrong-value: An empty list is not a file path."],
  ["transforms:", "cluster: ''\ntransforms:", "4 ‹''› config/wrong-value: A value is missing here; it must be a name."],
  [
    "transforms:",
    "labels: { a.b: c }\ntransforms:",
    '4 ‹a.b› config/wrong-value: "a.b" is not a letter, then letters, digits, _ and -.',
  ],
  ["transforms:", "labels: { site: [] }\ntransforms:", "4 ‹[]› config/wrong-value: An empty list is not a name."],
  [
    "transforms:",
    "transform:",
    '4 ‹transform› config/unknown-section: A pipeline has no section "transform". | Did you mean "transforms"?',
    '7 ‹some› config/unknown-input: There is no component "some". | Available: clock.',
  ],
  [
    "  clock: {",
    "  some: { type: ticker }\n  clock: {",
    '6 ‹some› config/duplicate-id: "some" is already the id of a component under "sources".',
  ],
  [
    "  clock: {",
    "  clock: { type: ticker }\n  clock: {",
    '4 ‹clock› config/duplicate-key: The key "clock" appears twice in one map. | Remove one of them.',
  ],
  [
    "inputs: [clock]",
    "inputs: [clok]",
    '5 ‹clok› config/unknown-input: There is no component "clok". | Did you mean "clock"?',
  ],
  [
    "inputs: [clock]",
    "inputs: ['x*']",
    "5 ‹'x*'› config/unknown-input: \"x*\" matches no source or transform. | Available: clock, some.",
  ],
  [
    "inputs: [clock]",
    "inputs: [clock, out]",
    '5 ‹out› config/sink-as-input: "out" is a sink, and sinks have no output. | Name the component that feeds it.',
  ],
  ["url:", "buffer: { type: memory }, url:"],
  [
    "sinks:",
    "sinks:\n  safe: { type: post, inputs: [clock], url: x }\n  quick: { type: post, inputs: [clock], url: x, buffer: { type: memory } }",
    '8 ‹memory› config/memory-buffer: "quick" cannot buffer in memory: "safe" shares sources with it and buffers on disk. | Use the same buffer type for both.',
  ],
  [
    "sinks:\n  out: { type: post, inputs: [some]",
    "  see: { type: watch, inputs: [some], rules: [night_login] }\nsinks:\n  out: { type: post, inputs: [see], buffer: { type: memory }",
    '8 ‹memory› config/memory-buffer: "out" cannot buffer in memory: "see" keeps state, which a batch that is read again would change twice. | Use a disk buffer.',
  ],
  [
    "transforms:\n  some: { type: keep, inputs: [clock], where: 'level: error' }\nsinks:\n  out: { type: post",
    "  other: { type: once }\ntransforms:\n  some: { type: keep, inputs: [clock, other], where: 'level: error' }\nsinks:\n  out: { type: post, buffer: { type: memory }",
    '8 ‹memory› config/memory-buffer: "out" cannot buffer in memory: the source "other" cannot read undelivered events again. | Use a disk buffer.',
  ],
  [
    "sinks:",
    "sinks:\n  now: { type: show, inputs: [clock], required: true }",
    '7 ‹true› config/live-sink: "now" cannot be required: it sends events only to the clients that are connected at the moment. | Remove "required".',
  ],
  ["inputs: [clock]", "inputs: [clock, some]", '5 ‹some› config/self-input: "some" is its own input.'],
  [
    "clock: {",
    "clo.ck: {",
    '3 ‹clo.ck› config/unusable-id: "clo.ck" is not an id: only letters, digits, "_" and "-" are allowed.',
    '5 ‹clock› config/unknown-input: There is no component "clock". | Did you mean "clo.ck"?',
  ],
  [
    "inputs: [some]",
    "inputs: [some.errors]",
    '7 ‹some.errors› config/unknown-output: "some" has no output "errors". | It has one output: name it as "some".',
  ],
  [
    "sinks:\n  out: { type: post, inputs: [some]",
    "  part: { type: split, inputs: [some] }\nsinks:\n  out: { type: post, inputs: [part, part.lift, part.right]",
    '8 ‹part.lift› config/unknown-output: "part" has no output "lift". | Did you mean "left"?',
  ],
  [
    "sinks:\n  out: { type: post, inputs: [some]",
    "  part: { type: split, inputs: [some], drop_outputs: [default, up] }\nsinks:\n  out: { type: post, inputs: [part.left, part.right]",
    '6 ‹up› config/unknown-output: "part" has no output "up". | Its outputs are part, part.left, part.right.',
  ],
  [
    "sinks:\n  out: { type: post, inputs: [some]",
    "  part: { type: split, inputs: [some] }\nsinks:\n  out: { type: post, inputs: [part, part.left]",
    '6 ‹part› config/unread-output: No component uses the output "right" of "part". | Add "part.right" to the inputs of a component, or "right" to "drop_outputs".',
  ],
  [
    "sinks:\n  out: { type: post, inputs: [some]",
    "  part: { type: split, inputs: [some], drop_outputs: [right, default] }\nsinks:\n  out: { type: post, inputs: [part, part.left]",
    '6 ‹default› config/dropped-output: The output "default" of "part" is dropped, but "out" uses it. | Remove one of them.',
  ],
  [
    "sinks:\n  out: { type: post, inputs: [some]",
    '  part: { type: split, inputs: [some], ways: ["a.b"], drop_outputs: [default] }\nsinks:\n  out: { type: post, inputs: [some]',
    '6 ‹part› config/unusable-output: "a.b" cannot be the name of an output of "part": use letters, digits, "_" and "-", each name once, and not "default".',
  ],
  [
    "sinks:\n  out: { type: post, inputs: [some]",
    "  part: { type: split, inputs: [some], ways: [], fault: it is Monday }\nsinks:\n  out: { type: post, inputs: [part]",
    '6 ‹part› config/build: "part" cannot be built: it is Monday.',
  ],
  [
    "transforms:",
    "transforms:\n  more: { type: keep, inputs: [some], where: 'a: b' }",
    '5 ‹more› config/unused-output: No component uses the output of "more". | Add it to the inputs of a sink or transform, or remove it.',
  ],
  [
    "transforms:\n  some: { type: keep, inputs: [clock]",
    "transforms:\n  more: { type: keep, inputs: [some], where: 'a: b' }\n  some: { type: keep, inputs: [clock, more]",
    "6 ‹more› config/cycle: These components form a cycle: more → some → more. | Remove one of these inputs.",
  ],
  ["inputs: [clock]", "inputs: clock", '5 ‹clock› config/wrong-value: "clock" is not a list. | Write [clock].'],
  [
    "inputs: [clock], ",
    "",
    '5 ‹some› config/missing-option: keep needs the option "inputs". | It is a list, such as [audit].',
  ],
  ["inputs: [clock]", "inputs: []", "5 ‹[]› config/wrong-value: An empty list is not a list of at least 1 item."],
  [
    "inputs: [some]",
    "inputs: [clock]",
    '5 ‹some› config/unused-output: No component uses the output of "some". | Add it to the inputs of a sink or transform, or remove it.',
  ],
  [
    ", where: 'level: error'",
    ", wher: 'level: error'",
    '5 ‹wher› config/unknown-option: Unknown option "wher" of keep. | Did you mean "where"?',
  ],
  [
    ", where: 'level: error'",
    ", where: {level: error}",
    "5 ‹{level: error}› config/wrong-value: A map is not a KQL query. | Quote it: YAML reads this as a map.",
  ],
  [
    ", where: 'level: error'",
    "",
    '5 ‹some› config/missing-option: keep needs the option "where". | It is a KQL query.',
  ],
  [
    "'level: error'",
    "'level: (a or'",
    '5 ‹\'› config/kql: Expected ")", found the end of the query. | It closes the "(" at character 8.',
  ],
  [
    "'level: error'",
    '"level: \\"a\\" or or b"',
    '5 ‹o› config/kql: "or b" names no field, and weir does not search all fields. | Write field:value.',
  ],
  [
    "'level: error'",
    "error",
    '5 ‹e› config/kql: "error" names no field, and weir does not search all fields. | Write field:value.',
  ],
  [
    "'level: error'",
    "'${env:WORD}: x or or b'",
    '5 ‹o› config/kql: "or b" names no field, and weir does not search all fields. | Write field:value.',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: watch, inputs: [clock], rules: [nite_login]",
    '5 ‹nite_login› config/unknown-rule: There is no rule "nite_login". | Did you mean "night_login"?',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: watch, inputs: [clock], rules: [torn]",
    '5 ‹torn› config/rule-in-error: The rule "torn" cannot be used: its file has errors.',
    "3 ‹ › config/yaml: Torn.",
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: guard, inputs: [clock], step: {}, rules: [pack/*, 5, { from: pack/*, typs: [eql] }, nite_login, { form: pack/* }]",
    "5 ‹{}› config/not-one: There must be one of several options here, but there is none of them. | Available: a, b.",
    '5 ‹5› config/wrong-value: "5" is not the name of a rule, a path, a folder, a glob, or a map with from and filters.',
    '5 ‹typs› config/unknown-option: Unknown option "typs" of "rules". | Did you mean "types"?',
    '5 ‹form› config/unknown-option: Unknown option "form" of "rules". | Did you mean "from"?',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: guard, inputs: [clock], rules: [night_login, nite_login, torn, { from: torn, tags: [a] }]",
    '5 ‹nite_login› config/unknown-rule: There is no rule "nite_login". | Did you mean "night_login"?',
    '5 ‹torn› config/rule-in-error: The rule "torn" cannot be used: its file has errors.',
    '5 ‹{ from: torn, tags: [a] }› config/unknown-rule: There is no rule "torn". | Available: night_login.',
    "3 ‹ › config/yaml: Torn.",
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: guard, inputs: [clock], rules: [pack/*]",
    '5 ‹pack/*› config/idle-rules: Some rules of "pack/*" do not run: 2 × esql, 1 × eql. | To see why: weir rules check "pack/*"',
    '5 ‹pack/*› config/fields-not-honoured: Some rules of "pack/*" have fields that weir does not honour: 3 × filters. | To see why: weir rules check "pack/*"',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: guard, inputs: [clock], rules: [{ from: pack/*, types: [eql] }, pack/torn]",
    '5 ‹{ from: pack/*, types: [eql] }› config/no-rules: No rule of "pack/*" can run. | To see why: weir rules check "pack/*"',
    '5 ‹pack/torn› config/rules-in-error: The rules of "pack/torn" cannot be used: some of the files have errors.',
    "3 ‹ › config/yaml: Torn.",
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: guard, inputs: [clock], rules: [night_login], exception_files: [torn.yaml, none.yaml], exceptions: [{ name: a, rules: [a], reason: r, expires: 2026-01-09, entries: [{ field: x, type: list, list: { file: none.txt } }] }, { name: a, rules: [a], reason: r, expires: 2025-01-01, entries: [{ field: x, type: exists }] }]",
    '5 ‹torn.yaml› config/unusable-exceptions: The exceptions of "torn.yaml" cannot be used: there is no such file, or it has errors.',
    '5 ‹none.yaml› config/unusable-exceptions: The exceptions of "none.yaml" cannot be used: there is no such file, or it has errors. | Paths are relative to the pipeline file.',
    "5 ‹2026-01-09› config/exception-expiry: The exception until 2026-01-09 ends soon. | If its reason still holds, let it end later.",
    '5 ‹none.txt› config/unusable-list: The list of values "none.txt" cannot be used: there is no such file, or it has errors. | Paths are relative to the pipeline file.',
    "5 ‹2025-01-01› config/exception-expiry: The exception until 2025-01-01 has ended: it does not apply to new events. | Remove it, or let it end later.",
    "3 ‹ › config/yaml: Torn.",
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: guard, inputs: [clock], rules: [whole_door]",
    '5 ‹whole_door› config/rules-without-effect: A query of "whole_door" has a part without effect. whole_door: The condition on "process.pid" is never true: the field holds whole numbers. Write a whole number, or compare with < or >. There are 2 such parts. | To see each with its place: weir rules check "whole_door"',
  ],
  [
    "where: 'level: error'",
    "where: 'level: error and process.pid:1.5'",
    '5 ‹1› config/never-true: The condition on "process.pid" is never true: the field holds whole numbers. | Write a whole number, or compare with < or >.',
  ],
  ['url: "https', 'token: 12, url: "https', "7 ‹12› config/wrong-value: A number is not text. | Quote it."],
  ['url: "https', 'token: "", url: "https', '7 ‹""› config/wrong-value: A value is missing here; it must be text.'],
  [
    'url: "https',
    'token: "${env:EMPTY}", url: "https',
    '7 ‹"${env:EMPTY}"› config/wrong-value: A value is missing here; it must be text. | The environment variable "EMPTY" is empty: set it before you start weir.',
  ],
  [
    'url: "https',
    'buffer: { max: 1GiB }, url: "https',
    '7 ‹max› config/unknown-option: Unknown option "max" of "buffer". | Did you mean "max_size"?',
  ],
  [
    'url: "https',
    'buffer: { max_size: big }, url: "https',
    '7 ‹big› config/wrong-value: "big" is not a size above zero such as 64KiB, 16MiB or 1GiB.',
  ],
  [
    'url: "https',
    'buffer: { max_size: 0 }, url: "https',
    '7 ‹0› config/wrong-value: "0" is not a size above zero such as 64KiB, 16MiB or 1GiB.',
  ],
  [
    'url: "https',
    'timeout: 0 s, url: "https',
    '7 ‹0 s› config/wrong-value: "0 s" is not a duration above zero such as 30s, 5m, 1h or 7d.',
  ],
  [
    'url: "https',
    'timeout: 0s, url: "https',
    '7 ‹0s› config/wrong-value: "0s" is not a duration above zero such as 30s, 5m, 1h or 7d.',
  ],
  [
    'url: "https',
    'retry: { initial: 0 }, url: "https',
    '7 ‹0› config/wrong-value: "0" is not a duration above zero such as 30s, 5m, 1h or 7d.',
  ],
  ["url:", "batch: { timeout: 0s }, url:"],
  ["url:", "timeout: 365000d, url:"],
  [
    'url: "https',
    'timeout: 365001d, url: "https',
    "7 ‹365001d› config/compiled: This duration is too long: durations are at most 365000d, which is 1,000 years.",
  ],
  [
    'url: "https',
    'required: false, buffer: { when_full: dead_letter, max_size: 1MiB }, url: "https',
    '7 ‹dead_letter› config/optional-buffer: "out" is not required, so it buffers in memory and drops events when the buffer is full: "when_full: dead_letter" has no effect. | Remove "when_full", or "required: false".',
  ],
  [
    'post, inputs: [some], url: "https://example.org"',
    "show, inputs: [some], buffer: { type: disk, when_full: drop_newest }",
    '7 ‹disk› config/optional-buffer: "out" is not required, so it buffers in memory and drops events when the buffer is full: "type: disk" has no effect. | Remove "type".',
  ],
  [
    "type: post",
    "type: apart",
    '7 ‹apart› config/missing-package: The plugin "apart" needs the package "@acme/absent", which is not installed. | Run `npm i @acme/absent@2`.',
  ],
  [
    "type: keep, inputs: [clock], where: 'level: error'",
    "type: guard, inputs: [clock], rules: [night_login], step: { b: x }",
    '5 ‹guard› config/missing-package: The plugin "guard" needs the package "@acme/absent", which is not installed. | Run `npm i @acme/absent@2`.',
  ],
  [
    "type: post",
    "type: later",
    '7 ‹later› config/plugin-api: The plugin "later" cannot be used: it is written for version 2 of the plugin API, and this weir has version 1. | Update weir, or install an older version of the plugin.',
  ],
  [
    "type: post",
    "type: hasty",
    '7 ‹hasty› config/option-clash: The plugin "hasty" cannot be used: it declares the option "timeout", which every sink already has. | Rename the plugin\'s option, for example to "hasty_timeout".',
  ],
  [
    'url: "https',
    'password: "${env:TOKEN}", url: "https',
    '7 ‹password› config/option-alone: "password" has no effect without "user". | Add "user": text, such as ada.',
  ],
  ["url:", "password: hunter3, user: ada, url:"],
  [
    'url: "https',
    'proxy:, url: "https',
    "7 ‹proxy› config/wrong-value: A value is missing here; it must be a map with user, key. | Write {}.",
  ],
  [
    'url: "https',
    'password: hunter3, usr: ada, url: "https',
    '7 ‹usr› config/unknown-option: Unknown option "usr" of post. | Did you mean "user"?',
  ],
  [
    'url: "https',
    'user: ada, token: hunter3, url: "https',
    '7 ‹token› config/options-apart: "token" and "user" cannot be used together. | Remove one of them.',
  ],
  [
    '  out: { type: post, inputs: [some], url: "https://example.org" }\n',
    "",
    '6 ‹sinks› config/missing-section: A pipeline needs at least one component under "sinks".',
  ],
  [
    "'level: error'",
    "level: error",
    "5 ‹level: error› config/yaml: This is not valid YAML: unexpected \": \" inside a value. | Quote the query: where: '…'.",
  ],
  [
    "type: ticker",
    "type: ticker, every: ${env:WORD}s, count: {}}",
    '3 ‹{› config/yaml: This is not valid YAML: unexpected "{". | Quote the value with the reference: "${…}".',
  ],
];

/** A text, and every problem of it. */
const texts: readonly (readonly [text: string, ...problems: string[]])[] = [
  ["", "1 ‹› config/not-a-map: The empty file is not a map of sources, transforms and sinks."],
  [
    "just text\n",
    "1 ‹just text› config/not-a-map: The content of this file is not a map of sources, transforms and sinks.",
  ],
  [
    "title: A rule\nseverity: low\n",
    "1 ‹title: A rule› config/other-file: This is a rule, not a pipeline. | Check it with `weir rules check`.",
  ],
  [
    "x-event: &event { a: 1 }\ntests:\n  - name: one\n",
    "1 ‹x-event: &event { a: 1 }› config/other-file: This is a test file, not a pipeline. | `weir test` runs it together with its pipeline.",
  ],
  [
    "sources: {}\n",
    '1 ‹s› config/missing-section: A pipeline needs at least one component under "sinks".',
    '1 ‹{}› config/missing-section: A pipeline needs at least one component under "sources".',
  ],
  [
    "sources:\n  a: *b\nsinks:\n",
    '2 ‹*b› config/yaml: This is not valid YAML: no anchor "&b" comes before this alias.',
  ],
  ["sources:\n\ta: 1\n", "2 ‹\t› config/yaml: This is not valid YAML: tabs are not allowed as indentation."],
  ["sources:\n  a: !secret x\n", '2 ‹!secret› config/yaml: This is not valid YAML: unknown tag "!secret".'],
  [
    "sources:\n  a: { type: ticker }\n---\nsinks:\n",
    "3 ‹---› config/yaml: This is not valid YAML: a pipeline is a single document, but a second one begins here.",
  ],
  [
    "sources:\n  a: { type: ticker }\nsinks:\n  b:\n    type: keep\n    inputs: [a]\n    where: *x and y\n",
    "7 ‹and y› config/yaml: This is not valid YAML: unexpected \"and y\". | Quote the query: where: '…'.",
  ],
  [
    "sources:\n  a: { type: ticker }\ntransforms:\n  b:\n    type: keep\n    inputs: [a]\n    where: level: error\n",
    "7 ‹level: error› config/yaml: This is not valid YAML: unexpected \": \" inside a value. | Quote the query: where: '…'.",
  ],
];

const rule = `id: 3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77
title: Login at night
description: Somebody logs in at night.
type: new_terms
query: 'event.action: login'
new_terms: { fields: [user.name], window: 7d }
severity: low
risk_score: 10
created: "2026-05-01"
tests:
  - name: one
    events:
      - { at: 0s, event: { a: 1 }, alerts: [[marta]] }
`;

/** A piece of the rule, its replacement, and every problem that follows. */
const rules: readonly (readonly [from: string, to: string, ...problems: string[]])[] = [
  [
    "type: new_terms",
    "type: query",
    '6 ‹new_terms› rule/out-of-place: "new_terms" does not belong in a rule of type query.',
  ],
  [
    "new_terms: { fields: [user.name], window: 7d }\n",
    "",
    '4 ‹new_terms› rule/missing-part: A rule of type new_terms needs "new_terms". | It has "fields" and "window".',
  ],
  [
    "alerts: [[marta]]",
    "alerts: [[marta, x]]",
    "13 ‹[marta, x]› rule/contradiction: This alert has 2 terms, but the rule has 1 field.",
  ],
  [
    "type: new_terms\nquery: 'event.action: login'\nnew_terms: { fields: [user.name], window: 7d }\n",
    "type: query\nquery: 'event.action: login'\n",
    "12 ‹[marta]› rule/contradiction: The alerts of a rule of type query have no terms: write [].",
  ],
  [
    "type: new_terms\n",
    "type: old_terms\n",
    '4 ‹old_terms› config/wrong-value: "old_terms" is not one of new_terms, query, threshold, eql, threat_match. | Did you mean "new_terms"?',
  ],
  [
    "fields: [user.name]",
    "fields: [a, b, c, d]",
    "6 ‹[a, b, c, d]› config/wrong-value: A list of 4 is not a list of at most 3 items.",
  ],
  [
    "window: 7d",
    "windw: 7d",
    '6 ‹windw› config/unknown-option: Unknown option "windw" of "new_terms". | Did you mean "window"?',
  ],
  [
    "'event.action: login'",
    "'event.action: (login'",
    '5 ‹\'› config/kql: Expected ")", found the end of the query. | It closes the "(" at character 15.',
  ],
  [
    "severity: low",
    "severity: lo",
    '7 ‹lo› config/wrong-value: "lo" is not one of low, medium, high, critical. | Did you mean "low"?',
  ],
  ["id: 3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77", "id: night", '1 ‹night› config/wrong-value: "night" is not a UUID.'],
  [
    "at: 0s",
    "at: 0",
    '13 ‹0› config/wrong-value: "0" is not a duration such as 500ms, 30s, 5m, 1h or 7d. | Add a unit: 0s.',
  ],
  [
    "risk_score: 10\n",
    "risk_score: 101\nrisk: 1\n",
    '8 ‹101› config/wrong-value: "101" is not a whole number of at most 100.',
    '9 ‹risk› config/unknown-option: Unknown option "risk" of a rule. | Did you mean "risk_score"?',
  ],
  ["alerts: [[marta]]", "alerts: [marta]", '13 ‹marta› config/wrong-value: "marta" is not a list. | Write [marta].'],
];

/** A rule of Elastic with every table that is checked. */
const elastic = `[metadata]
creation_date = "2026/01/02"
integration = ["doors"]

[rule]
author = ["Ada"]
description = "Many doors."
language = "kuery"
name = "Many Doors"
risk_score = 21
rule_id = "3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77"
severity = "low"
type = "threshold"
query = '''
door.name:* and
  action:open
'''

[[rule.threat]]
framework = "MITRE ATT&CK"
[rule.threat.tactic]
id = "TA0006"
name = "Credential Access"

[rule.threshold]
field = ["user.name"]
value = 3
`;

/** A piece of it, its replacement, and every problem that follows; those of fields that are not honoured come last. */
const elasticChanges: readonly (readonly [from: string, to: string, ...problems: string[]])[] = [
  [
    elastic.slice(elastic.indexOf("[rule]")),
    `[rule]
author = ["Ada"]
description = "Doors."
language = "eql"
name = "Doors"
risk_score = 21
rule_id = "3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77"
severity = "low"
type = "eql"
query = '''
any where process.pid == 1.5
  | head 3
'''
`,
    '15 ‹1› config/never-true: The condition on "process.pid" is never true: the field holds whole numbers. | Write a whole number, or compare with < or >.',
    '16 ‹h› config/pipe-without-effect: "| head 3" has no effect: a stream has no first or last result, so every one raises an alert. | Leave it out. To cap the alerts of a rule, set max_alerts in the overrides of the pipeline.',
  ],
  ["kuery", "kuery"],
  [
    "risk_score = 21\n",
    "risk_score = \nrisk = [1\n",
    "10 ‹› rule/toml: This is not valid TOML: invalid value.",
    '12 ‹rule_id = "3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77"› rule/toml: This is not valid TOML: expected comma or end of structure.',
  ],
  [
    "door.name:* and\n  action:open",
    "door.name:* and\n  action:(open",
    '17 ‹\'› config/kql: Expected ")", found the end of the query. | It closes the "(" at character 26.',
  ],
  [
    elastic.slice(elastic.indexOf("[rule]")),
    "[rulle]",
    "1 ‹[› rule/no-rule: This file has no table [rule]. | A rule of Elastic has [metadata] and [rule].",
  ],
  [
    'type = "threshold"',
    'type = "treshold"',
    '13 ‹"treshold"› rule/unknown-type: "treshold" is not a type of rules of Elastic. | Did you mean "threshold"?',
    '25 ‹rule.threshold› rule/unknown-field: "threshold" is not a field of rules of Elastic that weir knows.',
  ],
  [
    'type = "threshold"',
    'type = "esql"',
    '13 ‹"esql"› rule/cannot-run: This rule does not run in weir: ES|QL is a language of pipelines over tables, which weir does not have yet.',
    '25 ‹rule.threshold› rule/unknown-field: "threshold" is not a field of rules of Elastic that weir knows.',
  ],
  [
    '"kuery"',
    '"lucene"',
    '8 ‹"lucene"› rule/cannot-run: This rule does not run in weir: its query is in Lucene\'s language, which weir does not have.',
  ],
  [
    "value = 3\n",
    'value = "3"\nvalu = 4\n',
    '27 ‹"3"› config/wrong-value: "3" is not a whole number.',
    '28 ‹valu› config/unknown-option: Unknown option "valu" of "threshold". | Did you mean "value"?',
  ],
  [
    "severity = ",
    'sevrity = "high"\nmax_signals = 5\nfilters = []\nfrom = "now-2y"\nseverity = ',
    '15 ‹"now-2y"› config/compiled: This is not a time before now such as now-9m: "now-2y" is none that weir can read. | Write a whole number and one of s, m, h, d and w: now-9m.',
    '12 ‹sevrity› rule/unknown-field: "sevrity" is not a field of rules of Elastic that weir knows. | Did you mean "severity"?',
    '13 ‹max_signals› rule/not-honoured: weir does not honour "max_signals": weir raises every alert; a pipeline can set max_alerts under overrides.',
  ],
];

/** A step of a test for the sound pipeline, and every problem of it. */
const testSteps: readonly (readonly [step: string, ...problems: string[]])[] = [
  ["expect: out"],
  ["expect: dead_letters"],
  ["end"],
  [
    "end\n      - { expect: out }\n      - { advance: 1s }\n      - restart\n      - crash",
    '14 ‹{ advance: 1s }› test/ended: The run is over after "end". | Only "expect", without a time, and "restart" can follow.',
  ],
  ["expect: some"],
  ["into: clock, records: [a], at: 1h"],
  ["crsh", '12 ‹crsh› test/step: "crsh" is not a step of a test. | Did you mean "crash"?'],
  ["{ advnce: 5m }", '12 ‹{ advnce: 5m }› test/step: A map is not a step of a test. | Did you mean "advance"?'],
  [
    "{ into: clock, advance: 5m }",
    "12 ‹{ into: clock, advance: 5m }› test/step: A map is not a step of a test. | A step is restart, crash, end, or a map with one of into, advance, expect.",
  ],
  [
    "{ into: clock }",
    '12 ‹{ into: clock }› test/input: This step sends nothing. | Add "events", or for a source "records", "base64" or "file".',
  ],
  [
    "{ into: some, records: [a] }",
    '12 ‹some› test/input: "some" is a transform, which gets events, and no records. | Write "events", or send them into a source.',
  ],
  [
    "{ into: clok, events: [{ a: 1 }] }",
    '12 ‹clok› test/component: The pipeline has no component "clok". | Did you mean "clock"?',
  ],
  ["{ expect: ot }", '12 ‹ot› test/component: The pipeline has no component "ot". | Did you mean "out"?'],
  ["{ expect: some.left }", '12 ‹some.left› config/unknown-output: "some" has no output "left". | Available: some.'],
  [
    "{ expect: out, at: 59m }",
    "12 ‹59m› test/time: This step is at 59m, when 1h have passed already. | Steps are in order of time.",
  ],
  [
    "{ expect: out, where: 'a: (b' }",
    `12 ‹'› config/kql: Expected ")", found the end of the query. | It closes the "(" at character 4.`,
  ],
  [
    "{ expect: out, count: 1, contains: [] }",
    '12 ‹count› config/options-apart: "count" and "contains" cannot be used together. | Remove one of them.',
  ],
  ["{ expect: out, equals: [1] }", '12 ‹1› config/wrong-value: "1" is not a map.'],
  [
    "{ into: clock, file: missing.log }",
    '12 ‹missing.log› config/unreadable-file: The file "missing.log" cannot be read: it does not exist.',
  ],
];

describe("a problem of a test is reported in the same way", () => {
  it.each(testSteps)("%s", (step, ...problems) => {
    const written = /^(?:\{|end)|^[^:]*$/.test(step) ? step : `{ ${step} }`;
    const text = `${sound}tests:\n  - name: a test\n    steps:\n      - advance: 1h\n      - ${written}\n`;
    const readFile = () => {
      throw new Error("it does not exist");
    };
    const file = readTestSection({ text, file: "p.yaml", readFile })!;
    const loaded = load(text);
    expect(problemsOf(text)).toEqual([]);
    expect(reported(text, loaded.ok ? file.check(loaded.value.topology) : [])).toEqual(problems);
  });
});

describe("a problem is reported with its place, its sentence and the way out", () => {
  it.each(changes)("%j → %j", (from, to, ...problems) => {
    const text = change(from, to);
    expect(reported(text, problemsOf(text))).toEqual(problems);
  });

  it.each(texts)("%j", (text, ...problems) => {
    expect(reported(text, problemsOf(text))).toEqual(problems);
  });

  it("a pipeline in place of a rule", () => {
    const text = "sources: {}\nsinks: {}\n";
    const result = loadRule(text, { file: "r.yaml", name: "r" });
    expect(reported(text, result.ok ? [] : result.problems)).toEqual([
      "1 ‹sources: {}› config/other-file: This is a pipeline, not a rule. | Check it with `weir validate`.",
    ]);
  });

  it.each(rules)("in a rule: %j → %j", (from, to, ...problems) => {
    const text = rule.replace(from, () => to);
    const result = loadRule(text, { file: "r.yaml", name: "r" });
    expect(reported(text, result.ok ? [] : result.problems)).toEqual(problems);
  });
});

describe("a problem of a rule of Elastic has its place in the TOML", () => {
  it.each(elasticChanges)("%j → %j", (from, to, ...problems) => {
    const text = elastic.replace(from, () => to);
    const { result, notHonoured } = readRule(text, { file: "r.toml", name: "r" });
    const own = result.ok ? result.warnings : result.problems;
    expect(reported(text, [...own, ...notHonoured.map(({ problem }) => problem)])).toEqual(problems);
  });
});

it("what cannot be used of an export of Kibana is reported on its line", () => {
  const item = { list_id: "l", item_id: "i", name: "n", entries: [{ field: "a", type: "match", value: "x" }] };
  const text = [
    "{ torn",
    JSON.stringify(item),
    JSON.stringify({ ...item, entries: [{ field: "a", type: "near" }] }),
    JSON.stringify({ ...item, expire_time: "soon" }),
    "[1]",
    JSON.stringify({ exported_exception_list_count: 1 }),
    "{}",
  ].join("\n");
  const result = readExported(text, "e.ndjson", {}, (id) => id);
  const lines = text.split("\n");
  const told = reported(text, result.ok ? result.warnings : result.problems);
  expect(told.map((each) => each.replace(lines[Number(each.split(" ")[0]) - 1]!, "…"))).toEqual([
    "1 ‹…› config/exported-line: This line of the Kibana export cannot be used: it is not JSON: Expected property name or '}' in JSON at position 2 (line 1 column 3).",
    '3 ‹…› config/exception-left-out: The exception "n" is left out: it has an entry of the type "near".',
    '4 ‹…› config/compiled: "soon" is not a date or a time. | Write 2026-12-31, or 2026-12-31T18:00Z.',
    "5 ‹…› config/exported-line: This line of the Kibana export cannot be used: it is not a JSON object.",
    "7 ‹…› config/exported-line: This line of the Kibana export cannot be used: it is not a rule, an exception list, or an item of one.",
  ]);
});

it("rules with the same id are reported where the later one has it", () => {
  const read = ["a.toml", "b.toml"].map((file) => readRule(elastic, { file, name: file }));
  const [first, second] = withoutRepeatedIds(read, () => elastic);
  expect(first).toBe(read[0]);
  expect(reported(elastic, second!.result.ok ? [] : second!.result.problems)).toEqual([
    '11 ‹"3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77"› rule/repeated-id: The id 3f0c6a52-7c1d-4a52-9d55-0b6f5a1c9e77 is also that of the rule in "a.toml". | Give it an id of its own, or leave one file out.',
  ]);
  const own = ["a.yaml", "b.yaml"].map((file) => readRule(rule, { file, name: file }));
  const last = withoutRepeatedIds(own, () => rule).at(-1)!;
  expect(reported(rule, last.result.ok ? [] : last.result.problems)[0]).toContain("rule/repeated-id");
});

it("places what is wrong after a quote that is never closed on a line of its own", () => {
  const text = '"s:\n  l: "x"\n  p: y\n  k: z';
  const places = problemsOf(text).map(({ line, column }) => [line, column]);
  const lines = text.split("\n");
  for (const [line, column] of places) expect(column).toBeLessThanOrEqual(lines[line! - 1]!.length + 1);
  expect(places.map(([line]) => line)).toContain(3);
});

describe("aliases of aliases", () => {
  it("are reported, and not expanded", () => {
    const level = (n: number) => `  l${n}: &l${n} [${`*l${n - 1}, `.repeat(9)}*l${n - 1}]`;
    const text = ["sources:", "  l0: &l0 [x]", ...[1, 2, 3, 4, 5, 6, 7, 8].map(level)].join("\n");
    expect(reported(text, problemsOf(text))[0]).toMatch(/config\/yaml: .*alias/);
  });
});

it("events to explain that are none are reported", () => {
  const text = '{"a": 1}\n{"a": no}\n';
  const read = readEvents(text, "events.ndjson");
  expect(reported(text, "problem" in read ? [read.problem] : [])).toEqual([
    "2 ‹o› explain/event: This line is not JSON: Unexpected token 'o'. | Write an event as a JSON object, several as one on each line, and records as the source reads them with --raw.",
  ]);
});

it("each code is raised above and has its section in docs/problems.md, and no section is left over", () => {
  const page = readFileSync(new URL("../../docs/problems.md", import.meta.url), "utf8");
  const sections = [...page.matchAll(/^### `(.*)`$/gm)].map(([, code]) => code);
  expect(sections).toEqual(Object.keys(wording));
  expect([...raised].sort()).toEqual(Object.keys(wording).sort());
});
