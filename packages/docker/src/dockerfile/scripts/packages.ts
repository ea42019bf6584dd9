import { MOUNTS } from "../recipe.ts";
import { chooseEnvironment, compileNew, noteTime, removeLock } from "./environment.ts";
import { defineOnlineScript, places, type Script } from "./script.ts";

const install = `${places.uv} pip install --python "$python" --break-system-packages`;

/**
 * `$2`: the folder that paths of requirements are relative to; then options and requirements of `uv pip install`.
 */
export const installRequirements: Script = defineOnlineScript(
  "requirements",
  chooseEnvironment,
  `
cd "$1"
shift
${install} "$@"
`,
  removeLock,
);

/** `$2`: the project's folder in its tree. */
const enterProject = `
cd "${places.context}/project/$1"
shift
`;

const findPrefix = `
prefix=$("$python" -c 'import sys; print(sys.prefix)')
`;

/** Arguments after the folder: options of `uv sync`. */
export const syncUvProject: Script = defineOnlineScript(
  "uv-project",
  chooseEnvironment,
  findPrefix,
  enterProject,
  noteTime,
  `
unset VIRTUAL_ENV
# It would compile the base's packages too.
export UV_PROJECT_ENVIRONMENT="$prefix" UV_COMPILE_BYTECODE=0
${places.uv} sync --python "$python" --locked --inexact --no-dev --no-editable "$@"
`,
  compileNew,
  removeLock,
);

/** Arguments after the folder: options and requirements of `uv pip install`. */
export const installPyproject: Script = defineOnlineScript(
  "pyproject",
  chooseEnvironment,
  enterProject,
  `
${install} --no-editable "$@"
`,
  removeLock,
);

const { cache, poetry, uv } = places;

/** Arguments after the folder: what of the project itself to install: nothing or `.`. */
export const installPoetryProject: Script = defineOnlineScript(
  "poetry-project",
  chooseEnvironment,
  findPrefix,
  enterProject,
  noteTime,
  `
export POETRY_CACHE_DIR=${cache}/poetry POETRY_CONFIG_DIR=${MOUNTS}/poetry-config POETRY_DATA_DIR=${MOUNTS}/poetry-data
export POETRY_VIRTUALENVS_CREATE=false
VIRTUAL_ENV=$prefix ${poetry}/bin/python -m poetry install --only main --no-root --no-interaction --no-ansi

# What is linked to the project's folder, which the image does not have, is installed in full.
${uv} pip freeze --python "$python" | sed -n 's#^-e \\(file://${places.context}/.*\\)#\\1#p' >${MOUNTS}/links
while IFS= read -r link; do
  ${install} --no-deps --reinstall "$link"
done <${MOUNTS}/links
if [ $# -gt 0 ]; then ${install} --no-deps "$@"; fi
`,
  compileNew,
  removeLock,
);
