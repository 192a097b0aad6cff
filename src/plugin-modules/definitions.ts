import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CodecPlugin } from "../codec.ts";
import type { ModuleFlaw, PluginModule } from "../config/plugin-list.ts";
import type { RuleFolder, RuleType } from "../detection/rule-type.ts";
import { isObject } from "../json.ts";
import { api, type Plugin } from "../plugin.ts";
import type { Entry } from "./entry.ts";

/** What a module exports, by name, by default, or in a list; each under the name for pipelines. */
export const definitionsIn = (
  exported: Readonly<Record<string, unknown>>,
  entry: Entry,
): Required<Omit<PluginModule, "files">> => {
  const found = new Map<object, string>();
  for (const [name, value] of Object.entries(exported))
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isObject(item) && "kind" in item && !found.has(item)) found.set(item, name);
  const flaws: ModuleFlaw[] = [];
  const sound = [...found].flatMap(([definition, name]) => {
    const flaw = flawOf(definition as Readonly<Record<string, unknown>>, name, entry);
    if (flaw) flaws.push(flaw);
    return flaw ? [] : [definition as { readonly kind: string; readonly name: string }];
  });
  const ofKind = <T>(...kinds: readonly string[]) =>
    sound.filter(({ kind }) => kinds.includes(kind)) as readonly unknown[] as readonly T[];
  const { namespace } = entry;
  return {
    plugins: ofKind<Plugin>("source", "transform", "sink").map((plugin) => named(plugin, entry)),
    codecs: ofKind<CodecPlugin>("codec").map((codec) => named(codec, entry)),
    ruleTypes: ofKind<RuleType>("rule_type").map((type) => named(type, entry)),
    ruleFolders: ofKind<RuleFolder>("rules").map(({ folder }) => ({ namespace, path: fileURLToPath(folder) })),
    flaws,
  };
};

const named = <T extends { readonly name: string }>(definition: T, { namespace }: Entry): T =>
  namespace === undefined ? definition : { ...definition, name: `${namespace}/${definition.name}` };

const flawOf = (
  definition: Readonly<Record<string, unknown>>,
  exportedAs: string,
  { name: module }: Entry,
): ModuleFlaw | undefined => {
  const { kind, name, summary, options } = definition;
  const shown = typeof name === "string" ? name : exportedAs;
  const about = `the plugin "${shown}" of "${module}"`;
  const found = definition["api"];
  if (found !== api)
    return {
      message: `${about} is written for version ${String(found)} of the plugin API, and this weir has version ${api}`,
      hint:
        typeof found === "number" && found > api
          ? "Update weir, or install an older version of the plugin."
          : "Update the plugin, or define it with defineSource, defineTransform or defineSink.",
    };
  if (kind === "rules") return folderFlaw(definition["folder"], module);
  if (!Object.hasOwn(bodies, String(kind)))
    return { message: `${about} is a ${String(kind)}, which this weir does not know` };
  if (typeof name !== "string" || !/^[a-z][a-z0-9_]*$/.test(name))
    return { message: `the name of ${about} must be in snake_case, such as geo_ip` };
  if (kind !== "rule_type" && (typeof summary !== "string" || summary === ""))
    return { message: `${about} has no summary` };
  if (!isObject(options)) return { message: `${about} has no options`, hint: "Add options: {}." };
  for (const [option, schema] of Object.entries(options))
    if (!isObject(schema) || typeof schema["description"] !== "string" || typeof schema["title"] !== "string")
      return {
        message: `the option "${option}" of ${about} is not an option`,
        hint: `Declare it, such as ${option}: option.text("What it is for.").`,
      };
  if (kind === "codec" && Object.values(options).some((schema) => (schema as { kind?: unknown }).kind === "secret"))
    return { message: `${about} has a secret among its options, which a codec cannot have` };
  return bodyFlaw(definition, about) ?? (kind === "rule_type" ? typeFlaw(definition, about) : undefined);
};

/** The parts of a rule type beside its detector. */
const typeFlaw = (
  { silences, alertFields, testAlert, language, elastic }: Readonly<Record<string, unknown>>,
  about: string,
): ModuleFlaw | undefined => {
  if (!Array.isArray(silences)) return { message: `${about} has no silences`, hint: "Add silences: []." };
  if (typeof alertFields !== "function") return { message: `${about} has no alertFields` };
  if (language !== undefined && !hasFunction(language, "option"))
    return {
      message: `the language of ${about} has no option`,
      hint: "Add option: option.text, or option.compiled(…) to check it.",
    };
  if (elastic !== undefined && !hasFunction(elastic, "part"))
    return { message: `the elastic form of ${about} has no part` };
  const isWhole =
    isObject(testAlert) && typeof testAlert["option"] === "function" && typeof testAlert["of"] === "function";
  return isWhole ? undefined : { message: `${about} has no testAlert` };
};

const hasFunction = (value: unknown, name: string): boolean => isObject(value) && typeof value[name] === "function";

const folderFlaw = (folder: unknown, module: string): ModuleFlaw | undefined => {
  const hint = 'Write folder: new URL("./rules/", import.meta.url).';
  if (!(folder instanceof URL) || folder.protocol !== "file:")
    return { message: `the rules of "${module}" have no folder that is a file URL`, hint };
  if (!existsSync(folder))
    return { message: `the folder "${fileURLToPath(folder)}" of rules of "${module}" does not exist`, hint };
  return undefined;
};

/** The functions of each kind; of a transform and of a codec exactly one. */
const bodies: Readonly<Record<string, readonly string[]>> = {
  source: ["read", "listen"],
  transform: ["each", "keep", "create"],
  sink: ["open"],
  codec: ["decode", "unwrap"],
  rule_type: ["detector"],
};

const bodyFlaw = (definition: Readonly<Record<string, unknown>>, about: string): ModuleFlaw | undefined => {
  const names = bodies[String(definition["kind"])] ?? [];
  const given = names.filter((name) => definition[name] !== undefined);
  const wanted = names.join(", ").replace(/, (?=[^,]*$)/, " or ");
  if (given.length === 0) return { message: `${about} has no ${wanted}` };
  if (given.length > 1) return { message: `${about} has ${given.join(" and ")}`, hint: "Keep one of them." };
  const [name = ""] = given;
  return typeof definition[name] === "function" ? undefined : { message: `"${name}" of ${about} is not a function` };
};
