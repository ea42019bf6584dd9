/** A RUN of a shell and its options, however many lines they take; none that stands in the text of another one. */
const runShell = /(?<!\\\n)^RUN ((?:--\S+ (?:\\\n\s*)?)*)\["\/bin\/sh", ?/gm;

export type ShellWrap = Readonly<{
  /** One more option of RUN, or none. */
  option?: string;
  /** What another shell runs first, which has the step in its arguments. */
  script: string;
  /** That shell's own name. */
  name: string;
}>;

/** Has another shell run the steps of a Dockerfile; those for which `wrap` gives nothing stay as they are. */
export function wrapShells(dockerfile: string, wrap: (options: string) => ShellWrap | undefined): string {
  return dockerfile.replace(runShell, (whole, options: string) => {
    const wrapped = wrap(options);
    if (wrapped === undefined) return whole;
    const { option, script, name } = wrapped;
    const words = ["/bin/sh", "-c", script, name, "/bin/sh"].map((word) => JSON.stringify(word));
    return `RUN ${option === undefined ? "" : `${option} `}${options}[${words.join(", ")}, `;
  });
}
