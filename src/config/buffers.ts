import type { Component, SinkComponent, Topology } from "../topology/topology.ts";
import type { Report } from "./report.ts";
import { sectionOf } from "./shell.ts";
import type { YamlFile } from "./yaml-file.ts";

/**
 * Tells sinks whose events cannot be kept as their options say: with buffers in memory a batch is settled when it is
 * delivered, so all required sinks of a group must have them, nothing may keep state, and sources must be able to read
 * again. A live sink cannot be waited for, and one that is not required has no other buffer than memory.
 */
export const tellBuffers = ({ components, groups }: Topology, file: YamlFile, report: Report): void => {
  const sinks = components.filter((component) => component.kind === "sink");
  for (const sink of sinks) {
    const { id, plugin, host } = sink;
    if (!host.required) tellOptional(sink, file, report);
    else if (plugin.live)
      report.error("config/live-sink", { path: [...pathOf(id), "required"] }, [id], "Take it away.");
  }
  for (const group of groups)
    tellGroup(
      components.filter(({ id }) => group.includes(id)),
      report,
    );
};

const pathOf = (id: string) => [sectionOf("sink"), id];

/** Tells what is written of its buffer and would not be done. */
const tellOptional = ({ id, plugin, host: { buffer } }: SinkComponent, file: YamlFile, report: Report): void => {
  const written = [
    { option: "type", value: buffer.type, done: "memory" },
    { option: "when_full", value: buffer.whenFull, done: "drop_newest" },
  ];
  for (const { option, value, done } of written) {
    const path = [...pathOf(id), "buffer", option];
    if (value === done || !file.node(path)) continue;
    const hint = `Take "${option}" away${plugin.live ? "" : `, or "required: false"`}.`;
    report.error("config/optional-buffer", { path }, [id, `${option}: ${value}`], hint);
  }
};

const inMemory = ({ host }: SinkComponent): boolean => host.required && host.buffer.type === "memory";

const tellGroup = (members: readonly Component[], report: Report): void => {
  const sinks = members.filter((member) => member.kind === "sink");
  const [first] = sinks.filter(inMemory);
  if (!first) return;
  const tell = (why: string, hint: string) =>
    report.error("config/memory-buffer", { path: [...pathOf(first.id), "buffer", "type"] }, [first.id, why], hint);
  const onDisk = sinks.find(({ host }) => host.required && host.buffer.type === "disk");
  if (onDisk)
    tell(`"${onDisk.id}", which is fed by the same components, has a buffer on disk`, "Give all of them the same.");
  for (const member of members) {
    if (member.kind === "transform" && member.plugin.keep)
      tell(`"${member.id}" keeps state, which a batch read again would meet twice`, "Buffer on disk.");
    if (member.kind === "source" && member.plugin.replays === false)
      tell(`the source "${member.id}" cannot read again what was not delivered`, "Buffer on disk.");
  }
};
