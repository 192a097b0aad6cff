import { goesOn, isLast, type Multiline } from "./multiline.ts";
import { OpenText, type Part } from "./open-text.ts";

export interface LaneOptions {
  readonly multiline: Multiline | undefined;
  /** The longest line that is joined of parts, in bytes. */
  readonly maxLine: number;
  /** Between lines. */
  readonly lineFeed: Uint8Array;
  /** Whether a text cannot begin with an empty line. */
  readonly skipsEmpty: boolean;
  /** Gets each text that is complete. Until it returns, the text counts as open. */
  readonly pass: (text: OpenText) => void;
}

/** One of the texts that take turns in a stream: joins the parts of its lines, and its lines. */
export class Lane {
  readonly #options: LaneOptions;
  /** A line whose next part has not come yet. */
  #line: OpenText | undefined;
  /** Lines that may go on. */
  #group: OpenText | undefined;
  /** The time of its last record. */
  #at = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Where its first record is that was not passed on; undefined if there is none. */
  get start(): number | undefined {
    return this.#group?.position ?? this.#line?.position;
  }

  /** The time of the last record of what is open; undefined if nothing is. */
  get since(): number | undefined {
    return this.#group || this.#line ? this.#at : undefined;
  }

  add(part: Part, at: number): void {
    this.#at = at;
    if (this.#line && this.#line.size + part.size > this.#options.maxLine) this.#cutLine();
    this.#line ??= new OpenText(part);
    this.#line.addPart(part);
    if (!part.isPartial) this.#finishLine();
  }

  /** Passes on what is open. */
  close(): void {
    if (this.#line) this.#cutLine();
    this.#closeGroup();
  }

  #cutLine(): void {
    this.#line!.isTruncated = true;
    this.#finishLine();
  }

  #finishLine(): void {
    const line = this.#line!;
    const { multiline, pass } = this.#options;
    if (multiline) this.#join(line, multiline);
    else pass(line);
    this.#line = undefined;
  }

  #join(line: OpenText, multiline: Multiline): void {
    const { lineFeed, skipsEmpty } = this.#options;
    const { text } = line;
    if (this.#group && !goesOn(multiline, text)) this.#closeGroup();
    if (this.#group && this.#isFull(this.#group, line, multiline)) {
      this.#group.isTruncated = true;
      this.#closeGroup();
    }
    if (this.#group) this.#group.addLine(line, lineFeed);
    else if (text !== "" || !skipsEmpty) this.#group = line;
    if (this.#group && isLast(multiline, text)) this.#closeGroup();
  }

  #isFull({ lines, size }: OpenText, line: OpenText, { maxLines, maxBytes }: Multiline): boolean {
    return lines >= maxLines || size + line.size > maxBytes;
  }

  #closeGroup(): void {
    if (this.#group) this.#options.pass(this.#group);
    this.#group = undefined;
  }
}
