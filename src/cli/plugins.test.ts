import { describe, expect, it } from "vitest";
import { hostOptionsOf } from "../config/host-options.ts";
import type { Options } from "../option/option.ts";
import { flaws } from "../testing/index.ts";
import { plugins } from "./plugins.ts";

describe.each(plugins)("the $kind $name", (plugin) => {
  it("is well described, under a name of its own", () => {
    expect(flaws(plugin)).toEqual([]);
    expect(plugins.filter(({ kind, name }) => kind === plugin.kind && name === plugin.name)).toHaveLength(1);
  });

  it("takes no option that is the host's", () => {
    const host = ["type", "inputs", ...Object.keys(hostOptionsOf(plugin))];
    expect(Object.keys(plugin.options as Options).filter((name) => host.includes(name))).toEqual([]);
  });
});
