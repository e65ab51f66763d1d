/** What a script is asked by a node of a responder, and what its answer changes. */
import type { NodeAsk, Scope } from '../../src/define/behaviour.ts';
import type { TargetField } from '../../src/define/fields.ts';
import type { JsonValue, ResponderChange, ScriptTarget } from '../../src/protocol/index.ts';
import { visitOf } from './entry.ts';
import { type Config, config } from './settings.ts';

export function scriptAsk(c: Config, scope: Scope): NodeAsk {
  return {
    ask: 'request',
    request: {
      method: 'GET',
      url: /^https?:\/\//i.test(c.script) ? c.script : `http://${c.script}`,
      headers: {},
      body: null,
      timeoutMs: c.scriptTimeoutMs,
      retries: 0,
      retryUnsafe: false,
      script: {
        dialect: c.dialect,
        flow: scope.flow,
        node: scope.node.told,
        calling: scope.caller.number,
        called: scope.called.number,
        input: visitOf(scope).input,
        tag: c.tag,
      },
    },
  };
}

/** A destination as settings have it; null where they have no form for it. */
function targetField(to: ScriptTarget): TargetField | null {
  if ('userId' in to) return { type: 'user', id: to.userId };
  if ('trunkIds' in to) return null;
  if ('number' in to) return { type: 'number', number: to.number };
  if ('uri' in to) return { type: 'sip', uri: to.uri };
  return { type: 'destination', destinationType: to.type, id: to.id };
}

/** The node's settings with what a script changes of them; null when that cannot be. */
export function changed(c: Config, change: ResponderChange): Readonly<Record<string, JsonValue>> | null {
  const { message, target, ...plain } = change;
  const whole = {
    ...c,
    ...plain,
    ...(message === undefined ? {} : { prompts: [{ parts: [{ type: 'audio', name: message }], bargeIn: true }] }),
    ...(target === undefined ? {} : { target: targetField(target) }),
  };
  const parsed = config.safeParse(whole);
  if (!parsed.success || lacks(parsed.data)) return null;
  return JSON.parse(JSON.stringify(parsed.data)) as Record<string, JsonValue>;
}

/** The field that the action needs and that is not there. */
export function lacks(c: Config): 'target' | 'script' | null {
  if (c.action === 'call' && c.target === null) return 'target';
  return c.action === 'script' && c.script === '' ? 'script' : null;
}
