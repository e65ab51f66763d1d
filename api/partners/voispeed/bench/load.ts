/** The load of `npm run bench -- partner-events` for this contract. */
import type { PartnerLoad } from '../../src/load.ts';

const target = (params: Readonly<Record<string, string>>): string =>
  `/PBX/seri_endpoint.php?${new URLSearchParams(params)}`;

export const load: PartnerLoad = {
  settings: (notificationUrl, extensions, everything) => ({ notificationUrl, extensions, extendedLevel: everything }),
  requests: (token, ext) => ({
    get_current_calls: target({ service: 'get_current_calls', token }),
    set_user_mode: target({ service: 'set_user_mode', token, ext, mode: '1' }),
  }),
};
