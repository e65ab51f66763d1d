/** Emergency numbers by country: always allowed, sent with the caller's site (RFC 4119, RFC 6442 for the address on the wire). */
import { EMERGENCY_NUMBERS } from './emergency.gen.ts';

/** Reached from every country on every mobile network (3GPP TS 22.101 §10.1.1); no country's plan gives them away otherwise. */
const EVERYWHERE: readonly string[] = ['112', '911'];

/** Emergency numbers of a country, shortest first. Where no plan is known: the two that work everywhere. */
export function emergencyNumbers(country: string | undefined): readonly string[] {
  return country !== undefined && Object.hasOwn(EMERGENCY_NUMBERS, country) ? EMERGENCY_NUMBERS[country]! : EVERYWHERE;
}

/** Whether the digits dialled are an emergency number of the country; exact, no prefix. */
export const isEmergencyNumber = (dialled: string, country: string | undefined): boolean =>
  emergencyNumbers(country).includes(dialled);
