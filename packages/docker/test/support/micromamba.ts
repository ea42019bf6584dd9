/** In place of micromamba, whose channels need a network of their own: it makes an environment and notes its words. */
const standIn = (mark: string, options: string) => `#!/bin/sh
echo "imagespec-test: micromamba ${mark}"
for word; do echo "$word"; done > /opt/words
while [ "$1" != --prefix ]; do shift; done
exec python3 -m venv ${options} "$2"
`;

/** Commands that put a stand-in of micromamba into an image, which tells `mark` when it runs, and is given options of venv. */
export function micromambaCommands(mark: string, options = "--copies"): string[] {
  return [`printf %s '${standIn(mark, options)}' > /usr/bin/micromamba`, "chmod +x /usr/bin/micromamba"];
}
