import type { Component, SinkComponent, Topology } from "../topology/topology.ts";
import type { Report } from "./report.ts";
import { sectionOf } from "./shell.ts";

/**
 * Tells sinks whose events cannot be kept as their options say: with buffers in memory a batch is settled when it is
 * delivered, so all required sinks of a group must have them, nothing may keep state, and sources must be able to read
 * again. A live sink cannot be waited for.
 */
export const tellBuffers = ({ components, groups }: Topology, report: Report): void => {
  const sinks = components.filter((component) => component.kind === "sink");
  for (const { id, plugin, host } of sinks)
    if (plugin.live && host.required)
      report.error("config/live-sink", { path: ["sinks", id, "required"] }, [id], "Take `required` away.");
  for (const group of groups)
    tellGroup(
      components.filter(({ id }) => group.includes(id)),
      report,
    );
};

const inMemory = ({ host }: SinkComponent): boolean => host.required && host.buffer.type === "memory";

const tellGroup = (members: readonly Component[], report: Report): void => {
  const sinks = members.filter((member) => member.kind === "sink");
  const [first] = sinks.filter(inMemory);
  if (!first) return;
  const tell = (why: string, hint: string) =>
    report.error(
      "config/memory-buffer",
      { path: [sectionOf("sink"), first.id, "buffer", "type"] },
      [first.id, why],
      hint,
    );
  const onDisk = sinks.find(({ host }) => host.required && host.buffer.type === "disk");
  if (onDisk)
    tell(`"${onDisk.id}", which is fed by the same components, has a buffer on disk`, "Give all of them the same.");
  for (const member of members) {
    if (member.kind === "transform" && member.plugin.stateful)
      tell(`"${member.id}" keeps state, which a batch read again would meet twice`, "Buffer on disk.");
    if (member.kind === "source" && member.plugin.replays === false)
      tell(`the source "${member.id}" cannot read again what was not delivered`, "Buffer on disk.");
  }
};
