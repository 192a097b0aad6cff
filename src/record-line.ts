import type { Data } from "./json.ts";

/** An object that is put together of members of a record and others. */
export class RecordLine {
  readonly #text: string;
  #line = "";
  /** The members of the record that come next: they are copied together. */
  #from = -1;
  #to = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Adds a member as it is in the record. */
  keep(from: number, to: number): void {
    if (this.#from >= 0 && follows(this.#text, this.#to, from)) this.#to = to;
    else {
      this.#flush();
      this.#from = from;
      this.#to = to;
    }
  }

  /** Adds a member, unless JSON has no such value. */
  add(quoted: string, value: unknown): void {
    const json: string | undefined = JSON.stringify(value);
    if (json === undefined) return;
    this.#flush();
    this.#line += this.#line === "" ? `{${quoted}:${json}` : `,${quoted}:${json}`;
  }

  /** Adds all members of an object. */
  addAll(members: Data): void {
    const json = JSON.stringify(members);
    if (json === "{}") return;
    this.#flush();
    this.#line += this.#line === "" ? json.slice(0, -1) : `,${json.slice(1, -1)}`;
  }

  end(): string {
    this.#flush();
    return this.#line === "" ? "{}" : `${this.#line}}`;
  }

  #flush(): void {
    if (this.#from < 0) return;
    this.#line += (this.#line === "" ? "{" : ",") + this.#text.slice(this.#from, this.#to);
    this.#from = -1;
  }
}

/** Whether only a comma and white space are between two members. */
const follows = (text: string, end: number, start: number): boolean => {
  if (start <= end) return false;
  for (let at = end; at < start; at++) if (text.charCodeAt(at) > 0x20 && text.charCodeAt(at) !== 0x2c) return false;
  return true;
};
