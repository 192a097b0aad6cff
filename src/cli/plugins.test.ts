import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { hostOptionsOf } from "../config/host-options.ts";
import { type Options, schemaOf } from "../option.ts";
import { plugins } from "./plugins.ts";

const ajv = new Ajv({ strict: true, keywords: ["kind", "optional"] });

describe.each(plugins)("the $kind $name", (plugin) => {
  const options = Object.entries(plugin.options as Options);

  it("is described in one sentence, under a name of its own", () => {
    expect(plugin.name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(plugin.summary).toMatch(/^[A-Z][^\n]*\.$/);
    expect(plugins.filter(({ kind, name }) => kind === plugin.kind && name === plugin.name)).toHaveLength(1);
  });

  it("takes no option that is the host's", () => {
    const host = ["type", "inputs", ...Object.keys(hostOptionsOf(plugin))];
    expect(options.map(([name]) => name).filter((name) => host.includes(name))).toEqual([]);
    for (const [name] of options) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });

  it("has defaults and examples that its own options accept", () => {
    for (const [name, schema] of options) {
      const validate = ajv.compile({ ...schemaOf({ [name]: schema }), required: [] });
      const written = [schema["default"], ...((schema["examples"] as unknown[] | undefined) ?? [])];
      for (const value of written.filter((each) => each !== undefined))
        expect({ value, errors: validate({ [name]: value }) ? [] : validate.errors }).toEqual({ value, errors: [] });
    }
  });
});
