import { LinearRegex, type Match } from "./linear-regex.ts";
import { LiteralIndex } from "./literal-index.ts";
import { type Clause, requiredClauses } from "./required.ts";
import { parseRegex } from "./syntax.ts";

/** An expression of a list. */
export interface ListedRegex {
  readonly source: string;
  readonly ignoreCase?: boolean | undefined;
}

/** How much memory an expression may take for what it learns, and how much all of them before they are compiled anew, in bytes. */
const [memory, mostMemory] = [2 * 1024 * 1024, 64 * 1024 * 1024];

/**
 * Many expressions. One pass over a text finds the few that can match it, by what each match must contain. They are
 * compiled when they are first needed.
 */
export class RegexList {
  readonly #expressions: readonly ListedRegex[];
  readonly #index: LiteralIndex;
  /** The clauses in which each literal is. */
  readonly #clausesOf: readonly (readonly number[])[];
  /** The expression that each clause is of. */
  readonly #owners: readonly number[];
  /** How many clauses each expression has. */
  readonly #needs: readonly number[];
  /** Those without a clause, which can match any text. */
  readonly #always: readonly number[];
  /** The number of the last pass in which a clause was met. */
  readonly #metAt: Uint32Array;
  /** How many of its clauses each expression has met in this pass. */
  readonly #met: Uint16Array;
  #pass = 0;
  readonly #compiled = new Map<number, LinearRegex>();
  /** How much memory the compiled ones take, in bytes. */
  #memory = 0;

  /** Throws a `RegexError`. */
  constructor(expressions: readonly ListedRegex[]) {
    this.#expressions = expressions;
    const literals = new Map<string, number[]>();
    const owners: number[] = [];
    this.#needs = expressions.map(({ source, ignoreCase }, owner) => {
      const clauses = selective(requiredClauses(parseRegex(source, { ignoreCase }).node));
      for (const clause of clauses) {
        const number = owners.push(owner) - 1;
        for (const literal of clause) {
          const users = literals.get(literal);
          if (users) users.push(number);
          else literals.set(literal, [number]);
        }
      }
      return clauses.length;
    });
    this.#always = [...this.#needs.keys()].filter((owner) => this.#needs[owner] === 0);
    this.#owners = owners;
    this.#clausesOf = [...literals.values()];
    this.#met = new Uint16Array(expressions.length);
    this.#metAt = new Uint32Array(owners.length);
    this.#index = new LiteralIndex([...literals.keys()]);
  }

  /** The indexes of the expressions that can match a text, ascending. The others do not match it. */
  candidates(text: string): readonly number[] {
    const pass = this.#nextPass();
    const [metAt, owners] = [this.#metAt, this.#owners];
    const [met, needs] = [this.#met.fill(0), this.#needs];
    const found = [...this.#always];
    this.#index.scan(text, (literal) => {
      for (const clause of this.#clausesOf[literal]!) {
        if (metAt[clause] === pass) continue;
        metAt[clause] = pass;
        const owner = owners[clause]!;
        if (++met[owner]! === needs[owner]) found.push(owner);
      }
    });
    return found.sort((a, b) => a - b);
  }

  /** The first match of an expression. */
  exec(index: number, text: string): Match | undefined {
    if (this.#memory > mostMemory) {
      this.#compiled.clear();
      this.#memory = 0;
    }
    const regex = this.#compiled.get(index) ?? this.#compile(index);
    const before = regex.memory;
    const match = regex.exec(text);
    this.#memory += regex.memory - before;
    return match;
  }

  #compile(index: number): LinearRegex {
    const { source, ignoreCase } = this.#expressions[index]!;
    const regex = new LinearRegex(source, { ignoreCase, memory });
    this.#compiled.set(index, regex);
    this.#memory += regex.memory;
    return regex;
  }

  #nextPass(): number {
    if (this.#pass === 0xffffffff) {
      this.#metAt.fill(0);
      this.#pass = 0;
    }
    return ++this.#pass;
  }
}

/** Without the clauses that nearly every text meets, unless there are no others. */
const selective = (clauses: readonly Clause[]): readonly Clause[] => {
  const long = clauses.filter((clause) => clause.every((text) => text.length > 1));
  return long.length > 0 ? long : clauses;
};
