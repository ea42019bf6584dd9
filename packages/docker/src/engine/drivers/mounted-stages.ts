const stageLine = /^FROM (?:--\S+ )?\S+ AS (\S+)$/gim;
const stageMount = /--mount=\S*\bfrom=([^,\s]+),source=([^,\s]+)/g;

/**
 * podman and buildah know of a stage whose steps are all in their cache only what is copied from it: what is mounted
 * from it would be the stage's base. So this adds a stage, which is not built since nothing needs it, that copies of
 * every stage that steps mount.
 */
export function withMountedStages(dockerfile: string): string {
  const stages = new Set([...dockerfile.matchAll(stageLine)].map(([, name = ""]) => name));
  const sources = new Map(
    [...dockerfile.matchAll(stageMount)].map(([, name = "", path = ""]) => [name, path]),
  );
  const copies = [...sources].filter(([name]) => stages.has(name));
  if (copies.length === 0) return dockerfile;
  const lines = copies.map(([name, path]) => `COPY --from=${name} ["${path}", "/"]`);
  const last = dockerfile.lastIndexOf("\nFROM ") + 1;
  return `${dockerfile.slice(0, last)}FROM scratch AS mounted\n${lines.join("\n")}\n\n${dockerfile.slice(last)}`;
}
