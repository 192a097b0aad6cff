import type { Outlined } from "../record-members.ts";
import { eachMember, isObjectAt, quote } from "./object-text.ts";

const dot = 0x2e;

/** The state of a field in the current event: absent, as in the record, replaced by another value, or an object that was added. */
type State = "absent" | "kept" | "replaced" | "made";

/**
 * A field that edits read or write, or an object on the way to one, with its state in the current event. The lists are reused for the
 * next event, because they would be most of the garbage.
 */
export class Field {
  readonly #name: string;
  /** The name and the colon, as JSON writes them. */
  readonly #key: string;
  readonly #parent: Field | undefined;
  readonly #children: Field[] = [];
  /** By the first character of a name: the index of the first child with such a name, plus 1; 0 if there is none. */
  readonly #byFirst = new Uint16Array(128);
  #state: State = "absent";
  /** Whether the field, or something within it, differs from the record. */
  #isChanged = false;
  /** The text of a value that was replaced or added. */
  #text = "";
  /** Where the field is in the record: the quote before its name, and its value. */
  #nameStart = 0;
  #start = 0;
  #end = 0;
  /** Where the member before it ends, and where the one after it begins; -1 if there is none. */
  #before = -1;
  #after = -1;
  /** For an object: where its first member begins and its last one ends; -1 if it has none. */
  #from = -1;
  #to = -1;
  /** The fields within it that the record has, and those that were added, in order. */
  readonly #found: Field[] = [];
  #foundCount = 0;
  readonly #added: Field[] = [];
  #addedCount = 0;
  /** The last field that was found, if no other member came after it. */
  #last: Field | undefined;

  constructor(name: string, parent?: Field) {
    this.#name = name;
    this.#key = `"${name}":`;
    this.#parent = parent;
  }

  /** The field of this name within it. Creates it if there is none. */
  at(name: string): Field {
    const known = this.#children.find((child) => child.#name === name);
    if (known) return known;
    const child = new Field(name, this);
    const first = firstOf(name, 0);
    // Names with the same beginning follow each other.
    const place = this.#byFirst[first]! > 0 ? this.#byFirst[first]! : this.#children.length;
    this.#children.splice(place, 0, child);
    this.#byFirst.fill(0);
    for (let index = this.#children.length; index > 0; index--)
      this.#byFirst[firstOf(this.#children[index - 1]!.#name, 0)] = index;
    return child;
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  /**
   * Reads the members of a record. Returns false if it has anything unusual: a name with dots that begins like a field, or something
   * other than an object on the way to a field.
   */
  readRecord({ text, outline }: Outlined): boolean {
    this.#reset();
    this.#state = "kept";
    for (let at = 0; at < outline.length; at += 4)
      if (!this.#take(text, outline[at]! + 1, outline[at + 2]!, outline[at + 3]!)) return false;
    return this.#readFound(text);
  }

  #readFound(text: string): boolean {
    for (let index = 0; index < this.#foundCount; index++) {
      const field = this.#found[index]!;
      if (field.#children.length > 0 && !field.#readObject(text)) return false;
    }
    return true;
  }

  #readObject(text: string): boolean {
    if (!isObjectAt(text, this.#start)) return false;
    const isPlain = eachMember(text, this.#start, (name, start, end) => this.#take(text, name, start, end));
    return isPlain && this.#readFound(text);
  }

  /** Takes a member of the record. Returns false if its name is that of a field, followed by a dot and more. */
  #take(text: string, name: number, start: number, end: number): boolean {
    if (this.#from < 0) this.#from = name - 1;
    if (this.#last) {
      this.#last.#after = name - 1;
      this.#last = undefined;
    }
    const before = this.#to;
    this.#to = end;
    const first = firstOf(text, name);
    const place = this.#byFirst[first]!;
    if (place === 0) return true;
    for (let index = place - 1; index < this.#children.length; index++) {
      const child = this.#children[index]!;
      if (firstOf(child.#name, 0) !== first) return true;
      if (!text.startsWith(child.#name, name)) continue;
      const next = text.charCodeAt(name + child.#name.length);
      if (next === dot) return false;
      if (next !== quote) continue;
      child.#state = "kept";
      child.#nameStart = name - 1;
      child.#start = start;
      child.#end = end;
      child.#before = before;
      child.#after = -1;
      this.#found[this.#foundCount++] = child;
      this.#last = child;
    }
    return true;
  }

  #reset(): void {
    this.#state = "absent";
    this.#isChanged = false;
    if (this.#children.length === 0) return;
    this.#from = this.#to = -1;
    this.#foundCount = this.#addedCount = 0;
    this.#last = undefined;
    for (let index = 0; index < this.#children.length; index++) this.#children[index]!.#reset();
  }

  /** The text of its value; `undefined` if there is none. */
  valueIn(text: string): string | undefined {
    if (this.#state === "kept") return text.slice(this.#start, this.#end);
    return this.#state === "replaced" ? this.#text : undefined;
  }

  /** Sets its value. Adds the field and the objects around it if they are absent. */
  put(text: string): void {
    if (this.#state === "absent") this.#attach();
    this.#state = "replaced";
    this.#text = text;
    this.#touch();
  }

  #attach(): void {
    const parent = this.#parent!;
    if (parent.#state === "absent") {
      parent.#attach();
      parent.#state = "made";
    }
    parent.#added[parent.#addedCount++] = this;
  }

  /** Removes the field. */
  drop(): void {
    if (this.#state === "absent") return;
    this.#state = "absent";
    this.#touch();
  }

  #touch(): void {
    // The objects around a changed field are changed, too.
    for (let field: Field | undefined = this; field && !field.#isChanged; field = field.#parent)
      field.#isChanged = true;
  }

  /** Appends the current value to a line. `text`: the text of the record. */
  write(line: string, text: string): string {
    if (this.#state === "replaced") return line + this.#text;
    let written = line;
    let mark = "{";
    let from = this.#from;
    for (let index = 0; index < this.#foundCount; index++) {
      const field = this.#found[index]!;
      if (!field.#isChanged) continue;
      if (from >= 0 && from < field.#nameStart) {
        written += mark + text.slice(from, field.#before);
        mark = ",";
      }
      from = field.#after;
      if (field.#state === "absent") continue;
      written = field.write(written + mark + field.#key, text);
      mark = ",";
    }
    if (from >= 0) {
      written += mark + text.slice(from, this.#to);
      mark = ",";
    }
    for (let index = 0; index < this.#addedCount; index++) {
      const field = this.#added[index]!;
      written = field.write(written + mark + field.#key, text);
      mark = ",";
    }
    return mark === "{" ? `${written}{}` : `${written}}`;
  }
}

/** A number below 128 for the character at this place. */
const firstOf = (text: string, at: number): number => text.charCodeAt(at) & 0x7f;
