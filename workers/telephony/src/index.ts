/** Telephony: SIP dialogs, registrar and media operations of one media instance. */

export type { CallLogic, CallSignaller, CallStarter, ServeOptions, Serving } from './call-logic.ts';
export { startTelephony, type Telephony, type TelephonyOptions } from './instance/telephony.ts';
export { createTemporalLogic } from './temporal-logic.ts';
