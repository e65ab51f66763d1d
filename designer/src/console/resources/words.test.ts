import { ENTITLEMENT_NAMES, type RouteContract, routes } from '@callwright/api-contract';
import { Fact } from '@callwright/engine/protocol';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { bodyForm } from '../../forms/body-form.ts';
import { CHOICES, DESTINATIONS, FIELDS, RESOURCES } from './registry.ts';

interface Words {
  readonly [key: string]: string | Words;
}
const CATALOGUES = import.meta.glob<Words>('../../locales/*/*.json', { import: 'default', eager: true });
const words = (language: string, namespace: string): Words =>
  CATALOGUES[`../../locales/${language}/${namespace}.json`]!;

/** Keys of a catalogue, without the forms of number that one language has and another has not. */
function keysOf(node: Words, prefix = ''): string[] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [`${prefix}${key.replace(/_(zero|one|many|other)$/, '')}`]
      : keysOf(value, `${prefix}${key}.`),
  );
}

/** Forms of pages of their own, beside those of the registry. */
const FORMS: readonly RouteContract[] = [
  routes.putQueueMembers,
  routes.putGreetings,
  routes.putRoutingSettings,
  routes.putMailServer,
  routes.putRecogniser,
  routes.putLdapConnection,
  routes.updateOwner,
  routes.createDevice,
];

/** A name of its own, e.g. of a codec, that is the same in every language. */
const isName = (value: string): boolean => /[A-Z]/.test(value);

type Node = Readonly<Record<string, unknown>>;

/** Fields and values that a form shows. */
interface Shown {
  readonly fields: Set<string>;
  readonly values: Set<string>;
  readonly descriptions: Set<string>;
}

function shownBy(node: unknown, found: Shown): void {
  if (Array.isArray(node)) {
    for (const item of node) shownBy(item, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { properties = {}, enum: values = [], items, anyOf, oneOf } = node as Node;
  for (const [name, field] of Object.entries(properties as Node)) {
    found.fields.add(name);
    const { description } = field as Node;
    if (typeof description === 'string') found.descriptions.add(description);
    // what has a field of its own words itself
    if (!['hours', 'holidays', 'destination'].includes(FIELDS[name]?.field ?? '')) shownBy(field, found);
  }
  for (const value of values as unknown[]) if (typeof value === 'string' && !isName(value)) found.values.add(value);
  shownBy([items, anyOf, oneOf].filter(Boolean), found);
}

function allShown(): Shown {
  const found: Shown = {
    fields: new Set(ENTITLEMENT_NAMES),
    values: new Set(Object.keys(DESTINATIONS)),
    descriptions: new Set(),
  };
  for (const { columns, create, update, omit } of RESOURCES) {
    for (const column of columns) found.fields.add(column);
    for (const { body } of [create, update].filter((route) => route !== undefined))
      if (body instanceof z.ZodType) shownBy(bodyForm(body, omit).schema, found);
  }
  for (const { body } of FORMS) if (body instanceof z.ZodType) shownBy(bodyForm(body).schema, found);
  return found;
}

describe('texts of the console', () => {
  it('are the same in both languages', () => {
    for (const namespace of ['admin', 'app', 'console', 'resources'])
      expect(new Set(keysOf(words('fr', namespace))), namespace).toEqual(new Set(keysOf(words('en', namespace))));
  });

  for (const language of ['en', 'fr'])
    it(`name every field and value of a form (${language})`, () => {
      const { fields, values } = words(language, 'resources') as { fields: Words; values: Words };
      const shown = allShown();
      expect([...shown.fields].filter((name) => fields[name] === undefined)).toEqual([]);
      expect([...shown.values].filter((value) => values[value] === undefined)).toEqual([]);
    });

  it('say in French what the contract says of a field, and nothing that it no longer says', () => {
    const french = Object.keys(words('fr', 'descriptions'));
    const shown = [...allShown().descriptions];
    expect(shown.filter((text) => !french.includes(text))).toEqual([]);
    expect(french.filter((text) => !shown.includes(text))).toEqual([]);
    expect(Object.keys(words('en', 'descriptions')).filter((text) => !shown.includes(text))).toEqual([]);
    // nobody fills in a `null`
    const english = shown.map((text) => String(words('en', 'descriptions')[text] ?? text));
    expect(english.filter((text) => /\bnull\b|`/i.test(text))).toEqual([]);
  });

  it('name every fact of a call', () => {
    const { facts } = words('fr', 'console') as { facts: Words };
    const types = Fact.options.map(({ shape }) => shape.type.value.replace('.', '-'));
    expect(types.filter((type) => facts[type] === undefined)).toEqual([]);
  });

  it('name every page of the registry, and every resource that a field chooses from is listed', () => {
    const resources = words('fr', 'resources');
    const { pages } = words('fr', 'app') as { pages: Words };
    for (const { key, create } of RESOURCES) {
      expect(pages[key], key).toBeTypeOf('string');
      expect(resources[key], key).toMatchObject({ title: expect.any(String), about: expect.any(String) });
      if (create) expect(resources[key], key).toMatchObject({ newTitle: expect.any(String) });
    }
    for (const hint of Object.values(FIELDS)) if ('resource' in hint) expect(CHOICES).toHaveProperty([hint.resource]);
  });
});
