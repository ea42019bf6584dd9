import { type Command, InvalidArgumentError, type Option } from "commander";
import { usageError } from "../usage-error.ts";
import { parseSwitch } from "./option-values.ts";

function variableOf(option: Option): string {
  return `IMAGESPEC_${option.name().replaceAll("-", "_").toUpperCase()}`;
}

function parseValue(option: Option, text: string): unknown {
  if (!option.isBoolean() && !option.negate) return option.parseArg ? option.parseArg(text, undefined) : text;
  const value = parseSwitch(text);
  if (value === undefined) throw new InvalidArgumentError("expected true or false.");
  return value;
}

function valueFrom(option: Option, text: string): unknown {
  try {
    return parseValue(option, text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw usageError(`${variableOf(option)}=${text}: ${error.message}`, { cause: error });
  }
}

/** `--no-push` is a variable of its own: `IMAGESPEC_NO_PUSH=true` is `IMAGESPEC_PUSH=false`. */
function settingOf(option: Option, text: string): unknown {
  const value = valueFrom(option, text);
  return option.negate ? !value : value;
}

/**
 * Gives options that were not on the command line the values of their variables, `IMAGESPEC_<OPTION>`; an empty
 * variable is none.
 *
 * @throws ImageSpecError `USAGE`
 */
export function applyEnvironment(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    const name = option.attributeName();
    const text = environment[variableOf(option)];
    if (!text || ["cli", "env"].includes(command.getOptionValueSource(name) ?? "")) continue;
    command.setOptionValueWithSource(name, settingOf(option, text), "env");
  }
}

/**
 * What flytekit's and flyte's variables say here; they come after our own and before the config. `FLYTE_IMG_FAST_FAIL`
 * asks for what holds anyway, and its contrary is not to be had: what is unknown is never taken for something else.
 */
export type FlyteSettings = Readonly<{
  force: boolean | undefined;
  push: boolean | undefined;
  registry: string | undefined;
  builder: string | undefined;
}>;

export function flyteSettings(environment: NodeJS.ProcessEnv): FlyteSettings {
  const { FLYTE_FORCE_PUSH_IMAGE_SPEC: force, FLYTE_PUSH_IMAGE_SPEC: push } = environment;
  return {
    force: force === undefined ? undefined : !/^(false|0|off|no|)$/i.test(force),
    push: push === undefined ? undefined : /^(true|1)$/i.test(push),
    registry: environment.FLYTE_IMAGE_REGISTRY || undefined,
    builder: environment.FLYTE_IMAGE_BUILDER || undefined,
  };
}
