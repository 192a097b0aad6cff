import { stringify } from "yaml";
import { hostOptionsOf, inputsOption } from "../config/host-options.ts";
import { sectionOf } from "../config/shell.ts";
import type { Options, Schema } from "../option/option.ts";
import type { Plugin } from "../plugin.ts";

/** Where a plugin's page is, from the folder of the reference. */
export const pagePath = ({ kind, name }: Plugin): string => `${sectionOf(kind)}/${name}.md`;

/** The reference page of a plugin, in Markdown, from nothing but its definition. */
export const pluginPage = (plugin: Plugin): string => {
  const inputs: Options = plugin.kind === "source" ? {} : { inputs: inputsOption };
  const parts = [
    `# ${plugin.name}`,
    `A ${plugin.kind}. ${plugin.summary}`,
    `\`\`\`yaml\n${example(plugin)}\`\`\``,
    table("Options", { ...inputs, ...(plugin.options as Options) }),
    plugin.notes?.trim() ?? "",
    table("Options that the host adds", hostOptionsOf(plugin)),
    written,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
};

const written = "*Written by `npm run generate` from the plugin's definition.*";

/** The page that leads to all the others. */
export const indexPage = (plugins: readonly Plugin[]): string => {
  const sections = (["source", "transform", "sink"] as const).map((kind) => {
    const own = plugins.filter((plugin) => plugin.kind === kind);
    const rows = own.map((plugin) => `- [${plugin.name}](${pagePath(plugin)}): ${plugin.summary}`);
    return `## ${kind.charAt(0).toUpperCase()}${kind.slice(1)}s\n\n${rows.join("\n")}`;
  });
  return `# The types of components\n\n${sections.join("\n\n")}\n\n${written}\n`;
};

/** What is needed, and what has an example, as one writes it in a pipeline. */
const example = (plugin: Plugin): string => {
  const inputs = plugin.kind === "source" ? {} : { inputs: ["audit"] };
  const shown = Object.entries(plugin.options as Options).flatMap(([name, schema]) => {
    const [first] = (schema["examples"] ?? []) as readonly unknown[];
    if (first !== undefined) return [[name, first]];
    return isNeeded(schema) ? [[name, `<${schema["title"]}>`]] : [];
  });
  const component = { type: plugin.name, ...inputs, ...Object.fromEntries(shown) };
  const id = plugin.kind === "source" ? "audit" : `my_${plugin.name}`;
  return stringify({ [sectionOf(plugin.kind)]: { [id]: component } }, { flowCollectionPadding: false, lineWidth: 0 });
};

const isNeeded = (schema: Schema): boolean => schema["default"] === undefined && schema["optional"] !== true;

const table = (title: string, options: Options): string => {
  const rows = rowsOf(options, "");
  if (rows.length === 0) return "";
  return [`## ${title}`, "", "| option | what it is | default |", "| --- | --- | --- |", ...rows].join("\n");
};

/** A group's options follow it, with its name before theirs. */
const rowsOf = (options: Options, prefix: string): string[] =>
  Object.entries(options).flatMap(([name, schema]) => {
    const row = [`\`${prefix}${name}\``, `${schema["description"]} ${wanted(schema)}`, defaultOf(schema)];
    const inner = schema["kind"] === "group" ? rowsOf(schema["properties"] as Options, `${prefix}${name}.`) : [];
    return [`| ${row.map(cell).join(" | ")} |`, ...inner];
  });

const namesIn = (names: unknown): string => (names as readonly string[]).map((name) => `\`${name}\``).join(", ");

const wanted = (schema: Schema): string => {
  const title = String(schema["title"]);
  const items = (schema["items"] ?? (schema["kind"] === "map" && schema["additionalProperties"])) as Schema | undefined;
  const limits = [
    schema["minimum"] !== undefined && `at least ${schema["minimum"]}`,
    schema["maximum"] !== undefined && `at most ${schema["maximum"]}`,
    schema["maxItems"] !== undefined && `at most ${schema["maxItems"]}`,
    schema["needs"] !== undefined && `with ${namesIn(schema["needs"])}`,
    schema["excludes"] !== undefined && `not with ${namesIn(schema["excludes"])}`,
  ].filter(Boolean);
  const words = [items ? `${title}, each ${items["title"]}` : title, ...limits].join("; ");
  return `*${words.charAt(0).toUpperCase()}${words.slice(1)}.*`;
};

const defaultOf = (schema: Schema): string => {
  if (isNeeded(schema)) return "required";
  if (schema["kind"] === "group" || schema["default"] === undefined) return "";
  return `\`${JSON.stringify(schema["default"]).replace(/^"(.*)"$/, "$1")}\``;
};

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
