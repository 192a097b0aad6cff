import { counted } from "../text.ts";

/** What can be wrong with a pipeline or a rule, by code: the sentence for each. docs/problems.md has a section for each. */
export const wording = {
  "config/yaml": (detail: string) => `This is not YAML: ${detail}.`,
  "config/duplicate-key": (key: string) => `${key} is written twice in one map.`,
  "config/not-a-map": (what: string, wanted: string) => `${what} is not a map of ${wanted}.`,
  "config/unknown-section": (section: string) => `A pipeline has no section "${section}".`,
  "config/missing-section": (section: string) => `A pipeline wants at least one component under "${section}".`,
  "config/unusable-id": (id: string) => `"${id}" is not an id: letters, digits, "_", "-" and ".".`,
  "config/duplicate-id": (id: string, section: string) =>
    `"${id}" is already the id of a component under "${section}".`,
  "config/missing-type": (id: string) => `"${id}" does not say its type.`,
  "config/unknown-type": (type: string, kind: string) => `There is no ${kind} type ${type}.`,
  "config/unknown-option": (option: string, owner: string) => `Unknown option "${option}" of ${owner}.`,
  "config/missing-option": (option: string, owner: string) =>
    `${owner.replace(/^a /, "A ")} wants the option "${option}".`,
  "config/option-alone": (option: string, missing: string) => `"${option}" means nothing without "${missing}".`,
  "config/options-apart": (option: string, other: string) => `"${option}" and "${other}" cannot be given together.`,
  "config/option-clash": (plugin: string, option: string, kind: string) =>
    `The plugin "${plugin}" cannot be used: it declares the option "${option}", which every ${kind} already has.`,
  "config/wrong-value": (found: string | undefined, wanted: string) =>
    found === undefined ? `A value is missing here: ${wanted}.` : `${found} is not ${wanted}.`,
  "config/unknown-input": (input: string) =>
    input.includes("*") ? `"${input}" matches no source or transform.` : `There is no component "${input}".`,
  "config/sink-as-input": (input: string) => `"${input}" is a sink: no events come out of it.`,
  "config/self-input": (id: string) => `"${id}" takes its own events.`,
  "config/cycle": (ids: readonly string[]) => `These components feed each other: ${ids.join(" → ")}.`,
  "config/unused-output": (id: string) => `No component takes the events of "${id}".`,
  "config/memory-buffer": (id: string, why: string) => `"${id}" cannot buffer in memory: ${why}.`,
  "config/live-sink": (id: string) =>
    `"${id}" cannot be required: it hands events to whoever listens at the moment, and waits for nobody.`,
  "config/optional-buffer": (id: string, written: string) =>
    `"${id}" is not required: its events wait in memory, and those that find no room are dropped. "${written}" is not done.`,
  "config/kql": (detail: string) => detail,
  "config/compiled": (detail: string) => detail,
  "config/unknown-rule": (rule: string) => `There is no rule "${rule}".`,
  "config/rule-in-error": (rule: string) => `The rule "${rule}" cannot be used: its file has errors.`,
  "config/wrong-reference": (reference: string) =>
    `"${reference}" is not a reference such as \${env:NAME}, \${env:NAME:-default} or \${file:/run/secrets/name}.`,
  "config/unset-variable": (name: string) => `The environment variable "${name}" is not set.`,
  "config/unreadable-file": (path: string, cause: string) => `The file "${path}" cannot be read: ${cause}.`,
  "rule/missing-part": (type: string, part: string) => `A rule of type ${type} wants "${part}".`,
  "rule/out-of-place": (type: string, part: string) => `A rule of type ${type} has no "${part}".`,
  "rule/wrong-alert": (found: number, wanted: number) =>
    `This alert has ${counted(found, "term")}, and the rule has ${counted(wanted, "field")}.`,
} as const satisfies Record<string, (...words: never[]) => string>;

/** Names a kind of problem for good: a code is never given to another one. */
export type Code = keyof typeof wording;
