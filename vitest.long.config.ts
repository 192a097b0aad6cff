import { defineConfig, mergeConfig } from "vitest/config";
import short from "./vitest.config.ts";

/** The same suites with WEIR_LONG set: many kills, long fuzz runs; seeds and counts are printed. */
export default mergeConfig(
  short,
  defineConfig({ test: { env: { WEIR_LONG: "1" }, testTimeout: 1_800_000, fileParallelism: false } }),
);
