/** Telephony: SIP dialogs, registrar and media operations of one media instance. */
export { startTelephony, type Telephony, type TelephonyOptions } from './instance/telephony.ts';
