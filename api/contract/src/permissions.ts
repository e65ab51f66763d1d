/**
 * The one table of permissions: what a scope allows and which roles have it. A feature adds its scope here; routes name it, keys may
 * be narrowed to it. A role may do what stands in its column, at its own owner and below.
 */

/** Roles, lowest first. An account of a directory user is `user`, `agent` or `supervisor`. */
export const ROLES = ['user', 'agent', 'supervisor', 'company', 'reseller', 'platform'] as const;
export type RoleName = (typeof ROLES)[number];

interface Permission {
  readonly summary: string;
  /** The lowest role that has it; all above have it too. */
  readonly from: RoleName;
}

export const PERMISSIONS = {
  self: { summary: 'One’s own user: state, phrase, PIN, phones, private contacts', from: 'user' },
  read: { summary: 'See everything of the company but secrets', from: 'supervisor' },
  calls: { summary: 'Place, watch and control calls', from: 'supervisor' },
  contacts: { summary: 'Change the company’s address books', from: 'supervisor' },
  directory: { summary: 'Change users, devices, groups, numbers, boxes, rooms, lists', from: 'company' },
  flows: { summary: 'Change and publish flows and prompts', from: 'company' },
  secrets: { summary: 'Show and replace SIP passwords', from: 'company' },
  admin: { summary: 'Owners, accounts, API keys, audit', from: 'company' },
} as const satisfies Readonly<Record<string, Permission>>;

export type Scope = keyof typeof PERMISSIONS;
export const SCOPES = Object.keys(PERMISSIONS) as [Scope, ...Scope[]];

/** Scopes of a role. */
export function scopesOfRole(role: RoleName): readonly Scope[] {
  return SCOPES.filter((scope) => ROLES.indexOf(PERMISSIONS[scope].from) <= ROLES.indexOf(role));
}

/**
 * What may be switched off for an owner and all below it: off above is off below, whatever stands there. A feature adds its flag
 * here and names it on its routes (`entitlement`); without a word all are on.
 */
export const ENTITLEMENTS = {
  voicemail: 'Voicemail boxes',
  'meeting-rooms': 'Meeting rooms',
  recording: 'Recording of calls by policy',
  'api-keys': 'API keys of the owner’s own',
} as const;
export type Entitlement = keyof typeof ENTITLEMENTS;
export const ENTITLEMENT_NAMES = Object.keys(ENTITLEMENTS) as [Entitlement, ...Entitlement[]];
