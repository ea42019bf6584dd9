import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What of a path is left after a key in either spelling; undefined when the path does not start with it. */
function afterKey(key: string, path: string): string | undefined {
  const spelled = [key, camelCase(key)].find((name) => path.startsWith(name));
  if (spelled === undefined) return undefined;
  const rest = path.slice(spelled.length);
  return rest === "" || /^[.[]/.test(rest) ? rest.replace(/^\./, "") : undefined;
}

type Step = Readonly<{ key: Node; value: unknown; rest: string }>;

/** The pair that a path goes on with. Keys may hold dots themselves, so the longest one counts. */
function stepInto(map: YAMLMap, path: string): Step | undefined {
  const steps = map.items.flatMap(({ key, value }: Pair): Step[] => {
    const rest = isScalar(key) ? afterKey(String(key.value), path) : undefined;
    return rest === undefined ? [] : [{ key: key as Node, value, rest }];
  });
  return steps.sort((a, b) => a.rest.length - b.rest.length)[0];
}

/** The key or item that a path such as `copy[0].from` names; the nearest one around it when that is absent. */
export function findNode(document: Document, start: unknown, path: string): Node | undefined {
  const node = isAlias(start) ? start.resolve(document) : start;
  if (isMap(node)) {
    const step = path === "" ? undefined : stepInto(node, path);
    return step && (step.rest === "" ? step.key : (findNode(document, step.value, step.rest) ?? step.key));
  }
  const index = /^\[(\d+)\]\.?/.exec(path);
  if (!isSeq(node) || !index) return undefined;
  const item = node.items[Number(index[1])];
  const rest = path.slice(index[0].length);
  return (rest === "" ? undefined : findNode(document, item, rest)) ?? (item as Node | undefined);
}
