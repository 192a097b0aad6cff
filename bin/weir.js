#!/usr/bin/env node
// The command. It is plain JavaScript, so that an older Node can read it and say which version is needed.
// It imports nothing at first: what Node loads for an import of its own modules takes longer than `weir --version`.

const wanted = 24;
const isNewEnough = Number(process.versions.node.split(".")[0]) >= wanted;
const args = process.argv.slice(2);

if (!isNewEnough) {
  const { runPinned } = await import("./other-node.js");
  runPinned(wanted);
} else {
  const { existsSync, readFileSync } = process.getBuiltinModule("node:fs");
  const pathOf = (path) => `${import.meta.dirname}/${path}`;
  if (args.length === 1 && /^(--version|-V)$/.test(args[0])) {
    console.log(JSON.parse(readFileSync(pathOf("../package.json"), "utf8")).version);
  } else if (existsSync(pathOf("../dist/src/cli/main.js"))) {
    const { useCompileCache } = await import("./compile-cache.js");
    useCompileCache();
    const { main } = await import("../dist/src/cli/main.js");
    await main(args);
  } else if (process.execArgv.includes("--conditions=weir-source")) {
    const { main } = await import("../src/cli/main.ts");
    await main(args);
  } else {
    // A checkout that was installed without the development dependencies.
    const { runSources } = await import("./other-node.js");
    runSources();
  }
}
