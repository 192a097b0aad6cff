import { isDeepStrictEqual } from "node:util";
import type { Part } from "../config/part.ts";
import { foreignTypeOf } from "../detection/foreign-types.ts";
import { isObject } from "../json.ts";
import { joinedTo } from "../topology/joined.ts";
import type { Component, Topology } from "../topology/topology.ts";

/** A checked pipeline as far as it is compared with another. */
export interface Compared {
  readonly topology: Topology;
  readonly parts: ReadonlyMap<string, Part>;
  /** A digest of each file that a component reads when it starts, by path. */
  readonly digests: ReadonlyMap<string, string>;
}

/** What is different in a component: an option, with its values as they may be shown, or something that it was made of. */
export type Detail =
  | { readonly option: string; readonly from?: unknown; readonly to?: unknown; readonly isSecret?: true }
  | { readonly what: string };

export interface Change {
  readonly id: string;
  readonly kind: Component["kind"];
  /** The type, as in the new pipeline if it has the component. */
  readonly type: string;
  readonly how: "added" | "changed" | "removed";
  /** Of a changed component. */
  readonly details: readonly Detail[];
}

/** What a reload does. */
export interface Difference {
  readonly changes: readonly Change[];
  /** The same in both, but connected to something that changes: they are stopped and go on where they stopped. */
  readonly restarted: readonly string[];
  /** These are not touched. */
  readonly kept: readonly string[];
}

/** Compares two pipelines, component by component. */
export const differenceOf = (from: Compared, to: Compared): Difference => {
  const [previous, fresh] = [byId(from.topology), byId(to.topology)];
  const changes: Change[] = [];
  for (const [id, component] of fresh) {
    const before = previous.get(id);
    if (!before) changes.push(changeOf(component, "added"));
    else {
      const details = detailsOf(before, component, from, to);
      if (details.length > 0) changes.push(changeOf(component, "changed", details));
    }
  }
  for (const [id, component] of previous) if (!fresh.has(id)) changes.push(changeOf(component, "removed"));
  const changed = new Set(changes.map(({ id }) => id));
  const replaced = joinedTo(changed, from.topology, to.topology);
  const same = [...fresh.keys()].filter((id) => !changed.has(id));
  return {
    changes,
    restarted: same.filter((id) => replaced.has(id)),
    kept: same.filter((id) => !replaced.has(id)),
  };
};

/** The ids of all components, old and new, that are stopped or started. */
export const replacedBy = ({ changes, restarted }: Difference): Set<string> =>
  new Set([...changes.map(({ id }) => id), ...restarted]);

const byId = ({ components }: Topology) => new Map(components.map((component) => [component.id, component]));

const changeOf = ({ id, kind, plugin }: Component, how: Change["how"], details: readonly Detail[] = []): Change => ({
  id,
  kind,
  type: plugin.name,
  how,
  details,
});

const detailsOf = (before: Component, after: Component, from: Compared, to: Compared): Detail[] => {
  const [old, fresh] = [from.parts.get(before.id)!, to.parts.get(after.id)!];
  const details: Detail[] = [];
  if (before.kind !== after.kind) details.push({ what: `it is a ${after.kind} instead of a ${before.kind}` });
  else if (before.plugin.name !== after.plugin.name)
    details.push({ option: "type", from: before.plugin.name, to: after.plugin.name });
  else if (before.plugin !== after.plugin) details.push({ what: `its plugin "${after.plugin.name}" was edited` });
  details.push(...optionsBetween(old, fresh));
  // Names with a * stand for other components when some are added or removed.
  if (
    !isDeepStrictEqual(before.inputs, after.inputs) &&
    !details.some((detail) => "option" in detail && detail.option === "inputs")
  )
    details.push({ option: "inputs", from: before.inputs, to: after.inputs });
  for (const [name, value] of fresh.uses)
    if (old.uses.has(name) && !isSameUse(old.uses.get(name), value)) details.push({ what: `the ${name} was edited` });
  for (const [option, path] of fresh.files)
    if (old.files.get(option) === path && from.digests.get(path) !== to.digests.get(path))
      details.push({ what: `the file of ${option} has changed` });
  return details;
};

/** Rules have types, which may come from plugins. */
const isSameUse = (old: unknown, fresh: unknown): boolean =>
  old === fresh ||
  (isDeepStrictEqual(old, fresh) &&
    (!isObject(fresh) || foreignTypeOf(old as never) === foreignTypeOf(fresh as never)));

const optionsBetween = (old: Part, fresh: Part): Detail[] => {
  const [from, to] = [flat({ ...old.settings, ...old.shared }), flat({ ...fresh.settings, ...fresh.shared })];
  const [shownFrom, shownTo] = [flat({ ...old.shown, ...old.shared }), flat({ ...fresh.shown, ...fresh.shared })];
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((option) => !isDeepStrictEqual(from.get(option), to.get(option)))
    .map((option): Detail => {
      const shown = { from: shownFrom.get(option), to: shownTo.get(option) };
      return isDeepStrictEqual(shown.from, shown.to) ? { option, isSecret: true } : { option, ...shown };
    });
};

/** The values of options, groups and maps opened: by names such as `tls.key`. */
const flat = (values: Readonly<Record<string, unknown>>, before = ""): Map<string, unknown> =>
  new Map(
    Object.entries(values).flatMap(([name, value]) =>
      isObject(value) && Object.keys(value).length > 0
        ? [...flat(value, `${before}${name}.`)]
        : [[`${before}${name}`, value] as const],
    ),
  );
