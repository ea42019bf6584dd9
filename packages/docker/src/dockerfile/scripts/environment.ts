import { ENVIRONMENT, ENVIRONMENT_MARK } from "../recipe.ts";
import { places } from "./script.ts";

/** Sets `$python` to the first interpreter in `folders` that passes `test`, or to nothing. */
export function searchPython(folders: string, test: string = ""): string {
  return `
python=''
set -f
IFS=:
for folder in ${folders}; do
  for name in python3 python; do
    if [ -z "$python" ] && [ -f "$folder/$name" ] && [ -x "$folder/$name" ]${test}; then
      python=$folder/$name
    fi
  done
done
unset IFS
set +f
`;
}

/** The interpreter that the image runs: that of an environment of ours, else VIRTUAL_ENV's, else the first on PATH. */
export const findPython: string = `${searchPython("$path")}
if [ "\${python%/*}" = ${ENVIRONMENT}/bin ] && [ -e ${ENVIRONMENT_MARK} ]; then
  unset VIRTUAL_ENV
elif [ -n "\${VIRTUAL_ENV:-}" ] && [ -x "$VIRTUAL_ENV/bin/python" ]; then
  python=$VIRTUAL_ENV/bin/python
fi
`;

/** With what the base may set to send packages elsewhere taken back. */
export const prepareUv: string = `
unset UV_SYSTEM_PYTHON UV_PYTHON UV_TARGET UV_PREFIX UV_PROJECT_ENVIRONMENT
export UV_CACHE_DIR=${places.cache}/uv XDG_CACHE_HOME=${places.cache} UV_LINK_MODE=copy UV_NO_PROGRESS=1
export UV_COMPILE_BYTECODE=1 PYC_INVALIDATION_MODE=UNCHECKED_HASH
`;

/** `$1`: the interpreter that the spec names, or nothing. Sets `$python` to the one that packages are for. */
export const chooseEnvironment: string = `
${findPython.trim()}
if [ -n "$1" ]; then python=$1; fi
[ -n "$python" ] || fail 'this image has no Python: give pythonVersion, or a base with one'
shift
${prepareUv.trim()}
export UV_PYTHON_DOWNLOADS=never
lock=\${python%/bin/*}/.lock
if [ -e "$lock" ]; then lock=''; fi
`;

/** uv's lock, a file that anyone may write, is of no use in an image. */
export const removeLock = `
if [ -n "$lock" ]; then rm -f "$lock"; fi
`;

/** What holds an environment already is not replaced. */
export function requireFreePlace(remedy: string): string {
  return `[ ! -e ${ENVIRONMENT} ] || fail "this base has an ${ENVIRONMENT} of its own: ${remedy}"`;
}

export const noteTime = `
start=$(date +%s)
`;

/**
 * Compiles what came into the environment of `$python` since {@link noteTime}, as uv compiles what it installs, by a
 * process for each core. They are forked, so that nothing has to be there that Python's multiprocessing wants.
 */
export const compileNew = `
"$python" -c '
import compileall, os, py_compile, sys, sysconfig
mode, start = py_compile.PycInvalidationMode.UNCHECKED_HASH, int(sys.argv[1])
roots = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
names = (os.path.join(folder, name) for root in roots for folder, _, names in os.walk(root) for name in names)
files = sorted(name for name in names if name.endswith(".py") and os.lstat(name).st_ctime >= start)
count = min(len(os.sched_getaffinity(0)), 8)
part = next((part for part in range(1, count) if os.fork() == 0), 0)
for file in files[part::count]:
    compileall.compile_file(file, force=True, quiet=2, invalidation_mode=mode)
if part == 0:
    sys.exit(any([os.wait()[1] for _ in range(1, count)]))
' "$start"
`;
