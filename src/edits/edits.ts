import { isIndex, type WritePath } from "../fields/write-path.ts";
import { isDeeperThan, type Json, maxDepth } from "../json.ts";
import type { Event } from "../meta.ts";
import { metaField } from "../origin/meta-view.ts";
import { CheckedRecord, outlinedOf } from "../record-event.ts";
import { Field } from "./field.ts";
import { isContainerText } from "./object-text.ts";

/** A change to an event that needs no value to be parsed. */
export type Edit =
  /** The value is JSON. */
  | { readonly kind: "set"; readonly to: WritePath; readonly value: Json }
  /** Fails if there is no value. `rename` also fails if the new field already has one. */
  | { readonly kind: "copy" | "rename"; readonly from: WritePath; readonly to: WritePath }
  /** The field may be absent. */
  | { readonly kind: "remove"; readonly from: WritePath };

/** Edits an event. Returns `undefined` if the result is not certain: then a `Draft` must do it. */
export type EditEvent = (event: Event) => Event | undefined;

/**
 * Compiles edits that change the text of a record, one after the other, with the result that a `Draft` would give. Fields are found in
 * the text, and everything that no edit changes is copied. Unusual events, and events for which an edit fails, are left to a `Draft`.
 * Returns `undefined` if the edits depend on each other in a way that needs the data.
 */
export const compileEdits = (edits: readonly Edit[]): EditEvent | undefined => {
  if (!edits.every(isSimple) || !areApart(edits)) return undefined;
  const root = new Field("");
  const actions = edits.map((edit) => compiled(edit, root));
  return (event) => {
    const outlined = outlinedOf(event);
    if (!outlined || !root.readRecord(outlined)) return undefined;
    const { text } = outlined;
    for (let index = 0; index < actions.length; index++) if (!actions[index]!(text)) return undefined;
    return root.isChanged ? new CheckedRecord(event.meta, root.write("", text), true, undefined, true) : event;
  };
};

/** Makes an edit to the fields of the current event. Returns false if it fails, or if the result is not certain. */
type Act = (text: string) => boolean;

const compiled = (edit: Edit, root: Field): Act => {
  const fieldAt = ({ segments }: WritePath): Field => segments.reduce((field, name) => field.at(name), root);
  if (edit.kind === "remove") {
    const field = fieldAt(edit.from);
    return () => {
      field.drop();
      return true;
    };
  }
  const to = fieldAt(edit.to);
  if (edit.kind === "set") {
    const json = JSON.stringify(edit.value);
    return () => {
      to.put(json);
      return true;
    };
  }
  const from = fieldAt(edit.from);
  const levels = maxDepth - edit.to.segments.length;
  const isRename = edit.kind === "rename";
  return (text) => {
    const value = from.valueIn(text);
    if (value === undefined || mayBeDeeper(value, levels)) return false;
    if (isRename) {
      if (to.valueIn(text) !== undefined) return false;
      from.drop();
    }
    to.put(value);
    return true;
  };
};

/** Each level takes at least two characters. */
const mayBeDeeper = (json: string, levels: number): boolean => json.length > 2 * levels && isContainerText(json);

const pathsOf = (edit: Edit): readonly WritePath[] => {
  if (edit.kind === "remove") return [edit.from];
  return edit.kind === "set" ? [edit.to] : [edit.from, edit.to];
};

/** Whether the names of the edit are the same in JSON and in paths and lead only into objects, and its value is not nested too deep. */
const isSimple = (edit: Edit): boolean =>
  pathsOf(edit).every(({ segments }) => segments[0] !== metaField && segments.every(isPlainName)) &&
  (edit.kind !== "set" || !isDeeperThan(edit.value, maxDepth - edit.to.segments.length));

const isPlainName = (name: string): boolean =>
  JSON.stringify(name) === `"${name}"` && name !== "__proto__" && !isIndex(name, Number.POSITIVE_INFINITY);

/** Whether no written field is within another field of the edits, and no removed field is written. */
const areApart = (edits: readonly Edit[]): boolean => {
  const removed = edits.flatMap((edit) => (edit.kind === "remove" || edit.kind === "rename" ? [edit.from.text] : []));
  const given = edits.flatMap((edit) => (edit.kind === "remove" ? [] : [edit.to.text]));
  const written = new Set([...removed, ...given]);
  const all = new Set(edits.flatMap((edit) => pathsOf(edit).map(({ text }) => text)));
  if (new Set(removed).size < removed.length || removed.some((text) => given.includes(text))) return false;
  return [...written].every((text) =>
    [...all].every((other) => !other.startsWith(`${text}.`) && !text.startsWith(`${other}.`)),
  );
};
