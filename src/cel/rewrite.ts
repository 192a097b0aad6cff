import type { Environment } from "@marcbachmann/cel-js/evaluator";
import { CelError } from "./cel-error.ts";
import { ownNames, ownPrefix } from "./environment.ts";

/** A node of an expression's tree, as the library makes it. Its types are checked later, so that it can be changed. */
export interface Node {
  readonly op: string;
  args: unknown;
  readonly start: number;
}

/** Names from an event's data inwards: `["user", "name"]`. */
export type NamePath = readonly string[];

/** What a macro runs over, and what it uses from outside each time. */
export interface Loop {
  readonly name: string;
  readonly items: readonly NamePath[];
  readonly used: readonly NamePath[];
}

export interface Rewritten {
  /** The fields of the event that the expression uses, under the names of its variables. */
  readonly variables: ReadonlyMap<string, string>;
  /** The same fields, each as far inwards as it is known. */
  readonly paths: readonly NamePath[];
  readonly loops: readonly Loop[];
}

/** The macros that run an expression for each item of a list or map. */
const macros: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** Names of types, which fields have, too: `bytes`. A field is meant, except where a type is compared. */
const typeNames: ReadonlySet<string> = new Set([
  "bool",
  "bytes",
  "double",
  "int",
  "list",
  "map",
  "string",
  "type",
  "uint",
]);
const fieldPrefix = `${ownPrefix}field_`;

/** A message of the library, with the names that people know. */
export const withoutPrefixes = (message: string): string =>
  message.replaceAll(fieldPrefix, "").replaceAll(ownPrefix, "");

/** How deep a tree may be: each operator of `a + b + c` is one level. */
const deepest = 500;

/** Names that a macro binds, each with the paths that its value comes from. */
type Scope = ReadonlyMap<string, readonly NamePath[]>;

interface Place {
  readonly scope: Scope;
  readonly isInLoop: boolean;
  readonly isInBind: boolean;
}

/**
 * Changes a tree so that it uses weir's own functions and fields with the names of types. `widening`: makes branches of `? :`
 * have any type. Throws for macros within macros.
 */
export const rewrite = (root: Node, widening: Environment | undefined): Rewritten => {
  const variables = new Map<string, string>();
  const loops: Loop[] = [];

  let depth = 0;
  const walk = (node: unknown, place: Place, isType = false): void => {
    if (Array.isArray(node)) for (const one of node) walk(one, place);
    if (!isNode(node) || node.op === "value") return;
    if (++depth > deepest) throw new CelError(`the expression is nested more than ${deepest} deep`, node.start);
    visit(node, place, isType);
    depth--;
  };

  const visit = (node: Node, place: Place, isType: boolean): void => {
    if (node.op === "id") name(node, place.scope, isType);
    else if (node.op === "rcall" && isLoop(node)) loop(node, place);
    else if (node.op === "rcall" && isBind(node)) bind(node, place);
    else {
      if (node.op === "map") checkKeys(node);
      rename(node);
      const isComparison = (node.op === "==" || node.op === "!=") && argumentsOf(node).some(isTypeCall);
      for (const one of argumentsOf(node)) walk(one, place, isComparison);
      if (node.op === "?:" && widening) widen(node, widening);
    }
  };

  const name = (node: Node, scope: Scope, isType: boolean): void => {
    const field = String(node.args);
    if (scope.has(field) || (isType && typeNames.has(field))) return;
    if (typeNames.has(field)) node.args = fieldPrefix + field;
    variables.set(String(node.args), field);
  };

  const loop = (node: Node, { scope, isInLoop, isInBind }: Place): void => {
    const [macro, list, inner] = node.args as [string, Node, readonly Node[]];
    if (isInLoop)
      throw new CelError(`"${macro}" within another macro could take too long: use one macro over a list`, node.start);
    const [item, ...body] = inner;
    const bound = new Map(scope).set(String(item?.args), []);
    loops.push({
      name: macro,
      items: pathsOf(list, scope),
      used: body.flatMap((one) => pathsOf(one, bound)),
    });
    walk(list, { scope, isInLoop, isInBind });
    walk(body, { scope: bound, isInLoop: true, isInBind });
  };

  const bind = (node: Node, { scope, isInLoop, isInBind }: Place): void => {
    const [, , [bound, value, body]] = node.args as [string, Node, readonly Node[]];
    if (isInBind) throw new CelError('"cel.bind" within another one could take too much memory', node.start);
    walk(value, { scope, isInLoop, isInBind: true });
    const inner = new Map(scope).set(String(bound?.args), pathsOf(value, scope));
    walk(body, { scope: inner, isInLoop, isInBind: true });
  };

  const paths = pathsOf(root, new Map());
  walk(root, { scope: new Map(), isInLoop: false, isInBind: false });
  return { variables, paths, loops };
};

/** The library leaves these keys of a literal map out, in silence. */
const checkKeys = (node: Node): void => {
  for (const [key] of node.args as readonly (readonly Node[])[])
    if (key?.op === "value" && /^(?:__proto__|constructor|prototype)$/.test(String(key.args)))
      throw new CelError(`"${key.args}" cannot be a key of a map in an expression`, key.start);
};

const rename = (node: Node): void => {
  const [name] = argumentsOf(node);
  if ((node.op === "call" || node.op === "rcall") && ownNames.has(String(name)))
    (node.args as unknown[])[0] = `${ownPrefix}${name}`;
};

/** The library wants branches of one type: `dyn` takes any. */
const widen = (node: Node, environment: Environment): void => {
  const args = node.args as Node[];
  for (const at of [1, 2]) {
    const wrapped = environment.parse("dyn(x)").ast as Node;
    (wrapped.args as [string, Node[]])[1][0] = args[at]!;
    args[at] = wrapped;
  }
};

/** The fields of the event that a node uses, each as far inwards as it is known. */
const pathsOf = (node: unknown, scope: Scope): readonly NamePath[] => {
  if (Array.isArray(node)) return node.flatMap((one) => pathsOf(one, scope));
  if (!isNode(node) || node.op === "value") return [];
  const path = pathOf(node);
  if (path) return scope.get(path[0]!) ?? [path];
  return pathsOf(argumentsOf(node), scope);
};

const pathOf = (node: unknown): NamePath | undefined => {
  if (!isNode(node)) return undefined;
  if (node.op === "id") return [String(node.args)];
  if (node.op !== ".") return undefined;
  const [holder, name] = argumentsOf(node);
  const path = pathOf(holder);
  return path && [...path, String(name)];
};

const isLoop = (node: Node): boolean => macros.has(String(argumentsOf(node)[0]));

const isBind = (node: Node): boolean => {
  const [name, holder] = argumentsOf(node);
  return name === "bind" && isNode(holder) && holder.op === "id" && holder.args === "cel";
};

const isTypeCall = (node: unknown): boolean => isNode(node) && node.op === "call" && argumentsOf(node)[0] === "type";

const argumentsOf = ({ args }: Node): readonly unknown[] => (Array.isArray(args) ? args : [args]);

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "op" in value && "args" in value && "start" in value;
