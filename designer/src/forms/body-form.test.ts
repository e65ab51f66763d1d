import { NewNumber, NewUser, type RouteContract, routes } from '@callwright/api-contract';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { bodyForm, bodyOf, defaultsOf, formDataOf } from './body-form.ts';
import { validator } from './validator.ts';

const user = {
  id: 'u',
  extension: '101',
  givenName: 'Ann',
  email: 'a@b.test',
  outboundNumber: null,
  callWaiting: true,
};

describe('bodyForm', () => {
  it('asks for a value or nothing where the API takes null', () => {
    const { schema, nullable } = bodyForm(NewUser);
    expect([...nullable]).toContain('outboundNumber');
    expect(schema.properties?.outboundNumber).toMatchObject({ type: 'string' });
    expect(JSON.stringify(schema)).not.toContain('"null"');
  });

  it('shows for something new what holds when nothing is filled in', () => {
    expect(defaultsOf(bodyForm(NewNumber).schema)).toEqual({ public: false, label: '' });
    expect(defaultsOf(bodyForm(NewUser).schema)).toMatchObject({ callWaiting: false });
  });

  it('makes a form of every body of the contract', () => {
    for (const route of Object.values(routes) as RouteContract[]) {
      if (route.body instanceof z.ZodType) expect(bodyForm(route.body).schema, route.id).toBeTypeOf('object');
    }
  });
});

describe('bodyOf', () => {
  const form = bodyForm(NewUser);

  it('sends nothing for a change of nothing', () => {
    expect(bodyOf(form, formDataOf(form, user), user)).toEqual({});
  });

  it('sends an emptied field as null where it may be, else as empty text', () => {
    const { email: _email, givenName: _givenName, ...data } = formDataOf(form, user);
    expect(bodyOf(form, data, user)).toEqual({ email: null, givenName: '' });
  });

  it('sends what was filled in for something new', () => {
    expect(bodyOf(form, { extension: '102', callWaiting: false })).toEqual({ extension: '102', callWaiting: false });
  });

  it('sends null for what must be there and is left empty, where nothing is there yet', () => {
    const settings = bodyForm(routes.putRoutingSettings.body);
    expect(settings.schema.required).not.toContain('defaultDestination');
    const rest = { trunks: [], emergencyTrunks: [], rejectAnonymous: false };
    expect(bodyOf(settings, rest)).toEqual({ ...rest, defaultDestination: null });
  });

  it('keeps structured values whole', () => {
    const number = bodyForm(NewNumber);
    const destination = { type: 'user', id: 'u' };
    const row = { dialled: '200', kind: 'service', destination };
    expect(bodyOf(number, formDataOf(number, row), row)).toEqual({});
    expect(bodyOf(number, { ...formDataOf(number, row), destination: undefined }, row)).toEqual({ destination: null });
  });
});

describe('validator', () => {
  const { schema } = bodyForm(NewUser);

  it('names each wrong field once', () => {
    const { errors } = validator.validateFormData({ extension: 'abc', email: 'x' }, schema);
    expect(errors.map(({ property, name }) => [property, name])).toContainEqual(['.extension', 'pattern']);
    expect(errors.some(({ property }) => property === '.email')).toBe(true);
  });

  it('names a missing field, and finds nothing wrong in a right form', () => {
    expect(validator.validateFormData({}, schema).errors.map(({ property }) => property)).toEqual(['.extension']);
    expect(validator.validateFormData({ extension: '1' }, schema).errors).toEqual([]);
    expect(validator.isValid(schema, { extension: '1' }, schema)).toBe(true);
  });
});
