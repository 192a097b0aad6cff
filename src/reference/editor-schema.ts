import type { CodecPlugin } from "../codec.ts";
import { componentOptions } from "../config/host-options.ts";
import { sharedOptions } from "../config/shared-options.ts";
import { type Options, type Schema, schemaFor, schemaOf } from "../option/option.ts";
import type { Plugin } from "../plugin.ts";
import { testsSchema } from "./test-schema.ts";
import { forEditors } from "./value-schema.ts";

/**
 * The JSON Schema (draft 7, which editors support best) of a pipeline file. It checks each value on its own; inputs,
 * rules and queries are checked by `weir validate` only.
 */
export const editorSchema = (plugins: readonly Plugin[], codecs: readonly CodecPlugin[]): Schema => ({
  $schema: "http://json-schema.org/draft-07/schema#",
  $id: "https://weir.example/schema/pipeline.json",
  title: "A weir pipeline",
  type: "object",
  additionalProperties: false,
  required: ["sources", "sinks"],
  patternProperties: { "^x-": { description: "Ignored by weir: a place for anchors." } },
  properties: {
    plugins: {
      description: "Plugins that do not come with weir.",
      type: ["array", "null"],
      items: { description: "The name of a package, or the path of a file such as ./plugins/geo.ts.", type: "string" },
    },
    ...forEditors(sharedOptions),
    sources: section("source", "Where events come from: a map of ids and components.", plugins),
    transforms: section("transform", "What happens to events: a map of ids and components.", plugins),
    sinks: section("sink", "Where events go: a map of ids and components.", plugins),
    tests: testsSchema,
  },
  definitions: Object.fromEntries([
    ...plugins.map((plugin) => [definitionOf(plugin), component(plugin, codecs)]),
    ...codecs.map((codec) => [definitionOf(codec), optionsOf(codec)]),
  ]),
});

const definitionOf = ({ kind, name }: Pick<Plugin | CodecPlugin, "kind" | "name">): string => `${kind}.${name}`;
const referenceTo = (plugin: Pick<Plugin | CodecPlugin, "kind" | "name">): Schema => ({
  $ref: `#/definitions/${definitionOf(plugin).replaceAll("/", "~1")}`,
});

const section = (kind: Plugin["kind"], description: string, plugins: readonly Plugin[]): Schema => {
  const own = plugins.filter((plugin) => plugin.kind === kind);
  return {
    description,
    type: ["object", "null"],
    propertyNames: { pattern: "^[A-Za-z0-9_.-]+$" },
    additionalProperties: {
      type: "object",
      required: ["type"],
      properties: { type: { description: `The ${kind}'s type.`, enum: own.map(({ name }) => name) } },
      allOf: own.map((plugin) => ({
        if: { required: ["type"], properties: { type: { const: plugin.name } } },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema names it so.
        then: referenceTo(plugin),
      })),
    },
  };
};

const component = (plugin: Plugin, codecs: readonly CodecPlugin[]): Schema => {
  const schema = schemaOf(componentOptions(plugin));
  return {
    description: plugin.summary,
    ...schema,
    properties: {
      type: { const: plugin.name, description: plugin.summary },
      ...forEditors(codecNamed(componentOptions(plugin), codecs)),
    },
    ...(plugin.kind === "source" && {
      allOf: codecs.map((codec) => ({
        if: { required: ["codec"], properties: { codec: { const: codec.name } } },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema names it so.
        then: { properties: { codec_options: referenceTo(codec) } },
      })),
    }),
  };
};

/** The options of a codec. */
const optionsOf = (codec: CodecPlugin): Schema => {
  const options = codec.options as Options;
  return { description: codec.summary, ...schemaOf(options), properties: forEditors(options) };
};

/** Lists the names of the codecs, so that editors can complete them. */
const codecNamed = (options: Options, codecs: readonly CodecPlugin[]): Options => {
  const { codec, ...rest } = options;
  if (codec?.["kind"] !== "codec") return options;
  const names = codecs.map(({ name }) => name);
  return { codec: schemaFor({ ...codec, enum: names }), ...rest };
};
