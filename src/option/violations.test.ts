import { Ajv, type ErrorObject } from "ajv";
import fc from "fast-check";
import { expect, it } from "vitest";
import { codecs, plugins } from "../../plugins/index.ts";
import { isObject } from "../json.ts";
import { ownKeywords, type Schema, schemaOf } from "./option.ts";
import { type Violation, violations } from "./violations.ts";

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  useDefaults: true,
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  keywords: [...ownKeywords],
});

const junk = fc.oneof(
  fc.constantFrom(null, true, "", "x", "5m", "64KiB", "a.b", "😀", 0, -1, 1.5, 3, 1e30),
  fc.constantFrom<unknown>([], {}, [1, "x"], { other: 1 }),
);

/** Values that a schema may allow, and others that it does not. */
const valuesOf = (schema: Schema): fc.Arbitrary<unknown> => {
  const { properties = {}, items, enum: choices = [], examples = [], additionalProperties } = schema;
  const samples = [
    ...(choices as unknown[]),
    ...(examples as unknown[]),
    ...("default" in schema ? [schema["default"]] : []),
  ];
  const likely: fc.Arbitrary<unknown>[] = samples.length > 0 ? [fc.constantFrom(...samples)] : [];
  if (items) likely.push(fc.array(valuesOf(items as Schema), { maxLength: 4 }));
  const members = Object.entries(properties as Record<string, Schema>).map(([name, inner]) => [name, valuesOf(inner)]);
  if (members.length > 0) {
    const record = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: [],
    });
    likely.push(
      record,
      fc.tuple(record, junk).map(([map, other]) => ({ ...map, nothing_like_it: other })),
    );
  }
  if (isObject(additionalProperties))
    likely.push(
      fc.dictionary(fc.constantFrom("a", "A-b", "", "x y", "user.name"), valuesOf(additionalProperties), {
        maxKeys: 3,
      }),
    );
  return likely.length === 0
    ? junk
    : fc.oneof({ weight: 1, arbitrary: junk }, ...likely.map((arbitrary) => ({ weight: 4, arbitrary })));
};

/** What Ajv reports beside the violations themselves: the alternatives that do not hold, and that something in them failed. */
const isBeside = ({ keyword, schemaPath }: ErrorObject): boolean =>
  /\/oneOf\/\d+\//.test(schemaPath) || keyword === "propertyNames" || keyword === "if";

const ofAjv = ({ keyword, instancePath, params, propertyName, data, parentSchema }: ErrorObject) => ({
  keyword,
  path: instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~")),
  property: propertyName ?? params["additionalProperty"] ?? params["property"] ?? params["missingProperty"],
  missing: keyword === "dependencies" ? params["missingProperty"] : undefined,
  none: params["passingSchemas"] === null,
  value: data,
  title: parentSchema?.["title"],
});

const ofOurs = ({ keyword, path, property, missing, passing, value, schema }: Violation) => ({
  keyword,
  path,
  property,
  missing,
  none: passing === 0,
  value,
  title: schema["title"],
});

const sorted = (found: readonly object[]) => found.map((one) => JSON.stringify(one)).sort();

it.each([...plugins, ...codecs].map(({ kind, name, options }) => [`${kind} ${name}`, schemaOf(options)] as const))(
  "finds what Ajv finds, and fills in the same defaults, for %s",
  (_, schema) => {
    const validate = ajv.compile(schema);
    fc.assert(
      fc.property(valuesOf(schema), (value) => {
        const mine = structuredClone(value);
        const theirs = structuredClone(value);
        const found = violations(schema, mine);
        const isValid = validate(theirs);
        expect(found.length === 0).toBe(isValid);
        expect(sorted(found.map(ofOurs))).toEqual(
          sorted((validate.errors ?? []).filter((e) => !isBeside(e)).map(ofAjv)),
        );
        expect(mine).toEqual(theirs);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 500 : 60 },
    );
  },
);

it("refuses a keyword that it does not know, in place of ignoring it", () => {
  expect(() => violations({ type: "string", format: "date" }, "x")).toThrow(
    'An option cannot have "format" in its JSON Schema.',
  );
});
