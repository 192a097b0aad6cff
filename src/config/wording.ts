/** What can be wrong with a pipeline, a rule or a test: a sentence for each code. docs/problems.md has a section for each. */
export const wording = {
  "config/yaml": (detail: string) => `This is not valid YAML: ${detail}.`,
  "config/duplicate-key": (key: string) => `The key ${key} appears twice in one map.`,
  "config/not-a-map": (what: string, wanted: string) => `${what} is not a map of ${wanted}.`,
  "config/other-file": (found: string, wanted: string) => `This is ${found}, not ${wanted}.`,
  "config/unknown-section": (section: string) => `A pipeline has no section "${section}".`,
  "config/missing-section": (section: string) => `A pipeline needs at least one component under "${section}".`,
  "config/unusable-id": (id: string) => `"${id}" is not an id: only letters, digits, "_" and "-" are allowed.`,
  "config/duplicate-id": (id: string, section: string) =>
    `"${id}" is already the id of a component under "${section}".`,
  "config/missing-type": (id: string) => `The component "${id}" has no type.`,
  "config/unknown-type": (type: string, kind: string) => `${type} is not a ${kind} type.`,
  "config/unknown-option": (option: string, owner: string) => `Unknown option "${option}" of ${owner}.`,
  "config/missing-option": (option: string, owner: string) =>
    `${owner.replace(/^(?:a|the) /, (word) => word.charAt(0).toUpperCase() + word.slice(1))} needs the option "${option}".`,
  "config/option-alone": (option: string, missing: string) => `"${option}" has no effect without "${missing}".`,
  "config/options-apart": (option: string, other: string) => `"${option}" and "${other}" cannot be used together.`,
  "config/not-one": (found: string) => `There must be one of several options here, but there is ${found}.`,
  "config/plugin-module": (detail: string) => `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`,
  "config/missing-package": (plugin: string, name: string) =>
    `The plugin "${plugin}" needs the package "${name}", which is not installed.`,
  "config/plugin-api": (plugin: string, found: string, wanted: number) =>
    `The plugin "${plugin}" cannot be used: it is written for version ${found} of the plugin API, and this weir has version ${wanted}.`,
  "config/option-clash": (plugin: string, option: string, kind: string) =>
    `The plugin "${plugin}" cannot be used: it declares the option "${option}", which every ${kind} already has.`,
  "config/wrong-value": (found: string | undefined, wanted: string) =>
    found === undefined ? `A value is missing here; it must be ${wanted}.` : `${found} is not ${wanted}.`,
  "config/unknown-input": (input: string) =>
    input.includes("*") ? `"${input}" matches no source or transform.` : `There is no component "${input}".`,
  "config/sink-as-input": (input: string) => `"${input}" is a sink, and sinks have no output.`,
  "config/self-input": (id: string) => `"${id}" is its own input.`,
  "config/cycle": (ids: readonly string[]) => `These components form a cycle: ${ids.join(" → ")}.`,
  "config/unused-output": (id: string) => `No component uses the output of "${id}".`,
  "config/unknown-output": (id: string, output: string | undefined) =>
    output === undefined ? `"${id}" has only named outputs.` : `"${id}" has no output "${output}".`,
  "config/unusable-output": (id: string, output: string) =>
    `"${output}" cannot be the name of an output of "${id}": use letters, digits, "_" and "-", each name once, and not "default".`,
  "config/unread-output": (id: string, output: string) => `No component uses the output "${output}" of "${id}".`,
  "config/dropped-output": (id: string, output: string, reader: string) =>
    `The output "${output}" of "${id}" is dropped, but "${reader}" uses it.`,
  "config/build": (id: string, detail: string) => `"${id}" cannot be built: ${detail}.`,
  "config/memory-buffer": (id: string, why: string) => `"${id}" cannot buffer in memory: ${why}.`,
  "config/live-sink": (id: string) =>
    `"${id}" cannot be required: it sends events only to the clients that are connected at the moment.`,
  "config/optional-buffer": (id: string, written: string) =>
    `"${id}" is not required, so it buffers in memory and drops events when the buffer is full: "${written}" has no effect.`,
  "config/kql": (detail: string) => detail,
  "config/never-true": (condition: string, reason: string) => `${condition} is never true: ${reason}.`,
  "config/rules-without-effect": (from: string, first: string) =>
    `A query of "${from}" has a part without effect. ${first}`,
  "config/pipe-without-effect": (pipe: string, why: string) => `"${pipe}" has no effect: ${why}.`,
  "config/compiled": (detail: string) => detail,
  "config/unknown-codec": (codec: string) => `There is no codec "${codec}".`,
  "config/unknown-rule": (rule: string) => `There is no rule "${rule}".`,
  "config/rule-in-error": (rule: string) => `The rule "${rule}" cannot be used: its file has errors.`,
  "config/rules-in-error": (from: string) => `The rules of "${from}" cannot be used: some of the files have errors.`,
  "config/no-rules": (from: string) => `No rule of "${from}" can run.`,
  "config/unusable-list": (path: string) =>
    `The list of values "${path}" cannot be used: there is no such file, or it has errors.`,
  "config/unusable-exceptions": (path: string) =>
    `The exceptions of "${path}" cannot be used: there is no such file, or it has errors.`,
  "config/exception-expiry": (what: string, how: string) => `${what} ${how}.`,
  "config/exported-line": (why: string) => `This line of the Kibana export cannot be used: ${why}.`,
  "config/exception-left-out": (what: string, how: string) => `${what} ${how}.`,
  "config/idle-rules": (from: string, why: string) => `Some rules of "${from}" do not run: ${why}.`,
  "config/fields-not-honoured": (from: string, fields: string) =>
    `Some rules of "${from}" have fields that weir does not honour: ${fields}.`,
  "config/wrong-reference": (reference: string) =>
    `"${reference}" is not a reference such as \${env:NAME}, \${env:NAME:-default} or \${file:/run/secrets/name}.`,
  "config/unset-variable": (name: string) => `The environment variable "${name}" is not set.`,
  "config/unreadable-file": (path: string, cause: string) => `The file "${path}" cannot be read: ${cause}.`,
  "rule/missing-part": (type: string, part: string) => `A rule of type ${type} needs "${part}".`,
  "rule/out-of-place": (type: string, part: string) => `"${part}" does not belong in a rule of type ${type}.`,
  "rule/contradiction": (message: string) => message,
  "rule/toml": (detail: string) => `This is not valid TOML: ${detail}.`,
  "rule/no-rule": () => "This file has no table [rule].",
  "rule/repeated-id": (id: string, file: string) => `The id ${id} is also that of the rule in "${file}".`,
  "rule/unknown-type": (type: string) => `"${type}" is not a type of rules of Elastic.`,
  "rule/cannot-run": (why: string) => `This rule does not run in weir: ${why}.`,
  "rule/not-honoured": (field: string, why: string) => `weir does not honour "${field}": ${why}.`,
  "rule/unknown-field": (field: string) => `"${field}" is not a field of rules of Elastic that weir knows.`,
  "test/step": (found: string) => `${found} is not a step of a test.`,
  "test/input": (detail: string) => `${detail}.`,
  "test/component": (name: string) => `The pipeline has no component "${name}".`,
  "test/ended": () => 'The run is over after "end".',
  "test/time": (at: string, now: string) => `This step is at ${at}, when ${now} have passed already.`,
  "explain/event": (detail: string) => `${detail}.`,
} as const satisfies Record<string, (...words: never[]) => string>;

/** Names a kind of problem: a code keeps its meaning, and is never reused for another. */
export type Code = keyof typeof wording;
