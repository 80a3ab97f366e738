// Event pattern
//
// Amazon EventBridge's event patterns, by which Lambda filters, over an event that is parsed: an
// object of fields, each with a pattern of its own or with a list of what it may be (value-matcher.ts).
//
//   NP1  What a pattern says of the members of an array's objects holds for one of them: no match is
//        put together of several.
//   NP2  A field is there if it has a value other than an object: `exists` asks for such, and an array
//        has the values that are in it, in its arrays too.

import { quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { compileValueMatcher, isObject, type Leaf, OPERATORS, type ValueMatcher } from "./value-matcher.ts";

export type PatternMatcher = (event: object) => boolean;

type Node =
  | { readonly kind: "field"; readonly name: string; readonly path: readonly string[]; readonly list: FieldList }
  | { readonly kind: "object"; readonly name: string; readonly nodes: readonly Node[] }
  | { readonly kind: "or"; readonly sides: readonly (readonly Node[])[] };

interface FieldList {
  readonly matchers: readonly ValueMatcher[];
  /** Whether `exists: false` is one of them. */
  readonly orAbsent: boolean;
}

/** Throws ConfigurationError that names the place in the pattern; `where` begins it. */
export function compileEventPattern(pattern: object, where: string): PatternMatcher {
  const nodes = compileObject(pattern, where, []);
  return (event) => matchesAll(nodes, event, { event, hasLeaf: new Map() });
}

interface Matching {
  readonly event: object;
  /** By the field that was looked for in all of the event: once, however many objects ask for it. */
  readonly hasLeaf: Map<Node, boolean>;
}

/** Whether what stands at `$or` says that one of several is enough; it is a field like any other otherwise. */
export function isAlternatives(value: unknown): value is readonly object[] {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every((side) => isObject(side) && !Object.keys(side).some((name) => OPERATORS.includes(name)))
  );
}

function compileObject(pattern: unknown, where: string, path: readonly string[]): readonly Node[] {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw new ConfigurationError(`${where} is no pattern; expected an object with fields, or a list of values`);
  }
  return Object.entries(pattern).map(([name, inner]): Node => {
    const place = `${where}.${quoteName(name)}`;
    if (name === "$or" && isAlternatives(inner)) {
      return { kind: "or", sides: inner.map((side, index) => compileObject(side, `${place}[${index}]`, path)) };
    }
    return Array.isArray(inner)
      ? { kind: "field", name, path: [...path, name], list: compileList(inner, place) }
      : { kind: "object", name, nodes: compileObject(inner, place, [...path, name]) };
  });
}

function compileList(list: readonly unknown[], where: string): FieldList {
  if (list.length === 0) {
    throw new ConfigurationError(`${where} is empty; expected one value or more, as ["a"]`);
  }
  const compiled = list.map((value, index) => compileValueMatcher(value, `${where}[${index}]`));
  return { matchers: compiled.filter((matcher) => matcher !== "absent"), orAbsent: compiled.includes("absent") };
}

function matchesAll(nodes: readonly Node[], object: unknown, matching: Matching): boolean {
  return nodes.every((node) => matches(node, object, matching));
}

function matches(node: Node, object: unknown, matching: Matching): boolean {
  if (node.kind === "or") {
    return node.sides.some((side) => matchesAll(side, object, matching));
  }
  const inside = isObject(object) && Object.hasOwn(object, node.name) ? object[node.name] : undefined;
  if (node.kind === "field") {
    const { list } = node;
    const isMatched = leavesOf(inside).some((leaf) => list.matchers.some((matcher) => matcher(leaf)));
    return isMatched || (list.orAbsent && !hasLeaf(node, matching));
  }
  const objects = elementsOf(inside).filter(isObject);
  // Nothing there has a field (NP2), which is what a pattern may ask for.
  return (objects.length === 0 ? [undefined] : objects).some((one) => matchesAll(node.nodes, one, matching));
}

function hasLeaf(node: Extract<Node, { readonly kind: "field" }>, { event, hasLeaf: known }: Matching): boolean {
  const found = known.get(node) ?? hasLeafAt(event, node.path);
  known.set(node, found);
  return found;
}

function hasLeafAt(value: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) {
    return leavesOf(value).length > 0;
  }
  return elementsOf(value).some((one) => isObject(one) && Object.hasOwn(one, name) && hasLeafAt(one[name], rest));
}

function leavesOf(value: unknown): readonly Leaf[] {
  return elementsOf(value).filter((one): one is Leaf => one !== undefined && !isObject(one));
}

/** What is in an array, in its arrays too, in whatever order; anything else by itself. They may be nested deeper than calls. */
function elementsOf(value: unknown): readonly unknown[] {
  const elements: unknown[] = [];
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (!Array.isArray(one)) {
      elements.push(one);
      continue;
    }
    for (const inner of one) {
      open.push(inner);
    }
  }
  return elements;
}
