/** What rules of tests say nothing with. */
export const plainRule = {
  threat: [],
  tags: [],
  categories: [],
  data_source: "",
  created: "2026-01-01",
  author: [],
  license: "",
  references: [],
  false_positives: [],
  note: "",
  tests: [],
} as const;
