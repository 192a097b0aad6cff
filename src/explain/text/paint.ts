const ansi = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text: string) => text;

/** How parts of an explanation look. */
export type Paint = Readonly<
  Record<"title" | "name" | "added" | "removed" | "changed" | "faint", (text: string) => string>
>;

const colors: Paint = {
  title: ansi(1, 22),
  name: ansi(36, 39),
  added: ansi(32, 39),
  removed: ansi(31, 39),
  changed: ansi(33, 39),
  faint: ansi(2, 22),
};
const plain: Paint = { title: same, name: same, added: same, removed: same, changed: same, faint: same };

export const paintFor = (color: boolean): Paint => (color ? colors : plain);
