/** True for the folder itself too. Both are absolute paths of an image, in their shortest form. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}
