import type { Problem, Result } from "../problem.ts";
import { shortened } from "../text.ts";
import type { Path, Place, SourceFile } from "./source-file.ts";
import { type Code, wording } from "./wording.ts";

/** Where in the file: a value, its key, or one character of a text value. */
export interface At {
  readonly path: Path;
  readonly key?: boolean;
  readonly offset?: number | undefined;
}

/** Collects the problems of one file, so that all of them are reported together. */
export class Report {
  readonly #file: SourceFile;
  readonly #problems: Problem[] = [];
  readonly #known = new Set<string>();
  readonly #secrets = new Map<string, string>();
  #failed = false;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  error<C extends Code>(code: C, at: At | Place, words: Parameters<(typeof wording)[C]>, hint?: string): void {
    this.#add("error", code, at, words, hint);
  }

  warning<C extends Code>(code: C, at: At | Place, words: Parameters<(typeof wording)[C]>, hint?: string): void {
    this.#add("warning", code, at, words, hint);
  }

  /** From now on messages show `written` in place of this secret. Secrets under four characters occur in any text: they stay. */
  hide(secret: string, written: string): void {
    if (secret.length >= 4) this.#secrets.set(secret, written);
  }

  /** Adds problems of another file, such as a rule file. */
  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) {
      const text = JSON.stringify(problem);
      if (!this.#known.has(text)) this.#push(problem);
      this.#known.add(text);
    }
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** The problems of this file in the order of its lines, then those of other files. */
  get problems(): readonly Problem[] {
    const own = ({ file }: Problem) => (file === this.#file.name ? 0 : 1);
    return this.#problems.toSorted(
      (a, b) => own(a) - own(b) || (own(a) === 0 ? a.line - b.line || a.column - b.column : 0),
    );
  }

  result<T>(value: () => T): Result<T> {
    if (this.failed) return { ok: false, problems: this.problems };
    return { ok: true, value: value(), warnings: this.problems };
  }

  #add(severity: Problem["severity"], code: Code, at: At | Place, words: readonly unknown[], hint: string | undefined) {
    const say = wording[code] as (...words: readonly unknown[]) => string;
    const place = "line" in at ? at : this.#placeOf(at);
    const message = this.#mask(say(...words.map((word) => this.#fit(word))));
    const wayOut = hint && { hint: this.#mask(hint) };
    this.#push({ severity, code, message, ...wayOut, file: this.#file.name, ...place });
  }

  #push(problem: Problem): void {
    this.#problems.push(problem);
    this.#failed ||= problem.severity === "error";
  }

  /** A word that is too long for a message is cut, after its secrets are masked: half a secret would not be found. */
  #fit(word: unknown): unknown {
    return typeof word === "string" ? shortened(this.#mask(word), 400) : word;
  }

  #mask(text: string): string {
    return [...this.#secrets].reduce((masked, [secret, written]) => masked.replaceAll(secret, () => written), text);
  }

  #placeOf({ path, key, offset }: At): Place {
    if (offset !== undefined) return this.#file.placeIn(path, offset);
    return key ? this.#file.placeOfKey(path) : this.#file.placeOf(path);
  }
}
