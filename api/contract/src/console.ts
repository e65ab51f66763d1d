/** What the console is before anybody has logged in: its theme, chosen by the host name that the browser asked for. */
import * as z from 'zod';
import { Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const id = { id: Uuid };

/** Six hexadecimal digits; the component library makes its shades of it. */
const Colour = z.string().regex(/^#[0-9a-fA-F]{6}$/);
/** Only addresses a browser may open from a page: no `javascript:`. */
const Link = z.strictObject({
  label: z.string().min(1).max(60),
  url: z
    .string()
    .max(500)
    .regex(/^(https?:\/\/|mailto:|tel:)[^\s<>"]+$/),
});
/** A picture as a data URL; a vector picture shown as an image runs no script. */
const Picture = z
  .string()
  .max(100_000)
  .regex(/^data:image\/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/]+=*$/);
/** One text per language of the console. */
const Text = z.strictObject({ en: z.string().max(500).optional(), fr: z.string().max(500).optional() });

/** Everything a brand changes. What is left out is inherited from the owner above, at last from Callwright's own. */
export const Theme = z
  .strictObject({
    name: z.string().min(1).max(60).optional(),
    logo: Picture.optional(),
    colour: Colour.optional(),
    links: z.array(Link).max(10).optional(),
    logInTitle: Text.optional(),
    logInText: Text.optional(),
    footer: Text.optional(),
    /** Where `/` leads on these hosts. */
    home: z
      .string()
      .regex(/^\/[A-Za-z0-9_-][A-Za-z0-9/_-]{0,99}$/)
      .optional(),
  })
  .meta({ id: 'Theme' });
export type Theme = z.infer<typeof Theme>;

/** A host name in lower case, without port. */
export const HostName = z.string().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*$/);

export const OwnerTheme = z.strictObject({ theme: Theme, hosts: z.array(HostName) }).meta({ id: 'OwnerTheme' });

export const consoleRoutes = {
  getTheme: defineRoute({
    id: 'getTheme',
    method: 'GET',
    path: '/theme',
    tag: 'console',
    summary: 'Theme of the console under the host name that was asked for',
    scope: 'public',
    body: null,
    answer: Theme,
  }),
  getOwnerTheme: defineRoute({
    id: 'getOwnerTheme',
    method: 'GET',
    path: '/owners/:id/theme',
    tag: 'console',
    summary: 'Theme and host names of an owner',
    scope: 'admin',
    params: id,
    body: null,
    answer: OwnerTheme,
  }),
  putOwnerTheme: defineRoute({
    id: 'putOwnerTheme',
    method: 'PUT',
    path: '/owners/:id/theme',
    tag: 'console',
    summary: 'Replace the theme of an owner',
    scope: 'admin',
    params: id,
    body: Theme,
    answer: OwnerTheme,
  }),
  putOwnerHosts: defineRoute({
    id: 'putOwnerHosts',
    method: 'PUT',
    path: '/owners/:id/hosts',
    tag: 'console',
    summary: 'Say under which host names an owner’s theme is shown; given by an owner above, or the platform',
    scope: 'admin',
    params: id,
    body: z.strictObject({ hosts: z.array(HostName).max(50) }),
    answer: OwnerTheme,
    errors: ['API_NAME_TAKEN'],
  }),
};
