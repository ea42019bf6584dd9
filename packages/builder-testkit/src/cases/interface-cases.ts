import assert from "node:assert/strict";
import type { OptionsSchema } from "@imagespec/core/builder";
import type { ConformanceCase } from "../kit.ts";

const optionalFunctions = [
  "fingerprintOptions",
  "check",
  "emit",
  "exists",
  "includesBase",
  "packContext",
] as const;

async function complaints(schema: OptionsSchema<unknown>, options: unknown): Promise<readonly unknown[]> {
  const result = (await schema["~standard"].validate(options)) as { issues?: readonly unknown[] };
  return result.issues ?? [];
}

export const interfaceCases: readonly ConformanceCase[] = [
  {
    name: "is a plain object of interface version 1, with a name that a spec can hold",
    run({ builder }) {
      assert.equal(builder.interfaceVersion, 1);
      assert.match(builder.name, /^[a-z0-9][a-z0-9-]*$/);
      assert.equal(
        Object.getPrototypeOf(builder),
        Object.prototype,
        "no class: two copies of one are not equal",
      );
    },
  },
  {
    name: "has functions where the interface has them",
    run({ builder }) {
      assert.equal(typeof builder.probe, "function");
      assert.equal(typeof builder.build, "function");
      for (const name of optionalFunctions) {
        assert(["function", "undefined"].includes(typeof builder[name]), `${name} is not a function`);
      }
    },
  },
  {
    name: "says what it can as plain data: true, or the reason why not",
    run({ builder: { capabilities } }) {
      for (const [feature, value] of Object.entries(capabilities)) {
        const told = value === true || (typeof value?.reason === "string" && value.reason.length > 0);
        assert(told, `${feature} is ${JSON.stringify(value)}`);
      }
    },
  },
  {
    name: "takes its defaults for specs without options",
    async run({ builder, skip }) {
      if (!builder.optionsSchema) return skip("it has no optionsSchema");
      assert.deepEqual(await complaints(builder.optionsSchema, {}), []);
    },
  },
  {
    name: "refuses options that it does not know",
    async run({ builder, skip }) {
      if (!builder.optionsSchema) return skip("it has no optionsSchema");
      const found = await complaints(builder.optionsSchema, { "no-such-option": 1 });
      assert(found.length > 0, "an option that is misspelt would be left out silently");
    },
  },
];
