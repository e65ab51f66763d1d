/** Overrides of single nodes in a running call. */
import type { Behaviour } from '../define/behaviour.ts';
import type { JsonValue } from '../protocol/index.ts';
import type { CompiledNode } from './compile.ts';

/** A node's behaviour under the overrides of a running call, by its place as the trace names it. An override was validated when it was made. */
export function configured(
  node: CompiledNode,
  place: string,
  overrides: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>,
): Behaviour {
  const override = Object.hasOwn(overrides, place) ? overrides[place] : undefined;
  if (!override) return node.behaviour;
  const parsed = node.definition.config.safeParse(override);
  return parsed.success ? node.definition.behaviour(parsed.data) : node.behaviour;
}
