import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes the schemas that kubeconform wants, one for each kind, from the OpenAPI document of Kubernetes:
 * schemas.ts SWAGGER FOLDER. Members that a type does not have are errors.
 */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly "x-kubernetes-group-version-kind"?: readonly { group: string; version: string; kind: string }[];
  readonly [key: string]: unknown;
}

const [swagger = "", folder = ""] = process.argv.slice(2);
const { definitions } = JSON.parse(readFileSync(swagger, "utf8")) as { definitions: Record<string, Schema> };

/** OpenAPI says of these no more than that they are text. */
const numberOrText = new Set([
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  "io.k8s.apimachinery.pkg.api.resource.Quantity",
]);
const strict = Object.entries(definitions).map(([name, schema]) => [
  name,
  numberOrText.has(name)
    ? { type: ["string", "number"] }
    : schema.properties
      ? { ...schema, additionalProperties: false }
      : schema,
]);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "definitions.json"), JSON.stringify({ definitions: Object.fromEntries(strict) }));
for (const [name, schema] of Object.entries(definitions))
  for (const { group, version, kind } of schema["x-kubernetes-group-version-kind"] ?? []) {
    const file = [kind, group.split(".")[0], version].filter(Boolean).join("-").toLowerCase();
    writeFileSync(join(folder, `${file}.json`), JSON.stringify({ $ref: `definitions.json#/definitions/${name}` }));
  }
