import { option } from "../../option/option.ts";

/** How a component learns what is normal before it raises alerts, for plugins. */
export const learningOptions = {
  baseline: option.optional(
    option.group({
      from: option.list(option.path, { minItems: 1 })(
        "Paths or globs of the files to read, relative to the working directory. They can be compressed (`.gz`).",
        { examples: [["/var/log/kubernetes/audit/audit-*.log.gz"]] },
      ),
      order: option.oneOf("time", "name")(
        "The order of the files: by the time in the name or else of the last change (`time`), or by path (`name`).",
        { default: "time" },
      ),
    })(
      "Files from the past, which are read at the first start, before anything else. The component learns from them and raises no alert about them.",
    ),
  ),
  learn_for: option.optional(
    option.window(
      "For this long after the first event, alerts are not sent, but counted as `learning`. A rule that is added later learns for itself.",
      { examples: ["7d"] },
    ),
  ),
};
