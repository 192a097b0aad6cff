import { describe, expect, it } from "vitest";
import { flaws } from "../testing/index.ts";
import { plugins } from "./plugins.ts";

describe.each(plugins)("the $kind $name", (plugin) => {
  it("is well described, under a name of its own", () => {
    expect(flaws(plugin)).toEqual([]);
    expect(plugins.filter(({ kind, name }) => kind === plugin.kind && name === plugin.name)).toHaveLength(1);
  });
});
