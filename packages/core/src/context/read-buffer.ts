/**
 * Memory to read files into. It begins 64 bytes into what is allocated: big memory starts 16 bytes after a page's
 * start, and there the copy from the page cache runs at a third of its speed on current processors, which take its
 * stores for hazards to its loads.
 *
 * A worker runs this function's own text.
 */
export function createReadBuffer(size: number): Uint8Array {
  const offset = 64;
  return Buffer.allocUnsafeSlow(size + offset).subarray(offset);
}
