/** Settings as an author writes them: without what the kind's schema fills in. */
import type { NodeDefinition } from '../../define/define-node.ts';
import type { JsonValue } from '../../protocol/index.ts';
import { canonicalJson } from '../canonical.ts';

type Members = { readonly [key: string]: JsonValue };

/** Members that the schema fills in the same way are left out; settings that are not valid stay as they are. */
export function leanConfig(definition: NodeDefinition | undefined, config: Members): Members {
  if (!definition) return config;
  const meaning = (value: JsonValue): string | null => {
    const parsed = definition.config.safeParse(value);
    return parsed.success ? canonicalJson(JSON.parse(JSON.stringify(parsed.data)) as JsonValue) : null;
  };
  const whole = canonicalJson(config);
  if (meaning(config) !== whole) return config;
  return lean(config, (value) => meaning(value) === whole) as Members;
}

/** `same`: whether the settings with this value in its place mean what they meant. */
function lean(value: JsonValue, same: (value: JsonValue) => boolean): JsonValue {
  if (value === null || typeof value !== 'object' || isSpoken(value)) return value;
  if (Array.isArray(value)) {
    const items = [...value];
    for (const [index, item] of value.entries()) items[index] = lean(item, (one) => same(items.with(index, one)));
    return items;
  }
  let members: Members = value;
  for (const [key, member] of Object.entries(value)) {
    const { [key]: _dropped, ...rest } = members;
    if (same(rest)) members = rest;
    else members = { ...members, [key]: lean(member, (one) => same({ ...members, [key]: one })) };
  }
  return members;
}

/** A prompt of one text, as `say` makes it. */
export function isSpoken(
  value: JsonValue,
): value is { parts: [{ type: 'text'; text: string | Members }]; bargeIn: boolean } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const { parts, bargeIn, ...others } = value;
  if (typeof bargeIn !== 'boolean' || Object.keys(others).length > 0) return false;
  if (!Array.isArray(parts) || parts.length !== 1) return false;
  const [part] = parts;
  if (part === null || typeof part !== 'object' || Array.isArray(part)) return false;
  const { type, text, ...more } = part!;
  if (type !== 'text' || Object.keys(more).length > 0) return false;
  return typeof text === 'string' || (text !== null && typeof text === 'object' && !Array.isArray(text));
}
