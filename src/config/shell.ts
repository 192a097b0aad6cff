import { isObject } from "../json.ts";
import type { Plugin } from "../plugin.ts";
import { didYouMean } from "../problem.ts";
import { isComponentId } from "../topology/reference.ts";
import { isOtherFile } from "./other-file.ts";
import type { Report } from "./report.ts";
import { sharedOptions } from "./shared-options.ts";
import type { Path } from "./source-file.ts";

/** A component as written, unchecked: its id, its place and its values. */
export interface Written {
  readonly id: string;
  readonly kind: Plugin["kind"];
  readonly path: Path;
  /** `undefined` when it is not a map; the problem was reported, and only the id is used from there on. */
  readonly values: Readonly<Record<string, unknown>> | undefined;
}

const sections = { sources: "source", transforms: "transform", sinks: "sink" } as const;
const names = Object.keys(sections) as (keyof typeof sections)[];
const topLevel: readonly string[] = ["plugins", ...Object.keys(sharedOptions), ...names, "tests"];

/** The section for components of a kind. */
export const sectionOf = (kind: Plugin["kind"]): string => `${kind}s`;

/** Reads the outer shape of a pipeline: its sections, and the components in them. */
export const readShell = (root: unknown, report: Report): Written[] => {
  if (!isObject(root)) {
    const found = root === null || root === undefined ? "The empty file" : "The content of this file";
    report.error("config/not-a-map", { path: [] }, [found, "sources, transforms and sinks"]);
    return [];
  }
  if (isOtherFile(root, "pipeline", report)) return [];
  // Keys that begin with "x-" are for the author of the file, for example to keep anchors.
  const unknown = Object.keys(root).filter((key) => !topLevel.includes(key) && !key.startsWith("x-"));
  for (const section of unknown) {
    const hint = didYouMean(section, topLevel) ?? `Available: ${topLevel.join(", ")}.`;
    report.error("config/unknown-section", { path: [section], key: true }, [section], hint);
  }
  const written = names.flatMap((section) => readSection(section, root[section], report));
  for (const section of ["sources", "sinks"] as const)
    if (isEmpty(root[section])) report.error("config/missing-section", { path: [section] }, [section]);
  reportRepeatedIds(written, report);
  return written;
};

/** The plugins and codecs that a pipeline names, each as its kind and name, such as `source file`; known or not. */
export const namedIn = (root: unknown): readonly string[] => {
  const isName = (value: unknown): value is string => typeof value === "string";
  const components = names.flatMap((section) => {
    const values = isObject(root) ? root[section] : undefined;
    return isObject(values)
      ? Object.values(values)
          .filter(isObject)
          .map((one) => [sections[section], one] as const)
      : [];
  });
  const found = components.flatMap(([kind, { type, codec, baseline }]) => [
    ...(isName(type) ? [`${kind} ${type}`] : []),
    ...(isName(codec) ? [`codec ${codec}`] : []),
    // A baseline is read by this source.
    ...(baseline === undefined ? [] : ["source file"]),
  ]);
  return [...new Set(found)];
};

const isEmpty = (section: unknown): boolean =>
  section === undefined || section === null || (isObject(section) && Object.keys(section).length === 0);

const readSection = (section: keyof typeof sections, value: unknown, report: Report): Written[] => {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) {
    report.error("config/not-a-map", { path: [section] }, [`"${section}"`, "ids and components"]);
    return [];
  }
  return Object.entries(value).map(([id, values]) => {
    const path = [section, id];
    if (!isComponentId(id)) report.error("config/unusable-id", { path, key: true }, [id]);
    if (isObject(values)) return { id, kind: sections[section], path, values };
    report.error("config/not-a-map", { path, key: true }, [`"${id}"`, "options"], "It needs at least a type.");
    return { id, kind: sections[section], path, values: undefined };
  });
};

const reportRepeatedIds = (written: readonly Written[], report: Report): void => {
  const first = new Map<string, Written>();
  for (const component of written) {
    const earlier = first.get(component.id);
    if (earlier)
      report.error("config/duplicate-id", { path: component.path, key: true }, [component.id, sectionOf(earlier.kind)]);
    else first.set(component.id, component);
  }
};
