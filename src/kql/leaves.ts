import { someLeaf } from "../fields/path.ts";
import type { Scalar } from "../fields/types.ts";
import type { Data } from "../json.ts";

type LeafTest = (path: string, value: Scalar) => boolean;

/** The values of a document with their full paths. If several conditions of a query need them, they are listed once. */
export class Leaves {
  #users = 0;
  #shared: (readonly [path: string, value: Scalar])[] | undefined;
  #isShared = false;

  /** A condition announces that it will call `some`. */
  use(): void {
    this.#users++;
  }

  get areShared(): boolean {
    return this.#users > 1;
  }

  /** Calls the predicate; meanwhile the values of the document are listed at most once. */
  shareFor(document: Data, predicate: (document: Data) => boolean): boolean {
    this.#isShared = true;
    try {
      return predicate(document);
    } finally {
      this.#isShared = false;
      this.#shared = undefined;
    }
  }

  some(document: Data, test: LeafTest): boolean {
    if (!this.#isShared) return someLeaf(document, test);
    this.#shared ??= list(document);
    for (const [path, value] of this.#shared) if (test(path, value)) return true;
    return false;
  }
}

const list = (document: Data): (readonly [string, Scalar])[] => {
  const leaves: (readonly [string, Scalar])[] = [];
  someLeaf(document, (path, value) => {
    leaves.push([path, value]);
    return false;
  });
  return leaves;
};
