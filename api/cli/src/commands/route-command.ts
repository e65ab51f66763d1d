/** `route explain`: what would become of a call, and why. */
import type { Api } from '../connection.ts';
import { CliError } from '../errors.ts';
import { type Output, table } from '../output.ts';

interface Explained {
  readonly reason: string;
  readonly rule: { readonly name: string; readonly position: number } | null;
  readonly passed: readonly { readonly name: string; readonly missed: string }[];
  readonly called: { readonly type: string; readonly id: string | null; readonly name: string };
  readonly number: {
    readonly e164: string | null;
    readonly country: string | null;
    readonly kind: string;
    readonly microsPerMinute: number;
  };
  readonly featureAction: string | null;
  readonly trunks: readonly string[];
  readonly refused: { readonly code: string; readonly check: string; readonly by: string } | null;
}

export interface ExplainOptions {
  readonly from?: string;
  readonly role?: string;
  readonly calling?: string;
  readonly trunk?: string;
  readonly at?: string;
}

/** Asks the API; `from` is the extension of the user who calls. Nothing is placed. */
export async function explainRoute(api: Api, out: Output, dialled: string, options: ExplainOptions): Promise<void> {
  const { from, ...rest } = options;
  const query = new URLSearchParams({ dialled, ...rest });
  if (from !== undefined) query.set('user', await userWith(api, from));
  const found = await api.ask<Explained>('GET', `/routing/explain?${query}`);
  out.show(found, () => table(linesOf(found)));
}

async function userWith(api: Api, extension: string): Promise<string> {
  const [user] = await api.all<{ id: string }>('/users', { extension });
  if (!user)
    throw new CliError(
      'CLI_NOT_FOUND',
      `There is no user with the extension ${extension}: "callwright users" lists them.`,
    );
  return user.id;
}

function linesOf({ reason, rule, passed, called, number, featureAction, trunks, refused }: Explained): string[][] {
  const price = number.microsPerMinute > 0 ? `, ${number.microsPerMinute / 1_000_000} a minute` : '';
  return [
    ['NUMBER', [number.e164, number.country, number.kind].filter(Boolean).join(' ') + price],
    ...passed.map(({ name, missed }) => ['passed over', `rule "${name}": ${missed} does not fit`]),
    ['BECAUSE', rule ? `rule ${rule.position} "${rule.name}"` : reason],
    ...(featureAction ? [['feature', featureAction]] : []),
    ['LEADS TO', [called.type, called.name || called.id].filter(Boolean).join(' ')],
    ...(trunks.length > 0 ? [['by trunks', trunks.join(', ')]] : []),
    ['ADMISSION', refused ? `refused: ${refused.code} by ${refused.check} (${refused.by})` : 'may be placed'],
  ];
}
