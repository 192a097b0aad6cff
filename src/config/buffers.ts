import type { Component, SinkComponent, Topology } from "../topology/topology.ts";
import type { Report } from "./report.ts";
import { sectionOf } from "./shell.ts";
import type { YamlFile } from "./yaml-file.ts";

/**
 * Reports sinks whose buffer options cannot work. With buffers in memory a batch is settled when it is delivered, so all
 * required sinks of a group must buffer in memory, no transform may keep state, and sources must be able to read again.
 * Live sinks cannot be required, and a sink that is not required always buffers in memory.
 */
export const reportBuffers = ({ components, groups }: Topology, file: YamlFile, report: Report): void => {
  const sinks = components.filter((component) => component.kind === "sink");
  for (const sink of sinks) {
    const { id, plugin, host } = sink;
    if (!host.required) reportOptional(sink, file, report);
    else if (plugin.live)
      report.error("config/live-sink", { path: [...pathOf(id), "required"] }, [id], 'Remove "required".');
  }
  const byId = new Map(components.map((component) => [component.id, component]));
  for (const group of groups)
    reportGroup(
      group.map((id) => byId.get(id)!),
      report,
    );
};

const pathOf = (id: string) => [sectionOf("sink"), id];

/** Reports buffer options that have no effect on a sink that is not required. */
const reportOptional = ({ id, plugin, host: { buffer } }: SinkComponent, file: YamlFile, report: Report): void => {
  const written = [
    { option: "type", value: buffer.type, actual: "memory" },
    { option: "when_full", value: buffer.whenFull, actual: "drop_newest" },
  ];
  for (const { option, value, actual } of written) {
    const path = [...pathOf(id), "buffer", option];
    if (value === actual || !file.node(path)) continue;
    const hint = `Remove "${option}"${plugin.live ? "" : `, or "required: false"`}.`;
    report.error("config/optional-buffer", { path }, [id, `${option}: ${value}`], hint);
  }
};

const inMemory = ({ host }: SinkComponent): boolean => host.required && host.buffer.type === "memory";

const onDiskHint = "Use a disk buffer.";

const reportGroup = (members: readonly Component[], report: Report): void => {
  const sinks = members.filter((member) => member.kind === "sink");
  const [first] = sinks.filter(inMemory);
  if (!first) return;
  const complain = (why: string, hint: string) =>
    report.error("config/memory-buffer", { path: [...pathOf(first.id), "buffer", "type"] }, [first.id, why], hint);
  const onDisk = sinks.find(({ host }) => host.required && host.buffer.type === "disk");
  if (onDisk)
    complain(`"${onDisk.id}" shares sources with it and buffers on disk`, "Use the same buffer type for both.");
  for (const member of members) {
    if (member.kind === "transform" && member.plugin.keep)
      complain(`"${member.id}" keeps state, which a batch that is read again would change twice`, onDiskHint);
    if (member.kind === "source" && member.plugin.replays === false)
      complain(`the source "${member.id}" cannot read undelivered events again`, onDiskHint);
  }
};
