import { outputReference } from "./reference.ts";
import type { Component, Topology } from "./topology.ts";

/** The topology as a Mermaid flowchart: sources are rounded, transforms are boxes, sinks are cylinders. */
export const toMermaid = ({ components }: Topology): string => {
  const names = new Map(components.map(({ id }, index) => [id, `c${index}`]));
  const nodes = components.map((component) => `  ${names.get(component.id)}${shape(component)}`);
  const edges = components.flatMap(({ id, inputs }) =>
    inputs.map((input) => {
      const { id: from, output } = outputReference(input);
      return `  ${names.get(from)} -->${output === undefined ? "" : `|${output}|`} ${names.get(id)}`;
    }),
  );
  return ["flowchart LR", ...nodes, ...edges, ""].join("\n");
};

const brackets = { source: ["([", "])"], transform: ["[", "]"], sink: ["[(", ")]"] } as const;

const shape = ({ id, kind, plugin }: Component): string => {
  const [open, close] = brackets[kind];
  return `${open}"${id}<br/>${plugin.name}"${close}`;
};
