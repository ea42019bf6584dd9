const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** A number of bytes as docker shows them: in powers of 1000. */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toPrecision(value < 999.5 ? 3 : 4)} ${units[power]}`;
}

/** A duration in milliseconds as `3.4s` or `2m 5s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  return `${Math.floor(seconds / 60)}m ${Math.floor(seconds % 60)}s`;
}
