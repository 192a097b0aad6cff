type Exports = Readonly<Record<string, unknown>>;

const scheme = "weir-door:";
const key = Symbol.for("weir.doors");
const doors = new Map<string, Exports>();

/** In a single executable there are no files from which a plugin could import weir: these are the modules that it gets, by specifier. */
export const serveDoors = (modules: Readonly<Record<string, Exports>>): void => {
  for (const [specifier, exported] of Object.entries(modules)) doors.set(specifier, exported);
  Object.assign(globalThis, { [key]: doors });
};

/** The URL of a module that the executable serves. Throws if it has no such module. */
export const doorUrl = (specifier: string): string => {
  if (doors.has(specifier)) return `${scheme}${specifier}`;
  const reason =
    specifier === "weir/testing"
      ? "it is for tests, which run with Node and with weir as a package"
      : `there are ${[...doors.keys()].join(", ")}`;
  throw new Error(`The executable of weir has no module "${specifier}": ${reason}`);
};

/** The source of such a module: it exports what the running weir has. */
export const doorSource = (url: string): string | undefined => {
  if (!url.startsWith(scheme)) return undefined;
  const specifier = url.slice(scheme.length);
  const names = Object.keys(doors.get(specifier) ?? {}).filter((name) => name !== "default");
  const door = `globalThis[Symbol.for("weir.doors")].get(${JSON.stringify(specifier)})`;
  return `export const { ${names.join(", ")} } = ${door};\n`;
};
