import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import type { Plugin } from "weir";
import { flaws, logRecorder, readSource, recordingHost } from "weir/testing";
import { PathGlob } from "../file/discovery/path-glob.ts";
import source from "./index.ts";
import { logGlobs } from "./log-paths.ts";

it("is well formed", () => expect(flaws(source as Plugin)).toEqual([]));

const name = fc.string({ unit: fc.constantFrom("a", "b", "-", "1"), minLength: 1, maxLength: 4 });
const pattern = fc.string({ unit: fc.constantFrom("a", "b", "-", "1", "*", "?"), minLength: 1, maxLength: 4 });
const choice = fc.option(fc.array(pattern, { minLength: 1, maxLength: 3 }), { nil: undefined });

/** Whether one of the patterns is the whole name. */
const isOne = (patterns: readonly string[], name: string): boolean =>
  patterns.some((each) => new RegExp(`^${each.replace(/\*+/g, ".*").replace(/\?/g, ".")}$`).test(name));

it("reads the containers that were chosen, and no others", () => {
  const chosen = fc.record({
    namespaces: choice,
    exclude_namespaces: choice,
    pods: choice,
    exclude_pods: fc.option(
      fc.array(
        fc.oneof(
          pattern,
          fc.tuple(pattern, pattern).map((both) => both.join("/")),
        ),
        { minLength: 1, maxLength: 3 },
      ),
      { nil: undefined },
    ),
    containers: choice,
    exclude_containers: choice,
  });
  fc.assert(
    fc.property(chosen, name, name, name, (chosen, namespace, pod, container) => {
      // Stars in a row are another thing to a glob.
      fc.pre(!JSON.stringify(chosen).includes("**"));
      const { include, exclude } = logGlobs("/var/log/pods/", chosen);
      const path = `/var/log/pods/${namespace}_${pod}_6a1c6c7e-0000-4000-8000-000000000001/${container}/0.log`;
      const isRead =
        include.some((each) => new PathGlob(each).matches(path)) &&
        !exclude.some((each) => new PathGlob(each).matches(path));
      const isChosen =
        isOne(chosen.namespaces ?? ["*"], namespace) &&
        isOne(chosen.pods ?? ["*"], pod) &&
        isOne(chosen.containers ?? ["*"], container) &&
        !isOne(chosen.exclude_namespaces ?? [], namespace) &&
        !(chosen.exclude_pods ?? []).some((each) => isOne([each], each.includes("/") ? `${namespace}/${pod}` : pod)) &&
        !isOne(chosen.exclude_containers ?? [], container);
      expect(isRead).toBe(isChosen);
    }),
  );
});

it("reads the files of a folder whose name looks like a glob, with their paths", async () => {
  const root = join(await realpath(await mkdtemp(join(tmpdir(), "weir-pods-"))), "[a]");
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const line = "2026-11-29T10:12:01.1Z stdout F hello";
  for (const path of ["shop_web-0_1/nginx", "shop_db-0_2/pg", "kube-system_dns_3/dns"]) {
    await mkdir(join(root, path), { recursive: true });
    await writeFile(join(root, path, "0.log"), `${line} ${path}\n`);
  }
  const host = recordingHost();
  const stop = new AbortController();
  const config = {
    directory: root,
    exclude_namespaces: ["kube-*"],
    exclude_pods: ["shop/db-*", "other/web-*"],
    read_from: "beginning",
    poll_interval: 10,
  };
  for await (const reading of readSource(source, { config, log: logRecorder(), signal: stop.signal })) {
    host.take(reading);
    if (host.lines.length > 0) stop.abort();
  }
  expect(host.lines.map(({ text }) => text)).toEqual([`${line} shop_web-0_1/nginx`]);
});
