/** Apart, for only what is imported as a module of its own is loaded on its own. */
export { readLock as readProjectLock } from "@imagespec/core";
