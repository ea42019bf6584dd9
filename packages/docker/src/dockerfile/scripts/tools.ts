import {
  CONTEXT_UV,
  ENVIRONMENT,
  ENVIRONMENT_MARK,
  NO_UV_EXIT_CODE,
  PIP_VERSION,
  POETRY_VERSION,
  PYTHON_FOLDER,
  TOOLS,
  UV_VERSION,
} from "../recipe.ts";
import {
  chooseEnvironment,
  compileNew,
  findPython,
  noteTime,
  prepareUv,
  requireFreePlace,
  searchPython,
} from "./environment.ts";
import { defineOnlineScript, indent, places, type Script } from "./script.ts";

const searchPip = searchPython(
  '${VIRTUAL_ENV:+"$VIRTUAL_ENV/bin"} $path',
  ' && "$folder/$name" -m pip --version >/dev/null 2>&1',
);
const noPip = `this base has no pip to fetch uv ${UV_VERSION} with, and the context has no ${CONTEXT_UV}/$machine/uv`;

/**
 * `withoutIndexes COMMAND [OPTION…]`: an index of the spec may have nothing but the spec's own packages. Fails where
 * there was none.
 */
const withoutIndexes = `
withoutIndexes() {
  [ $# -gt 1 ] || return 1
  echo "imagespec: not in the indexes of the spec; asking the default one"
  "$1"
}
`;

/** Arguments: options of pip that name indexes. uv comes from the context, else any pip of the base fetches it. */
export const provideUv: Script = defineOnlineScript(
  "uv",
  withoutIndexes,
  `
machine=$(uname -m)
if [ -f "${places.uvSource}/$machine/uv" ]; then
  mkdir -p ${TOOLS}/bin
  cp "${places.uvSource}/$machine/uv" ${TOOLS}/bin/uv
  chmod 0755 ${TOOLS}/bin/uv
else
${indent(searchPip)}
  [ -n "$python" ] || fail "${noPip}" ${NO_UV_EXIT_CODE}
  export PIP_CACHE_DIR=${places.cache}/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0
  export PIP_ROOT_USER_ACTION=ignore
  fetch() {
    "$python" -m pip install --quiet --no-deps --no-compile --only-binary :all: --require-hashes "$@" \\
      --target ${TOOLS} -r ${places.uvSource}/requirements.txt
  }
  fetch "$@" || withoutIndexes fetch "$@" || fail 'the pip of this base cannot fetch uv ${UV_VERSION}' ${NO_UV_EXIT_CODE}
fi
${TOOLS}/bin/uv --version
`,
);

/** `$1`: the version, then options of uv that name indexes. Where the base runs that version, nothing is made. */
export const providePython: Script = defineOnlineScript(
  "python",
  findPython,
  withoutIndexes,
  `
# True when $python is of version $1, to the parts that are given.
has_version() {
  [ -n "$python" ] && "$python" -c '
import platform, sys
have, want = platform.python_version().rstrip("+"), sys.argv[1]
sys.exit(have != want and not have.startswith(want + "."))
' "$1"
}

if has_version "$1"; then
  echo "imagespec: the base runs Python $1 as $python"
  if [ "\${python%/*}" != ${ENVIRONMENT}/bin ] && [ -e ${ENVIRONMENT}/bin/python ]; then
    fail "this base has an ${ENVIRONMENT} that it does not run: remove pythonVersion"
  fi
else
  ${requireFreePlace("choose one with Python $1, or remove pythonVersion")}
${indent(prepareUv)}
  export UV_PYTHON_INSTALL_DIR=${PYTHON_FOLDER}
  ${places.uv} python install --no-bin "$1"
  ${places.uv} venv --no-project --managed-python --python "$1" ${ENVIRONMENT}
  shift
  fetch() {
    ${places.uv} pip install --python ${ENVIRONMENT}/bin/python "$@" pip==${PIP_VERSION}
  }
  fetch "$@" || withoutIndexes fetch "$@"
  rm -rf ${PYTHON_FOLDER}/.lock ${PYTHON_FOLDER}/.temp ${ENVIRONMENT}/.lock
  : >${ENVIRONMENT_MARK}
fi
`,
);

/** Arguments: options and packages of micromamba. */
export const provideConda: Script = defineOnlineScript(
  "conda",
  requireFreePlace("choose one without, or remove condaPackages"),
  noteTime,
  `
export MAMBA_ROOT_PREFIX=${places.cache}/conda MAMBA_ALWAYS_COPY=true XDG_CACHE_HOME=${places.cache}
${places.micromamba} create --yes --no-rc --no-pyc --override-channels --prefix ${ENVIRONMENT} "$@"
: >${ENVIRONMENT_MARK}
python=${ENVIRONMENT}/bin/python
`,
  compileNew,
);

/** \`$1\`: the interpreter, or nothing; then options of uv that name indexes. */
export const providePoetry: Script = defineOnlineScript(
  "poetry",
  chooseEnvironment,
  withoutIndexes,
  `
${places.uv} venv --no-project --python "$python" ${TOOLS}/poetry
fetch() {
  ${places.uv} pip install --python ${TOOLS}/poetry/bin/python "$@" poetry==${POETRY_VERSION}
}
fetch "$@" || withoutIndexes fetch "$@"
`,
);
